"""The version of a page: all that its text depends on, as an entity tag that any worker can make before the view.

That is the program, its settings, the numbers of the bank, the day in Lima, the whole address, and the selection. Feeds
and the API make tags of their own.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import datetime, time
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import devices
from evidencebank.message_cookie import COOKIE as MESSAGE_COOKIE
from search.web.shared.selection_cookie import SELECTION_COOKIE, UNDO_COOKIE

if TYPE_CHECKING:
    from django.http import HttpRequest

    from studies.models import BankCounter

COOKIES_OF_A_PERSON = frozenset(
    {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, MESSAGE_COOKIE, UNDO_COOKIE, devices.COOKIE}
)
"""Whoever sends one of these gets pages of their own, of which nobody keeps anything."""

_PROGRAM = ("accounts", "evidencebank", "jobs", "search", "studies", "templates", "static", "locale")
_PROGRAM_FILES = frozenset({".py", ".html", ".txt", ".xml", ".svg", ".mo", ".css", ".js", ".json"})
_OF_THIS_HOST = frozenset(
    {"VAR_DIR", "INDEX_DIR", "DATABASE_URL", "SEARCH_CACHE_MB", "PAGE_MEMORY_MB", "LOG_LEVEL", "LOG_FORMAT"}
)
"""Settings that change no page, and that hosts of one bank may have otherwise."""

BY_COOKIE = "+cookie"
"""Ends the name in the tag of a page that says `Vary: Cookie`, as its 304 has to say the same."""

_TAG = re.compile(r'(?:W/)?"([a-z-]+(?:\+cookie)?)\.([0-9a-f]{32})"')
_STARTED_AT = timezone.now()


def selection_of(request: HttpRequest) -> str | None:
    """Return the reader's selection as the cookie has it, "" without one; None for a reader with pages of their own."""
    if not COOKIES_OF_A_PERSON.isdisjoint(request.COOKIES):
        return None
    return request.COOKIES.get(SELECTION_COOKIE, "")


def make_tag(request: HttpRequest, counter: BankCounter, name: str, selection: str) -> str:
    """Return the entity tag of what the address `name` answers now. It is weak: compression changes the bytes.

    Signed, so that a tag that comes back was sent with this very page and no view has to be asked about the address.
    """
    made_of = (
        *(program_digest(), settings_digest(), name, selection, timezone.localdate().isoformat()),
        *(counter.bank_id, counter.change_no, counter.changed_at, counter.vocabulary_no, counter.vocabulary_at),
        *(request.scheme, request.META.get("HTTP_HOST", ""), request.get_full_path()),
    )
    return f'W/"{name}.{salted_hmac(__name__, repr(made_of), algorithm="sha256").hexdigest()[:32]}"'


def read_tags(header: str) -> Iterator[tuple[str, str]]:
    """Yield the name of an address and the tag, in the form of `make_tag`, of each that `header` has in this form."""
    for name, digest in _TAG.findall(header):
        yield name, f'W/"{name}.{digest}"'


def last_modified(counter: BankCounter) -> datetime:
    """Return since when no page can have changed: of bank, day in Lima and start of this process the latest."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    return max(counter.changed_at, counter.vocabulary_at, midnight, _STARTED_AT)


@cache
def program_digest() -> str:
    """Return what differs where any file that makes pages differs: some 40 ms, once a process.

    The number of the version does not, between two versions that somebody follows by git.
    """
    digest = hashlib.sha256()
    for folder in _PROGRAM:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in _PROGRAM_FILES:
                digest.update(f"{path.relative_to(settings.BASE_DIR)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def settings_digest() -> str:
    """Return what differs where a setting differs that may be seen on a page."""
    told = {name: os.environ.get(name, "") for name in sorted(settings.SETTINGS_READ - _OF_THIS_HOST)}
    return hashlib.sha256(repr(told).encode(errors="replace")).hexdigest()
