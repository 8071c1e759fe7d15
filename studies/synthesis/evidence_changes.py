"""Which studies are no longer the same in a later version of the evidence. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from studies.synthesis.evidence import Evidence

Key = TypeVar("Key")


def find_affected(before: Evidence, after: Evidence) -> frozenset[int]:
    """Return the keys of the studies that are other ones in `after`, or belong to other works or to changed ones.

    Whatever rests on other studies alone is the same of both. Studies are compared by identity: one that was read again
    counts as changed.
    """
    versions = before, after
    touched = {study.id for key, study in before.studies.items() if after.studies.get(key) is not study}
    touched |= {study.id for key, study in after.studies.items() if key not in before.studies}
    touched |= _list_changed(before.works, after.works)
    touched |= {study for study, _trial in _list_changed(before.trial_works, after.trial_works)}
    works = _list_changed(before.data_sets, after.data_sets)
    for evidence in versions:
        own = (evidence.by_id[id_] for id_ in touched if id_ in evidence.by_id)
        works |= {work.id for study in own for work in evidence.iterate_works(study)}
    members = {id_ for evidence in versions for work in works for id_ in evidence.members.get(work, ())}
    return frozenset(
        evidence.by_id[id_].key for evidence in versions for id_ in touched | members if id_ in evidence.by_id
    )


def _list_changed(before: Mapping[Key, object], after: Mapping[Key, object]) -> set[Key]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
