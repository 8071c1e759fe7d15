"""Which findings speak for an evaluation on one outcome, against one kind of comparator. Pure.

The rule, step by step, among the findings of one evaluation on one outcome that estimate an effect:

1. Findings against different kinds of comparator, and findings of different arms, are never set against each other.
   An arm is told by its name and by which of the interventions asked about it tests.
2. The whole sample goes before any subgroup. Who is only a subgroup and in no arm, such as neighbours who got nothing,
   is no arm beside those that are named.
3. What the authors declare primary goes before the rest; without such, what is adjusted; else all as printed.
4. What women report themselves goes before what others report. Different other reporters stay side by side, and so
   does another paper that does not say who reported: what a record leaves out decides nothing between two papers.
5. Of each reporter, the longest follow-up goes before shorter ones; one that is not stated counts as the shortest.
6. What is still several is returned as several: each has its own paper, time and subgroup.

`direction` reads what a chosen finding says, `summary_of_findings` puts the evaluations together, and `forest` draws
the chosen ones that have a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from studies.records.finding import FindingRecord
from studies.synthesis.comparators import kind_of
from studies.synthesis.evidence import ESTIMATED, Claim, Evidence, Scope, StudyEvidence, Work

WOMEN = "women"
"""The reporter whose word goes before that of others."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A finding of a study that may speak for its evaluation: one value for each, which no other equals."""

    study: StudyEvidence
    claim: Claim

    @property
    def finding(self) -> FindingRecord:
        """The finding; only claims that have one become candidates."""
        assert self.claim.finding is not None
        return self.claim.finding

    @property
    def sort_key(self) -> tuple[int, str, int]:
        """The order in which findings are told: the oldest paper first, then as its record has them."""
        place = next(place for place, claim in enumerate(self.study.claims) if claim is self.claim)
        return (self.study.year, self.study.id, place)


@dataclass(frozen=True, slots=True)
class Arm:
    """The group with a programme: its name in Spanish (or English), "" for all, and what is tested in it."""

    name: str
    interventions: frozenset[str]


@dataclass(frozen=True, slots=True)
class ChosenEstimate:
    """The findings that speak for one arm of an evaluation on an outcome, against one kind of comparator.

    `chosen` holds at least one; several if the rule leaves several. `passed_over` holds the others of the same arm
    and kind of comparator: other times, subgroups, reporters.
    """

    work: Work
    outcome: str
    comparator_kind: str
    arm: Arm
    chosen: tuple[Candidate, ...]
    passed_over: tuple[Candidate, ...] = ()

    @property
    def other_times(self) -> tuple[Candidate, ...]:
        """Those passed over that tell of the same people and reporter as a chosen one, at another time."""
        told = {(_subgroup(each.finding), each.finding.reporter) for each in self.chosen}
        times = {each.finding.follow_up_months for each in self.chosen}
        return tuple(
            each
            for each in self.passed_over
            if (_subgroup(each.finding), each.finding.reporter) in told
            and each.finding.follow_up_months is not None
            and each.finding.follow_up_months not in times
        )


def collect_candidates(
    studies: Iterable[StudyEvidence], evidence: Evidence, scope: Scope
) -> Mapping[tuple[Work, str], tuple[Candidate, ...]]:
    """Return the findings that estimate an effect of an evaluation, by evaluation and outcome.

    Left out are figures that are never an effect (costs, prevalences) and findings that test nothing.
    """
    found: dict[tuple[Work, str], list[Candidate]] = {}
    for study in studies:
        for claim in scope.filter_claims(study):
            if not claim.is_test or claim.finding is None or claim.effect not in ESTIMATED:
                continue
            work = evidence.work(study, claim)
            if work.is_evaluation and claim.outcome is not None and evidence.taxonomy.can_be_effect(claim.outcome):
                found.setdefault((work, claim.outcome), []).append(Candidate(study, claim))
    return {key: tuple(_in_order(own)) for key, own in found.items()}


def choose_estimates(
    work: Work,
    outcome: str,
    candidates: Iterable[Candidate],
    interventions: AbstractSet[str] = frozenset(),
) -> tuple[ChosenEstimate, ...]:
    """Return what speaks for `work` on `outcome`: one choice for each kind of comparator and arm.

    `candidates` are all its findings on the outcome, in any order. `interventions` are those asked about; arms that
    differ only in others are one. Empty: all are asked about.
    """
    groups: dict[tuple[str, Arm], list[Candidate]] = {}
    for candidate in _in_order(candidates):
        key = (kind_of(candidate.finding.comparator), find_arm(candidate.claim, interventions))
        groups.setdefault(key, []).append(candidate)
    _set_bystanders_aside(groups)
    ordered = sorted(groups.items(), key=lambda each: each[1][0].sort_key) if len(groups) > 1 else groups.items()
    return tuple(_choose(work, outcome, kind, arm, own) for (kind, arm), own in ordered)


def find_arm(claim: Claim, interventions: AbstractSet[str] = frozenset()) -> Arm:
    """Return the arm of a claim, as told by its finding and by which of `interventions` (or of all) it tests."""
    finding = claim.finding
    name = (finding.arm_es or finding.arm_en or "") if finding else ""
    tested = frozenset(claim.interventions)
    return Arm(name, tested & interventions if interventions else tested)


def _in_order(candidates: Iterable[Candidate]) -> Sequence[Candidate]:
    """Return them in the order of their `sort_key`, which takes long to work out and which one alone does not need."""
    candidates = tuple(candidates)
    return candidates if len(candidates) < 2 else sorted(candidates, key=lambda each: each.sort_key)


def _set_bystanders_aside(groups: dict[tuple[str, Arm], list[Candidate]]) -> None:
    """Move subgroups in no arm to the first named arm that speaks for a whole sample, where they are passed over."""
    for key in [key for key, own in groups.items() if not key[1].name and all(_subgroup(each.finding) for each in own)]:
        kind, arm = key
        for (other_kind, other), own in groups.items():
            is_beside = other_kind == kind and other.name and other.interventions == arm.interventions
            if is_beside and any(not _subgroup(each.finding) for each in own):
                own.extend(groups.pop(key))
                break


def _choose(work: Work, outcome: str, kind: str, arm: Arm, group: Sequence[Candidate]) -> ChosenEstimate:
    if len(group) == 1:
        return ChosenEstimate(work, outcome, kind, arm, tuple(group))
    left = _prefer(group, lambda each: not _subgroup(each.finding))
    primary = [each for each in left if each.finding.primary]
    left = primary or _prefer(left, lambda each: bool(each.finding.adjusted))
    by_women = {each.study.id for each in left if each.finding.reporter == WOMEN}
    left = _prefer(left, lambda each: _is_told_with_women(each, by_women))
    longest: dict[str | None, float] = {}
    for each in left:
        longest[each.finding.reporter] = max(longest.get(each.finding.reporter, -1.0), _months(each))
    chosen = tuple(each for each in left if _months(each) == longest[each.finding.reporter])
    passed_over = tuple(each for each in group if each not in chosen)
    return ChosenEstimate(work, outcome, kind, arm, chosen, passed_over)


def _is_told_with_women(candidate: Candidate, by_women: AbstractSet[str]) -> bool:
    """Return True for what women report, and for a paper other than those `by_women` that does not say who did."""
    reporter = candidate.finding.reporter
    return reporter == WOMEN or (reporter is None and bool(by_women) and candidate.study.id not in by_women)


def _prefer(candidates: Sequence[Candidate], is_preferred: Callable[[Candidate], bool]) -> Sequence[Candidate]:
    """Return those that are preferred, or all where none is."""
    return [each for each in candidates if is_preferred(each)] or candidates


def _subgroup(finding: FindingRecord) -> str:
    return finding.subgroup_es or finding.subgroup_en or ""


def _months(candidate: Candidate) -> float:
    months = candidate.finding.follow_up_months
    return -1.0 if months is None else float(months)
