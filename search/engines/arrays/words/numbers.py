"""Arrays of whole numbers in as few bytes as numpy decodes in a few operations: 0, 4, 8, 12, 16 or 32 bits a number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.unsignedinteger[Any]]

WIDTHS = np.array([0, 4, 8, 12, 16, 32], np.uint8)
"""The bits that a number may take."""

_MOST = np.array([0, 0xF, 0xFF, 0xFFF, 0xFFFF, 0xFFFFFFFF], np.uint64)
"""The largest number that fits into each of `WIDTHS`."""


def find_widths(largest: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the smallest of `WIDTHS` that holds each of `largest`."""
    widths: NDArray[np.uint8] = WIDTHS[np.searchsorted(_MOST, largest)]
    return widths


def count_bytes(width: int, numbers: int) -> int:
    """Return the bytes that so many `numbers` take."""
    return (numbers + 1) // 2 * (width % 8 // 4) + numbers * (width // 8)


def encode(numbers: Numbers, width: int) -> bytes:
    """Return `numbers`, each less than 2 to the power of `width`, as bytes."""
    if width == 0:
        return b""
    if width in (4, 12):
        # Two halves of a byte at once; a number of 12 bits has its lower byte apart.
        halves = (numbers >> (width - 4)).astype(np.uint8)
        low = numbers.astype(np.uint8).tobytes() if width == 12 else b""
        padded = np.append(halves, np.uint8(0)) if len(halves) % 2 else halves
        return low + (padded[0::2] | (padded[1::2] << 4)).tobytes()
    return numbers.astype(f"<u{width // 8}").tobytes()


def decode(data: bytes, start: int, width: int, numbers: int) -> Numbers:
    """Return the numbers that `encode` encoded, from `start` of `data`."""
    if width == 0:
        return np.zeros(numbers, np.uint8)
    if width in (4, 12):
        lower = numbers if width == 12 else 0
        halves = np.frombuffer(data, np.uint8, (numbers + 1) // 2, start + lower)
        found: Numbers = np.empty(2 * len(halves), np.uint8 if width == 4 else np.uint16)
        found[0::2], found[1::2] = halves & 0xF, halves >> 4
        if width == 12:
            found[:numbers] = (found[:numbers] << 8) | np.frombuffer(data, np.uint8, numbers, start)
        return found[:numbers]
    whole: Numbers = np.frombuffer(data, f"<u{width // 8}", numbers, start)
    return whole
