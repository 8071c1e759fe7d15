"""The body of evidence of criteria: the studies of a list as syntheses see them, and which of their claims count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from search.contract import Filters
from search.criteria.criteria import Criteria
from search.services import public_search
from studies.models import Study
from studies.store import evidence_snapshot
from studies.synthesis.evidence import Evidence, Scope, StudyEvidence
from studies.synthesis.tables import ALL, Tally, tabulate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.criteria.evidence_address import Place


@dataclass(frozen=True, slots=True)
class Body:
    """Studies of criteria, in no particular order. `filters` has the codes of today; `unknown` is as in `Found`.

    With interventions or outcomes chosen, `scope` leaves out what the studies claim on others. Studies that somebody
    picked one by one are in `slugs`, and no criteria define them.
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
        return plain(self.criteria).query_string

    @property
    def is_chosen_by_effect(self) -> bool:
        """Say whether the studies were chosen by what they found: what is counted then describes the choice."""
        return bool(self.filters.chosen.get("effect"))


def body_of(criteria: Criteria) -> Body:
    """Gather the evidence of criteria: no query while nothing changed, and those of the snapshot if it did."""
    listed = public_search.whole_list(criteria)
    held = evidence_snapshot.current()
    chosen = listed.filters.chosen
    return Body(
        criteria=criteria,
        filters=listed.filters,
        unknown=listed.unknown,
        evidence=held,
        studies=held.select_studies(listed.keys),
        scope=Scope(chosen.get("intervention", frozenset()), chosen.get("outcome", frozenset())),
    )


def body_of_picked(slugs: Iterable[str]) -> Body:
    """Gather the evidence of those of these studies that are published: one query and those of the snapshot."""
    held = evidence_snapshot.current()
    studies = held.select_studies(Study.objects.published_ids(dict.fromkeys(slugs)))
    return Body(Criteria(), Filters(), (), held, studies, Scope(), tuple(study.id for study in studies))


def plain(criteria: Criteria) -> Criteria:
    """Return the criteria without order and page."""
    return replace(criteria, sort="", page=1, page_size=type(criteria)().page_size)


def tally_at(body: Body, place: Place) -> Tally:
    """Return what stands at a place of a table, by the same count as the table's own."""
    rows = place.rows if place.row else ALL
    columns = place.columns if place.column else ALL
    table = tabulate(body.studies, body.evidence, rows, columns, body.scope)
    return table.cell(place.row or ALL, place.column or ALL)
