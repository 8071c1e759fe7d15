"""Evidence by two vocabularies: which works and studies stand in each cell, and what the evaluations found. Pure.

A total is the union of its cells, so that a work that stands in several of them counts once. Costs about 2 µs for each
claim and cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from studies.synthesis.evidence import (
    NOT_STATED,
    Claim,
    Evidence,
    Scope,
    StudyEvidence,
    Taxonomy,
    Work,
    shared_effect,
    strength,
)
from studies.synthesis.nearness import LADDER

ALL = "all"
"""The dimension with a single code, for a table of one row or column."""

FOLLOW_UPS = ("6", "12", "24", "longer", NOT_STATED)
"""Times to measurement: up to so many months."""

Codes = Callable[[StudyEvidence, Claim, Taxonomy], Iterable[str]]


def _follow_up(claim: Claim) -> str:
    months = claim.finding.follow_up_months if claim.finding else None
    if months is None:
        return NOT_STATED
    return next((code for code in FOLLOW_UPS[:3] if months <= int(code)), FOLLOW_UPS[3])


def _group(claim: Claim, taxonomy: Taxonomy) -> str:
    return taxonomy.group_of_outcome.get(claim.outcome or "", NOT_STATED)


DIMENSIONS: Mapping[str, Codes] = {
    ALL: lambda study, claim, taxonomy: (ALL,),
    "theme": lambda study, claim, taxonomy: study.themes,
    "intervention": lambda study, claim, taxonomy: claim.interventions,
    "outcome_group": lambda study, claim, taxonomy: (_group(claim, taxonomy),),
    "outcome": lambda study, claim, taxonomy: (claim.outcome,) if claim.outcome else (),
    "population": lambda study, claim, taxonomy: study.populations,
    "setting": lambda study, claim, taxonomy: study.settings,
    "country": lambda study, claim, taxonomy: study.countries,
    "region": lambda study, claim, taxonomy: {
        taxonomy.region_of_country.get(code, NOT_STATED): None for code in study.countries
    },
    "nearness": lambda study, claim, taxonomy: (LADDER[study.nearness],),
    "design": lambda study, claim, taxonomy: study.designs,
    "design_family": lambda study, claim, taxonomy: {
        taxonomy.family_of_design.get(code, NOT_STATED): None for code in study.designs
    },
    "follow_up": lambda study, claim, taxonomy: (_follow_up(claim),),
    "programme": lambda study, claim, taxonomy: (study.programme,) if study.programme else (),
}
"""What can stand in rows or columns: how the codes of a claim are found. Without any, `none` is its code."""


@dataclass(slots=True)
class Tally:
    """What stands in a cell. `effects` has, for every evaluation, the effects that its claims here have.

    `together` are the evaluations some of whose claims here are of several interventions at once.
    """

    studies: set[int] = field(default_factory=set)
    reviews: set[str] = field(default_factory=set)
    effects: dict[str, set[str]] = field(default_factory=dict)
    together: set[str] = field(default_factory=set)

    def add(self, study: StudyEvidence, work: Work, claim: Claim) -> None:
        """Put a claim of a study here."""
        self.studies.add(study.key)
        if work.is_evaluation:
            self.effects.setdefault(work.id, set()).add(claim.effect)
            if not claim.is_alone:
                self.together.add(work.id)
        elif work.is_review:
            self.reviews.add(work.id)

    def merge(self, other: Tally) -> None:
        """Put all that stands in another cell here."""
        self.studies |= other.studies
        self.reviews |= other.reviews
        self.together |= other.together
        for work_id, effects in other.effects.items():
            self.effects.setdefault(work_id, set()).update(effects)

    @property
    def evaluations(self) -> int:
        """How many distinct evaluations stand here."""
        return len(self.effects)

    def effect_of(self, work_id: str) -> str:
        """Return the effect that an evaluation has here."""
        return shared_effect(self.effects[work_id])

    def counts(self) -> Counter[str]:
        """Count the evaluations by effect."""
        return Counter(map(shared_effect, self.effects.values()))

    def chosen(self, evidence: Evidence, *, effect: str = "", design: str = "", tested: str = "") -> dict[str, str]:
        """Return evaluations with their effect: those of an effect, a STRENGTH, tested `alone` or `together`."""
        works = {
            evidence.works[evidence.studies[key].id].id: evidence.works[evidence.studies[key].id]
            for key in self.studies
        }
        return {
            work_id: own
            for work_id in self.effects
            if (own := self.effect_of(work_id)) == (effect or own)
            and (not design or strength(works[work_id]) == design)
            and (not tested or (tested == "together") == (work_id in self.together))
        }


@dataclass(frozen=True, slots=True)
class Table:
    """The cells in which anything stands, by (row, column), with the totals of rows and columns and of all."""

    cells: Mapping[tuple[str, str], Tally]
    rows: Mapping[str, Tally]
    columns: Mapping[str, Tally]
    total: Tally

    def tally(self, row: str = "", column: str = "") -> Tally:
        """Return a cell, or a total where row or column is empty; an empty tally where nothing stands."""
        if row and column:
            return self.cells.get((row, column), Tally())
        if row:
            return self.rows.get(row, Tally())
        return self.columns.get(column, Tally()) if column else self.total


def tabulate(
    studies: Iterable[StudyEvidence], evidence: Evidence, rows: str, columns: str = ALL, scope: Scope | None = None
) -> Table:
    """Put the claims of studies into a table of two DIMENSIONS. Raises KeyError for an unknown dimension."""
    row_codes, column_codes = DIMENSIONS[rows], DIMENSIONS[columns]
    scope, taxonomy = scope or Scope(), evidence.taxonomy
    cells: dict[tuple[str, str], Tally] = {}
    for study in studies:
        work = evidence.works[study.id]
        for claim in scope.claims(study):
            own_columns = tuple(column_codes(study, claim, taxonomy)) or (NOT_STATED,)
            for row in tuple(row_codes(study, claim, taxonomy)) or (NOT_STATED,):
                for column in own_columns:
                    cell = cells.get((row, column))
                    if cell is None:
                        cell = cells[row, column] = Tally()
                    cell.add(study, work, claim)
    by_row: dict[str, Tally] = {}
    by_column: dict[str, Tally] = {}
    total = Tally()
    for (row, column), cell in cells.items():
        by_row.setdefault(row, Tally()).merge(cell)
        by_column.setdefault(column, Tally()).merge(cell)
        total.merge(cell)
    return Table(cells, by_row, by_column, total)


def tally(studies: Iterable[StudyEvidence], evidence: Evidence, scope: Scope | None = None) -> Tally:
    """Count the claims of studies, all of them together."""
    return tabulate(studies, evidence, ALL, ALL, scope).total


def works_of(tally: Tally, evidence: Evidence) -> Iterator[Work]:
    """Yield the works of the studies of a tally, each once, in the order of the keys."""
    seen = set()
    for key in sorted(tally.studies):
        work = evidence.works[evidence.studies[key].id]
        if work.id not in seen:
            seen.add(work.id)
            yield work
