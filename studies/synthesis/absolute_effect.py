"""What an effect means in absolute terms: of each 1,000 people, how many without the programme and how many with. Pure.

The number without comes from the comparison arm of the trial itself, else from a baseline (a survey of the country
asked about) of the same form of violence in the same window of time; else there is none, and the reason is given.
Source of the arithmetic: Cochrane Handbook for Systematic Reviews of Interventions, chapter 15 (absolute effects from
risk ratios and, by way of odds, from odds ratios). A prevalence ratio is read as a risk ratio.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from studies.records.finding import ArmRecord, FindingRecord

PER = 1000
"""People, the base of every absolute effect."""

COMPARISON_ARM = "comparison"
INTERVENTION_ARM = "intervention"

LAST_12_MONTHS = "last-12-months"
EVER = "ever"

PHYSICAL_OR_SEXUAL = "physical-or-sexual"
ANY_FORM = "any-form"

_WINDOWS = (
    (
        LAST_12_MONTHS,
        re.compile(r"\bpast[- ]year\b|\b(?:past|last|previous) (?:year|12 months|twelve months)\b", re.I),
    ),
    (EVER, re.compile(r"\blifetime\b|\bever\b", re.I)),
)

_PHYSICAL_OR_SEXUAL = re.compile(r"\bphysical(?:,? (?:and/)?or| and/or) sexual\b", re.I)
_OF_THE_MIND = re.compile(r"\b(?:emotional|psychological|verbal)\b", re.I)


class NoAbsoluteReason(StrEnum):
    """Why a finding has no absolute effect."""

    NO_VALUE = "no-value"
    MEASURE = "measure"
    """The measure is no ratio of risks or odds and no difference in percentage points."""
    NO_BASELINE = "no-baseline"
    """The trial gives no share of its comparison arm, and no baseline is of the same outcome and window."""
    WINDOW_NOT_STATED = "window-not-stated"
    """There is a baseline of the outcome, but the record does not say which window of time the finding is about."""
    FORM_NOT_STATED = "form-not-stated"
    """The same of the forms of violence that an outcome puts together."""
    TURNED_ROUND = "turned-round"
    """The measure counts the absence of the outcome, and the baseline its presence."""
    OUT_OF_RANGE = "out-of-range"
    """The share of the comparison arm is no share, or the effect leads below none or above all."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """How frequent an outcome is where no programme is: `percent` of people, in a `window` such as LAST_12_MONTHS.

    `form` tells which forms of violence are counted where the outcome puts several together: PHYSICAL_OR_SEXUAL or
    ANY_FORM, else "". `is_from_press` tells that a press note was read and not the survey itself.
    """

    outcome: str
    window: str
    percent: float
    year: int
    source_name: str
    url: str = ""
    form: str = ""
    is_from_press: bool = False


@dataclass(frozen=True, slots=True)
class AbsoluteEffect:
    """Numbers of 1,000 people. `low` and `high` are the ends of the interval of `with_programme`, None without one.

    `baseline` is None where the comparison arm of the trial itself is the base.
    """

    without: float
    with_programme: float
    low: float | None = None
    high: float | None = None
    baseline: Baseline | None = None

    @property
    def difference(self) -> float:
        """How many more (or, below zero, fewer) of 1,000 there are with the programme."""
        return self.with_programme - self.without


def compute_absolute_effect(
    finding: FindingRecord, baselines: Iterable[Baseline] = ()
) -> AbsoluteEffect | NoAbsoluteReason:
    """Return the absolute effect of a finding, or why it has none.

    Without a value in a measure that can be applied, the shares of the two arms stand for themselves, without an
    interval. Of several baselines the newest is used.
    """
    measure = finding.measure or ""
    own = find_share(finding.arms, COMPARISON_ARM)
    if finding.value is None or measure not in _APPLIED:
        other = find_share(finding.arms, INTERVENTION_ARM)
        if own is None or other is None:
            return NoAbsoluteReason.NO_VALUE if finding.value is None else NoAbsoluteReason.MEASURE
        if not (0 <= own <= 1 and 0 <= other <= 1):
            return NoAbsoluteReason.OUT_OF_RANGE
        return AbsoluteEffect(own * PER, other * PER)
    baseline = None
    if own is None:
        found = _find_baseline(finding, baselines)
        if isinstance(found, NoAbsoluteReason):
            return found
        baseline, own = found, found.percent / 100
    return _apply(finding, measure, own, baseline)


def find_share(arms: Iterable[ArmRecord], name: str) -> float | None:
    """Return the share of an arm that had the outcome, from 0 to 1: its events of n, else its percentage."""
    for arm in arms:
        if arm.arm == name:
            if arm.events is not None and arm.n:
                return arm.events / arm.n
            return None if arm.percent is None else float(arm.percent) / 100
    return None


def find_window(finding: FindingRecord) -> str | None:
    """Return LAST_12_MONTHS or EVER if the statement of a finding names that window of time, else None.

    The record has no field for it. A statement that names both windows tells none.
    """
    named = [window for window, pattern in _WINDOWS if pattern.search(finding.statement_en or "")]
    return named[0] if len(named) == 1 else None


def find_form(finding: FindingRecord) -> str | None:
    """Return PHYSICAL_OR_SEXUAL or ANY_FORM if the statement of a finding says so, else None. No field holds it."""
    statement = finding.statement_en or ""
    with_mind = bool(_OF_THE_MIND.search(statement))
    if _PHYSICAL_OR_SEXUAL.search(statement):
        return ANY_FORM if with_mind else PHYSICAL_OR_SEXUAL
    return None


def apply_risk_ratio(risk: float, ratio: float) -> float:
    """Return the risk with the programme: 0.070 and 0.63 give 0.0441. Never above 1."""
    return min(risk * ratio, 1.0)


def apply_odds_ratio(risk: float, ratio: float) -> float:
    """Return the risk with the programme, by way of odds: 0.070 and 0.63 give 0.0453."""
    return risk * ratio / (1 - risk + risk * ratio)


def apply_points(risk: float, points: float) -> float:
    """Return the risk after a change in percentage points, never below 0 or above 1."""
    return min(max(risk + points / 100, 0.0), 1.0)


_APPLIED = {
    "risk ratio": apply_risk_ratio,
    "prevalence ratio": apply_risk_ratio,
    "odds ratio": apply_odds_ratio,
    "percentage points": apply_points,
}


def _apply(
    finding: FindingRecord, measure: str, risk: float, baseline: Baseline | None
) -> AbsoluteEffect | NoAbsoluteReason:
    value, low, high = finding.value, finding.ci_low, finding.ci_high
    assert value is not None
    is_ratio = measure != "percentage points"
    if not 0 <= risk <= 1 or (is_ratio and value <= 0):
        return NoAbsoluteReason.OUT_OF_RANGE
    apply = _APPLIED[measure]
    # A point estimate beyond the possible says that this base does not fit; an end of an interval is only cut.
    if not is_ratio and not 0 <= risk + value / 100 <= 1:
        return NoAbsoluteReason.OUT_OF_RANGE
    if measure in ("risk ratio", "prevalence ratio") and risk * value > 1:
        return NoAbsoluteReason.OUT_OF_RANGE
    ends: tuple[float | None, float | None] = (None, None)
    if low is not None and high is not None and not (is_ratio and low < 0):
        ends = (apply(risk, low) * PER, apply(risk, high) * PER)
    return AbsoluteEffect(risk * PER, apply(risk, value) * PER, *ends, baseline=baseline)


def _find_baseline(finding: FindingRecord, baselines: Iterable[Baseline]) -> Baseline | NoAbsoluteReason:
    same = [each for each in baselines if each.outcome == finding.outcome]
    if not same:
        return NoAbsoluteReason.NO_BASELINE
    window = find_window(finding)
    if window is None:
        return NoAbsoluteReason.WINDOW_NOT_STATED
    form = find_form(finding)
    if form is None and all(each.form for each in same):
        return NoAbsoluteReason.FORM_NOT_STATED
    fitting = [each for each in same if each.window == window and each.form in ("", form)]
    if not fitting:
        return NoAbsoluteReason.NO_BASELINE
    if finding.higher_is == "better":
        return NoAbsoluteReason.TURNED_ROUND
    return max(fitting, key=lambda each: (each.year, not each.is_from_press))
