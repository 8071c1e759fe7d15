"""`manage.py restore FILE`: puts the bank of a backup in the place of the one that is there, which it sets aside."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evidencebank.backup import BackupError, restoring
from evidencebank.backup.archive import Manifest

CONFIRMATION = "restore"


class Command(BaseCommand):
    help = "Checks a backup and puts it in the place of database and open data; what was there is set aside."
    # The database may be gone or damaged.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--identity", type=Path, help="the file with the private key of age, for an encrypted backup"
        )
        parser.add_argument("--check", action="store_true", help="only check the file, and change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--replace-another-bank", action="store_true", help="also where the bank that is there is not the same one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with restoring.open_backup(options["file"], options["identity"]) as backup:
                said = backup.manifest
                self.stdout.write(
                    f"{options['file']}: whole; bank {said.bank_id}, version {said.change_no}, made {said.made_at}, "
                    f"{sum(said.rows.values())} rows, {len(said.files)} files"
                )
                if options["check"]:
                    return
                with restoring.alone():
                    self._refuse_another_bank(said, options["replace_another_bank"])
                    if not options["yes"] and not self._is_confirmed():
                        raise CommandError("nothing was changed")
                    restored = restoring.restore(backup)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        for place in restored.kept:
            self.stdout.write(f"what was there before: {place}")
        self.stdout.write("restored, and its rows counted")
        if restored.is_older:
            self.stdout.write("the backup is of an older version: run manage.py set_up before the bank starts")

    def _refuse_another_bank(self, said: Manifest, is_meant: bool) -> None:
        present = restoring.read_present()
        if present is None:
            self.stdout.write("there is no bank that can be read in the database")
            return
        self.stdout.write(f"in the database: bank {present.bank_id}, version {present.change_no}")
        if str(present.bank_id) != said.bank_id and not is_meant:
            raise CommandError(
                "the bank in the database is another one than that of the backup; nothing was changed. "
                "To put the backup in its place all the same, add --replace-another-bank"
            )

    def _is_confirmed(self) -> bool:
        self.stdout.write("This takes the bank that is there out of use; it is set aside, not deleted.")
        try:
            return input(f"Type {CONFIRMATION} to go on: ").strip() == CONFIRMATION
        except EOFError:
            return False
