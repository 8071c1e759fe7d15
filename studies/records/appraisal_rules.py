"""How an appraisal is judged: the overall rule of an instrument, what is still missing, which instrument fits. Pure.

Sources of the rules:
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
class Overall:
    """What the rule of an instrument makes of the domains: the level it gives, and all that the assessors may choose.

    `may_be` holds more than one where the guidance leaves it to them.
    """

    level: str
    may_be: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return len(self.may_be) > 1


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps an appraisal from being finished. `field` is a domain's code, or "overall"."""

    field: str
    code: str


LACKS = ("no-level", "unknown-level", "no-support", "no-overall", "overall-against-rule", "unknown-domain")


class Fitting(Protocol):
    """An instrument, as a record or a row: what it is called and for which designs it is meant."""

    @property
    def id(self) -> str: ...
    @property
    def designs(self) -> tuple[str, ...]: ...


AnInstrument = TypeVar("AnInstrument", bound=Fitting)


def overall(instrument: InstrumentRecord, levels: Mapping[str, str]) -> Overall | None:
    """Apply the rule of `instrument` to the level of each domain, by its code.

    Returns None while a domain has no level, and for an instrument without a rule: the assessors then give it.
    """
    if instrument.rule is None:
        return None
    judged = []
    for domain in instrument.domains:
        level = instrument.level(levels.get(domain.code, ""))
        if level is None:
            return None
        judged.append((domain.critical, level.certainty))
    return RULES[instrument.rule](instrument, judged)


def choices(instrument: InstrumentRecord, levels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the codes that the overall judgement may have."""
    if instrument.rule is None:
        return tuple(level.code for level in instrument.overall)
    found = overall(instrument, levels)
    return found.may_be if found else ()


def settled(instrument: InstrumentRecord, levels: Mapping[str, str], chosen: str) -> str:
    """Return the overall level to keep: what the rule gives where it leaves no choice, else what was chosen."""
    found = overall(instrument, levels)
    return found.level if found is not None and not found.is_open else chosen


def lacks(instrument: InstrumentRecord, judgements: Sequence[JudgementRecord], chosen: str) -> tuple[Lack, ...]:
    """Return all that keeps these judgements from being finished, in the order of the domains.

    Each domain needs a level, and a support unless the level says that the domain does not apply. The overall
    judgement must be one that the rule allows.
    """
    by_domain = {judgement.domain: judgement for judgement in judgements}
    found = [
        Lack(code, "unknown-domain") for code in by_domain if code not in {domain.code for domain in instrument.domains}
    ]
    for domain in instrument.domains:
        judgement = by_domain.get(domain.code)
        if judgement is None or not judgement.level:
            found.append(Lack(domain.code, "no-level"))
            continue
        level = next((one for one in instrument.levels_of(domain) if one.code == judgement.level), None)
        if level is None:
            found.append(Lack(domain.code, "unknown-level"))
        elif level.certainty is not None and not judgement.has_support:
            found.append(Lack(domain.code, "no-support"))
    allowed = choices(instrument, {code: judgement.level for code, judgement in by_domain.items()})
    is_waiting = instrument.rule is not None and not allowed  # the rule cannot tell before every domain is judged
    if not chosen and not is_waiting:
        found.append(Lack("overall", "no-overall"))
    elif allowed and chosen not in allowed:
        found.append(Lack("overall", "overall-against-rule"))
    return tuple(found)


def fits(instrument: Fitting, designs: Sequence[str]) -> int | None:
    """Return the place of the first of `designs` that `instrument` is meant for; 0 is the main one. None if none is."""
    return next((place for place, design in enumerate(designs) if design in instrument.designs), None)


def fitting(instruments: Iterable[AnInstrument], designs: Sequence[str]) -> tuple[AnInstrument, ...]:
    """Return the instruments that are proposed for a study of these designs, that of the main one first."""
    ranked = [(fits(instrument, designs), instrument) for instrument in instruments]
    found = [(place, instrument) for place, instrument in ranked if place is not None]
    return tuple(instrument for _place, instrument in sorted(found, key=lambda pair: pair[0]))


def in_order(
    appraisals: Iterable[AppraisalRecord], instruments: Sequence[Fitting], designs: Sequence[str]
) -> tuple[AppraisalRecord, ...]:
    """Order the appraisals of one study: the first is the one that the facet takes.

    First the instrument that is meant for the main design, then for the second, and so on; those meant for none of them
    last; among equals in the order of `instruments`.
    """
    order = {instrument.id: place for place, instrument in enumerate(instruments)}
    by_id = {instrument.id: instrument for instrument in instruments}

    def place(appraisal: AppraisalRecord) -> tuple[int, int]:
        instrument = by_id.get(appraisal.instrument)
        fit = fits(instrument, designs) if instrument else None
        return (len(designs) if fit is None else fit, order.get(appraisal.instrument, len(order)))

    return tuple(sorted(appraisals, key=place))


def rule_problem(instrument: InstrumentRecord) -> str | None:
    """Say what an instrument lacks for its rule: "unknown-rule", "levels-missing", or None where it is whole."""
    if instrument.rule is None:
        return None
    if instrument.rule not in RULES:
        return "unknown-rule"
    if instrument.rule == "critical-flaws":
        whole = {level.code for level in instrument.overall} >= _AMSTAR_LEVELS
    else:
        whole = {level.certainty for level in instrument.overall} >= {LOW, SOME, HIGH}
    return None if whole else "levels-missing"


_Judged = Sequence[tuple[bool, str | None]]


def _worst_domain(instrument: InstrumentRecord, judged: _Judged) -> Overall:
    found = [certainty for _critical, certainty in judged]
    by_certainty = {level.certainty: level.code for level in reversed(instrument.overall)}
    if HIGH in found:
        return _only(by_certainty[HIGH])
    if SOME not in found:
        return _only(by_certainty[LOW])
    if found.count(SOME) > 1:
        return Overall(by_certainty[SOME], (by_certainty[SOME], by_certainty[HIGH]))
    return _only(by_certainty[SOME])


def _critical_flaws(instrument: InstrumentRecord, judged: _Judged) -> Overall:
    flaws = sum(1 for critical, certainty in judged if critical and certainty == HIGH)
    weaknesses = sum(1 for critical, certainty in judged if not critical and certainty == HIGH)
    if flaws:
        return _only("low" if flaws == 1 else "critically-low")
    return Overall("moderate", ("moderate", "low")) if weaknesses > 1 else _only("high")


def _only(level: str) -> Overall:
    return Overall(level, (level,))


RULES: Mapping[str, Callable[[InstrumentRecord, _Judged], Overall]] = {
    "worst-domain": _worst_domain,
    "critical-flaws": _critical_flaws,
}
"""The rules by name. An instrument without one leaves the overall judgement to the assessors."""
