"""Returns the memory of large temporary arrays to the operating system.

glibc keeps freed memory for later allocations. Large arrays are allocated only when an index is opened and for phrases
of common words, so a worker would hold twice the memory that it needs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


def release_memory() -> None:
    """Return freed memory to the system: takes 0.2 ms. Does nothing where the C library is not glibc."""
    if release := _malloc_trim():
        release(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return found
