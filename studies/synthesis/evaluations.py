"""What an evaluation of an intervention is: the one rule by which every page, file and facet counts. Pure.

A study tests an intervention if it is completed, its first design is randomised or quasi-experimental, and the
intervention is evaluated in it, by itself or as a component. All papers of one trial are one evaluation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from studies.records.study import EvaluationRecord

COUNTED_FAMILIES = frozenset({"randomised", "quasi-experimental"})
REVIEW_FAMILY = "synthesis"
"""The design family of reviews, which gather what other studies found."""


class StudyFacts(Protocol):
    """What counting needs of a study: a record, or a value made from rows."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> str | None: ...
    @property
    def themes(self) -> tuple[str, ...]: ...
    @property
    def tested(self) -> tuple[str, ...]:
        """The interventions that it evaluates, alone or in a package."""

    @property
    def designs(self) -> tuple[str, ...]: ...

    def tested_in(self, trial: str) -> tuple[str, ...]:
        """Return the interventions that its findings of one trial are about, of a study that reports several."""


@dataclass(frozen=True, slots=True)
class CountedEvaluation:
    """An evaluation: the ids of its studies that test something, the main one first, and what they test.

    `themes` are those of these studies.
    """

    id: str
    studies: tuple[str, ...]
    themes: frozenset[str]
    interventions: frozenset[str]


@dataclass(frozen=True, slots=True)
class EvaluationCounts:
    """The number of evaluations in total and by code; an evaluation with two themes counts in both."""

    total: int
    by_theme: Mapping[str, int]
    by_intervention: Mapping[str, int]


def is_test(study: StudyFacts, family_of_design: Mapping[str, str]) -> bool:
    """Return True if a study tests an intervention: alone it is an evaluation, with others of its trial one of it."""
    family = family_of_design.get(study.designs[0]) if study.designs else None
    return study.status == "completed" and family in COUNTED_FAMILIES and bool(study.tested)


def list_evaluations(
    studies: Iterable[StudyFacts],
    groups: Iterable[EvaluationRecord],
    family_of_design: Mapping[str, str],
) -> tuple[CountedEvaluation, ...]:
    """Return the evaluations on which `studies` report: first the trials, then the studies that stand alone.

    A trial of `groups` is one evaluation if any of its studies here tests something. A study of several trials gives
    each of them the interventions that its findings of that trial are about. Data sets are never one.
    """
    by_id = {study.id: study for study in studies if is_test(study, family_of_design)}
    trials = [group for group in groups if group.kind == "trial"]
    trials_of = count_trials(trials)
    found = []
    for trial in trials:
        tested = {
            id_: by_id[id_].tested if trials_of[id_] == 1 else by_id[id_].tested_in(trial.id)
            for id_ in trial.studies
            if id_ in by_id
        }
        members = [by_id[id_] for id_, own in tested.items() if own]
        if members:
            found.append(_build_evaluation(trial.id, members, tested))
    alone = [study for study in by_id.values() if study.id not in trials_of]
    found += [_build_evaluation(study.id, [study], {study.id: study.tested}) for study in alone]
    return tuple(found)


def count_trials(groups: Iterable[EvaluationRecord]) -> Mapping[str, int]:
    """Return on how many of these trials each study reports, by its id; a study of none is left out."""
    counts: defaultdict[str, int] = defaultdict(int)
    for group in groups:
        if group.kind == "trial":
            for id_ in group.studies:
                counts[id_] += 1
    return dict(counts)


def count_evaluations(
    studies: Iterable[StudyFacts],
    groups: Iterable[EvaluationRecord],
    family_of_design: Mapping[str, str],
) -> EvaluationCounts:
    """Count the evaluations of `studies` in total, by theme and by intervention."""
    counted = list_evaluations(studies, groups, family_of_design)
    return EvaluationCounts(
        total=len(counted),
        by_theme=Counter(code for evaluation in counted for code in evaluation.themes),
        by_intervention=Counter(code for evaluation in counted for code in evaluation.interventions),
    )


def _build_evaluation(id_: str, members: list[StudyFacts], tested: Mapping[str, tuple[str, ...]]) -> CountedEvaluation:
    return CountedEvaluation(
        id=id_,
        studies=tuple(study.id for study in members),
        themes=frozenset(code for study in members for code in study.themes),
        interventions=frozenset(code for study in members for code in tested[study.id]),
    )
