"""Evidence tables: works and studies by two dimensions, with the effects that evaluations found. Pure.

A total is the union of its cells, so that a work in several cells counts once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache

from studies.synthesis.evidence import (
    ANY_ESTIMATED,
    NOT_ESTIMATED,
    NOT_STATED,
    Claim,
    Evidence,
    Scope,
    StudyEvidence,
    Taxonomy,
    Work,
    classify_design,
    combine_effects,
)
from studies.synthesis.nearness import NEARNESS_STEPS

ALL = "all"
"""The dimension with a single code, for a table of one row or one column."""

FOLLOW_UPS = ("6", "12", "24", "longer", NOT_STATED)
"""Codes of follow-up: at most so many months, longer, or not stated."""

APPRAISED, NOT_APPRAISED = "appraised", "not-appraised"
"""Whether a study has a final appraisal, whatever its instrument and result."""

STATED = "stated"
"""Whether a study has figures of cost, as a cost of its own or as an outcome."""

_COST = "cost-effectiveness"

UNCOUNTED = frozenset({"exposure", "data_source"})
"""Dimensions in whose tables no evaluation counts: nobody offered an exposure, and a source of data tests nothing."""

ReadCodes = Callable[[StudyEvidence, Claim, Taxonomy], tuple[str, ...]]


def _follow_up(claim: Claim) -> str:
    months = claim.finding.follow_up_months if claim.finding else None
    if months is None:
        return NOT_STATED
    return next((code for code in FOLLOW_UPS[:3] if months <= int(code)), FOLLOW_UPS[3])


def _group(claim: Claim, taxonomy: Taxonomy) -> str:
    return taxonomy.group_of_outcome.get(claim.outcome or "", NOT_STATED)


def _parents(codes: tuple[str, ...], parent_of: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parent_of.get(code, NOT_STATED) for code in codes))


DIMENSIONS: Mapping[str, ReadCodes] = {
    ALL: lambda study, claim, taxonomy: (ALL,),
    "theme": lambda study, claim, taxonomy: study.themes,
    "intervention": lambda study, claim, taxonomy: claim.interventions,
    "outcome_group": lambda study, claim, taxonomy: (_group(claim, taxonomy),),
    "outcome": lambda study, claim, taxonomy: (claim.outcome,) if claim.outcome else (),
    "exposure": lambda study, claim, taxonomy: study.exposures,
    "data_source": lambda study, claim, taxonomy: study.data_sources,
    "population": lambda study, claim, taxonomy: study.populations,
    "setting": lambda study, claim, taxonomy: study.settings,
    "country": lambda study, claim, taxonomy: study.countries,
    "region": lambda study, claim, taxonomy: _parents(study.countries, taxonomy.region_of_country),
    "nearness": lambda study, claim, taxonomy: (NEARNESS_STEPS[study.nearness],),
    "design": lambda study, claim, taxonomy: study.designs,
    "design_family": lambda study, claim, taxonomy: _parents(study.designs, taxonomy.family_of_design),
    "follow_up": lambda study, claim, taxonomy: (_follow_up(claim),),
    "scale": lambda study, claim, taxonomy: (study.programme_stage,) if study.programme_stage else (),
    "appraisal": lambda study, claim, taxonomy: (APPRAISED if study.is_appraised else NOT_APPRAISED,),
    "cost": lambda study, claim, taxonomy: (STATED,) if study.has_costs or _COST in study.outcomes else (),
    "programme": lambda study, claim, taxonomy: (study.programme,) if study.programme else (),
}
"""What rows or columns can show: how to read the codes of a claim. A claim without a code counts under `none`."""

_OF_CLAIMS = frozenset({"intervention", "outcome_group", "outcome", "follow_up"})
"""Those in which the claims of one study can have different codes."""


@dataclass(slots=True)
class Tally:
    """The content of a cell: primary keys of studies, ids of reviews, and for each evaluation its effects here.

    `testing` has the keys of those studies whose claims here are tests, so that they belong to an evaluation here.
    `together` are the evaluations some of whose claims here test the intervention as a part of a package only.
    """

    studies: set[int] = field(default_factory=set)
    reviews: set[str] = field(default_factory=set)
    effects: dict[str, frozenset[str]] = field(default_factory=dict)
    testing: set[int] = field(default_factory=set)
    together: set[str] = field(default_factory=set)

    @property
    def evaluations(self) -> int:
        """The number of distinct evaluations."""
        return len(self.effects)

    def effect_of(self, work_id: str) -> str:
        """Return the effect of an evaluation in this cell; `mixed` if its claims differ."""
        return combine_effects(self.effects[work_id])

    def count_by_effect(self) -> Counter[str]:
        """Count the evaluations by effect."""
        return Counter(map(combine_effects, self.effects.values()))

    def select_evaluations(
        self, evidence: Evidence, *, effect: str = "", design: str = "", tested: str = ""
    ) -> dict[str, str]:
        """Return evaluations by id with their effect, filtered by effect, by design strength and by `tested`.

        ANY_ESTIMATED selects every effect but `not-estimated`. `tested` is "alone" or "together"; "" does not filter.
        """
        works = {work.id: work for work in iterate_works(self, evidence)}
        return {
            work_id: own
            for work_id in self.effects
            if _has_effect(own := self.effect_of(work_id), effect)
            and (not design or classify_design(works[work_id]) == design)
            and (not tested or (tested == "together") == (work_id in self.together))
        }


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """A work in a cell with its studies there, the oldest first; `is_evaluation`: they test something there."""

    work: Work
    is_evaluation: bool
    studies: tuple[StudyEvidence, ...]


def _has_effect(own: str, wanted: str) -> bool:
    return own != NOT_ESTIMATED if wanted == ANY_ESTIMATED else not wanted or own == wanted


@dataclass(frozen=True, slots=True)
class Total:
    """The numbers of distinct evaluations, studies and reviews in a row, a column or a whole table."""

    evaluations: int
    studies: int
    reviews: int

    @classmethod
    def of_cells(cls, cells: Collection[Tally]) -> Total:
        """Count what is in any of the cells, each work once."""
        return cls(
            len(set[str]().union(*(cell.effects for cell in cells))),
            len(set[int]().union(*(cell.studies for cell in cells))),
            len(set[str]().union(*(cell.reviews for cell in cells))),
        )


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """The cells that are not empty, by (row code, column code)."""

    cells: Mapping[tuple[str, str], Tally]

    def cell(self, row: str, column: str = ALL) -> Tally:
        """Return a cell; an empty tally if nothing is in it."""
        return self.cells.get((row, column), Tally())

    def row_totals(self) -> dict[str, Total]:
        """Return the total of every row that is not empty, by its code."""
        return self._totals(0)

    def column_totals(self) -> dict[str, Total]:
        """Return the total of every column that is not empty, by its code."""
        return self._totals(1)

    def total(self) -> Total:
        """Return the total of the whole table."""
        return Total.of_cells(self.cells.values())

    def _totals(self, place: int) -> dict[str, Total]:
        lines: dict[str, list[Tally]] = {}
        for key, cell in self.cells.items():
            lines.setdefault(key[place], []).append(cell)
        return {code: Total.of_cells(cells) for code, cells in lines.items()}


def tabulate(
    studies: Iterable[StudyEvidence],
    evidence: Evidence,
    rows: str,
    columns: str = ALL,
    scope: Scope | None = None,
    *,
    is_counted: bool = True,
) -> EvidenceTable:
    """Tabulate the claims of studies by two of DIMENSIONS. Raises KeyError for an unknown dimension.

    With one of UNCOUNTED, or unless `is_counted`, no claim is a test: the table has studies and no evaluation.
    """
    row_codes, column_codes = DIMENSIONS[rows], DIMENSIONS[columns]
    scope, taxonomy = scope or Scope(), evidence.taxonomy
    cells: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)
    is_counted = is_counted and UNCOUNTED.isdisjoint((rows, columns))
    nothing = (NOT_STATED,)
    nothing_found: frozenset[str] = frozenset()

    @cache
    def with_effect(effects: frozenset[str], effect: str) -> frozenset[str]:
        # Works with the same effects share one set: a set for each would be most of the memory of a table.
        return effects | {effect}

    @cache
    def asked_for(row: str, column: str) -> AbstractSet[str]:
        own = {code for code, kind in ((row, rows), (column, columns)) if kind == "intervention"}
        return own or scope.interventions

    def add(cell: Tally, work_id: str, effect: str) -> None:
        effects = cell.effects.get(work_id, nothing_found)
        if effect not in effects:
            cell.effects[work_id] = with_effect(effects, effect)

    if not _OF_CLAIMS.isdisjoint((rows, columns)):
        for study in studies:
            for claim in scope.filter_claims(study):
                work = evidence.work(study, claim)
                own_columns = column_codes(study, claim, taxonomy) or nothing
                for row in row_codes(study, claim, taxonomy) or nothing:
                    for column in own_columns:
                        cell = cells[row, column]
                        cell.studies.add(study.key)
                        if claim.is_test and is_counted:
                            cell.testing.add(study.key)
                            add(cell, work.id, claim.effect)
                            if claim.packaged and claim.is_packaged(asked_for(row, column)):
                                cell.together.add(work.id)
                        elif work.is_review:
                            cell.reviews.add(work.id)
        return EvidenceTable(dict(cells))
    # All claims of a study stand in the same cells.
    for study in studies:
        facts = evidence.sum_up(study, scope, is_counted=is_counted)
        if facts is None:
            continue
        own_columns = column_codes(study, study.claims[0], taxonomy) or nothing
        for row in row_codes(study, study.claims[0], taxonomy) or nothing:
            for column in own_columns:
                cell = cells[row, column]
                cell.studies.add(study.key)
                if facts.reviews:
                    cell.reviews.update(facts.reviews)
                if facts.tests:
                    cell.testing.add(study.key)
                    cell.together.update(facts.together)
                    for work_id, effect in facts.tests:
                        add(cell, work_id, effect)
    return EvidenceTable(dict(cells))


def tally_claims(studies: Iterable[StudyEvidence], evidence: Evidence, scope: Scope | None = None) -> Tally:
    """Tally all claims of studies in one cell."""
    return tabulate(studies, evidence, ALL, ALL, scope).cell(ALL)


def tally_by_dimension(
    dimension: str, studies: Iterable[StudyEvidence], evidence: Evidence, scope: Scope | None = None
) -> dict[str, Tally]:
    """Tally the claims of studies by one of DIMENSIONS: a cell by code."""
    return {row: cell for (row, _), cell in tabulate(studies, evidence, dimension, ALL, scope).cells.items()}


def iterate_works(tally: Tally, evidence: Evidence) -> Iterator[Work]:
    """Yield the evaluations of a tally, each once, in the order of their studies' primary keys."""
    seen = set()
    for key in sorted(tally.testing):
        for work in evidence.iterate_works(evidence.studies[key]):
            if work.id in tally.effects and work.id not in seen:
                seen.add(work.id)
                yield work


def group_by_work(tally: Tally, evidence: Evidence) -> tuple[WorkGroup, ...]:
    """Return the studies of a tally by what they count with there.

    A study of several trials is in the group of each that it tests here. One that tests nothing here is apart from the
    evaluation that its work may be elsewhere, or of which it is a companion paper.
    """
    found: dict[tuple[str, bool], tuple[Work, list[StudyEvidence]]] = {}
    for study in sorted((evidence.studies[key] for key in tally.studies), key=lambda study: (study.year, study.id)):
        is_test = study.key in tally.testing
        works = [work for work in evidence.iterate_works(study) if is_test and work.id in tally.effects]
        for work in works or [evidence.works[study.id]]:
            found.setdefault((work.id, is_test), (work, []))[1].append(study)
    return tuple(
        WorkGroup(work, is_evaluation, tuple(studies)) for (_id, is_evaluation), (work, studies) in found.items()
    )


def find_shared_data(tally: Tally, evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """Return by data set the evaluations of a tally that use it, of those that two or more use."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    for work in iterate_works(tally, evidence):
        for data_set in sorted(evidence.data_sets.get(work.id, frozenset())):
            users[data_set].append(work.id)
    return {data_set: tuple(works) for data_set, works in users.items() if len(works) > 1}
