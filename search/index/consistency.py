"""Checks every published study against the rules and against the index (I2), which change numbers cannot do.

It reads every published record: about a second for a thousand studies. `check_bank` and the bank's health
page call it.
"""

from __future__ import annotations

from search.contract import IndexMissing
from search.index import indexing
from studies.curation import stages
from studies.models import Study
from studies.records.study import fingerprint
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import to_record


def find_inconsistencies() -> list[str]:
    """Return a line for each published study that breaks R2, and for each in which the index differs."""
    breaches, fingerprints = _read_database()
    return breaches + _compare_index(fingerprints)


def _read_database() -> tuple[list[str], dict[int, str]]:
    """Return lines on breaches of R2, and the fingerprint of every published record by the key of its study."""
    breaches: list[str] = []
    wanted: dict[int, str] = {}
    with bank_state.cached_counter():
        vocabulary = vocabularies.current()
        for study in Study.objects.published().for_record().iterator(chunk_size=500):
            record = to_record(study, vocabulary)
            wanted[study.pk] = fingerprint(record)
            found = stages.find_problems_without_doi(record)
            breaches += [f"{study.slug}: {problem.field}: {problem.code}" for problem in found]
    return breaches, wanted


def _compare_index(wanted: dict[int, str]) -> list[str]:
    try:
        indexed = indexing.get_engine().fingerprints()
    except IndexMissing:
        return ["index: missing; run rebuild_index"]
    health = indexing.check_health()
    found = [] if health.state == "ready" else [f"index: {health.state}; run sync_index"]
    found += [f"index: lacks study {key}" for key in sorted(wanted.keys() - indexed.keys())]
    found += [f"index: holds study {key}, which is not published" for key in sorted(indexed.keys() - wanted.keys())]
    stale = [key for key in sorted(wanted.keys() & indexed.keys()) if wanted[key] != indexed[key]]
    return found + [f"index: study {key} is not as in the database" for key in stale]
