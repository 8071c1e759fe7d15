"""Sessions of the workplace: how long they last, which ones a person has open, and ending them.

A session is ended by deleting it from Django's table, so that it holds at once and on every host. The rows of `SignIn`
stay for KEPT_FOR: `accounts.limits` knows a person's networks by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.limits import KNOWN_FOR
from accounts.models import RequiredPasswordChange, SignIn
from accounts.networks import network_of

SEEN_EVERY = timedelta(minutes=1)
"""A session in use is written so seldom."""
KEPT_FOR = KNOWN_FOR
LATELY = timedelta(minutes=30)
"""So long one may take to add the first factor, for which one may have to install an app."""
_SIGN_IN, _STARTED, _SEEN, _MUST_CHANGE = "sign_in", "started_at", "seen_at", "must_change_password"
_PROVEN = "proven"

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
             ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session of a person that would still be let in. `browser` is empty where the browser did not say.

    `is_proven` is False where the password was right and a step after it is due.
    """

    pk: int
    started_at: datetime
    last_seen_at: datetime
    address: str
    browser: str
    is_this: bool
    is_proven: bool


def start(request: HttpRequest, user: User) -> None:
    """Note that a password was right, in its session and in `SignIn`. `prove` follows once nothing more is due."""
    now = timezone.now()
    session = request.session
    if session.session_key is None:
        session.create()
    address = request.META.get("REMOTE_ADDR", "")
    SignIn.objects.filter(user=user, at__lt=now - KEPT_FOR).delete()
    row = SignIn.objects.create(
        user=user,
        session_key=session.session_key or "",
        at=now,
        last_seen_at=now,
        address=address,
        browser=describe_browser(request.META.get("HTTP_USER_AGENT", "")),
    )
    session[_SIGN_IN] = row.pk
    session[_STARTED] = session[_SEEN] = int(now.timestamp())
    session[_MUST_CHANGE] = RequiredPasswordChange.objects.filter(user=user).exists()
    session[_PROVEN] = False


def prove(request: HttpRequest) -> None:
    """Note that the person of the session is who they say: its network is theirs, and its key may be a new one."""
    request.session[_PROVEN] = True
    SignIn.objects.filter(pk=request.session.get(_SIGN_IN, 0)).update(
        network=network_of(request.META.get("REMOTE_ADDR", "")), session_key=request.session.session_key or ""
    )


def change_key(request: HttpRequest) -> None:
    """Give the session a new key, as its person has proven the password once more: the old key opens nothing."""
    request.session.cycle_key()
    this = SignIn.objects.filter(pk=request.session.get(_SIGN_IN, 0))
    this.update(session_key=request.session.session_key or "")


def forget_old_sign_ins() -> int:
    """Delete the sign-ins of everybody that are older than KEPT_FOR. Return how many."""
    return SignIn.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]


def has_expired(session: SessionBase) -> bool:
    """Return True if the session was idle for SESSION_IDLE_MINUTES, or is older than SESSION_COOKIE_AGE in any case."""
    now = timezone.now()
    # Django's own limit begins anew whenever the session is written. A session without our times is an older one.
    started, seen = _moment(session.get(_STARTED, 0)), _moment(session.get(_SEEN, 0))
    longest, idle = timedelta(seconds=settings.SESSION_COOKIE_AGE), timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    return now - started >= longest or now - seen >= idle


def touch(session: SessionBase) -> None:
    """Note that the session is in use. Two queries in a minute, else none."""
    now = timezone.now()
    if now - _moment(session[_SEEN]) >= SEEN_EVERY:
        session[_SEEN] = int(now.timestamp())
        SignIn.objects.filter(pk=session[_SIGN_IN]).update(last_seen_at=now)


def began_lately(session: SessionBase) -> bool:
    """Return True if the password of the session was typed within LATELY."""
    return timezone.now() - _moment(session.get(_STARTED, 0)) < LATELY


def must_change_password(session: SessionBase) -> bool:
    return bool(session.get(_MUST_CHANGE))


def end_noted(session: SessionBase) -> None:
    """Note in `SignIn` that the session ends: somebody signed out, or was away for too long."""
    SignIn.objects.filter(pk=session.get(_SIGN_IN, 0)).update(ended_at=timezone.now())


def list_open(request: HttpRequest, user: User) -> list[OpenSession]:
    """Return the open sessions of `user`, this one first, then those used last."""
    this = request.session.get(_SIGN_IN)
    found = [
        OpenSession(
            row.pk,
            row.at,
            row.last_seen_at,
            row.address,
            row.browser,
            is_this=row.pk == this,
            is_proven=bool(session.get(_PROVEN)),
        )
        for row, session in _open_rows(user)
    ]
    return sorted(found, key=lambda each: (not each.is_this, -each.last_seen_at.timestamp()))


def end(user: User, pk: int) -> bool:
    """End the session of the sign-in `pk`. Return False if `user` has no such session open."""
    for row, _session in _open_rows(user):
        if row.pk == pk:
            _end(row)
            return True
    return False


def end_others(request: HttpRequest, user: User) -> int:
    """End all sessions of `user` but this one, and return how many."""
    others = [row for row, _session in _open_rows(user) if row.pk != request.session.get(_SIGN_IN)]
    for row in others:
        _end(row)
    return len(others)


def end_all(user: User) -> None:
    """End every session of `user`, also those whose second step is due."""
    for row in _unended_rows(user):
        _end(row)


def after_password_change(request: HttpRequest, user: User) -> None:
    """End the other sessions, and keep this one, to which Django has given a new key."""
    request.session[_MUST_CHANGE] = False
    this = SignIn.objects.filter(pk=request.session.get(_SIGN_IN, 0))
    this.update(session_key=request.session.session_key or "")
    for row in _unended_rows(user).exclude(pk=request.session.get(_SIGN_IN, 0)):
        _end(row)


def describe_browser(user_agent: str) -> str:
    """Return "Firefox, Windows" for what a browser says of itself; what is unknown is left out."""
    words = [next((name for mark, name in marks if mark in user_agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, words))


def _open_rows(user: User) -> Iterator[tuple[SignIn, SessionBase]]:
    """Yield the sign-ins whose session is there, in time, and of today's password, with it. A query for each."""
    for row in _unended_rows(user):
        session = _store(row.session_key)
        is_current = constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
        if is_current and not has_expired(session):
            yield row, session


def _unended_rows(user: User) -> QuerySet[SignIn]:
    oldest = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return SignIn.objects.filter(user=user, ended_at=None, at__gt=oldest)


def _end(row: SignIn) -> None:
    _store(row.session_key).delete()
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])


def _store(key: str) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
