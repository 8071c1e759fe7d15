"""The studies that a synthesis is made of: those of criteria, or those that somebody picked, as claims.

Evidence pages, maps and briefs start from it. What is concluded from the studies is in `studies.synthesis`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from search.contract import Filters
from search.criteria import codes
from search.criteria.criteria import Criteria
from search.services import public_search
from studies.models import Study
from studies.store import evidence_snapshot, vocabularies
from studies.synthesis.evidence import Evidence, Scope, StudyEvidence
from studies.synthesis.tables import ALL, UNCOUNTED, Tally, tabulate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.criteria.evidence_address import TablePlace


@dataclass(frozen=True, slots=True)
class EvidenceScope:
    """Studies, in no particular order, and which of their claims count.

    `filters` has the codes of today, `unknown` the codes (parameter, code) that no vocabulary has. With interventions
    or outcomes chosen, `scope` leaves out what the studies claim on others. Studies that somebody picked one by one are
    in `slugs`, and no criteria define them.
    """

    criteria: Criteria
    filters: Filters
    unknown: tuple[tuple[str, str], ...]
    evidence: Evidence
    studies: list[StudyEvidence]
    scope: Scope
    slugs: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The canonical query string of what defines the studies, without order and page."""
        if self.slugs:
            return urlencode([("id", slug) for slug in self.slugs])
        return self.criteria.as_set().query_string

    @property
    def is_whole_bank(self) -> bool:
        """Whether neither picks nor criteria leave any study out."""
        chosen = self.filters
        return not (
            self.slugs
            or self.criteria.q.strip()
            or any(chosen.chosen.values())
            or chosen.year_from is not None
            or chosen.year_to is not None
        )

    @property
    def is_chosen_by_effect(self) -> bool:
        """Whether the studies were chosen by what they found: counts of effects then describe the choice."""
        return bool(self.filters.chosen.get("effect"))

    @property
    def is_chosen_by_context(self) -> bool:
        """Whether the criteria name a factor or a source of data, and no intervention that could be put to the test."""
        chosen = self.filters.chosen
        by_context = chosen.get("exposure") or chosen.get("data_source") or "exposure" in chosen.get("studied", ())
        return bool(by_context) and not chosen.get("intervention")


def gather_evidence(criteria: Criteria) -> EvidenceScope:
    """Return the evidence of criteria: no query while nothing changed, else those of the snapshot."""
    resolved = codes.resolve_codes(criteria, vocabularies.current())
    study_ids = public_search.list_ids(criteria)
    snapshot = evidence_snapshot.current()
    chosen = resolved.filters.chosen
    return EvidenceScope(
        criteria=criteria,
        filters=resolved.filters,
        unknown=resolved.unknown,
        evidence=snapshot,
        studies=snapshot.select_studies(study_ids),
        scope=Scope(chosen.get("intervention", frozenset()), chosen.get("outcome", frozenset())),
    )


def gather_picked_evidence(slugs: Iterable[str]) -> EvidenceScope:
    """Return the evidence of those of these studies that are published: one query and those of the snapshot."""
    snapshot = evidence_snapshot.current()
    studies = snapshot.select_studies(Study.objects.published_ids(dict.fromkeys(slugs)))
    return EvidenceScope(
        criteria=Criteria(),
        filters=Filters(),
        unknown=(),
        evidence=snapshot,
        studies=studies,
        scope=Scope(),
        slugs=tuple(study.id for study in studies),
    )


def tally_place(scope: EvidenceScope, place: TablePlace) -> Tally:
    """Return the counts at a place of a table, from the same tabulation that the table is printed from."""
    rows = place.rows if place.row else ALL
    columns = place.columns if place.column else ALL
    # The total of a column of factors is that of its table, though the table of this column alone could count.
    is_counted = UNCOUNTED.isdisjoint((place.rows, place.columns))
    table = tabulate(scope.studies, scope.evidence, rows, columns, scope.scope, is_counted=is_counted)
    return table.cell(place.row or ALL, place.column or ALL)
