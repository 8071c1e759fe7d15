"""Which evaluations the studies report on, so that five papers on one trial count once and not five times. Pure.

`docs/architecture.md` (Words) has the rule in one sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from studies.records.study import EvaluationRecord

COUNTED_FAMILIES = frozenset({"randomised", "quasi-experimental"})
REVIEW_FAMILY = "synthesis"
"""The design family of reviews, which gather what other studies found."""

NO_PROGRAMME = "economic-context"
"""Economic shocks and labour markets: coded as an intervention, but no programme that anybody runs."""


class StudyFacts(Protocol):
    """What counting needs of a study: a `StudyRecord`, `StudyEvidence`, or anything with these attributes."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> str | None: ...
    @property
    def themes(self) -> tuple[str, ...]: ...
    @property
    def interventions(self) -> tuple[str, ...]: ...
    @property
    def designs(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class CountedEvaluation:
    """An evaluation with the ids of its studies, the main one first, and the codes that any of them carries."""

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


def list_evaluations(
    studies: Iterable[StudyFacts],
    groups: Iterable[EvaluationRecord],
    family_of_design: Mapping[str, str],
) -> tuple[CountedEvaluation, ...]:
    """Return the evaluations that `studies` report on: first the trials of `groups`, then single studies.

    - A trial counts if any of its studies is among `studies` and completed, whatever their designs: a process study or
      a costing of a trial has another design. A group of reviews alone does not count, because what it gathers is
      counted already.
    - A study outside the trials counts as `is_evaluation_alone` says.
    - A data set never counts.

    An evaluation has the themes and interventions of all its studies among `studies`.
    """
    by_id = {study.id: study for study in studies}
    trials = [group for group in groups if group.kind == "trial"]
    counted = []
    for trial in trials:
        members = [by_id[id_] for id_ in trial.studies if id_ in by_id]
        if any(study.status == "completed" for study in members) and not _is_review(members, family_of_design):
            counted.append(_build_evaluation(trial.id, members))
    in_a_trial = {id_ for trial in trials for id_ in trial.studies}
    alone = [
        study for study in by_id.values() if study.id not in in_a_trial and is_evaluation_alone(study, family_of_design)
    ]
    counted += [_build_evaluation(study.id, [study]) for study in alone]
    return tuple(counted)


def is_evaluation_alone(study: StudyFacts, family_of_design: Mapping[str, str]) -> bool:
    """Return True if a study that belongs to no trial is an evaluation.

    It is completed, has an intervention other than `economic-context`, and its first design is randomised or
    quasi-experimental.
    """
    has_programme = any(code != NO_PROGRAMME for code in study.interventions)
    family = family_of_design.get(study.designs[0]) if study.designs else None
    return study.status == "completed" and has_programme and family in COUNTED_FAMILIES


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


def _is_review(members: list[StudyFacts], family_of_design: Mapping[str, str]) -> bool:
    return all(family_of_design.get(study.designs[0]) == REVIEW_FAMILY if study.designs else False for study in members)


def _build_evaluation(id_: str, members: list[StudyFacts]) -> CountedEvaluation:
    return CountedEvaluation(
        id=id_,
        studies=tuple(study.id for study in members),
        themes=frozenset(code for study in members for code in study.themes),
        interventions=frozenset(code for study in members for code in study.interventions),
    )
