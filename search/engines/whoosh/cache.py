"""A cache bounded by bytes, not by entries: the postings of one word may weigh as much as those of ten thousand."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar


class Weighed(Protocol):
    """A value that knows its size."""

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps in memory."""


V = TypeVar("V", bound=Weighed)

_ENTRY_BYTES = 500
"""What an entry costs beside its arrays, so that many empty ones also fill the cache."""


class ByteCache:
    """Forgets what was not asked for longest. Safe for threads; two may compute the same value at the same time."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held = 0
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], V]) -> V:
        """Return the value of `key`, computed if it is not held."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                value: V = self._entries[key]
                return value
        value = compute()
        with self._lock:
            if key not in self._entries:
                self._entries[key] = value
                self._held += value.nbytes + _ENTRY_BYTES
            while self._held > self._capacity:
                _, forgotten = self._entries.popitem(last=False)
                self._held -= forgotten.nbytes + _ENTRY_BYTES
        return value
