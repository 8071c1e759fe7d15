"""The view model of a table of findings: numbers with their measure, intervals, time to measurement. No query."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studies.records.finding import USUAL_LEVEL, FindingRecord
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.language import page_language
from studies.text.numbers import EN_DASH, Number, count_decimals, format_number, format_percent
from studies.web.shared.arm_table import ArmTable, arm_table
from studies.web.shared.finding_notes import FindingNote, finding_notes, qualifier_text, tests_nothing
from studies.web.shared.links import SourceLink, source_link

PERCENT_MEASURES = frozenset({"percent change", "prevalence", "share"})


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A row of the table of findings. `figure` is empty if the record has no number.

    `qualifier` has arm and subgroup in few words. `is_inconclusive`: the study cannot tell, whatever the effect says.
    """

    outcome: str
    qualifier: str
    effect_code: str
    effect_label: str
    is_inconclusive: bool
    statement: LocalizedText | None
    notes: tuple[FindingNote, ...]
    figure: str
    interval: str
    p: str
    measure: str
    follow_up: str

    @property
    def has_number(self) -> bool:
        return bool(self.figure or self.interval or self.p)


@dataclass(frozen=True, slots=True)
class FindingsTable:
    """What a study found, as a table with its sources.

    `figure_heading` heads the column of numbers: their measure if they share one, and what is in brackets.
    `sources` are those of the findings. If the record names none, they are all its sources, and `sources_are_general`.
    `tests_nothing`: the record says of every finding that it tests no intervention.
    """

    rows: tuple[FindingRow, ...]
    figure_heading: str
    sources: tuple[SourceLink, ...]
    sources_are_general: bool
    tests_nothing: bool = False
    arms: ArmTable | None = None

    @property
    def has_figures(self) -> bool:
        return any(row.has_number for row in self.rows)

    @property
    def has_effects(self) -> bool:
        """Whether any of the findings is more than a description."""
        return any(row.effect_code != "not-estimated" for row in self.rows)

    @property
    def has_follow_up(self) -> bool:
        return any(row.follow_up for row in self.rows)


def findings_table(record: StudyRecord, vocabulary: Vocabularies, language: str) -> FindingsTable:
    """Return the table of a record's findings."""
    measures = {finding.measure for finding in record.findings if finding.measure}
    shared = measures.pop() if len(measures) == 1 else ""
    heading = vocabulary.label("measures", shared, language) if shared else _("Cifra")
    heading = heading[:1].upper() + heading[1:]
    if any(finding.has_interval for finding in record.findings):
        heading = _("%(measure)s [intervalo]") % {"measure": heading}
    named = [source for source in record.sources if "findings" in source.supports]
    return FindingsTable(
        rows=tuple(_row(finding, record, vocabulary, language, with_measure=not shared) for finding in record.findings),
        figure_heading=heading,
        sources=tuple(source_link(source) for source in named or record.sources),
        sources_are_general=not named,
        tests_nothing=tests_nothing(record),
        arms=arm_table(record.findings, vocabulary, language),
    )


def figure_text(finding: FindingRecord, vocabulary: Vocabularies, language: str) -> str:
    """Return the value with its unit: "−3,2", "52 %", "1,4 llamadas por día"; "" without a value."""
    if finding.value is None:
        return ""
    if finding.measure in PERCENT_MEASURES:
        return format_percent(finding.value, language, _decimals(finding))
    number = format_number(finding.value, language, _decimals(finding))
    return f"{number} {_unit(finding, vocabulary, language)}" if finding.unit else number


def interval_text(finding: FindingRecord, language: str) -> str:
    """Return the interval in brackets, with its level if that is not 95 %; "" without an interval."""
    if finding.ci_low is None or finding.ci_high is None:
        return ""
    low, high = (format_number(end, language, _decimals(finding)) for end in (finding.ci_low, finding.ci_high))
    level = finding.interval_level
    note = "" if level == USUAL_LEVEL else f" ({interval_level_text(level, language)})"
    return f"[{low}; {high}]{note}"


def p_text(finding: FindingRecord, language: str) -> str:
    """Return the p value, or the bound that the source gives instead: "p = 0,03", "p < 0,001"; "" without either."""
    if finding.p is not None:
        return f"p = {format_number(finding.p, language)}"
    return f"p < {format_number(finding.p_below, language)}" if finding.p_below is not None else ""


def interval_level_text(level: Number, language: str) -> str:
    """Return the level of an interval in words: "intervalo de 95 %"."""
    return _("intervalo de %(level)s") % {"level": format_percent(level, language)}


def follow_up_text(text: str) -> str:
    """Return a time to measurement in the page's language: "5-9 months" is "5–9 meses", "2.5 years" "2,5 años".

    Other texts stay the same.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(?:\s*-\s*(\d+(?:\.\d+)?))? (day|week|month|year)s?", text)
    if not match:
        return text
    first, last, unit = match.groups()
    language = page_language()
    # A range or a fraction takes the plural.
    count = 1 if first == "1" and not last else 2
    words = {
        "day": ngettext("día", "días", count),
        "week": ngettext("semana", "semanas", count),
        "month": ngettext("mes", "meses", count),
        "year": ngettext("año", "años", count),
    }
    number = EN_DASH.join(format_number(float(end), language) for end in (first, last) if end)
    return f"{number} {words[unit]}"


def _row(
    finding: FindingRecord, record: StudyRecord, vocabulary: Vocabularies, language: str, *, with_measure: bool
) -> FindingRow:
    return FindingRow(
        outcome=vocabulary.label("outcomes", finding.outcome, language),
        qualifier=qualifier_text(finding, language),
        effect_code=finding.effect,
        effect_label=vocabulary.label("effects", finding.effect, language),
        is_inconclusive=bool(finding.inconclusive),
        statement=choose_text(finding.statement_es, finding.statement_en, language),
        notes=finding_notes(finding, record, vocabulary, language),
        figure=figure_text(finding, vocabulary, language),
        interval=interval_text(finding, language),
        p=p_text(finding, language),
        measure=vocabulary.label("measures", finding.measure, language) if finding.measure and with_measure else "",
        follow_up=follow_up_text(finding.follow_up) if finding.follow_up else "",
    )


def _decimals(finding: FindingRecord) -> int:
    """Return the decimals that a value and its interval share, so that 0,5 [0,34; 0,6] reads 0,50 [0,34; 0,60]."""
    numbers = (finding.value, finding.ci_low, finding.ci_high)
    return max((count_decimals(number) for number in numbers if number is not None), default=0)


def _unit(finding: FindingRecord, vocabulary: Vocabularies, language: str) -> str:
    term = vocabulary.term("units", finding.unit or "")
    if language == "es" and finding.value is not None and abs(finding.value) == 1:
        return str(term.attributes.get("es_singular", term.es))
    return term.label(language)
