"""Memory that big passing arrays took goes back to the system.

glibc keeps it for the next ones. They come once for each index and each new query, and a worker that kept what they
took would hold twice what it needs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


def trim() -> None:
    """Give back what is free: a fifth of a millisecond. Nothing where the system's memory is not glibc's."""
    if release := _malloc_trim():
        release(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return None
    return found
