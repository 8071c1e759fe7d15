"""Finds the pairs of studies that may be one, for the list of duplicates in the workplace."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from studies.duplicates import finder
from studies.duplicates.matching.comparing import MatchKind


class Command(BaseCommand):
    help = (
        "Compare the studies of the bank with one another, or those that changed since the last time, and keep the "
        "pairs that may be one study. The worker does so where that takes long."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        kinds = Counter(pair.kind for pair in finder.find_pairs(self._tell))
        self.stdout.write(
            f"{kinds[MatchKind.DUPLICATE]} possible duplicates, {kinds[MatchKind.SAME_WORK]} versions of one work"
        )

    def _tell(self, done: int, total: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"{done} of {total}\r", ending="")
