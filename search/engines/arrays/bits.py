"""Rows of bits, one bit a study: which studies carry a code, and how many of those found do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from search.engines.arrays.segment import Mask

Bits = NDArray[np.uint64]
Label = TypeVar("Label", str, tuple[str, str])

_WORDS_AT_ONCE = 1 << 16
"""Half a megabyte: what is counted stays in the processor's cache, and needs no new memory."""


def pack(mask: Mask) -> Bits:
    """Turn a mask, one byte a study, into a row of bits."""
    packed = np.packbits(mask, bitorder="little")
    padded = np.zeros(words_for(len(mask)) * 8, np.uint8)
    padded[: len(packed)] = packed
    return padded.view(np.uint64)


def unpack(bits: Bits, studies: int) -> Mask:
    """Turn a row of bits back into a mask."""
    return np.unpackbits(bits.view(np.uint8), count=studies, bitorder="little").view(np.bool_)


def words_for(studies: int) -> int:
    """Return the number of 64-bit words of a row."""
    return (studies + 63) // 64


def shared(rows: Bits, studies: Bits) -> list[int]:
    """Count for every row the studies that are in it and among `studies`."""
    words = np.flatnonzero(studies)
    # Where few are found, as by most words in a large bank, most of each row need not be read.
    if 3 * len(words) < len(studies):
        rows, studies = rows[:, words], studies[words]
    counts: list[int] = []
    step = max(1, _WORDS_AT_ONCE // max(1, len(studies)))
    for start in range(0, len(rows), step):
        counts += popcounts(rows[start : start + step] & studies).tolist()
    return counts


def popcounts(rows: Bits) -> NDArray[np.uint32]:
    """Count the bits of every row."""
    counts: NDArray[np.uint32] = np.bitwise_count(rows).sum(axis=-1, dtype=np.uint32)
    return counts


@dataclass(frozen=True, slots=True)
class Rows(Generic[Label]):
    """A matrix of bits: for each of `labels` a row with the studies that carry it."""

    labels: tuple[Label, ...]
    bits: Bits
    number: Mapping[Label, int]

    @classmethod
    def of(cls, rows: Mapping[Label, Bits], words: int) -> Rows[Label]:
        """Make the matrix of `rows`, each of so many words."""
        labels = tuple(sorted(rows))
        bits = np.zeros((len(labels), words), np.uint64)
        for number, label in enumerate(labels):
            bits[number] = rows[label]
        return cls(labels, bits, {label: number for number, label in enumerate(labels)})

    def counts(self, studies: Bits) -> dict[Label, int]:
        """Count for every label the studies that carry it; zero is left out."""
        return _counted(self.labels, iter(shared(self.bits, studies)))

    def row(self, label: Label) -> Bits:
        """Return the row of `label`, without a bit if no study carries it."""
        if label in self.number:
            row: Bits = self.bits[self.number[label]]
            return row
        return np.zeros(self.bits.shape[1], np.uint64)

    def union(self, labels: Iterable[Label]) -> Bits:
        """Return the studies that carry any of `labels`."""
        chosen = [self.number[label] for label in labels if label in self.number]
        union: Bits = np.bitwise_or.reduce(self.bits[chosen], axis=0, initial=np.uint64(0))
        return union


@dataclass(frozen=True, slots=True)
class Options:
    """The rows of all parameters, and of the years, as parts of one matrix: one pass counts them all."""

    rows: Mapping[str, Rows[str]]
    bits: Bits

    @classmethod
    def of(cls, rows: Mapping[str, Rows[str]]) -> Options:
        """Join matrices into one, of which each of them becomes a part."""
        bits = np.concatenate([each.bits for each in rows.values()])
        ends = np.cumsum([len(each.labels) for each in rows.values()])
        parts = zip(rows.items(), np.split(bits, ends[:-1]), strict=True)
        return cls({name: replace(each, bits=part) for (name, each), part in parts}, bits)

    def counts(self, studies: Bits) -> dict[str, dict[str, int]]:
        """Count for every parameter and label the studies that carry it; zero is left out."""
        numbers = iter(shared(self.bits, studies))
        return {name: _counted(each.labels, numbers) for name, each in self.rows.items()}


def _counted(labels: Iterable[Label], numbers: Iterator[int]) -> dict[Label, int]:
    return {label: number for label in labels if (number := next(numbers))}
