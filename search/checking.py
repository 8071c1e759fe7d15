"""Compares the whole bank with its rules and its index, study by study: what no counter tells (I2).

It reads every published record: seconds for thousands of studies.
"""

from __future__ import annotations

from search import indexing
from search.engines import IndexMissing
from studies import bank, curation
from studies.exchange import to_record
from studies.models import Study
from studies.records import fingerprint


def record_problems() -> list[str]:
    """Return a line for each breach of R2 among published studies."""
    with bank.remembering():
        return [
            f"{study.slug}: {problem.field}: {problem.code}"
            for study in Study.objects.for_export().iterator(chunk_size=500)
            for problem in curation.problems(study)
        ]


def index_problems() -> list[str]:
    """Return a line for each study in which index and database differ."""
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
