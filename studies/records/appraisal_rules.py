"""Rules of appraisals: the overall judgement of an instrument, what is still missing, which instrument fits. Pure.

Who may appraise is asked in `studies.appraisals`. Sources of the rules:
- worst domain: Sterne JAC et al. RoB 2: a revised tool for assessing risk of bias in randomised trials. BMJ
  2019;366:l4898, and its guidance of 22 August 2019, table on reaching an overall judgement: low where every domain is
  low; some concerns where at least one has some and none is high; high where one is high, or where several have some
  concerns in a way that substantially lowers confidence in the result. The last is the assessors' call.
- critical flaws: Shea BJ et al. AMSTAR 2. BMJ 2017;358:j4008, table on rating overall confidence: high with at most one
  weakness that is not critical; moderate with more; low with one critical flaw; critically low with more than one.
  Several weaknesses that are not critical may bring it down from moderate to low: again the assessors' call. Only "no"
  is a weakness; a "partial yes" meets the item in part. An item without a meta-analysis to judge does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from studies.records.appraisal import AppraisalRecord, InstrumentRecord, JudgementRecord

LOW, SOME, HIGH = "low", "some", "high"
_AMSTAR_LEVELS = frozenset({"high", "moderate", "low", "critically-low"})


@dataclass(frozen=True, slots=True)
class OverallJudgement:
    """The result of the rule of an instrument: the level that it gives, and the levels that the assessors may choose.

    `allowed` holds more than one code where the guidance leaves the choice to them.
    """

    level: str
    allowed: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return len(self.allowed) > 1


@dataclass(frozen=True, slots=True)
class AppraisalGap:
    """What an unfinished appraisal lacks. `field` is the code of a domain or "overall", `code` one of GAP_CODES."""

    field: str
    code: str


GAP_CODES = ("no-level", "unknown-level", "no-support", "no-overall", "overall-against-rule", "unknown-domain")


class InstrumentLike(Protocol):
    """An instrument as a record or a row: its id and the designs that it is meant for."""

    @property
    def id(self) -> str: ...
    @property
    def designs(self) -> tuple[str, ...]: ...


InstrumentT = TypeVar("InstrumentT", bound=InstrumentLike)


def judge_overall(instrument: InstrumentRecord, levels: Mapping[str, str]) -> OverallJudgement | None:
    """Return the overall judgement that follows from `levels`, the code of a level by the code of its domain.

    None while a domain has no level, and for an instrument without a rule, where the assessors decide.
    """
    if instrument.rule is None:
        return None
    judged = []
    for domain in instrument.domains:
        level = instrument.level(levels.get(domain.code, ""))
        if level is None:
            return None
        judged.append((domain.critical, level.risk_of_bias))
    return RULES[instrument.rule](instrument, judged)


def list_overall_levels(instrument: InstrumentRecord, levels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the codes that the overall judgement may have; empty while the rule lacks the level of a domain."""
    if instrument.rule is None:
        return tuple(level.code for level in instrument.overall)
    found = judge_overall(instrument, levels)
    return found.allowed if found else ()


def settle_overall(instrument: InstrumentRecord, levels: Mapping[str, str], chosen: str) -> str:
    """Return the overall level to store: that of the rule where it leaves no choice, else `chosen`."""
    found = judge_overall(instrument, levels)
    return found.level if found is not None and not found.is_open else chosen


def find_gaps(
    instrument: InstrumentRecord, judgements: Sequence[JudgementRecord], chosen: str
) -> tuple[AppraisalGap, ...]:
    """Return all that these judgements lack, in the order of the domains; empty if they can be finished.

    Each domain needs a level, and a support unless the level says that the domain does not apply. The overall
    judgement must be one that the rule allows.
    """
    by_domain = {judgement.domain: judgement for judgement in judgements}
    found = [
        AppraisalGap(code, "unknown-domain")
        for code in by_domain
        if code not in {domain.code for domain in instrument.domains}
    ]
    for domain in instrument.domains:
        judgement = by_domain.get(domain.code)
        if judgement is None or not judgement.level:
            found.append(AppraisalGap(domain.code, "no-level"))
            continue
        level = next((one for one in instrument.levels_of(domain) if one.code == judgement.level), None)
        if level is None:
            found.append(AppraisalGap(domain.code, "unknown-level"))
        elif level.risk_of_bias is not None and not judgement.has_support:
            found.append(AppraisalGap(domain.code, "no-support"))
    allowed = list_overall_levels(instrument, {code: judgement.level for code, judgement in by_domain.items()})
    # Before every domain is judged, the rule allows nothing yet: that is no gap of its own.
    is_undecided = instrument.rule is not None and not allowed
    if not chosen and not is_undecided:
        found.append(AppraisalGap("overall", "no-overall"))
    elif allowed and chosen not in allowed:
        found.append(AppraisalGap("overall", "overall-against-rule"))
    return tuple(found)


def rank_fit(instrument: InstrumentLike, designs: Sequence[str]) -> int | None:
    """Return the index of the first of `designs` that `instrument` is meant for; 0 is the main design."""
    return next((place for place, design in enumerate(designs) if design in instrument.designs), None)


def propose_instruments(instruments: Iterable[InstrumentT], designs: Sequence[str]) -> tuple[InstrumentT, ...]:
    """Return the instruments that fit a study of these designs, those of the main design first."""
    ranked = [(rank_fit(instrument, designs), instrument) for instrument in instruments]
    found = [(place, instrument) for place, instrument in ranked if place is not None]
    return tuple(instrument for _place, instrument in sorted(found, key=lambda pair: pair[0]))


def sort_appraisals(
    appraisals: Iterable[AppraisalRecord], instruments: Sequence[InstrumentLike], designs: Sequence[str]
) -> tuple[AppraisalRecord, ...]:
    """Sort the appraisals of one study; the facet counts the first.

    They are sorted by the first design that their instrument is meant for, those for none of them last, and then by the
    order of `instruments`.
    """
    order = {instrument.id: place for place, instrument in enumerate(instruments)}
    by_id = {instrument.id: instrument for instrument in instruments}

    def place(appraisal: AppraisalRecord) -> tuple[int, int]:
        instrument = by_id.get(appraisal.instrument)
        fit = rank_fit(instrument, designs) if instrument else None
        return (len(designs) if fit is None else fit, order.get(appraisal.instrument, len(order)))

    return tuple(sorted(appraisals, key=place))


def find_rule_problem(instrument: InstrumentRecord) -> str | None:
    """Return what an instrument lacks for its rule: "unknown-rule", "levels-missing", or None if it lacks nothing."""
    if instrument.rule is None:
        return None
    if instrument.rule not in RULES:
        return "unknown-rule"
    if instrument.rule == "critical-flaws":
        whole = {level.code for level in instrument.overall} >= _AMSTAR_LEVELS
    else:
        whole = {level.risk_of_bias for level in instrument.overall} >= {LOW, SOME, HIGH}
    return None if whole else "levels-missing"


_JudgedDomains = Sequence[tuple[bool, str | None]]


def _worst_domain(instrument: InstrumentRecord, judged: _JudgedDomains) -> OverallJudgement:
    found = [risk_of_bias for _critical, risk_of_bias in judged]
    by_level = {level.risk_of_bias: level.code for level in reversed(instrument.overall)}
    if HIGH in found:
        return _only(by_level[HIGH])
    if SOME not in found:
        return _only(by_level[LOW])
    if found.count(SOME) > 1:
        return OverallJudgement(by_level[SOME], (by_level[SOME], by_level[HIGH]))
    return _only(by_level[SOME])


def _critical_flaws(instrument: InstrumentRecord, judged: _JudgedDomains) -> OverallJudgement:
    flaws = sum(1 for critical, risk_of_bias in judged if critical and risk_of_bias == HIGH)
    weaknesses = sum(1 for critical, risk_of_bias in judged if not critical and risk_of_bias == HIGH)
    if flaws:
        return _only("low" if flaws == 1 else "critically-low")
    return OverallJudgement("moderate", ("moderate", "low")) if weaknesses > 1 else _only("high")


def _only(level: str) -> OverallJudgement:
    return OverallJudgement(level, (level,))


RULES: Mapping[str, Callable[[InstrumentRecord, _JudgedDomains], OverallJudgement]] = {
    "worst-domain": _worst_domain,
    "critical-flaws": _critical_flaws,
}
"""The rules by name. An instrument without one leaves the overall judgement to the assessors."""
