"""`manage.py backup FILE`: writes the whole bank into one file while it runs, and checks it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from evidencebank.backup import BackupError, making


class Command(BaseCommand):
    help = "Writes database and editions of open data into one file, encrypted for BACKUP_RECIPIENTS, and checks it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="a file that is not there yet, or a folder, in which the day names it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if path.is_dir():
            path = path / f"bank-{timezone.localtime():%Y-%m-%d-%H%M%S}.backup"
        try:
            made = making.make(path.absolute(), settings.BACKUP_RECIPIENTS)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        said = made.manifest
        self.stdout.write(
            f"{made.path}: {made.size / 1e6:.1f} MB, {'encrypted' if made.is_encrypted else 'not encrypted'}; "
            f"{sum(said.rows.values())} rows of {len(said.rows)} tables, {len(said.files)} files, checked; "
            f"bank version {said.change_no}"
        )
