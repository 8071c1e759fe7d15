"""The input of syntheses: claims of studies and works that count once. Pure; read from rows by `evidence_snapshot`.

A claim is what a study says on one outcome of one set of interventions. A work is what counts once: a trial with all
its papers, a review with all its papers, or else a single study.
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
"""The code for "the record has none", as in the criteria of a search."""

NOT_ESTIMATED = "not-estimated"
MIXED = "mixed"
ESTIMATED = ("favourable", "no-effect", "mixed", "unfavourable")
"""The effects that authors judged, in the order in which pages show them."""

ANY_ESTIMATED = "estimated"
"""The code for any of ESTIMATED, where a reader chooses an effect."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a study says on an outcome. Without a finding on it, the effect is `not-estimated` and `finding` is None.

    `interventions` are those of the finding where it names its own, else those of the study. `outcome` is None if the
    study names no outcome. `is_alone`: at most one intervention was tested, not counting `economic-context`.
    """

    interventions: tuple[str, ...]
    outcome: str | None
    effect: str
    finding: FindingRecord | None
    is_alone: bool

    @classmethod
    def build(cls, outcome: str | None, interventions: tuple[str, ...], finding: FindingRecord | None = None) -> Self:
        """Return the claim of a finding, or of a study that only measured the outcome."""
        own = finding.interventions or interventions if finding else interventions
        programmes = [code for code in own if code != NO_PROGRAMME]
        return cls(own, outcome, finding.effect if finding else NOT_ESTIMATED, finding, len(programmes) <= 1)


@dataclass(frozen=True, slots=True)
class StudyEvidence:
    """A published study as syntheses see it. Its first design is the main one; `nearness` indexes NEARNESS_STEPS."""

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
    """The parents of codes in the vocabularies. `families` are the design families, the strongest first."""

    families: tuple[str, ...]
    family_of_design: Mapping[str, str]
    group_of_outcome: Mapping[str, str]
    region_of_country: Mapping[str, str]

    def family(self, study: StudyEvidence) -> str:
        """Return the family of a study's main design, "" if it has none."""
        return self.family_of_design.get(study.designs[0], "") if study.designs else ""


@dataclass(frozen=True, slots=True)
class Work:
    """What counts once. `family` is the strongest family of its studies' main designs, "" if they have none."""

    id: str
    is_evaluation: bool
    is_review: bool
    family: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All published studies by primary key, works by study id, and the data sets that a work uses by the work's id."""

    studies: Mapping[int, StudyEvidence]
    works: Mapping[str, Work]
    data_sets: Mapping[str, frozenset[str]]
    taxonomy: Taxonomy

    def select_studies(self, keys: Iterable[int]) -> list[StudyEvidence]:
        """Return the studies with these primary keys, in that order, without those that are not published."""
        return [self.studies[key] for key in keys if key in self.studies]


@dataclass(frozen=True, slots=True)
class Scope:
    """A filter of claims; empty sets do not filter. The code `none` selects claims without intervention or outcome."""

    interventions: AbstractSet[str] = field(default_factory=frozenset)
    outcomes: AbstractSet[str] = field(default_factory=frozenset)

    def filter_claims(self, study: StudyEvidence) -> Iterator[Claim]:
        """Yield the claims of `study` that have one of the outcomes and one of the interventions."""
        for claim in study.claims:
            if self.outcomes and (claim.outcome or NOT_STATED) not in self.outcomes:
                continue
            if self.interventions and self.interventions.isdisjoint(claim.interventions or (NOT_STATED,)):
                continue
            yield claim


def list_claims(
    interventions: tuple[str, ...], outcomes: tuple[str, ...], findings: Iterable[FindingRecord]
) -> tuple[Claim, ...]:
    """Return the claims of a study: one for each finding, and one for each of its outcomes without a finding."""
    claims = [Claim.build(each.outcome, interventions, each) for each in findings]
    with_finding = {claim.outcome for claim in claims}
    claims += [
        _build_claim_without_finding(outcome, interventions) for outcome in outcomes if outcome not in with_finding
    ]
    return tuple(claims) or (_build_claim_without_finding(None, interventions),)


def build_evidence(
    studies: Iterable[StudyEvidence], groups: Iterable[EvaluationRecord], taxonomy: Taxonomy
) -> Evidence:
    """Return the evidence of published studies and the evaluations that group them."""
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
    """Return the effect that all findings have, or `mixed` if they differ; `not-estimated` yields to any other."""
    judged = set(effects) - {NOT_ESTIMATED}
    if not judged:
        return NOT_ESTIMATED
    return judged.pop() if len(judged) == 1 else MIXED


def classify_design(work: Work) -> str:
    """Return the strength of a work's design: one of STRENGTHS."""
    return work.family if work.family in COUNTED_FAMILIES else "other"


STRENGTHS = ("randomised", "quasi-experimental", "other")


@lru_cache(maxsize=10_000)
def _build_claim_without_finding(outcome: str | None, interventions: tuple[str, ...]) -> Claim:
    """Return the claim of a study without a finding. Cached, so that studies that are alike share one value."""
    return Claim.build(outcome, interventions)


def _build_work(id_: str, members: list[StudyEvidence], counted: AbstractSet[str], taxonomy: Taxonomy) -> Work:
    families = {taxonomy.family(study) for study in members} - {""}
    return Work(
        id=id_,
        is_evaluation=any(study.id in counted for study in members),
        is_review=families == {REVIEW_FAMILY},
        family=min(families, key=taxonomy.families.index, default=""),
    )
