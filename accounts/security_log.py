"""The log of sign-ins: who, from where, and what came of it. Never a password, nor a name that no account has."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from django.contrib.auth import get_user_model
from django.dispatch import Signal
from django.http import HttpRequest

logger = logging.getLogger("evidencebank.security")
noted = Signal()
"""Sent with `event` and `fields` for each line, to whoever keeps them in a table."""


def write(
    event: str,
    request: HttpRequest | None,
    *,
    name: str,
    level: int = logging.INFO,
    told: Mapping[str, str | int] | None = None,
) -> None:
    """Write `event`, as "sign-in" or "sign-in failed", with the account's name, the address, and what `told` adds.

    Without a request, as in a command, the address is a dash.
    """
    fields = {"name": name, "address": request.META.get("REMOTE_ADDR", "") if request else "-", **(told or {})}
    logger.log(level, "%s: %s", event, " ".join(f"{key}={_quoted(value)}" for key, value in fields.items()))
    noted.send(sender=None, event=event, fields=fields)


def known_name(typed: str) -> str:
    """Return `typed` if an account has that name, else a dash: it may be a password in the wrong field."""
    return typed if get_user_model().objects.filter(username=typed).exists() else "-"


def _quoted(value: str | int) -> str:
    text = str(value)
    return text if text and text.isprintable() and not set(text) & set(' "=') else json.dumps(text)
