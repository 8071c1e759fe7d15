"""How often one address may ask: a count in a small file that all workers of a host share.

No address is kept. Each has a place in the file by a keyed hash, where only the beginning of its minute, its count and
some bits of the hash are written; the next one with that place writes over it.
"""

from __future__ import annotations

import fcntl
import hashlib
import ipaddress
import itertools
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

WINDOW_S = 60
_PLACES = 2**16
_PLACE = struct.Struct("<III")  # some bits of the hash, beginning of the minute (seconds since 1970), requests in it
_NEIGHBOURS = 16
"""Places that an address may have: thousands in one minute do not share any."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an address stands after one more request."""

    limit: int
    used: int
    seconds_left: int

    @property
    def is_over(self) -> bool:
        return self.used > self.limit

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


class SharedCounter:
    """Counts by name in the file at `path`, for any number of threads and processes."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, _PLACES * _PLACE.size)
        self._memory = mmap.mmap(self._file, _PLACES * _PLACE.size)
        self._thread_lock = threading.Lock()

    def count(self, name: str) -> tuple[int, int]:
        """Count one more of `name`. Return how many there are in its minute, and the seconds that are left of it."""
        digest = hashlib.blake2b(name.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=8).digest()
        first, mark = struct.unpack("<II", digest)
        now = int(self._clock())
        with self._thread_lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                return self._raise(first % _PLACES, mark, now)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _raise(self, first: int, mark: int, now: int) -> tuple[int, int]:
        place = self._place_of(first, mark, now)
        held_mark, begun, used = _PLACE.unpack_from(self._memory, place)
        if held_mark != mark or not 0 <= now - begun < WINDOW_S:
            begun, used = now, 0
        _PLACE.pack_into(self._memory, place, mark, begun, used + 1)
        return used + 1, begun + WINDOW_S - now

    def _place_of(self, first: int, mark: int, now: int) -> int:
        """Return the place of a name that has one, else one that is free, else the first that it may have."""
        places = [(first + step) % _PLACES * _PLACE.size for step in range(_NEIGHBOURS)]
        held = {place: _PLACE.unpack_from(self._memory, place) for place in places}
        own = (place for place in places if held[place][0] == mark and now - held[place][1] < WINDOW_S)
        free = (place for place in places if now - held[place][1] >= WINDOW_S)
        return next(itertools.chain(own, free), places[0])


def standing(address: str) -> Standing | None:
    """Count a request of `address` and say where it stands; None where nothing is limited."""
    limit: int = settings.API_REQUESTS_PER_MINUTE
    if limit == 0:
        return None
    used, seconds_left = _counter(settings.VAR_DIR / "api-requests").count(household(address))
    return Standing(limit, used, seconds_left)


@cache
def _counter(path: Path) -> SharedCounter:
    return SharedCounter(path)


def household(address: str) -> str:
    """Return who shares a limit: an IPv4 address, or the 64 bits of IPv6 that one subscriber has for itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address  # a socket file: all that come by it are one
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
