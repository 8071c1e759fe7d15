"""Returns the memory of large temporary arrays to the system.

glibc keeps it for the next allocations. They come once for each index and each new query, and a worker that kept what
they took would hold twice what it needs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


def trim() -> None:
    """Release free memory: a fifth of a millisecond. Does nothing where the C library is not glibc."""
    if release := _malloc_trim():
        release(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return found
