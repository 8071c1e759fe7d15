"""What syntheses are made of: the claims of studies, and the works that count once. Pure values.

A claim is what a study says on one outcome of one set of interventions. A work is what is counted once: a trial with
all its papers, a review with all its papers, or else a study.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from studies.records.study import EvaluationRecord, FindingRecord
from studies.synthesis.evaluations import COUNTED_FAMILIES, NO_PROGRAMME, REVIEW_FAMILY, list_evaluations

NOT_STATED = "none"
"""Stands for a code where a record has none, as in the criteria of a search."""

NOT_ESTIMATED = "not-estimated"
MIXED = "mixed"
ESTIMATED = ("favourable", "no-effect", "mixed", "unfavourable")
"""The effects that authors judged, in the order in which they are told."""

ANY_ESTIMATED = "estimated"
"""Stands for any of ESTIMATED where effects are chosen."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a study says on an outcome. Without a finding on it the effect is `not-estimated` and `finding` None.

    `interventions` are those of the finding where it names its own, else all of the study. `outcome` is None for a
    study that names no outcome at all. `is_alone`: one intervention was tested by itself; the economy around it is no
    second one.
    """

    interventions: tuple[str, ...]
    outcome: str | None
    effect: str
    finding: FindingRecord | None
    is_alone: bool

    @classmethod
    def build(cls, outcome: str | None, interventions: tuple[str, ...], finding: FindingRecord | None = None) -> Self:
        """Make the claim of a finding, or of a study that only measured the outcome."""
        own = finding.interventions or interventions if finding else interventions
        programmes = [code for code in own if code != NO_PROGRAMME]
        return cls(own, outcome, finding.effect if finding else NOT_ESTIMATED, finding, len(programmes) <= 1)


@dataclass(frozen=True, slots=True)
class StudyEvidence:
    """A published study as syntheses see it. The first design is the main one; `nearness` indexes NEARNESS_STEPS."""

    key: int
    id: str
    year: int
    status: str | None
    themes: tuple[str, ...]
    interventions: tuple[str, ...]
    outcomes: tuple[str, ...]
    designs: tuple[str, ...]
    populations: tuple[str, ...]
    settings: tuple[str, ...]
    countries: tuple[str, ...]
    nearness: int
    programme: str | None = None
    programme_stage: str | None = None
    is_appraised: bool = False
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """What syntheses know of the vocabularies: the parents of codes. `families` of designs, the strongest first."""

    families: tuple[str, ...]
    family_of_design: Mapping[str, str]
    group_of_outcome: Mapping[str, str]
    region_of_country: Mapping[str, str]

    def family(self, study: StudyEvidence) -> str:
        """Return the family of a study's main design, "" where none is known."""
        return self.family_of_design.get(study.designs[0], "") if study.designs else ""


@dataclass(frozen=True, slots=True)
class Work:
    """What counts once; its `id` tells it from all others.

    `family` is the strongest family of the main designs of its studies, "" without any.
    """

    id: str
    is_evaluation: bool
    is_review: bool
    family: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All published studies by key, the work of each by its id, and the data sets that a work uses by the work's id."""

    studies: Mapping[int, StudyEvidence]
    works: Mapping[str, Work]
    data_sets: Mapping[str, frozenset[str]]
    taxonomy: Taxonomy

    def select_studies(self, keys: Iterable[int]) -> list[StudyEvidence]:
        """Return the studies with these keys, in their order; what is not public is left out."""
        return [self.studies[key] for key in keys if key in self.studies]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which claims are asked for; empty asks for all. `none` stands for those without intervention or outcome."""

    interventions: AbstractSet[str] = field(default_factory=frozenset)
    outcomes: AbstractSet[str] = field(default_factory=frozenset)

    def filter_claims(self, study: StudyEvidence) -> Iterator[Claim]:
        """Yield the claims of `study` on one of the outcomes of one of the interventions."""
        for claim in study.claims:
            if self.outcomes and (claim.outcome or NOT_STATED) not in self.outcomes:
                continue
            if self.interventions and self.interventions.isdisjoint(claim.interventions or (NOT_STATED,)):
                continue
            yield claim


def list_claims(
    interventions: tuple[str, ...], outcomes: tuple[str, ...], findings: Iterable[FindingRecord]
) -> tuple[Claim, ...]:
    """Return the claims of a study: one for each finding, and one for each outcome that it names without any."""
    claims = [Claim.build(each.outcome, interventions, each) for each in findings]
    with_finding = {claim.outcome for claim in claims}
    claims += [
        _build_claim_without_finding(outcome, interventions) for outcome in outcomes if outcome not in with_finding
    ]
    return tuple(claims) or (_build_claim_without_finding(None, interventions),)


def build_evidence(
    studies: Iterable[StudyEvidence], groups: Iterable[EvaluationRecord], taxonomy: Taxonomy
) -> Evidence:
    """Put studies and their evaluations together."""
    by_key = {study.key: study for study in studies}
    by_id = {study.id: study for study in by_key.values()}
    groups = list(groups)
    counted = {
        id_ for each in list_evaluations(by_id.values(), groups, taxonomy.family_of_design) for id_ in each.studies
    }
    works: dict[str, Work] = {}
    for group in groups:
        here = [by_id[id_] for id_ in group.studies if id_ in by_id]
        if group.kind == "trial" and here:
            work = _build_work(f"trial {group.id}", here, counted, taxonomy)
            works |= {study.id: work for study in here}
    works |= {
        study.id: _build_work(f"study {study.id}", [study], counted, taxonomy)
        for study in by_id.values()
        if study.id not in works
    }
    data_sets: dict[str, set[str]] = {}
    for group in groups:
        if group.kind == "data-set":
            for id_ in group.studies:
                if id_ in works:
                    data_sets.setdefault(works[id_].id, set()).add(group.id)
    return Evidence(by_key, works, {work_id: frozenset(own) for work_id, own in data_sets.items()}, taxonomy)


def combine_effects(effects: Iterable[str]) -> str:
    """Return the effect that findings share; `mixed` where they differ. `not-estimated` yields to any other."""
    judged = set(effects) - {NOT_ESTIMATED}
    if not judged:
        return NOT_ESTIMATED
    return judged.pop() if len(judged) == 1 else MIXED


def classify_design(work: Work) -> str:
    """Return by which kind of design an evaluation compares: one of STRENGTHS."""
    return work.family if work.family in COUNTED_FAMILIES else "other"


STRENGTHS = ("randomised", "quasi-experimental", "other")


@lru_cache(maxsize=10_000)
def _build_claim_without_finding(outcome: str | None, interventions: tuple[str, ...]) -> Claim:
    """Return the claim of a study without a finding on the outcome: one value for all studies that are alike in it."""
    return Claim.build(outcome, interventions)


def _build_work(id_: str, members: list[StudyEvidence], counted: AbstractSet[str], taxonomy: Taxonomy) -> Work:
    families = {taxonomy.family(study) for study in members} - {""}
    return Work(
        id=id_,
        is_evaluation=any(study.id in counted for study in members),
        is_review=families == {REVIEW_FAMILY},
        family=min(families, key=taxonomy.families.index, default=""),
    )
