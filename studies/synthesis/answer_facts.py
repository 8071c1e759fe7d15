"""The facts beside a summary of findings: how sure, harms, costs, what reviews say, what is not known. Pure.

Facts, never a score: nothing here is added up to a grade, ordered or coloured. A cost is a figure, never an effect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from studies.records.study import CostRecord
from studies.synthesis.chosen_estimate import Candidate
from studies.synthesis.direction import Direction, ForWomen, read_direction
from studies.synthesis.evidence import Scope, StudyEvidence, classify_design
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.study_details import StudyDetails
from studies.synthesis.summary_of_findings import (
    ComparatorGroup,
    EvaluationResult,
    SummaryInput,
    SummaryRow,
)

HARMS_FOUND, HARMS_NONE_FOUND, HARMS_NOT_STATED = "found", "none-found", "not-stated"
NOT_LOOKED_UP = "not-looked-up"
"""Nobody of the bank has looked whether the source speaks of harms."""

HARMS_ORDER = (HARMS_FOUND, HARMS_NONE_FOUND, HARMS_NOT_STATED, NOT_LOOKED_UP)
"""Of several papers of an evaluation the first of these tells; told in this order."""


@dataclass(frozen=True, slots=True)
class HowSure:
    """What can be seen of how sure a row is, or all rows. Every number counts evaluations but `people`.

    An evaluation has an interval for each outcome, time and arm: of `with_interval`, `all_include_no_difference` counts
    those of which each does, `some_include_no_difference` those of which one does and another does not. `for_women`
    counts directions, under None evaluations whose outcomes or parts differ. `teams` counts groups of evaluations
    without a common author; None where the authors of any are not known.
    """

    evaluations: int
    designs: Mapping[str, int]
    people: int | None
    people_known: int
    with_interval: int
    all_include_no_difference: int
    some_include_no_difference: int
    inconclusive: int
    for_women: Mapping[ForWomen | None, int]
    nearness: Mapping[str, int]
    packaged: int
    registered: int
    appraised_by_others: int
    appraised_here: int
    teams: int | None


@dataclass(frozen=True, slots=True)
class Harm:
    """What an evaluation, or a review, says of harms: one of HARMS_ORDER, and the studies that say it.

    `is_of_several`: a review of several interventions says it, and not of which.
    """

    work: str
    code: str
    studies: tuple[str, ...]
    is_of_several: bool = False


@dataclass(frozen=True, slots=True)
class ToldCost:
    """A cost as a study states it. `is_of_several`: the study prices several interventions, each with its own costs."""

    study: str
    cost: CostRecord
    is_of_several: bool = False


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """What a review found on one outcome. `is_pooled`: the finding has a value and an interval."""

    study: StudyEvidence
    candidate: Candidate
    direction: Direction | None

    @property
    def is_pooled(self) -> bool:
        return self.candidate.finding.value is not None and self.candidate.finding.has_interval


@dataclass(frozen=True, slots=True)
class Review:
    """A review of what is asked about: its results, and which of its studies the bank has among those asked about.

    `held` is None where the record does not say what the review includes.
    """

    study: StudyEvidence
    results: tuple[ReviewResult, ...]
    held: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class NotKnown:
    """What the evaluations do not tell: codes of outcomes and populations, and whether each of the rest is missing."""

    outcomes: tuple[str, ...]
    outcomes_without_number: tuple[str, ...]
    populations: tuple[str, ...]
    in_peru: bool
    cost: bool
    harms: bool
    subgroups: bool


def describe_row(row: SummaryRow, details: Mapping[str, StudyDetails]) -> HowSure:
    """Return the facts on how sure one row is."""
    return _describe(row.evaluations, details)


def describe_all(groups: Iterable[ComparatorGroup], details: Mapping[str, StudyDetails]) -> HowSure:
    """Return the facts over all lead rows, or over all others where there is no lead row; each evaluation once."""
    groups = list(groups)
    rows = [row for group in groups for row in group.lead] or [row for group in groups for row in group.others]
    return _describe([each for row in rows for each in row.evaluations], details)


def list_harms(
    groups: Iterable[ComparatorGroup], details: Mapping[str, StudyDetails], scope: Scope
) -> tuple[Harm, ...]:
    """Return what each evaluation says of harms, in the order of HARMS_ORDER.

    All its papers count, those too that say nothing on the outcomes. Harms of an arm with other interventions than
    those asked about are not theirs.
    """
    members = {each.work.id: each.members for group in groups for row in group.rows for each in row.evaluations}
    harms = []
    for work, studies in members.items():
        said: dict[str, list[str]] = {}
        for id_ in studies:
            said.setdefault(_harms_said(details.get(id_), scope), []).append(id_)
        code = min(said, key=HARMS_ORDER.index)
        harms.append(Harm(work, code, tuple(said[code])))
    return tuple(sorted(harms, key=lambda each: HARMS_ORDER.index(each.code)))


def list_harms_of_reviews(
    reviews: Iterable[Review], details: Mapping[str, StudyDetails], scope: Scope
) -> tuple[Harm, ...]:
    """Return what reviews say of harms where they say that they looked, in the order of HARMS_ORDER."""
    told = []
    for study in (each.study for each in reviews):
        own = details.get(study.id)
        code = _harms_said(own, scope)
        if own is not None and code in (HARMS_FOUND, HARMS_NONE_FOUND):
            told.append(Harm(study.id, code, (study.id,), not own.harms_about and len(study.interventions) > 1))
    return tuple(sorted(told, key=lambda each: HARMS_ORDER.index(each.code)))


def list_costs(
    studies: Iterable[StudyEvidence], details: Mapping[str, StudyDetails], scope: Scope
) -> tuple[ToldCost, ...]:
    """Return the costs that studies which test what is asked about, or describe it, state.

    A study without an intervention tells what violence costs, not what anything against it does.
    """
    return tuple(
        ToldCost(study.id, cost, is_of_several=not study.tested and len(study.described) > 1)
        for study in studies
        if study.id in details and _prices(study, scope)
        for cost in details[study.id].costs
    )


def list_reviews(given: SummaryInput) -> tuple[Review, ...]:
    """Return the reviews among the studies, the newest first, with what they found on outcomes that can be effects.

    Of a review that was updated only its newest version is told.
    """
    asked = {study.id for study in given.studies}
    reviews = []
    for study in given.studies:
        if not given.evidence.works[study.id].is_review:
            continue
        results = tuple(
            ReviewResult(
                study,
                Candidate(study, claim),
                read_direction(claim.finding, given.measures, given.taxonomy, claim.effect),
            )
            for claim in given.scope.filter_claims(study)
            if claim.finding is not None and given.taxonomy.can_be_effect(claim.outcome)
        )
        includes = given.details[study.id].includes if study.id in given.details else ()
        held = tuple(id_ for id_ in includes if id_ in asked) if includes else None
        reviews.append(Review(study, results, held))
    reviews.sort(key=lambda each: (-each.study.year, each.study.id))
    newest: dict[str, Review] = {}
    for each in reviews:
        newest.setdefault(given.evidence.works[each.study.id].id, each)
    return tuple(newest.values())


def find_not_known(
    groups: Sequence[ComparatorGroup],
    given: SummaryInput,
    populations: Iterable[str],
) -> NotKnown:
    """Return what is missing: of the priority outcomes, of `populations`, of Peru, cost, harms and subgroups."""
    rows = [row for group in groups for row in group.rows]
    measured = {row.outcome for row in rows}
    numbered = {row.outcome for row in rows if any(told.candidate.finding.value is not None for told in row.told)}
    studies = {told.candidate.study.id: told.candidate.study for row in rows for told in row.told}
    reached = {code for study in studies.values() for code in study.populations}
    harms = list_harms(groups, given.details, given.scope)
    findings = [
        candidate.finding
        for row in rows
        for each in row.evaluations
        for arm in each.arms
        for candidate in (*arm.chosen, *arm.passed_over)
    ]
    return NotKnown(
        outcomes=tuple(code for code in given.priority if code not in measured),
        outcomes_without_number=tuple(code for code in given.priority if code in measured and code not in numbered),
        populations=tuple(code for code in populations if code not in reached),
        in_peru=not any(study.nearness == NEARNESS_STEPS.index("peru") for study in studies.values()),
        cost=not list_costs(given.studies, given.details, given.scope),
        harms=not any(each.code in (HARMS_FOUND, HARMS_NONE_FOUND) for each in harms),
        subgroups=not any(each.subgroup_es or each.subgroup_en for each in findings),
    )


def _prices(study: StudyEvidence, scope: Scope) -> bool:
    own = {*study.tested, *study.described}
    return bool(own & scope.interventions if scope.interventions else own)


def _harms_said(study: StudyDetails | None, scope: Scope) -> str:
    if study is None or study.harms is None:
        return NOT_LOOKED_UP
    if study.harms_about and scope.interventions and scope.interventions.isdisjoint(study.harms_about):
        return HARMS_NOT_STATED
    return study.harms


def _describe(results: Iterable[EvaluationResult], details: Mapping[str, StudyDetails]) -> HowSure:
    by_work: dict[str, list[EvaluationResult]] = {}
    for result in results:
        by_work.setdefault(result.work.id, []).append(result)
    works = [_WorkFacts.of(own, details) for own in by_work.values()]
    people = [each.people for each in works if each.people is not None]
    return HowSure(
        evaluations=len(works),
        designs=Counter(each.design for each in works),
        people=sum(people) if people else None,
        people_known=len(people),
        with_interval=sum(bool(each.includes_no_difference) for each in works),
        all_include_no_difference=sum(each.includes_no_difference == {True} for each in works),
        some_include_no_difference=sum(each.includes_no_difference == {True, False} for each in works),
        inconclusive=sum(each.is_inconclusive for each in works),
        for_women=Counter(each.for_women for each in works),
        nearness=Counter(each.nearness for each in works),
        packaged=sum(each.is_packaged for each in works),
        registered=sum(any(study.registration for study in each.details) for each in works),
        appraised_by_others=sum(any(study.published_appraisals for study in each.details) for each in works),
        appraised_here=sum(any(study.own_appraisals for study in each.details) for each in works),
        teams=_count_teams([each.authors for each in works]),
    )


@dataclass(frozen=True, slots=True)
class _WorkFacts:
    """The facts of one evaluation over several rows; `includes_no_difference` is what its intervals do."""

    design: str
    people: int | None
    includes_no_difference: frozenset[bool]
    is_inconclusive: bool
    for_women: ForWomen | None
    nearness: str
    is_packaged: bool
    details: tuple[StudyDetails, ...]

    @property
    def authors(self) -> frozenset[str]:
        return frozenset().union(*(each.authors for each in self.details))

    @classmethod
    def of(cls, results: Sequence[EvaluationResult], details: Mapping[str, StudyDetails]) -> _WorkFacts:
        told = [each for result in results for each in result.told]
        meanings = {each.direction.for_women for each in told}
        return cls(
            design=classify_design(results[0].work),
            people=max((each.people for each in results if each.people is not None), default=None),
            includes_no_difference=frozenset().union(*(each.includes_no_difference for each in results)),
            is_inconclusive=any(each.direction.is_inconclusive for each in told),
            for_women=meanings.pop() if len(meanings) == 1 else None,
            # An evaluation with studies in several places counts once, at the nearest of them.
            nearness=NEARNESS_STEPS[min(each.candidate.study.nearness for each in told)],
            is_packaged=all(each.is_packaged for each in results),
            details=tuple(details[id_] for id_ in results[0].members if id_ in details),
        )


def _count_teams(authors: Sequence[AbstractSet[str]]) -> int | None:
    """Return how many groups without a common author there are, None where the authors of any are not known."""
    if not all(authors):
        return None
    team_of: dict[str, str] = {}

    def find_team(author: str) -> str:
        """Return the author by whom the team is known, and make the way there short."""
        while (known := team_of.setdefault(author, author)) != author:
            team_of[author] = team_of[known]
            author = known
        return author

    for first, *others in authors:
        for other in others:
            team_of[find_team(other)] = find_team(first)
    return len({find_team(next(iter(own))) for own in authors})
