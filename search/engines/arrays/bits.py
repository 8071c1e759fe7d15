"""Bitmaps with one bit per study: which studies carry a code, and how many of the studies found do."""

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
"""Half a megabyte: a block of rows and its result stay in the processor's cache."""


def pack(mask: Mask) -> Bits:
    """Convert a mask, one byte per study, to a row of bits."""
    packed = np.packbits(mask, bitorder="little")
    padded = np.zeros(word_count(len(mask)) * 8, np.uint8)
    padded[: len(packed)] = packed
    return padded.view(np.uint64)


def unpack(bits: Bits, studies: int) -> Mask:
    """Convert a row of bits to a mask of so many `studies`."""
    return np.unpackbits(bits.view(np.uint8), count=studies, bitorder="little").view(np.bool_)


def word_count(studies: int) -> int:
    """Return the number of 64-bit words in a row of so many `studies`."""
    return (studies + 63) // 64


def count_shared(rows: Bits, studies: Bits) -> list[int]:
    """Count for every row the studies that are both in it and in `studies`."""
    words = np.flatnonzero(studies)
    # Most words of a large bank find few studies: then most of each row need not be read.
    if 3 * len(words) < len(studies):
        rows, studies = rows[:, words], studies[words]
    counts: list[int] = []
    step = max(1, _WORDS_AT_ONCE // max(1, len(studies)))
    for start in range(0, len(rows), step):
        counts += count_bits(rows[start : start + step] & studies).tolist()
    return counts


def count_bits(rows: Bits) -> NDArray[np.uint32]:
    """Count the bits of every row."""
    counts: NDArray[np.uint32] = np.bitwise_count(rows).sum(axis=-1, dtype=np.uint32)
    return counts


@dataclass(frozen=True, slots=True)
class BitMatrix(Generic[Label]):
    """A row of bits for each of `labels`, which marks the studies that carry it."""

    labels: tuple[Label, ...]
    bits: Bits
    number: Mapping[Label, int]

    @classmethod
    def from_rows(cls, rows: Mapping[Label, Bits], words: int) -> BitMatrix[Label]:
        """Build the matrix of `rows`, each of `words` 64-bit words."""
        labels = tuple(sorted(rows))
        bits = np.zeros((len(labels), words), np.uint64)
        for number, label in enumerate(labels):
            bits[number] = rows[label]
        return cls(labels, bits, {label: number for number, label in enumerate(labels)})

    def count(self, studies: Bits) -> dict[Label, int]:
        """Count for every label the studies among `studies` that carry it; zero is left out."""
        return _nonzero(self.labels, iter(count_shared(self.bits, studies)))

    def row(self, label: Label) -> Bits:
        """Return the row of `label`; without any bit if no study carries it."""
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
class OptionMatrix:
    """The matrices of all parameters and of the years as views of one matrix, so that one pass counts them all."""

    rows: Mapping[str, BitMatrix[str]]
    bits: Bits

    @classmethod
    def join(cls, rows: Mapping[str, BitMatrix[str]]) -> OptionMatrix:
        """Copy matrices into one; `rows` of the result are views of it."""
        bits = np.concatenate([each.bits for each in rows.values()])
        ends = np.cumsum([len(each.labels) for each in rows.values()])
        parts = zip(rows.items(), np.split(bits, ends[:-1]), strict=True)
        return cls({name: replace(each, bits=part) for (name, each), part in parts}, bits)

    def count(self, studies: Bits) -> dict[str, dict[str, int]]:
        """Count for every parameter and label the studies among `studies` that carry it; zero is left out."""
        numbers = iter(count_shared(self.bits, studies))
        return {name: _nonzero(each.labels, numbers) for name, each in self.rows.items()}


def _nonzero(labels: Iterable[Label], numbers: Iterator[int]) -> dict[Label, int]:
    # Labels first: when they end, no number has been taken from the next labels.
    return {label: number for label, number in zip(labels, numbers, strict=False) if number}
