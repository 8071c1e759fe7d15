"""The bank's identity and version, read once per request. Only `changes` raises its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from studies.models import BankCounter, Revision

_remembered: ContextVar[dict[str, BankCounter] | None] = ContextVar("bank_counter", default=None)


def current() -> BankCounter:
    """Return the counter: one query, or none where this request has already read it."""
    memory = _remembered.get()
    if memory is None:
        return BankCounter.current()
    if "counter" not in memory:
        memory["counter"] = BankCounter.current()
    return memory["counter"]


def moment_of(change_no: int) -> datetime | None:
    """Return when a change was made, None if the bank knows none of this number: one query.

    Two changes of one number, one of which was lost when a backup was restored, have different moments.
    """
    return Revision.objects.filter(change_no=change_no).values_list("at", flat=True).first()


def forget() -> None:
    """Read the counter anew at the next question: a change was written."""
    memory = _remembered.get()
    if memory is not None:
        memory.clear()


@contextmanager
def remembering() -> Iterator[None]:
    """Keep one reading of the counter for the time of the block: every part of a page tells the same version."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def remember_per_request(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: one reading of the counter per request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with remembering():
            return get_response(request)

    return middleware
