"""A cache bounded by bytes, not by entries: the postings of one word may take as much as those of ten thousand."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar


class Weighed(Protocol):
    """A value that knows its size in bytes, as numpy's arrays do."""

    @property
    def nbytes(self) -> int: ...


V = TypeVar("V", bound=Weighed)

_ENTRY_BYTES = 500
"""What an entry takes beside its arrays, so that many empty ones also fill the cache."""


class ByteCache:
    """Evicts the least recently used. Thread-safe; two threads may compute the same value at the same time."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held = 0
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], V]) -> V:
        """Return the value of `key`; compute it if it is not cached."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                value: V = self._entries[key]
                return value
        # Without the lock: a value may take milliseconds, and most threads ask for another one.
        value = compute()
        with self._lock:
            if key not in self._entries:
                self._entries[key] = value
                self._held += value.nbytes + _ENTRY_BYTES
            while self._held > self._capacity:
                _, evicted = self._entries.popitem(last=False)
                self._held -= evicted.nbytes + _ENTRY_BYTES
        return value
