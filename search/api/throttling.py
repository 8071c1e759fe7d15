"""Limits the requests per address. Counts are in the cache "throttle", which all workers of a host share."""

from __future__ import annotations

import fcntl
import logging
import math
import re
import time
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from django.utils.crypto import salted_hmac
from rest_framework.throttling import SimpleRateThrottle

from accounts.networks import network_of
from search.api.paging import DEFAULT_PAGE_SIZE, MOST_PER_PAGE

if TYPE_CHECKING:
    from rest_framework.request import Request

logger = logging.getLogger(__name__)

WINDOW_S = 60

LOCK_TIMEOUT_S = 0.5
"""A request holds the lock for half a millisecond: who holds it this long is stuck."""

_PAUSE_S = 0.001


class AddressThrottle(SimpleRateThrottle):
    """Allows API_REQUESTS_PER_MINUTE requests per address in any WINDOW_S seconds; any number if it is 0.

    A page of many entries, and a table, counts as the requests that would cost the server as much.
    """

    cache = ConnectionProxy(caches, "throttle")
    history: Sequence[float] = ()
    weight = 1

    def get_rate(self) -> str | None:
        limit: int = settings.API_REQUESTS_PER_MINUTE
        return f"{limit}/minute" if limit else None

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if request.method == "OPTIONS":
            return None  # a CORS preflight is not counted
        # A keyed hash, so that the cache holds no address of a person.
        return salted_hmac("search.api.throttling", network_of(request.META.get("REMOTE_ADDR", ""))).hexdigest()

    def allow_request(self, request: Request, view: Any) -> bool:
        self.weight = _weigh(request)
        try:
            # The cache is read, then written. Without a lock eight connections of one address got four times the limit.
            with (settings.VAR_DIR / "throttle.lock").open("w") as file:
                _lock(file)
                return bool(super().allow_request(request, view))
        except OSError:
            # A full disk or a stuck process: readers are still answered, and the log says why nothing is counted.
            logger.exception("The requests of the API are not counted.")
            return True

    def throttle_success(self) -> bool:
        # A file that replaces another is written to the disk at once (ext4), which took 4 ms of each request.
        self.cache.delete(self.key)
        self.history = [*[self.now] * (self.weight - 1), *self.history]
        return bool(super().throttle_success())

    def headers(self) -> Mapping[str, str]:
        """Return the headers RateLimit of the answer; none if nothing is counted."""
        if not self.history:
            return {}
        remaining = max(0, self.num_requests - len(self.history))
        seconds_left = math.ceil(self.duration - (self.now - self.history[-1]))
        return {
            "RateLimit-Policy": f'"address";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"address";r={remaining};t={seconds_left}',
        }


def _lock(file: IO[str]) -> None:
    """Lock `file` until it is closed. Raises TimeoutError if another process or thread keeps the lock."""
    # flock itself knows no time-out, and a signal would reach only the main thread.
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError(f"{file.name} is locked for more than {LOCK_TIMEOUT_S} s.") from None
            time.sleep(_PAUSE_S)


def _weigh(request: Request) -> int:
    """Return how many requests this one counts as: one for each DEFAULT_PAGE_SIZE entries that it may have."""
    asked = request.GET.get("page_size", "")
    size = int(asked) if re.fullmatch("[0-9]{1,3}", asked) and int(asked) <= MOST_PER_PAGE else DEFAULT_PAGE_SIZE
    return math.ceil(size / DEFAULT_PAGE_SIZE) * (2 if request.GET.get("format") == "csv" else 1) or 1
