"""The input of syntheses and answers: studies, which of their claims count, and the address of lists behind numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property

from search.criteria.evidence_address import TablePlace, evidence_list_url
from search.web.evidence import kept
from search.web.evidence.kept import Value
from studies.store import evidence_snapshot
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import Evidence, Scope, StudyEvidence
from studies.synthesis.forest import Forest, build_forests
from studies.synthesis.tables import Tally, tally_by_dimension


@dataclass(frozen=True)
class Basis:
    """The input of a synthesis. `query` is the query string of the criteria, or picks, that define the studies.

    `is_chosen_by_context`: the criteria name a factor or a source of data and no intervention, so that a reader could
    take what evaluations found for an effect of the factor, or of the service that keeps the records.
    """

    studies: list[StudyEvidence]
    evidence: Evidence
    scope: Scope
    query: str
    vocabulary: Vocabularies
    language: str
    is_chosen_by_effect: bool = False
    is_chosen_by_context: bool = False

    def address(self, place: TablePlace) -> str:
        """Return the address of the list behind a place of this synthesis."""
        return evidence_list_url(self.query, place)

    def outcomes(self) -> dict[str, Tally]:
        """Return the tallies of the claims by code of outcome."""
        return tally_by_dimension("outcome", self.studies, self.evidence, self.scope)

    def outcome_codes(self) -> tuple[str, ...]:
        """Return the codes of all outcomes, in the order of the vocabulary."""
        return tuple(term.code for term in self.vocabulary.terms("outcomes"))

    def forests(self) -> tuple[Forest, ...]:
        """Return the estimates that may be compared, a forest for each measure and unit; only those with intervals."""
        return tuple(forest for forest in self._forests if forest.has_intervals)

    def all_forests(self) -> tuple[Forest, ...]:
        """Return the forests, those without any interval too."""
        return self._forests

    def keep(self, name: Hashable, make: Callable[[], Value]) -> Value:
        """Return what `make` works out of this basis, kept as long as none of its studies changes (`kept.keep`)."""
        return kept.keep(self.evidence, (name, self._identity), self._keys, make)

    @cached_property
    def _identity(self) -> Hashable:
        """What else than the evidence it consists of. Of the studies only the ids: the evidence has the rest."""
        scope = frozenset(self.scope.interventions), frozenset(self.scope.outcomes)
        chosen = self.query, self.is_chosen_by_effect, self.is_chosen_by_context
        return scope, chosen, self.language, self.vocabulary, self._keys

    @cached_property
    def _keys(self) -> tuple[int, ...]:
        return tuple(study.key for study in self.studies)

    @cached_property
    def _forests(self) -> tuple[Forest, ...]:
        # A page asks several times: for its summary of findings and for its plots.
        measures = evidence_snapshot.read_measures(self.vocabulary)
        return self.keep(
            "forests",
            lambda: build_forests(self.studies, self.evidence, measures, self.outcome_codes(), self.scope),
        )
