"""Tell the health of data and index; exit code 1 on a problem."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from search import indexing
from search.engines import IndexMissing
from studies import bank, curation, duplicates
from studies.exchange import to_record
from studies.matching import Kind
from studies.models import Study
from studies.records import fingerprint


class Command(BaseCommand):
    help = "Check that published studies are publishable and that the index holds exactly them, as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_duplicates())
        found = [*_record_problems(), *_index_problems()]
        for problem in found:
            self.stdout.write(self.style.ERROR(problem))
        if found:
            raise CommandError(f"{len(found)} problems")
        self.stdout.write(self.style.SUCCESS(f"{Study.objects.published().count()} studies, no problem"))


def _duplicates() -> str:
    """Tell how many pairs of studies wait for a decision. They are no problem of the bank: a person has to look."""
    with bank.remembering():
        kinds = Counter(pair.kind for pair in duplicates.open_pairs())
    return (
        f"{kinds[Kind.DUPLICATE]} possible duplicates, {kinds[Kind.SAME_WORK]} versions of one work to decide; "
        f"see {reverse('admin:studies_study_duplicates')}"
    )


def _record_problems() -> list[str]:
    with bank.remembering():
        return [
            f"{study.slug}: {problem.field}: {problem.code}"
            for study in Study.objects.for_export().iterator(chunk_size=500)
            for problem in curation.problems(study)
        ]


def _index_problems() -> list[str]:
    try:
        held = indexing.engine().fingerprints()
    except IndexMissing:
        return ["index: missing; run rebuild_index"]
    with bank.remembering():
        studies = Study.objects.for_export().iterator(chunk_size=500)
        wanted = {study.pk: fingerprint(to_record(study)) for study in studies}
    health = indexing.health()
    problems = [] if health.state == "ready" else [f"index: {health.state}; run sync_index"]
    problems += [f"index: lacks study {key}" for key in sorted(wanted.keys() - held.keys())]
    problems += [f"index: holds study {key}, which is not published" for key in sorted(held.keys() - wanted.keys())]
    stale = [key for key in sorted(wanted.keys() & held.keys()) if wanted[key] != held[key]]
    return problems + [f"index: study {key} is not as in the database" for key in stale]
