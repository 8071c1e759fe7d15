"""What happens when somebody signs in or out, whichever page it was."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from accounts import limits, second_step, security_log, sessions
from accounts.request_notes import notes_of


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="accounts.signed_out")


def _signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    sessions.start(request, user)
    limits.forget_old_failures()
    second_step.begin(request, user)


def _signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is None:
        return
    notes_of(request).session_was_ended = True
    event = "session ended" if sessions.has_expired(request.session) else "sign-out"
    sessions.end_noted(request.session)
    security_log.write(event, request, name=user.get_username())
