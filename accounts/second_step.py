"""What is due between the password and the workplace, and what a session has already proven.

A session whose second step is due has no rights at all: `accounts.middleware` makes its person a stranger everywhere
but on the page of that step. A session that has proven its second factor is never asked again, whatever changes.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from accounts import limits, security_log, sessions
from accounts.models import AuthenticatorApp, Passkey
from accounts.request_notes import notes_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CONFIRM_ADDRESS = "confirm-password"
"""The name of the address that asks for the password once more."""
_STATE = "second_factor"
_PROVEN, _NOT_ADDED, _WAITING = "proven", "not-added", "waiting"


class Step(Enum):
    """What has to be done before anything else. The value is the name of the address where it is done."""

    SECOND_FACTOR = "second-step"
    PASSWORD = "admin:password_change"  # nosec B105: the name of an address
    ADD_FACTOR = "add-factor"

    @property
    def path(self) -> str:
        return reverse(self.value)

    def allows(self, path: str) -> bool:
        """Return True for the addresses that are open meanwhile: that of the step, and those that it leads to."""
        names = [self.value, "admin:logout"]
        if self is Step.ADD_FACTOR:
            names.append(CONFIRM_ADDRESS)
        return path in map(reverse, names)


def has_factor(user: User) -> bool:
    """Return True if the account has an app or a passkey. Recovery codes alone are none: they run out."""
    return AuthenticatorApp.objects.filter(user=user).exists() or Passkey.objects.filter(user=user).exists()


def begin(request: HttpRequest, user: User) -> None:
    """Note in the session of a password that was right what is still due. The sign-in is over if no factor is."""
    request.user = user
    notes_of(request).held_user = None
    is_added = has_factor(user)
    request.session[_STATE] = _WAITING if is_added else _NOT_ADDED
    if is_added or (settings.REQUIRE_SECOND_FACTOR and user.is_staff):
        security_log.write("password accepted", request, name=user.get_username())
    else:
        _finish(request, user, "none")


def due(request: HttpRequest) -> Step | None:
    """Return the step that is due, or None. No query for a session that has proven its factor, or needs none."""
    state = request.session.get(_STATE)
    is_demanded = settings.REQUIRE_SECOND_FACTOR
    if state == _PROVEN or (state == _NOT_ADDED and not is_demanded):
        return Step.PASSWORD if sessions.must_change_password(request.session) else None
    user = _user(request)
    if isinstance(user, AnonymousUser):
        # The password was changed elsewhere, and with it this session ended.
        return None
    # The factor comes first: whoever only knows a password must not be able to change it.
    if has_factor(user):
        return Step.SECOND_FACTOR
    if sessions.must_change_password(request.session):
        return Step.PASSWORD
    return Step.ADD_FACTOR if is_demanded and user.is_staff else None


def hold(request: HttpRequest) -> None:
    """Make the person of `request` a stranger to every page until the step is done."""
    user = _user(request)
    notes_of(request).held_user = None if isinstance(user, AnonymousUser) else user
    request.user = AnonymousUser()


def held_user(request: HttpRequest) -> User | None:
    """Return the person whose step is due, or None."""
    return notes_of(request).held_user


def complete(request: HttpRequest, user: User, factor: str) -> None:
    """Let the session of `user` in: it has proven `factor` ("app", "recovery code", "passkey")."""
    if request.session.get(_STATE) == _PROVEN:
        return
    was_in = due(request) is None
    request.session[_STATE] = _PROVEN
    request.user = user
    # A key that somebody learned before this must not be good for more.
    request.session.cycle_key()
    if was_in:
        sessions.prove(request)
    else:
        _finish(request, user, factor)


def _finish(request: HttpRequest, user: User, factor: str) -> None:
    sessions.prove(request)
    notes_of(request).proven_account = limits.account_key(user.get_username())
    told: dict[str, str | int] = {} if factor == "none" else {"factor": factor}
    security_log.write("sign-in", request, name=user.get_username(), told=told)


def _user(request: HttpRequest) -> User | AnonymousUser:
    return held_user(request) or request.user
