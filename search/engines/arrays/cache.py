"""A cache bounded in bytes, not in entries: one frequent word may take as much memory as ten thousand rare ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar


class SizedInBytes(Protocol):
    """A value with a size in bytes, such as a numpy array."""

    @property
    def nbytes(self) -> int: ...


V = TypeVar("V", bound=SizedInBytes)

_ENTRY_BYTES = 500
"""The estimated size of an entry without its arrays, so that many empty ones also fill the cache."""


class ByteCache:
    """A least-recently-used cache. Thread-safe; two threads may compute the same value at the same time."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held = 0
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], V]) -> V:
        """Return the value cached under `key`, or compute and cache it."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                value: V = self._entries[key]
                return value
        # Outside the lock: computing takes milliseconds, and most other threads want another key.
        value = compute()
        with self._lock:
            if key not in self._entries:
                self._entries[key] = value
                self._held += value.nbytes + _ENTRY_BYTES
            while self._held > self._capacity:
                _, evicted = self._entries.popitem(last=False)
                self._held -= evicted.nbytes + _ENTRY_BYTES
        return value
