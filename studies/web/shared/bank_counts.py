"""Counts of published studies and evaluations, for the first page, the pages of themes and every footer.

They are counted once for each version of the bank and cached; each function states its queries when it counts anew.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.core.cache import cache

from studies.models import BankCounter
from studies.records.study import EvaluationRecord
from studies.store import bank_state, vocabularies
from studies.synthesis.evaluations import list_evaluations
from studies.web.shared import queries

PERU = "PE"
_CACHE_TIMEOUT_S = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class BankVersion:
    """The version of the bank, and how many studies it shows."""

    change_no: int
    changed_at: datetime.datetime
    studies: int


@dataclass(frozen=True, slots=True)
class CountedStudy:
    """The codes of a published study by which it is counted."""

    id: str
    status: str | None
    themes: tuple[str, ...]
    interventions: tuple[str, ...]
    designs: tuple[str, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyCounts:
    """Counts over published studies."""

    counted: tuple[CountedStudy, ...]
    evaluation_of: Mapping[str, str]
    """Ids of evaluations by id of study. An evaluation counts wherever one of its studies does."""

    @property
    def studies(self) -> int:
        return len(self.counted)

    @property
    def evaluations(self) -> int:
        return len({self.evaluation_of[study.id] for study in self.counted if study.id in self.evaluation_of})

    @property
    def peru(self) -> int:
        return self.in_countries(frozenset({PERU})).studies

    @property
    def countries(self) -> frozenset[str]:
        return frozenset(code for study in self.counted for code in study.countries)

    def of_theme(self, code: str) -> StudyCounts:
        return self._where(lambda study: code in study.themes)

    def of_intervention(self, code: str) -> StudyCounts:
        return self._where(lambda study: code in study.interventions)

    def without_intervention(self) -> StudyCounts:
        return self._where(lambda study: not study.interventions)

    def in_countries(self, codes: AbstractSet[str]) -> StudyCounts:
        return self._where(lambda study: not codes.isdisjoint(study.countries))

    def without_country(self) -> StudyCounts:
        return self._where(lambda study: not study.countries)

    def _where(self, holds: Callable[[CountedStudy], bool]) -> StudyCounts:
        return StudyCounts(tuple(study for study in self.counted if holds(study)), self.evaluation_of)


def bank_version() -> BankVersion:
    """Return the version of the bank: one query for the counter, one for the studies when it changed."""
    counter = bank_state.current()
    studies = cache.get_or_set(f"studies:{_version_key(counter)}", queries.count_published, _CACHE_TIMEOUT_S)
    return BankVersion(counter.change_no, counter.changed_at, studies or 0)


def study_counts() -> StudyCounts:
    """Return the current counts: three queries after a change of the bank, whatever its size."""
    counter = bank_state.current()
    key = f"figures:{_version_key(counter)}:{counter.vocabulary_no}"
    found: StudyCounts | None = cache.get(key)
    if found is None:
        found = _count_studies()
        cache.set(key, found, _CACHE_TIMEOUT_S)
    return found


def _version_key(counter: BankCounter) -> str:
    # With the time: a restored database can come to the same number with other studies.
    return f"{counter.bank_id}:{counter.change_no}:{counter.changed_at.timestamp()}"


def _count_studies() -> StudyCounts:
    vocabulary = vocabularies.current()
    codes: defaultdict[int, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for study, term_id in queries.terms_of_published():
        term = vocabulary.by_id[term_id]
        codes[study][term.vocabulary].append(term.code)
    counted = tuple(
        CountedStudy(
            id=slug,
            status=vocabulary.by_id[status].code if status else None,
            themes=tuple(codes[study]["themes"]),
            interventions=tuple(codes[study]["interventions"]),
            designs=tuple(codes[study]["designs"]),
            countries=tuple(codes[study]["countries"]),
        )
        for study, slug, status in queries.published_statuses()
    )
    families = {term.code: term.parent or "" for term in vocabulary.terms("designs")}
    found = list_evaluations(counted, _trial_records(), families)
    return StudyCounts(counted, {study: evaluation.id for evaluation in found for study in evaluation.studies})


def _trial_records() -> list[EvaluationRecord]:
    members: defaultdict[str, list[str]] = defaultdict(list)
    for trial, study in queries.trials_of_published():
        members[trial].append(study)
    return [EvaluationRecord(trial, "trial", trial, trial, studies=tuple(own)) for trial, own in members.items()]
