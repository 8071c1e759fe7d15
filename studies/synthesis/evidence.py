"""The input of syntheses: claims of studies and works that count once. Pure; read from rows by `evidence_snapshot`.

A claim is what a study says on one outcome of one set of interventions. A work is what counts once: a trial with all
its papers, a review with all its papers, or else a single study.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property

from studies.records.finding import FindingRecord
from studies.records.study import (
    COMPONENT,
    REVIEWED,
    TESTED_ROLES,
    EvaluationRecord,
    InterventionRecord,
    about_in_trial,
)
from studies.synthesis.evaluations import COUNTED_FAMILIES, REVIEW_FAMILY, count_trials, list_evaluations
from studies.synthesis.study_details import StudyDetails

NOT_STATED = "none"
"""The code for "the record has none", as in the criteria of a search."""

NOT_ESTIMATED = "not-estimated"
MIXED = "mixed"
ESTIMATED = ("favourable", "no-effect", "mixed", "ambiguous", "unfavourable")
"""The effects that authors judged, in the order in which they are told."""

ANY_ESTIMATED = "estimated"
"""The code for any of ESTIMATED, where a reader chooses an effect."""

FIGURES_GROUP = "methods-cost"
"""The group of outcomes that are figures and no effects: prevalence, measurement, costs."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a study says on an outcome. Without a finding on it, the effect is `not-estimated` and `finding` is None.

    `interventions` are those that the claim is about: tested by it, if `is_test`, or reviewed, or only described.
    `packaged` are those of them that are tested as a part of a package and not by themselves. `outcome` is None for a
    study that names no outcome, and for an intervention on which no finding speaks. `trial` names the trial, where a
    study reports several.
    """

    interventions: tuple[str, ...]
    outcome: str | None
    effect: str = NOT_ESTIMATED
    finding: FindingRecord | None = None
    is_test: bool = False
    packaged: frozenset[str] = frozenset()
    trial: str | None = None

    def is_packaged(self, codes: AbstractSet[str] = frozenset()) -> bool:
        """Return True if no intervention of `codes`, or of all where that is empty, is tested here by itself."""
        asked = [code for code in self.interventions if code in codes] or self.interventions
        return self.is_test and self.packaged.issuperset(asked)


@dataclass(frozen=True, slots=True)
class StudyEvidence:
    """A published study as syntheses see it. The first design is the main one; `nearness` is one of NEARNESS_STEPS.

    `interventions` are those in any role, `tested` those that it evaluates alone or in a package, `described` those
    that it only describes.
    """

    key: int
    id: str
    year: int
    status: str | None
    themes: tuple[str, ...]
    interventions: tuple[str, ...]
    tested: tuple[str, ...]
    described: tuple[str, ...]
    exposures: tuple[str, ...]
    data_sources: tuple[str, ...]
    outcomes: tuple[str, ...]
    designs: tuple[str, ...]
    populations: tuple[str, ...]
    settings: tuple[str, ...]
    countries: tuple[str, ...]
    nearness: int
    programme: str | None = None
    programme_stage: str | None = None
    is_appraised: bool = False
    has_costs: bool = False
    claims: tuple[Claim, ...] = ()
    details: StudyDetails | None = None

    def tested_in(self, trial: str) -> tuple[str, ...]:
        """Return what its findings of one trial are about, of a study that reports several."""
        findings = [claim.finding for claim in self.claims if claim.finding is not None]
        return about_in_trial(findings, trial, self.tested)


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

    def can_be_effect(self, outcome: str | None) -> bool:
        """Return True unless an outcome is a figure: a prevalence or a cost is never an effect."""
        return self.group_of_outcome.get(outcome or "") != FIGURES_GROUP


@dataclass(frozen=True, slots=True)
class Work:
    """What counts once; its `id` tells it from all others.

    `family` is the strongest family of the main designs of its studies, of those that test something where any does;
    "" without any.
    """

    id: str
    is_evaluation: bool
    is_review: bool
    family: str


@dataclass(frozen=True, slots=True)
class ClaimSum:
    """What claims of a study count as: tested works with their effects, works tested in a package only, and reviews."""

    tests: tuple[tuple[str, str], ...]
    together: frozenset[str]
    reviews: frozenset[str]


@dataclass(frozen=True)
class Evidence:
    """All published studies by key, what counts once, and the data sets that a work uses by the work's id.

    `works` holds the work of each study by its id; `trial_works` those of studies that report several trials, by the
    ids of study and trial.
    """

    studies: Mapping[int, StudyEvidence]
    works: Mapping[str, Work]
    trial_works: Mapping[tuple[str, str], Work]
    data_sets: Mapping[str, frozenset[str]]
    taxonomy: Taxonomy
    _sums: dict[int, ClaimSum | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def select_studies(self, keys: Iterable[int]) -> list[StudyEvidence]:
        """Return the studies with these primary keys, in that order, without those that are not published."""
        return [self.studies[key] for key in keys if key in self.studies]

    def iterate_works(self, study: StudyEvidence) -> tuple[Work, ...]:
        """Return all that a study counts with: one work, or one for each of its trials and its own."""
        return (*self._works_of_trials.get(study.id, ()), self.works[study.id])

    def work(self, study: StudyEvidence, claim: Claim) -> Work:
        """Return what a claim is counted with."""
        if claim.trial is not None and (own := self.trial_works.get((study.id, claim.trial))) is not None:
            return own
        return self.works[study.id]

    def sum_up(self, study: StudyEvidence, scope: Scope, *, is_counted: bool = True) -> ClaimSum | None:
        """Return what the claims of a study in `scope` count as, None without any; kept where the scope has them all.

        Unless `is_counted` no claim is a test.
        """
        if not is_counted or scope.interventions or scope.outcomes:
            return self._sum_up(study, scope, is_counted=is_counted)
        if study.key not in self._sums:
            self._sums[study.key] = self._sum_up(study, scope, is_counted=True)
        return self._sums[study.key]

    def _sum_up(self, study: StudyEvidence, scope: Scope, *, is_counted: bool) -> ClaimSum | None:
        claims = tuple(scope.filter_claims(study))
        tests: dict[tuple[str, str], None] = {}
        together, reviews = set(), set()
        for claim in claims:
            work = self.work(study, claim)
            if claim.is_test and is_counted:
                tests[work.id, claim.effect] = None
                if claim.packaged and claim.is_packaged(scope.interventions):
                    together.add(work.id)
            elif work.is_review:
                reviews.add(work.id)
        return ClaimSum(tuple(tests), frozenset(together), frozenset(reviews)) if claims else None

    @cached_property
    def by_id(self) -> Mapping[str, StudyEvidence]:
        """The studies by id."""
        return {study.id: study for study in self.studies.values()}

    @cached_property
    def details(self) -> Mapping[str, StudyDetails]:
        """The details of the studies that have them, by id."""
        return {study.id: study.details for study in self.studies.values() if study.details is not None}

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of all studies of each work, in order, by its id."""
        found: dict[str, set[str]] = {}
        for id_, work in self.works.items():
            found.setdefault(work.id, set()).add(id_)
        for (id_, _trial), work in self.trial_works.items():
            found.setdefault(work.id, set()).add(id_)
        return {work: tuple(sorted(own)) for work, own in found.items()}

    @cached_property
    def of_theme(self) -> Mapping[str, tuple[StudyEvidence, ...]]:
        """The studies by code of theme."""
        return group_by_code(self.studies.values(), lambda study: study.themes)

    @cached_property
    def of_intervention(self) -> Mapping[str, tuple[StudyEvidence, ...]]:
        """The studies by code of intervention, in any role."""
        return group_by_code(self.studies.values(), lambda study: study.interventions)

    @cached_property
    def _works_of_trials(self) -> Mapping[str, tuple[Work, ...]]:
        found: dict[str, tuple[Work, ...]] = {}
        for (id_, _trial), work in self.trial_works.items():
            found[id_] = (*found.get(id_, ()), work)
        return found


def group_by_code(
    studies: Iterable[StudyEvidence], codes: Callable[[StudyEvidence], tuple[str, ...]]
) -> Mapping[str, tuple[StudyEvidence, ...]]:
    """Return the studies by each of their codes, in their order."""
    found: defaultdict[str, list[StudyEvidence]] = defaultdict(list)
    for study in studies:
        for code in dict.fromkeys(codes(study)):
            found[code].append(study)
    return {code: tuple(own) for code, own in found.items()}


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
    interventions: Iterable[InterventionRecord],
    outcomes: tuple[str, ...],
    findings: Iterable[FindingRecord],
    *,
    is_review: bool,
    is_counted: bool,
) -> tuple[Claim, ...]:
    """Return the claims of a study: what it says on each outcome, and of which interventions.

    `is_counted`: it is completed and compares groups, so that what it evaluates is tested. Of a review, findings
    speak of what it reviews. What a finding is about in any other role is no claim: pages describe it. An intervention
    without a role is in no claim.
    """
    role_of = {each.code: each.role for each in interventions}
    roles = {REVIEWED} if is_review else TESTED_ROLES
    own = tuple(code for code, role in role_of.items() if role in roles)
    is_test = is_counted and not is_review
    packaged = frozenset(code for code in own if role_of[code] == COMPONENT)

    def claim(codes: tuple[str, ...], outcome: str | None, finding: FindingRecord | None = None) -> Claim:
        return Claim(
            codes,
            outcome,
            finding.effect if finding else NOT_ESTIMATED,
            finding,
            is_test and bool(codes),
            packaged.intersection(codes),
            finding.trial if finding else None,
        )

    claims = [
        claim(own if each.about is None else tuple(code for code in own if code in each.about), each.outcome, each)
        for each in findings
    ]
    with_finding = {each.outcome for each in claims}
    claims += [claim(own, outcome) for outcome in outcomes if outcome not in with_finding]
    spoken_of = {code for each in claims for code in each.interventions}
    # What no finding speaks of is tested all the same, and counts in the total of its intervention.
    claims += [claim((code,), None) for code in own if code not in spoken_of]
    beside = tuple(code for code, role in role_of.items() if role is not None and code not in own)
    if beside:
        claims += [Claim(beside, outcome) for outcome in outcomes or (None,)]
    return tuple(claims) or (Claim((), None),)


def build_evidence(
    studies: Iterable[StudyEvidence], groups: Iterable[EvaluationRecord], taxonomy: Taxonomy
) -> Evidence:
    """Put studies and their evaluations together."""
    groups = list(groups)
    several = {id_ for id_, count in count_trials(groups).items() if count > 1}
    studies = [_without_effects_of_figures(study, taxonomy) for study in studies]
    by_key = {study.key: _told_apart(study) if study.id in several else study for study in studies}
    by_id = {study.id: study for study in by_key.values()}
    tests = {
        id_ for each in list_evaluations(by_id.values(), groups, taxonomy.family_of_design) for id_ in each.studies
    }
    works: dict[str, Work] = {}
    trial_works: dict[tuple[str, str], Work] = {}
    for group in groups:
        here = [by_id[id_] for id_ in group.studies if id_ in by_id]
        if group.kind == "trial" and here:
            work = _build_work(f"trial {group.id}", here, tests, taxonomy)
            works |= {study.id: work for study in here if study.id not in several}
            trial_works |= {(study.id, group.id): work for study in here if study.id in several}
    tests_alone = tests - several
    works |= {
        study.id: _build_work(f"study {study.id}", [study], tests_alone, taxonomy)
        for study in by_id.values()
        if study.id not in works
    }
    data_sets: dict[str, set[str]] = {}
    for group in groups:
        if group.kind == "data-set":
            for id_ in group.studies:
                own = [work for (study, _trial), work in trial_works.items() if study == id_]
                for work in [*own, *([works[id_]] if id_ in works else [])]:
                    data_sets.setdefault(work.id, set()).add(group.id)
    shared = {work_id: frozenset(own) for work_id, own in data_sets.items()}
    return Evidence(by_key, works, trial_works, shared, taxonomy)


def _told_apart(study: StudyEvidence) -> StudyEvidence:
    """Return a study of several trials in which only what a finding says of one of them is a test."""
    if not any(claim.is_test and claim.trial is None for claim in study.claims):
        return study
    claims = (replace(claim, is_test=False) if claim.trial is None else claim for claim in study.claims)
    return replace(study, claims=tuple(claims))


def _without_effects_of_figures(study: StudyEvidence, taxonomy: Taxonomy) -> StudyEvidence:
    """Return a study of which no figure is an effect, whatever its record says."""
    if all(claim.effect == NOT_ESTIMATED or taxonomy.can_be_effect(claim.outcome) for claim in study.claims):
        return study
    claims = (
        claim if taxonomy.can_be_effect(claim.outcome) else replace(claim, effect=NOT_ESTIMATED)
        for claim in study.claims
    )
    return replace(study, claims=tuple(claims))


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


def _build_work(id_: str, members: list[StudyEvidence], tests: AbstractSet[str], taxonomy: Taxonomy) -> Work:
    testing = [study for study in members if study.id in tests]
    families = {taxonomy.family(study) for study in testing or members} - {""}
    return Work(
        id=id_,
        is_evaluation=bool(testing),
        is_review=families == {REVIEW_FAMILY},
        family=min(families, key=taxonomy.families.index, default=""),
    )
