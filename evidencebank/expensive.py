"""Limits of what is expensive: exports, PDF files, pictures, feeds, OAI-PMH and briefs. Ordinary pages have none.

Two limits: so many requests a minute by one network, counted in the database (`search.rate_limits`), and so many
answers at once on this host, so that they never take all threads from ordinary pages. Where a limit cannot be counted,
as the database is locked or the disk full, nobody is refused.

Beside them, a file that is streamed gives way to the pages of its process: Python runs one thread at a time, and a page
would have to share it with every file that is being written.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.networks import is_of_house, network_of
from evidencebank.views import too_many_requests
from search.rate_limits import RateLimit

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
logger = logging.getLogger(__name__)
WINDOW_S = 60
BUSY_RETRY_S = 10
SLOT_WAIT_S = 0.2
"""Short: whoever waits holds a thread that an ordinary page may need."""
UNCOUNTED_S = 10
"""For how long this process counts nothing after the database refused: each try may wait for a lock."""
LEAST_SHARE = 0.25
"""Of its time that a file gets at least where pages are asked for without end, so that it is finished some day."""
_PAUSE_S = 0.05
_count_again_at = 0.0


def limit_expensive(view: View) -> View:
    """Decorate a view so that it answers 429 beyond the limits. A streamed file counts until it is sent."""

    @wraps(view)
    def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if wait_s := count(request):
            sentence = _(
                "Desde su red se pidieron muchos archivos en un minuto. Espere %(seconds)s segundos y vuelva a "
                "pedirlo; las demás páginas siguen abiertas."
            )
            return too_many_requests(request, sentence % {"seconds": wait_s}, wait_s)
        slot = take_slot(request.META.get("REMOTE_ADDR", ""))
        if slot is None:
            sentence = _("El banco está preparando muchos archivos a la vez. Espere unos segundos y vuelva a pedirlo.")
            return too_many_requests(request, sentence, BUSY_RETRY_S)
        readers.leave(request)
        try:
            response = view(request, *args, **kwargs)
        except BaseException:
            slot.release()
            raise
        if response.streaming:
            response.streaming_content = give_way(response.streaming_content)  # type: ignore[attr-defined]
            # What Django calls in `close`, which the server calls in any case.
            response._resource_closers.append(slot.release)  # type: ignore[attr-defined]
        else:
            slot.release()
        return response

    return cast(View, limited)


class Readers:
    """The requests for ordinary pages that this process is answering."""

    def __init__(self) -> None:
        self._under_way: set[int] = set()
        self._changed = threading.Condition()

    def enter(self, request: HttpRequest) -> None:
        with self._changed:
            self._under_way.add(id(request))

    def leave(self, request: HttpRequest) -> None:
        """Count a request no longer, as it is answered, or is none for an ordinary page; again changes nothing."""
        with self._changed:
            self._under_way.discard(id(request))
            if not self._under_way:
                self._changed.notify_all()

    def wait(self, most_s: float) -> None:
        """Return once no page is being made, after `most_s` at the latest."""
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, timeout=most_s)


readers = Readers()


def count_readers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: counts a request as that of a reader until it is answered, or is known to be for a file."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        readers.enter(request)
        try:
            return get_response(request)
        finally:
            readers.leave(request)

    return middleware


def give_way(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a file, and wait between them while pages are being made, for LEAST_SHARE of its time."""
    worked_since = time.perf_counter()
    for part in parts:
        worked_s = time.perf_counter() - worked_since
        yield part
        readers.wait(worked_s * (1 / LEAST_SHARE - 1))
        worked_since = time.perf_counter()


def count(request: HttpRequest) -> int:
    """Count one more request. Return 0, or the seconds until its sender may send the next one.

    Staff who are signed in count by account: no stranger behind the same address can use up what they may ask for.
    """
    global _count_again_at
    limit = RateLimit("expensive", settings.EXPENSIVE_REQUESTS_PER_MINUTE, WINDOW_S)
    if not limit.most or time.monotonic() < _count_again_at:
        return 0
    try:
        # Without the cookie the session is not even looked at.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_active and request.user.is_staff:
            return limit.consume(f"staff {request.user.pk}")
        return limit.consume_from(request.META.get("REMOTE_ADDR", ""))
    except DatabaseError:
        logger.exception("Expensive requests are not counted for %d s", UNCOUNTED_S)
        _count_again_at = time.monotonic() + UNCOUNTED_S
        return 0


class Slot:
    """The right to make one expensive answer; free again after `release`, and by itself when its process dies."""

    def __init__(self, file: int | None) -> None:
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __del__(self) -> None:
        # An answer that nobody closed, as a middleware put another in its place, must not hold a slot for ever.
        self.release()


def take_slot(address: str) -> Slot | None:
    """Return one of EXPENSIVE_AT_ONCE slots of this host, after waiting for SLOT_WAIT_S at most; None if none is free.

    One network gets half of them, the networks of the house all: whoever takes files slowly must not stop all others.
    """
    if not settings.EXPENSIVE_AT_ONCE:
        return Slot(None)
    # A keyed hash, so that no file holds the address of a person.
    holder = salted_hmac("evidencebank.expensive", network_of(address), algorithm="sha256").hexdigest()
    most = settings.EXPENSIVE_AT_ONCE if is_of_house(address) else max(1, settings.EXPENSIVE_AT_ONCE // 2)
    deadline = time.monotonic() + SLOT_WAIT_S
    while True:
        try:
            if slot := _find_free_slot(holder, most):
                return slot
        except OSError:
            logger.exception("Expensive answers are not limited")
            return Slot(None)
        if time.monotonic() >= deadline:
            return None
        time.sleep(_PAUSE_S)


def _find_free_slot(holder: str, most: int) -> Slot | None:
    """Take a free slot, unless `holder` has `most` of them. Two requests at the same moment may get one more."""
    free: int | None = None
    held = 0
    for number in range(settings.EXPENSIVE_AT_ONCE):
        file = os.open(settings.VAR_DIR / f"expensive-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        if free is None and _take(file):
            free = file
            continue
        # A free one below a taken one still names whoever had it last.
        held += not _take(file) and os.pread(file, len(holder), 0) == holder.encode()
        os.close(file)
    if free is None:
        return None
    if held >= most:
        os.close(free)
        return None
    with suppress(OSError):  # On a full disk it stays unnamed: the number of all is limited still.
        os.pwrite(free, holder.encode(), 0)
    return Slot(free)


def _take(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
