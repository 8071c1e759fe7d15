"""The one format of the log, as lines or as JSON, for Django and for gunicorn. Needs nothing but the standard library.

A line within a request ends with its id, the address, and the name of the person if it is one of the staff.
"""

from __future__ import annotations

import json
import logging
import os
import re
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest

FORMATS = ("line", "json")
HIDDEN = "…"
PERU = timezone(timedelta(hours=-5))
"""One clock for all processes: gunicorn's first one does not know the settings."""
current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)
"""The request that this thread answers; `request_log.RequestLog` sets it."""

_SECRET_PARTS = frozenset({"token", "key", "uidb64"})
"""Names of the parts of an address that open something: a letter's link, a forgotten password."""
_LETTERS_OF_TYPED = 4
"""What is shorter, as a year or a code of a language, stands in the program's own words too."""
_CONTROL = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What begins a line, moves a terminal's cursor or turns the direction of writing."""
_QUERY = re.compile(r"\?[^\s'\"]*")
_FIELDS = ("method", "path", "view", "status", "duration_ms")
"""What `request_log` tells of a request, beside its message."""


class LineFormatter(logging.Formatter):
    """One line a message: time with zone, level, logger, message, then what is known of the request."""

    def format(self, record: logging.LogRecord) -> str:
        message = _message(record)
        line = f"{_time(record)} {record.levelname} {record.name}: {message}"
        # What the message says already, as those of sign-ins do, is not said twice.
        known = [f"{name}={value}" for name, value in _request_fields(record).items() if f" {name}=" not in message]
        line = " ".join([line, *known])
        # Indented, as an error may quote what somebody sent: a line at the margin would pass for one of the bank's.
        told = [f"  {one_line(part)}" for part in _exception(record).splitlines()]
        return "\n".join([line, *told])


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_request_fields(record),
            **{name: getattr(record, name) for name in _FIELDS if hasattr(record, name)},
        }
        if exception := _exception(record):
            told["exception"] = exception
        return json.dumps(told, ensure_ascii=False, default=str)


def shown_path(request: HttpRequest) -> str:
    """Return the path of a request as it may be logged: without query, and without what opens something."""
    path = request.path
    for name, value in _parts_of(request).items():
        if name in _SECRET_PARTS and value:
            path = path.replace(str(value), HIDDEN)
    return one_line(path)


def one_line(text: str) -> str:
    """Return `text` with everything that would end a line or move a cursor written as an escape."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def staff_name(request: HttpRequest) -> str:
    """Return the user name of somebody of the staff, or "". Asks no database: what was not looked up is not told."""
    user = getattr(request, "_cached_user", None)
    return str(user.get_username()) if user is not None and getattr(user, "is_staff", False) else ""


def request_of(record: logging.LogRecord) -> HttpRequest | None:
    """Return the request that a line of the log belongs to."""
    # A socket, as Django's own server of developers gives it, is no request.
    request: Any = getattr(record, "request", None) or current_request.get()
    return request if hasattr(request, "META") else None


def gunicorn_config(var_dir: Path) -> dict[str, Any]:
    """Return `logconfig_dict` for gunicorn, whose own lines look like all others."""
    chosen = _read_format(var_dir)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"bank": {"()": formatter_name(chosen)}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "bank"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
    }


def formatter_name(chosen: str) -> str:
    """Return the dotted name of the formatter of one of FORMATS."""
    return f"{__name__}.{'JsonFormatter' if chosen == 'json' else 'LineFormatter'}"


def _read_format(var_dir: Path) -> str:
    # gunicorn's first process does not load the settings: it would keep the old ones when it is told to reload.
    chosen = os.environ.get("LOG_FORMAT", "").strip()
    if not chosen and (var_dir / "env").is_file():
        for line in (var_dir / "env").read_text(encoding="utf-8").splitlines():
            name, _equals, value = line.partition("=")
            chosen = value.strip() if name.strip() == "LOG_FORMAT" else chosen
    return chosen if chosen in FORMATS else FORMATS[0]


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, PERU).isoformat(timespec="milliseconds")


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    if record.name.startswith("gunicorn"):
        # It names the whole address of a request that failed.
        message = _QUERY.sub(f"?{HIDDEN}", message)
    request = request_of(record)
    if request is None:
        return one_line(message)
    if record.name.startswith("django."):
        # Django's own lines on errors name the path, in which a key may stand.
        message = message.replace(request.path, shown_path(request))
    # Our own lines name a person on purpose, who may have typed that name into this very form.
    return one_line(message if record.name.startswith("evidencebank.") else _without_typed(message, request))


def _without_typed(text: str, request: HttpRequest) -> str:
    """Return `text` without what this request sent: an error may quote a search, a password or a draft."""
    sent = [*request.GET.lists(), *(request._post.lists() if hasattr(request, "_post") else ())]
    values = {value for _name, each in sent for value in each} | set(request.COOKIES.values())
    values.add(request.META.get("HTTP_AUTHORIZATION", "").rpartition(" ")[2])
    values |= {str(value) for name, value in _parts_of(request).items() if name in _SECRET_PARTS}
    # In repr, as errors quote it, and by line: a long text may be quoted in part.
    values |= {part for value in values for part in (*value.splitlines(), repr(value)[1:-1])}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _LETTERS_OF_TYPED:
            text = text.replace(value, HIDDEN)
    return text


def _parts_of(request: HttpRequest) -> Mapping[str, Any]:
    """Return the parts of the path by name, also where it leads nowhere: a key without its last slash is one."""
    if request.resolver_match:
        return request.resolver_match.kwargs
    from django.conf import settings
    from django.urls import Resolver404, resolve
    from django.utils.translation import get_language_from_path, override

    with override(get_language_from_path(request.path_info) or settings.LANGUAGE_CODE):
        for path in (request.path_info, f"{request.path_info}/"):
            try:
                return resolve(path).kwargs
            except Resolver404:
                continue
    return {}


def _request_fields(record: logging.LogRecord) -> dict[str, str]:
    request = request_of(record)
    if request is None:
        return {}
    told = {
        "request": getattr(request, "request_id", ""),
        "address": request.META.get("REMOTE_ADDR", ""),
        "person": staff_name(request),
    }
    return {name: one_line(value) for name, value in told.items() if value}


def _exception(record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    error = record.exc_info[1]
    if {"OperationalError", "InterfaceError"} & {kind.__name__ for kind in type(error).__mro__}:
        # A database that is away fails every request: its stack would fill the disk, and says nothing.
        told = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
    else:
        # PostgreSQL adds the row that it refused, with all that stands in it.
        lines = "".join(traceback.format_exception(*record.exc_info)).rstrip().splitlines()
        told = "\n".join(line for line in lines if not line.startswith(("DETAIL:", "CONTEXT:")))
    request = request_of(record)
    return _without_typed(told, request) if request is not None else told
