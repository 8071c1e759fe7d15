"""Removes what the bank keeps no longer, as the page of privacy promises.

Called by the worker every night, and by `manage.py housekeeping`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from accounts import limits as sign_in_limits
from accounts import sessions
from evidencebank.backup import postgres
from evidencebank.backup.restoring import ASIDE
from jobs import queue
from search import rate_limits
from search.lists import reports

LEFT_OVER = ("backup-", "restore-")
"""The beginnings of folders in var/ that a backup or a restore works in, and leaves behind when it is killed."""
_LEFT_OVER_AFTER = timedelta(days=1)


def clean_up() -> list[tuple[str, int]]:
    """Remove what is past its time. Return what was looked for, with how many were removed."""
    return [
        ("expired sessions", Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]),
        ("failed sign-ins", sign_in_limits.forget_old_failures()),
        ("sign-ins", sessions.forget_old_sign_ins()),
        ("counts of limits", rate_limits.forget_old_counts()),
        ("settled reports", reports.forget_settled_reports(timedelta(days=settings.KEEP_REPORTS_DAYS))),
        ("finished jobs", queue.forget_old(timedelta(days=settings.KEEP_JOBS_DAYS))),
        ("what restores set aside", _forget_aside(timedelta(days=settings.KEEP_ASIDE_DAYS))),
        ("unfinished backups", _remove_folders(LEFT_OVER, _LEFT_OVER_AFTER)),
    ]


def update_statistics() -> None:
    """Tell the database how its tables look by now: after large loads it would choose slow ways without it."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")


def _forget_aside(kept_for: timedelta) -> int:
    number = _remove_folders((ASIDE,), kept_for)
    if connection.vendor == "postgresql":
        number += postgres.forget_aside(datetime.now() - kept_for)  # noqa: DTZ005  # names have the host's own time
    return number


def _remove_folders(beginnings: tuple[str, ...], kept_for: timedelta) -> int:
    old = list(_find_old(beginnings, kept_for))
    for folder in old:
        shutil.rmtree(folder)
    return len(old)


def _find_old(beginnings: tuple[str, ...], kept_for: timedelta) -> Iterator[Path]:
    oldest = timezone.now() - kept_for
    for path in settings.VAR_DIR.iterdir():
        if path.name.startswith(beginnings) and path.is_dir() and path.stat().st_mtime < oldest.timestamp():
            yield path
