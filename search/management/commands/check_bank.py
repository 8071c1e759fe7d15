"""Checks the data and the index; exit code 1 if there is a problem."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from search.index import consistency
from studies.duplicates import decisions
from studies.duplicates.matching.comparing import MatchKind
from studies.health import conditions, remarks
from studies.models import Study
from studies.store import bank_state


class Command(BaseCommand):
    help = (
        "Check that published studies are publishable and that the index holds exactly them, as they are. "
        "Beside that, tell what wants somebody's hand; it makes no problem."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_duplicates())
        found = consistency.find_inconsistencies()
        for problem in found:
            self.stdout.write(self.style.ERROR(problem))
        self._tell_what_waits()
        if found:
            raise CommandError(f"{len(found)} problems")
        self.stdout.write(self.style.SUCCESS(f"{Study.objects.published().count()} studies, no problem"))

    def _tell_what_waits(self) -> None:
        for name, count in conditions.count_by_condition().items():
            if count:
                self.stdout.write(self.style.WARNING(f"{name}: {count}"))
        doubts = remarks.list_doubtful_numbers()
        for key, slug in Study.objects.filter(pk__in=doubts, stage__in=conditions.LIVE).values_list("pk", "slug"):
            for doubt in doubts[key]:
                self.stdout.write(f"  {slug}: {doubt.field}: {doubt.code}")


def _duplicates() -> str:
    """Return a line on pairs of studies that wait for a decision. A person has to look; they fail no check."""
    with bank_state.cached_counter():
        kinds = Counter(pair.kind for pair in decisions.list_open_pairs())
    return (
        f"{kinds[MatchKind.DUPLICATE]} possible duplicates, "
        f"{kinds[MatchKind.SAME_WORK]} versions of one work to decide; "
        f"see {reverse('admin:studies_study_duplicates')}"
    )
