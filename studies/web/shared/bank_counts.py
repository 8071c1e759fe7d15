"""Counts of published studies and evaluations, for the first page, the pages of themes and every footer.

Counted once per version of the bank; each function says what it costs when it counts anew.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from django.core.cache import cache

from studies.models import BankCounter
from studies.store import bank_state, evidence_snapshot
from studies.synthesis.evidence import Evidence, Scope, StudyEvidence, group_by_code
from studies.synthesis.tables import tally_claims
from studies.web.shared import queries

PERU = "PE"
_CACHE_TIMEOUT_S = 24 * 60 * 60
_counting = threading.Lock()
_last: dict[str, StudyCounts] = {}
"""The figures of the evidence that was asked for last; another version of the bank is another object."""


@dataclass(frozen=True, slots=True)
class BankVersion:
    """The version of the bank, and how many studies it shows."""

    change_no: int
    changed_at: datetime.datetime
    studies: int


class StudyCounts:
    """Counts over some of the published studies, each worked out at its first question.

    `evaluations` are those of the interventions in `scope`, of all where it is empty: the rule is that of
    `studies.synthesis.evaluations`.
    """

    def __init__(self, members: Sequence[StudyEvidence], evidence: Evidence, scope: Scope | None = None) -> None:
        self._members = members
        self.evidence = evidence
        self._scope = scope or Scope()
        self._parts: dict[object, StudyCounts] = {}

    @property
    def studies(self) -> int:
        return len(self._members)

    @cached_property
    def evaluations(self) -> int:
        return tally_claims(self._members, self.evidence, self._scope).evaluations

    @property
    def peru(self) -> int:
        return self.in_countries(frozenset({PERU})).studies

    @cached_property
    def countries(self) -> frozenset[str]:
        return frozenset(code for study in self._members for code in study.countries)

    def of_theme(self, code: str) -> StudyCounts:
        return self._part(("theme", code), lambda: self._by_theme.get(code, ()))

    def of_intervention(self, code: str) -> StudyCounts:
        """Return the studies of an intervention in any role, and the evaluations that test it."""
        scope = Scope(frozenset({code}))
        return self._part(("intervention", code), lambda: self._by_intervention.get(code, ()), scope)

    def without_intervention(self) -> StudyCounts:
        return self._select("no intervention", lambda study: not study.interventions)

    def in_countries(self, codes: AbstractSet[str]) -> StudyCounts:
        return self._select(frozenset(codes), lambda study: not codes.isdisjoint(study.countries))

    def without_country(self) -> StudyCounts:
        return self._select("no country", lambda study: not study.countries)

    @cached_property
    def _by_theme(self) -> Mapping[str, Sequence[StudyEvidence]]:
        return group_by_code(self._members, lambda study: study.themes)

    @cached_property
    def _by_intervention(self) -> Mapping[str, Sequence[StudyEvidence]]:
        return group_by_code(self._members, lambda study: study.interventions)

    def _select(self, name: object, holds: Callable[[StudyEvidence], bool]) -> StudyCounts:
        return self._part(name, lambda: tuple(filter(holds, self._members)))

    def _part(
        self, name: object, members: Callable[[], Sequence[StudyEvidence]], scope: Scope | None = None
    ) -> StudyCounts:
        if name not in self._parts:
            self._parts[name] = StudyCounts(members(), self.evidence, scope or self._scope)
        return self._parts[name]


def bank_version() -> BankVersion:
    """Return the version of the bank: one query for the counter, one for the studies when it changed."""
    counter = bank_state.current()
    studies = cache.get_or_set(f"studies:{_version_key(counter)}", queries.count_published, _CACHE_TIMEOUT_S)
    return BankVersion(counter.change_no, counter.changed_at, studies or 0)


def study_counts() -> StudyCounts:
    """Return the counts of now: no query while nothing changed, else those of `evidence_snapshot.current`."""
    evidence = evidence_snapshot.current()
    with _counting:
        held = _last.get("counts")
        if held is None or held.evidence is not evidence:
            held = _last["counts"] = StudyCounts(tuple(evidence.studies.values()), evidence)
        return held


def _version_key(counter: BankCounter) -> str:
    # With the time: a restored database can come to the same number with other studies.
    return f"{counter.bank_id}:{counter.change_no}:{counter.changed_at.timestamp()}"
