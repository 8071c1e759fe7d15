"""Remembers that the database did not answer, so that one request a moment waits for it and all others do not."""

from __future__ import annotations

import threading
import time

RETRY_AFTER_S = 0.5


class Breaker:
    """One for each process. `is_on` only where requests are served: a command waits for its connection."""

    def __init__(self) -> None:
        self.is_on = False
        self._lock = threading.Lock()
        self._next_try: float | None = None

    def may_try(self) -> bool:
        """Return True if the database answered last time, or it is this caller's turn to try again."""
        if not self.is_on or self._next_try is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._next_try is None or now >= self._next_try:
                # Until this caller knows more, nobody else tries.
                self._next_try = now + 10 * RETRY_AFTER_S
                return True
            return False

    def failed(self) -> None:
        with self._lock:
            self._next_try = time.monotonic() + RETRY_AFTER_S

    def succeeded(self) -> None:
        self._next_try = None


breaker = Breaker()
