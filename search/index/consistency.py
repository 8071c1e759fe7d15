"""Compares the whole bank with its rules and its index, study by study: a change number cannot tell this (I2).

It reads every published record: about a second for a thousand studies.
"""

from __future__ import annotations

from search.contract import IndexMissing
from search.index import indexing
from studies.curation import stages
from studies.models import Study
from studies.records.study import fingerprint
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import to_record


def problems() -> list[str]:
    """Return a line for each breach of R2 among published studies, and for each in which the index differs."""
    breaches, fingerprints = _read_database()
    return breaches + _differences_of_index(fingerprints)


def _read_database() -> tuple[list[str], dict[int, str]]:
    """Return the breaches of R2, and the fingerprint of every published record by the key of its study."""
    breaches: list[str] = []
    wanted: dict[int, str] = {}
    with bank_state.cached_counter():
        vocabulary = vocabularies.current()
        for study in Study.objects.for_export().iterator(chunk_size=500):
            record = to_record(study, vocabulary)
            wanted[study.pk] = fingerprint(record)
            found = stages.find_problems_without_doi(record)
            breaches += [f"{study.slug}: {problem.field}: {problem.code}" for problem in found]
    return breaches, wanted


def _differences_of_index(wanted: dict[int, str]) -> list[str]:
    try:
        indexed = indexing.engine().fingerprints()
    except IndexMissing:
        return ["index: missing; run rebuild_index"]
    health = indexing.health()
    found = [] if health.state == "ready" else [f"index: {health.state}; run sync_index"]
    found += [f"index: lacks study {key}" for key in sorted(wanted.keys() - indexed.keys())]
    found += [f"index: holds study {key}, which is not published" for key in sorted(indexed.keys() - wanted.keys())]
    stale = [key for key in sorted(wanted.keys() & indexed.keys()) if wanted[key] != indexed[key]]
    return found + [f"index: study {key} is not as in the database" for key in stale]
