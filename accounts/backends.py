"""Passwords, checked only as often as `accounts.limits` allows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts import limits, security_log
from accounts.request_notes import notes_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class LimitedBackend(ModelBackend):
    """Django's accounts and rights. Without a request, as in a command, nothing is limited."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the account, or None. Too many failures are noted for `accounts.middleware`."""
        if request is None or username is None or password is None:
            return super().authenticate(request, username, password, **kwargs)
        try:
            attempt = limits.begin(request, username)
        except limits.TooManyFailures as refusal:
            note_refusal(request, refusal, security_log.known_name(username), "sign-in refused")
            raise PermissionDenied from refusal
        user = super().authenticate(request, username, password, **kwargs)
        if user is None:
            name = security_log.known_name(username)
            security_log.write("sign-in failed", request, name=name, level=logging.WARNING)
        else:
            attempt.forget()
        return user


def note_refusal(request: HttpRequest, refusal: limits.TooManyFailures, name: str, event: str) -> None:
    """Have the answer to `request` say 429, and log it."""
    notes_of(request).refusal = refusal
    told: dict[str, str | int] = {"rule": refusal.rule, "wait_s": refusal.retry_after_s}
    security_log.write(event, request, name=name, level=logging.WARNING, told=told)
