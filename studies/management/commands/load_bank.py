"""Loads the fixtures into the bank (R9)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studies.curation.fixtures import CHANGED, CREATED, KEPT, UNCHANGED, LoadReport, load_fixtures
from studies.records.json_fields import RecordInvalid
from studies.store.exchange.errors import ExchangeError


class Command(BaseCommand):
    help = "Load the fixtures: create what is missing, update what nobody has edited, report the rest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, default=settings.BASE_DIR / "fixtures")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_fixtures(options["folder"])
        except (OSError, ValueError, RecordInvalid, ExchangeError) as error:
            raise CommandError(f"{options['folder']}: {error}") from error
        self._tell(report)

    def _tell(self, report: LoadReport) -> None:
        for kind, outcomes in report.outcomes.items():
            text = ", ".join(
                f"{outcomes[name]} {name}" for name in (CREATED, CHANGED, UNCHANGED, KEPT) if outcomes[name]
            )
            self.stdout.write(f"{kind}: {text}")
        for kind, name in report.kept:
            self.stdout.write(self.style.WARNING(f"kept as edited here: {kind} {name}"))
        for kind, name in report.retired:
            self.stdout.write(f"retired, as no longer in the fixtures and not used: {kind} {name}")
        for kind, name in report.gone:
            self.stdout.write(self.style.WARNING(f"no longer in the fixtures, left as it is: {kind} {name}"))
        for slug, other in report.without_doi:
            self.stdout.write(self.style.WARNING(f"without its DOI, which another study has: {slug}: {other}"))
        for slug, problem in report.unpublishable:
            self.stdout.write(self.style.WARNING(f"not publishable as it is: {slug}: {problem}"))
