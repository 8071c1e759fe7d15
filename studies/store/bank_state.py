"""The bank's identity and version (the counter row), read once per request. Only `changes` raises its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from studies.models import BankCounter, Revision

# None outside `cached_counter`; inside, a dict that is empty until the counter is read.
_memory: ContextVar[dict[str, BankCounter] | None] = ContextVar("bank_counter", default=None)
# Holds something once a part of the answer was made from less than the bank has; None outside `cached_counter`.
_missing: ContextVar[list[str] | None] = ContextVar("bank_missing", default=None)


def current() -> BankCounter:
    """Return the counter: one query, or none inside `cached_counter` where it was read already."""
    memory = _memory.get()
    if memory is None:
        return BankCounter.current()
    if "counter" not in memory:
        memory["counter"] = BankCounter.current()
    return memory["counter"]


def read_change_time(change_no: int) -> datetime | None:
    """Return when a change was made, or None if there is no change with this number: one query.

    Two changes of one number, one of which was lost when a backup was restored, have different moments.
    """
    return Revision.objects.filter(change_no=change_no).values_list("at", flat=True).first()


def read_first_change_after(change_no: int) -> datetime | None:
    """Return when the first change after this number was made, None if no revision tells: one query."""
    later = Revision.objects.filter(change_no__gt=change_no).order_by("change_no")
    return later.values_list("at", flat=True).first()


def was_made_at(change_no: int, moment: datetime) -> bool:
    """Return True if `moment` can be that of the change `change_no` of this bank: one query, or three.

    A change without a revision, as of a text or of a draft that was deleted, lies between its neighbours. One that was
    lost when a backup was restored does not: what then got the numbers before it was made later.
    """
    made_at = read_change_time(change_no)
    if made_at is not None:
        return made_at == moment
    before = Revision.objects.filter(change_no__lt=change_no).order_by("-change_no").values_list("at", flat=True)
    after = Revision.objects.filter(change_no__gt=change_no).order_by("change_no").values_list("at", flat=True)
    earlier, later = before.first(), after.first()
    return (earlier is None or earlier <= moment) and (later is None or moment <= later)


def clear_cache() -> None:
    """Drop the cached counter, after a change was written."""
    memory = _memory.get()
    if memory is not None:
        memory.clear()


def note_provisional(what: str) -> None:
    """Mark what is being answered as made from less than the bank has now: `what` is behind it, as the index may be."""
    missing = _missing.get()
    if missing is not None:
        missing.append(what)


def is_provisional() -> bool:
    """Return True if the same address may have another answer although the numbers of the bank stay as they are."""
    return bool(_missing.get())


@contextmanager
def cached_counter() -> Iterator[None]:
    """Read the counter at most once inside the block, so that every part of a page shows the same version."""
    token, missing = _memory.set({}), _missing.set([])
    try:
        yield
    finally:
        _memory.reset(token)
        _missing.reset(missing)


def cache_counter_per_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that reads the counter at most once per request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with cached_counter():
            return get_response(request)

    return middleware
