"""`manage.py backup_drill`: proves that this bank's backups can be restored, without touching the bank."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from evidencebank.backup import BackupError, drill
from studies.models import BankCounter


class Command(BaseCommand):
    help = "Restores a new backup into a scratch bank, destroys that, restores it again, and compares row by row."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            drill.run(self.stdout.write)
        except (BackupError, DatabaseError, BankCounter.DoesNotExist, OSError) as error:
            raise CommandError(str(error)) from None
