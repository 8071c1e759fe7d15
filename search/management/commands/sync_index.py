"""Bring the search index to the database's change number (I2)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import indexing
from search.engines import IndexMissing


class Command(BaseCommand):
    help = "Bring the search index to the database's change number."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = indexing.catch_up()
        except IndexMissing:
            raise CommandError("There is no index to read: run rebuild_index.") from None
        if not done:
            raise CommandError("Another process is writing the index; it will be in step when that one ends.")
        health = indexing.health()
        self.stdout.write(f"index {health.state}: {health.studies} studies at change {health.wanted.change_no}")
