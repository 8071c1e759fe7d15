"""What answers have to agree with, computed from the JSON of the fixtures by docs/data.md, without the product's code.

A tested finding is one that estimates an effect of what its study puts to the test. Which of them speaks for its
evaluation is not decided here: answers are held against all of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.independent_counts import FIXTURES, bank, is_counted, tested

ESTIMATED = ("favourable", "no-effect", "mixed", "ambiguous", "unfavourable")
KINDS = {
    "nothing": {"nothing", "wait-list", "not-yet"},
    "usual": {"usual-services", "usual-sanction"},
    "little": {"minimal", "attention"},
    "part": {"same-without"},
    "other": {"other-intervention", "other-arms"},
    "not-exposed": {"not-exposed"},
    "before": {"before"},
}
"""The table of kinds of comparator, as the page on methods prints it."""

TOLD_AS_WHAT_MOVED = {"reporting", "family-structure"}
"""Outcomes of which neither way is good in itself: no answer calls them better, so none can be hidden."""

_LESS_IS_BETTER = {"violence-children", "child-marriage", "injuries", "alcohol-use"}


@dataclass(frozen=True, slots=True)
class TestedFinding:
    """A finding as its record has it, with its study and the evaluation as which it counts."""

    study: str
    evaluation: str
    outcome: str
    kind: str
    interventions: frozenset[str]
    record: Any

    @property
    def is_favourable(self) -> bool:
        """Whether its authors call it favourable."""
        return bool(self.record["effect"] == "favourable") and self.outcome not in TOLD_AS_WHAT_MOVED


@cache
def outcomes() -> dict[str, Any]:
    return {term["code"]: term for term in json.loads((FIXTURES / "taxonomy.json").read_text("utf-8"))["outcomes"]}


def is_violence(outcome: str) -> bool:
    return outcomes()[outcome]["group"] in ("partner-violence", "other-violence")


def is_less_better(outcome: str) -> bool:
    return is_violence(outcome) or outcome in _LESS_IS_BETTER


def kind_of(comparator: str | None) -> str:
    return next((kind for kind, codes in KINDS.items() if comparator in codes), "none")


@cache
def tested_findings() -> tuple[TestedFinding, ...]:
    return tuple(_list_tested_findings())


def _list_tested_findings() -> Iterator[TestedFinding]:
    studies, trials, _families = bank()
    for id_, study in studies.items():
        own = trials.get(id_, [])
        for finding in study["findings"] if is_counted(study) else ():
            about = frozenset(finding.get("about", tested(study))) & frozenset(tested(study))
            trial = finding.get("trial") if len(own) > 1 else (own[0] if own else id_)
            is_effect = finding["effect"] in ESTIMATED and outcomes()[finding["outcome"]]["group"] != "methods-cost"
            if about and is_effect and (len(own) < 2 or trial in own):
                kind = kind_of(finding.get("comparator"))
                yield TestedFinding(id_, str(trial), finding["outcome"], kind, about, finding)


def select(
    studies: Collection[str], interventions: Collection[str] = (), outcome: str | None = None, kind: str | None = None
) -> list[TestedFinding]:
    """Return the tested findings of these studies on these interventions (any if none are named)."""
    return [
        each
        for each in tested_findings()
        if each.study in studies
        and (not interventions or not each.interventions.isdisjoint(interventions))
        and outcome in (None, each.outcome)
        and kind in (None, each.kind)
    ]


def has_several_trials(study: str) -> bool:
    return len(bank()[1].get(study, [])) > 1


def evaluation_of(study: str) -> str:
    """Return as what a study counts: its trial, or itself."""
    own = bank()[1].get(study, [])
    return own[0] if own else study


@cache
def record_texts() -> tuple[str, ...]:
    """Return every text of every record, the longest first: what pages quote and the bank itself does not say."""
    found: set[str] = set()
    for study in bank()[0].values():
        _gather_texts(study, found)
    return tuple(sorted((text.rstrip(". ") for text in found if " " in text), key=len, reverse=True))


def _gather_texts(value: Any, found: set[str]) -> None:
    if isinstance(value, str):
        found.add(value)
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            _gather_texts(each, found)
