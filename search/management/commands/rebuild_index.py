"""Rebuilds the search index (I1)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.index import indexing


class Command(BaseCommand):
    help = "Build the search index anew beside the old one, and swap."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-needed", action="store_true", help="only catch up where there is an index to read")

    def handle(self, *args: Any, **options: Any) -> None:
        done = indexing.rebuild_if_needed() if options["if_needed"] else indexing.rebuild()
        if not done:
            raise CommandError("Another process is writing the index; it will be in step when that one ends.")
        indexing.tidy()
        health = indexing.check_health()
        self.stdout.write(f"index {health.state}: {health.studies} studies at change {health.wanted.change_no}")
