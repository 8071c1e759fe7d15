"""What readers and curators see while the database is away, locked or full: what to do, and what they typed."""

from __future__ import annotations

import errno
import sqlite3
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.http import escape_leading_slashes
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from evidencebank.postgresql.breaker import breaker
from search.web.shared.same_origin import is_same_origin

RETRY_AFTER_S = 30
POOL_WAIT_S = 0.6
"""How long a request waits for PostgreSQL: `/readyz` answers within a second."""
LOCK_WAIT_S = 1.5
"""How long a request waits for SQLite's lock: a page answers within two seconds."""
TEXT_LETTERS = 20


class Fault(StrEnum):
    """Why the database refused."""

    AWAY = "away"
    LOCKED = "locked"
    FULL = "full"
    READ_ONLY = "read-only"


_SQLITE_FAULTS = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.AWAY,
    sqlite3.SQLITE_IOERR: Fault.AWAY,
    sqlite3.SQLITE_CANTOPEN: Fault.AWAY,
    sqlite3.SQLITE_CORRUPT: Fault.AWAY,
}
_OF_A_REPLICA = "25006"
_SQLSTATE_FAULTS = {
    "08": Fault.AWAY,  # connection
    "57P": Fault.AWAY,  # shutting down, starting up
    "53300": Fault.AWAY,  # too many connections
    "28": Fault.AWAY,  # the password was changed
    "3D": Fault.AWAY,  # the database is not there
    "58": Fault.AWAY,  # the server cannot read its files
    _OF_A_REPLICA: Fault.AWAY,  # the primary has become a replica: another one is about to take its place
    "53100": Fault.FULL,
    "55P03": Fault.LOCKED,
    "57014": Fault.LOCKED,  # ended by statement_timeout
    "40": Fault.LOCKED,  # a deadlock: sent again, it goes through
}
"""Beginnings of PostgreSQL's codes: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
_SECRET = ("password", "contrasena", "otp", "recovery", "credential", "secret")
_OF_SIGN_IN = "sign_in-"
"""The fields of a sign-in above a form that was carried along (studies.admin.shared.sessions)."""


def fail_fast() -> None:
    """Let the requests of this process wait for the database no longer than they may. Called before the first one."""
    breaker.is_on = True
    for connection in connections.all():
        options = connection.settings_dict.setdefault("OPTIONS", {})
        if isinstance(options.get("pool"), dict):
            # Imported here: an installation on SQLite needs no driver of PostgreSQL.
            from evidencebank.postgresql.patience import BoundedConnection

            options["pool"] |= {"timeout": POOL_WAIT_S, "connection_class": BoundedConnection}
            # What was asked at the start has opened a pool that waits for long.
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]
        elif connection.vendor == "sqlite":
            options["timeout"] = LOCK_WAIT_S


def find_fault(error: BaseException | None) -> Fault | None:
    """Return what is the matter with the database if that is why `error` was raised, else None: a bug."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Fault.FULL
        if isinstance(error, (DatabaseError, InterfaceError)) and (fault := _fault_of(error)):
            return fault
        error = error.__cause__ or error.__context__
    return None


def unavailable(request: HttpRequest, fault: Fault, stylesheets: list[str]) -> HttpResponse:
    """Answer 503 with a page that touches no database. A form's fields are in it, to be sent again; no password is."""
    language = get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    typed, had_files = _typed_values(request)
    with override(language):
        context: dict[str, Any] = {
            "language": language,
            "home_url": "/en/" if language == "en" else "/",
            "contact_email": settings.CONTACT_EMAIL,
            "stylesheets": stylesheets,
            "sentence": _sentence(fault),
            "is_form": request.method == "POST",
            "typed": typed,
            "had_files": had_files,
            "address": escape_leading_slashes(request.get_full_path()),
            "primary_address": _primary_address(request) if fault is Fault.READ_ONLY else "",
            # Fields of a long form are hundreds: what somebody wrote is a sentence.
            "texts": [value for _name, value in typed if len(value) > TEXT_LETTERS and " " in value],
        }
        page = render_to_string("errors/unavailable.html", context)
    response = HttpResponse(page, status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _sentence(fault: Fault) -> str:
    return {
        Fault.AWAY: _("El banco no alcanza su base de datos. Espere un minuto e inténtelo otra vez."),
        Fault.LOCKED: _(
            "El banco está guardando otra cosa y no terminó a tiempo. Espere un minuto e inténtelo otra vez."
        ),
        Fault.READ_ONLY: _("Este servidor solo muestra el banco y no guarda nada: eso lo hace el sitio principal."),
        Fault.FULL: _("Al servidor del banco no le queda espacio para guardar. Avise a quien lo administra."),
    }[fault]


def _primary_address(request: HttpRequest) -> str:
    """Return this page's address on a host that writes; "" if it is this very one, where the next try may reach it."""
    is_same = urlsplit(settings.PRIMARY_URL).netloc == request.get_host()
    return "" if is_same else settings.PRIMARY_URL + request.get_full_path()


def _fault_of(error: DatabaseError | InterfaceError) -> Fault | None:
    """Return the fault by the driver's code, which it keeps in the cause. A missing table or a bad query is a bug."""
    driver = error.__cause__
    if (code := getattr(driver, "sqlite_errorcode", None)) is not None:
        return _SQLITE_FAULTS.get(code & 0xFF)
    if (state := getattr(driver, "sqlstate", None)) is not None:
        if state == _OF_A_REPLICA and settings.READ_ONLY:
            return Fault.READ_ONLY
        return next((fault for begin, fault in _SQLSTATE_FAULTS.items() if state.startswith(begin)), None)
    # A PostgreSQL that cannot be reached tells no code, nor does a connection that was lost.
    is_of_connection = isinstance(error, (OperationalError, InterfaceError))
    return Fault.AWAY if is_of_connection and driver and not isinstance(driver, sqlite3.Error) else None


def _typed_values(request: HttpRequest) -> tuple[list[tuple[str, str]], bool]:
    """Return the fields of the form that was sent, and whether files were. No fields if one of them is a secret.

    None either of a form that another site sent: "send again" would send it as the bank's own.
    """
    if request.method != "POST" or not _is_own_form(request):
        return [], False
    try:
        lists, had_files = list(request.POST.lists()), bool(request.FILES)
    except (BadRequest, SuspiciousOperation, UnreadablePostError, OSError, ValueError):
        return [], False
    own = [(name, values) for name, values in lists if not name.startswith(_OF_SIGN_IN)]
    if any(secret in name.lower() for name, _values in own for secret in _SECRET):
        return [], had_files
    return [(name, value) for name, values in own for value in values], had_files


def _is_own_form(request: HttpRequest) -> bool:
    try:
        return is_same_origin(request)
    except SuspiciousOperation:  # a foreign Host
        return False
