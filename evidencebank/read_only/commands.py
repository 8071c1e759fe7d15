"""Which commands a read-only host runs. `manage.py` asks before Django is set up."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

READING_COMMANDS = frozenset(
    {
        *("set_up", "sync_index", "rebuild_index", "check_bank", "export_citations", "publish_data", "disk_use"),
        *("backup", "translations"),
        *("check", "collectstatic", "dbshell", "diffsettings", "help", "runserver", "shell", "showmigrations"),
        *("version", "--help", "--version", "-h"),
    }
)
"""What changes no table. Any other command is refused, also one that nobody thought of here."""


def check_command(arguments: Sequence[str]) -> None:
    """Raise ImproperlyConfigured if `arguments`, those of `manage.py`, name a command that writes on such a host."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command in READING_COMMANDS or not settings.READ_ONLY:
        return
    raise ImproperlyConfigured(
        f"this host only reads (READ_ONLY), and {command} may write: run it on a host that writes, as that of "
        f"{settings.PRIMARY_URL}"
    )
