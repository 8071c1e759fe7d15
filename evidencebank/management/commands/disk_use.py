"""`manage.py disk_use`: what the bank takes on disk today, and by arithmetic in five years."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from evidencebank.backup.making import EDITIONS
from studies.models import Revision, Study

YEARS = (0, 1, 2, 3, 4, 5)


class Command(BaseCommand):
    help = "Measures database, index and open data, and estimates them for five years; free space is not looked at."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--studies-a-year", type=int, default=500, help="how many studies are added (500)")
        parser.add_argument("--saves-a-study", type=int, default=6, help="revisions of each in its first year (6)")
        parser.add_argument("--backups", type=int, default=30, help="how many backups are kept on this disk (30)")

    def handle(self, *args: Any, **options: Any) -> None:
        studies, revisions = Study.objects.count(), Revision.objects.count()
        database, index = _database_bytes(), _folder_bytes([Path(settings.INDEX_DIR)])
        editions = [path for path in (settings.VAR_DIR / EDITIONS).glob("????-??-??") if path.is_dir()]
        edition = _folder_bytes(editions[-1:]) or database // 3
        if not studies:
            self.stdout.write("there are no studies yet to measure")
            return
        revision = 3_000  # bytes: measured at 20,000 studies
        record = max(0, database - revision * revisions) / studies
        self.stdout.write(
            f"{studies} studies, {revisions} revisions; a study {record / 1e3:.0f} kB in the database and"
        )
        self.stdout.write(f"{index / studies / 1e3:.0f} kB in the index, a revision {revision / 1e3:.0f} kB. In MB:")
        self.stdout.write("year  studies  database  index  open data  backups  in all")
        for year in YEARS:
            more = options["studies_a_year"] * year
            grown = (studies + more) / studies
            bank = (record * (studies + more) + revision * (revisions + more * options["saves_a_study"])) / 1e6
            # While an index is built anew, the old one is there too.
            listed = 2 * index * grown / 1e6
            published = settings.KEEP_EDITIONS * edition * grown / 1e6
            kept = options["backups"] * (bank + published)
            total = bank + listed + published + kept
            self.stdout.write(
                f"{year:4}  {studies + more:7}  {bank:8.0f}  {listed:5.0f}  {published:9.0f}  {kept:7.0f}  {total:6.0f}"
            )


def _database_bytes() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    return Path(settings.DATABASES["default"]["NAME"]).stat().st_size


def _folder_bytes(folders: Iterable[Path]) -> int:
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
