"""The audit page: sign-ins, accounts and roles, moves of records, settings; for superusers only.

Sign-ins, roles and moves are read from the tables that have them. `AuditEvent` has the rest, for KEPT_FOR.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from accounts import security_log, sessions
from accounts.models import SignIn
from evidencebank.models import AuditEvent
from studies.models import Revision

logger = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=365)
SHOWN = 200
SETTINGS_EVENT = "settings changed"
IN_OTHER_PLACES = frozenset({"sign-in", "sign-in refused"})
"""Sign-ins have a table of their own. Of refusals a stranger can cause any number: only the log has them."""
EVENTS = {
    "sign-in failed": "contraseña equivocada al entrar",
    "sign-out": "salió",
    "session ended": "la sesión terminó por el tiempo",
    "sessions ended by their owner": "terminó sus otras sesiones",
    "sessions ended by command": "un comando en el servidor terminó sus sesiones",
    "password changed": "cambió su contraseña",
    "password change refused": "no se aceptó el cambio de contraseña",
    "second step refused": "no se aceptó el segundo paso",
    "password chosen by link": "eligió una contraseña con un enlace",
    "password accepted": "contraseña correcta; falta el segundo paso",
    "second step failed": "código equivocado en el segundo paso",
    "second factor added": "agregó un segundo paso",
    "second factor removed": "quitó un segundo paso",
    "second factor reset": "otra persona quitó su segundo paso",
    "recovery codes replaced": "pidió códigos de recuperación nuevos",
    "rows of import taken": "descargó las filas con error de una importación",
    "job asked for": "pidió un trabajo",
    "job retried": "reintentó un trabajo",
    "job ended": "terminó un trabajo",
    SETTINGS_EVENT: "cambiaron ajustes de la instalación",
}


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the page. `detail` may be ""."""

    at: datetime
    person: str
    address: str
    what: str
    detail: str


def connect() -> None:
    security_log.noted.connect(_note, dispatch_uid="evidencebank.audit")


@require_safe
def audit_page(request: HttpRequest) -> HttpResponse:
    """Show the newest events of one kind, or of all: at most seven queries."""
    user = request.user
    if not (user.is_authenticated and user.is_active and user.is_superuser):
        raise PermissionDenied
    kind = request.GET.get("kind", "")
    chosen = [KINDS[kind]] if kind in KINDS else list(KINDS.values())
    lines = sorted((line for _label, read in chosen for line in read()), key=lambda line: line.at, reverse=True)
    context = {
        **admin.site.each_context(request),
        "title": "Registro de sucesos",
        "kinds": [(name, label) for name, (label, _read) in KINDS.items()],
        "kind": kind if kind in KINDS else "",
        "lines": lines[:SHOWN],
        "shown": SHOWN,
        "kept_days": KEPT_FOR.days,
        "sign_ins_kept_days": sessions.KEPT_FOR.days,
    }
    return TemplateResponse(request, "admin/audit.html", context)


def note_settings(names: Iterable[str]) -> tuple[str, ...]:
    """Note which settings differ from those of the last start, by name and never by value. Return the names.

    The values are kept as keyed hashes, so that a change is seen and nothing can be read.
    """
    hashes = {name: salted_hmac("audit.settings", os.environ.get(name, "")).hexdigest()[:16] for name in names}
    last = AuditEvent.objects.filter(event=SETTINGS_EVENT).order_by("-at", "-pk").first()
    before: Mapping[str, str] = last.told.get("hashes", {}) if last else {}
    if before == hashes:
        return ()
    changed = tuple(sorted(name for name in {*before, *hashes} if before.get(name) != hashes.get(name))) if last else ()
    AuditEvent.objects.create(event=SETTINGS_EVENT, told={"changed": changed, "hashes": hashes})
    return changed


def _note(sender: Any, event: str, fields: Mapping[str, Any], **kwargs: Any) -> None:
    """Write an event of the security log. What cannot be written must not keep anybody from signing in or out."""
    if event in IN_OTHER_PLACES:
        return
    told = {name: str(value) for name, value in fields.items() if name not in ("name", "address")}
    try:
        with transaction.atomic():
            AuditEvent.objects.create(
                event=event[:60], person=str(fields.get("name", ""))[:150], address=fields.get("address", ""), told=told
            )
            AuditEvent.objects.filter(at__lt=timezone.now() - KEPT_FOR).exclude(event=SETTINGS_EVENT).delete()
    except DatabaseError:
        logger.exception("An event of the security log is not in the audit table: %s", event)


def _read_sign_ins() -> list[AuditLine]:
    rows = SignIn.objects.select_related("user").order_by("-at")[:SHOWN]
    return [AuditLine(row.at, row.user.get_username(), row.address, "entró", row.browser) for row in rows]


def _read_events() -> list[AuditLine]:
    rows = AuditEvent.objects.exclude(event=SETTINGS_EVENT).order_by("-at")[:SHOWN]
    return [AuditLine(row.at, row.person, row.address, EVENTS.get(row.event, row.event), _detail(row)) for row in rows]


def _detail(row: AuditEvent) -> str:
    return f"importación {row.told['import']}" if "import" in row.told else row.told.get("job", "")


def _read_settings() -> list[AuditLine]:
    rows = AuditEvent.objects.filter(event=SETTINGS_EVENT).order_by("-at")[:SHOWN]
    return [
        AuditLine(row.at, "", "", EVENTS[SETTINGS_EVENT], ", ".join(row.told["changed"]))
        for row in rows
        if row.told.get("changed")
    ]


def _read_accounts() -> list[AuditLine]:
    kinds = [ContentType.objects.get_for_model(model) for model in (User, Group)]
    rows = (
        LogEntry.objects.filter(content_type__in=kinds).select_related("user", "content_type").order_by("-action_time")
    )
    return [
        AuditLine(
            row.action_time, row.user.get_username(), "", f"{_kind(row)} {row.object_repr}", row.get_change_message()
        )
        for row in rows[:SHOWN]
    ]


def _kind(row: LogEntry) -> str:
    return "cuenta" if row.content_type and row.content_type.model == "user" else "rol"


def _read_moves() -> list[AuditLine]:
    """Read who changed the stage of a record, and who published what somebody else had written."""
    rows = (
        Revision.objects.filter(is_content=False, by__isnull=False)
        .select_related("study", "by", "reviewed_by")
        .order_by("-at")
    )
    return [
        AuditLine(
            row.at,
            who.get_username() if (who := row.reviewed_by or row.by) else "",
            "",
            f"{row.study} → {row.get_stage_display()}",
            row.note,
        )
        for row in rows.defer("record")[:SHOWN]
    ]


_Read = Callable[[], list[AuditLine]]
KINDS: Mapping[str, tuple[str, _Read]] = {
    "sign-ins": ("Entradas", _read_sign_ins),
    "security": ("Fallos, salidas, contraseñas, segundo paso, trabajos y descargas", _read_events),
    "accounts": ("Cuentas y roles", _read_accounts),
    "moves": ("Cambios de etapa", _read_moves),
    "settings": ("Ajustes", _read_settings),
}
