"""Brings the search index to the database's change number (I2)."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.contract import IndexMissing
from search.index import indexing

_NICENESS = 10


class Command(BaseCommand):
    help = "Bring the search index to the database's change number."
    # A server starts it often, and the system checks would take longer than the work.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--background",
            action="store_true",
            help="as a server calls it: without a word, and building the index where there is none",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["background"]:
            _help_the_server()
            return
        try:
            done = indexing.catch_up()
        except IndexMissing:
            raise CommandError("There is no index to read: run rebuild_index.") from None
        if not done:
            raise CommandError("Another process is writing the index; it will be in step when that one ends.")
        indexing.tidy()
        health = indexing.check_health()
        self.stdout.write(f"index {health.state}: {health.studies} studies at change {health.wanted.change_no}")


def _help_the_server() -> None:
    """Update or build the index until it is up to date; stop if another process is writing it."""
    while indexing.rebuild_if_needed():
        if indexing.is_up_to_date():
            # Readers wait for everything before this, but not for merging: do it at a low priority.
            os.nice(_NICENESS)
            indexing.tidy()
            if indexing.is_up_to_date():
                return
