"""Imports a reference list from the command line, as the workplace does with an upload."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from studies.imports import batches, errors, writing
from studies.imports import report as imports_report
from studies.imports.formats.base import MOST_BYTES
from studies.imports.formats.errors import FileUnreadable
from studies.imports.formats.registry import FORMATS, check_size
from studies.models import ImportBatch
from studies.store import bank_state


class Command(BaseCommand):
    help = (
        "Import a reference list as drafts: what is new goes in, what the bank has already and what cannot be read "
        f"is reported. Formats: {', '.join(each.label for each in FORMATS.values())}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only tell what would be done")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--language", default="", choices=("es", "en", "pt"), help="of texts that tell none")

    def handle(self, *args: Any, **options: Any) -> None:
        # Notes of revisions are written in the bank's own language, whoever runs the command.
        with bank_state.cached_counter(), translation.override("es"):
            report = self._import(options["file"], options["language"], is_dry_run=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
        else:
            self._tell(report)

    def _import(self, file: Path, language: str, *, is_dry_run: bool) -> dict[str, Any]:
        try:
            check_size(file.stat().st_size)
            # A pipe or device has no size: one byte more than allowed shows that it is too large.
            with file.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
            batch = batches.open_batch(file.name, data, by=None, language=language)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except FileUnreadable as error:
            raise CommandError(f"{file}: {error.reason}") from error
        try:
            batches.read_all(batch)
            if not is_dry_run and batch.rows.filter(is_taken=True).exists():
                writing.write(batch, by=None)
            return imports_report.build_report(batch, is_dry_run=is_dry_run)
        except errors.ImportBatchError as error:
            raise CommandError(f"{file}: {error.message}") from error
        finally:
            # What was written before somebody stopped the command stays, and can be undone in the workplace.
            writing.stop(batch)
            if batch.state != ImportBatch.State.WRITTEN:
                writing.discard(batch)

    def _tell(self, report: dict[str, Any]) -> None:
        for note in report["notes"]:
            self.stdout.write(self.style.WARNING(note))
        for row in report["rows"]:
            if row["outcome"] != "new":
                which = row["study"] or (f"row {row['same_as_row']}" if row["same_as_row"] else row["field"] or "")
                text = ": ".join(part for part in (row["outcome"], which, row["reason"] or "") if part)
                self.stdout.write(f"row {row['row']}: {text}")
        self.stdout.write(", ".join(f"{count} {outcome}" for outcome, count in report["counts"].items()))
        if report["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
        else:
            self.stdout.write(f"{report['written']} written as drafts.")
