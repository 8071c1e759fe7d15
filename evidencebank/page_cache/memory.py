"""Answers of public pages in the memory of one server process, bounded in bytes: the least recently used goes first.

Only a server keeps them (`keep` is called in `wsgi`): commands and tests change rows behind the numbers of the bank.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = tuple[str, ...]
_LARGEST_SHARE = 8
"""One page takes this part of the memory at most, so that no page drives out all others."""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """The answer of a page: its tag, the name of its address, body and headers, without those of one request."""

    tag: str
    name: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def size(self) -> int:
        return len(self.body) + 1_000


class PageMemory:
    """At most `most_bytes` of answers, by address. One that was replaced or is too large is forgotten."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._pages: OrderedDict[Key, KeptPage] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Key) -> KeptPage | None:
        """Return what was kept last of an address, of whatever version: the caller compares its tag."""
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def add(self, key: Key, page: KeptPage) -> None:
        """Keep a page in place of the one that its address had."""
        with self._lock:
            self._forget(key)
            if page.size * _LARGEST_SHARE > self.most_bytes:
                return
            self._pages[key] = page
            self.bytes += page.size
            while self.bytes > self.most_bytes:
                self._forget(next(iter(self._pages)))

    def clear(self) -> None:
        """Forget all pages."""
        with self._lock:
            self._pages.clear()
            self.bytes = 0

    def _forget(self, key: Key) -> None:
        if page := self._pages.pop(key, None):
            self.bytes -= page.size


memory = PageMemory(0)
"""That of this process; it keeps nothing until `keep` is called."""


def keep(most_bytes: int) -> None:
    """Let this process keep pages from now on, up to `most_bytes`."""
    memory.most_bytes = most_bytes
