"""Words for what an outcome did and for one estimate: direction, size, interval, time. `answer_text` makes sentences.

A movement is told of the outcome itself ("menos violencia", "más denuncias"), never as a favourable change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from search.web.evidence.dimensions import lower_first
from studies.records.finding import FindingRecord
from studies.store.vocabularies import Vocabularies
from studies.synthesis.absolute_effect import COMPARISON_ARM, INTERVENTION_ARM, AbsoluteEffect, find_share
from studies.synthesis.chosen_estimate import Candidate
from studies.synthesis.direction import NEITHER_IS_BETTER, Direction, Movement
from studies.synthesis.evidence import Taxonomy
from studies.synthesis.orientation import is_less_better
from studies.synthesis.plots import Measure
from studies.synthesis.summary_of_findings import ToldEstimate
from studies.text.bilingual import choose_text
from studies.text.numbers import format_number, format_percent
from studies.web.shared.findings import figure_text, follow_up_text, interval_text

NameOf = Callable[[str], str]
"""Returns the short name of a study by its id: authors, year and place."""

_USED_BY_MEN = "perpetration"
"""The outcome that mostly men themselves report."""

_QUANTITIES = frozenset(
    {"reporting", "help-seeking", "knowledge-rights", "employment-income", "social-support", "education"}
)
"""Outcomes of which there can be more, besides violence. Of the others there is better and worse."""

_SIGNED = frozenset({"percentage points", "percent change", "standard deviations", "Hedges g", "Cohen d"})
"""Differences that are written with their sign."""

_UNITS = frozenset({"percentage points", "standard deviations"})
"""Measures whose name stands behind the number, as that of a unit."""

_IN_WORDS_OF_ODDS = "odds ratio"
_SIZED = frozenset({"odds ratio", "risk ratio", "prevalence ratio", "hazard ratio", "incidence rate ratio", "ratio"})
"""Ratios whose distance from 1 is read as a percentage."""


def of_each_thousand(language: str) -> str:
    """Return the head of what is told of 1,000 people, whose number no line breaks."""
    return _("De cada %(thousand)s") % {"thousand": format_number(1000, language)}


@dataclass(frozen=True)
class EffectWords:
    """Writes estimates in one language; Django's active language must be the same."""

    vocabulary: Vocabularies
    taxonomy: Taxonomy
    language: str
    name_of: NameOf

    def outcome(self, code: str) -> str:
        """Return the name of an outcome as it stands within a sentence."""
        if code == _USED_BY_MEN:
            return _("violencia ejercida por hombres")
        return lower_first(self.vocabulary.label("outcomes", code, self.language))

    def outcome_title(self, code: str) -> str:
        """Return the name of an outcome as it begins a line: whoever used violence, the row says who tells it."""
        name = self.outcome(code) if code == _USED_BY_MEN else self.vocabulary.label("outcomes", code, self.language)
        return name[:1].upper() + name[1:]

    def change(self, movement: Movement, outcome: str, reporters: AbstractSet[str | None] = frozenset()) -> str:
        """Return what happened to an outcome: "menos violencia física de pareja", "una mejora en salud mental".

        `reporters` are those who told it: that men report less violence of their own may not be that there is less.
        """
        if outcome == _USED_BY_MEN and movement in (Movement.LESS, Movement.MORE):
            return self._used_by_men(movement, reporters)
        return self._change_pattern(movement, outcome) % {"outcome": self.outcome(outcome)}

    def short_change(self, movement: Movement, outcome: str) -> str:
        """Return the same where the outcome has just been named: "menos", "mejor"."""
        if self._is_quantity(outcome):
            less, more = pgettext("resultado", "menos"), pgettext("resultado", "más")
        else:
            less, more = pgettext("resultado", "peor"), pgettext("resultado", "mejor")
        return {
            Movement.LESS: less,
            Movement.MORE: more,
            Movement.NO_DIFFERENCE: _("sin diferencia clara"),
            Movement.MOVED: _("cambio sin dirección clara"),
            Movement.MIXED: _("mixto, como lo llaman sus autores"),
        }[movement]

    def part(self, candidate: Candidate, *, with_reporter: bool = True) -> str:
        """Return what tells a finding from others of its evaluation: arm, people, reporter, time; "" for none."""
        finding = candidate.finding
        texts = ((finding.arm_es, finding.arm_en), (finding.subgroup_es, finding.subgroup_en))
        parts = [str(choose_text(es, en, self.language) or "") for es, en in texts]
        if finding.reporter and with_reporter:
            reporter = lower_first(self.vocabulary.label("reporters", finding.reporter, self.language))
            parts.append(_("según %(who)s") % {"who": reporter})
        if finding.follow_up:
            parts.append(self.time(finding))
        return ", ".join(part for part in parts if part)

    def label(self, candidate: Candidate, *, with_reporter: bool = True) -> str:
        """Return the paper of a finding, with what tells it from others."""
        name, part = self.name_of(candidate.study.id), self.part(candidate, with_reporter=with_reporter)
        return f"{name}, {part}" if part else name

    def labels(self, told: Sequence[ToldEstimate], *, with_reporter: bool = True) -> list[str]:
        """Return the labels of estimates; two that would be alike are told apart by what the record says of them."""
        labels = [self.label(each.candidate, with_reporter=with_reporter) for each in told]
        return [
            label if labels.count(label) == 1 else f"{label}, {self.statement(each.candidate.finding)}"
            for label, each in zip(labels, told, strict=True)
        ]

    def estimate(self, told: ToldEstimate, label: str, *, names_missing: bool = True) -> str:
        """Return an estimate behind its label: its number and what its interval holds.

        `names_missing`: say so where there is no number.
        """
        finding = told.candidate.finding
        figure = self.figure(finding) or (_("sin cifra") if names_missing else "")
        notes = [note for note in (figure, self.precision(finding, told.direction)) if note]
        return f"{label} ({'; '.join(notes)})" if notes else label

    def short_estimate(self, finding: FindingRecord, direction: Direction) -> str:
        """Return what happened to an outcome that has just been named, and its number: "menos (−20 %)"."""
        told = "; ".join(note for note in (self.figure(finding), self.precision(finding, direction)) if note)
        change = self.short_change(direction.movement, finding.outcome)
        return f"{change} ({told})" if told else change

    def figure(self, finding: FindingRecord) -> str:
        """Return measure, value and interval: "razón de riesgos 0,45 [0,23; 0,91]".

        Without a value the shares of the two arms, where the record has them: "9,2 % frente a 23,1 %"; else "".
        """
        if finding.value is None:
            return self._shares(finding)
        value = figure_text(finding, self.vocabulary, self.language)
        if finding.measure in _SIGNED and finding.value > 0:
            value = f"+{value}"
        interval = interval_text(finding, self.language)
        label = self.measure(finding.measure or "")
        if finding.measure in _UNITS:
            if abs(finding.value) == 1:
                label = {"percentage points": _("punto porcentual")}.get(finding.measure, _("desviación estándar"))
            text = f"{value} {label} {interval}"
        elif finding.measure == "percent change":
            text = f"{value} {interval}"
        else:
            text = f"{label} {value} {interval}"
        note = self._sense(finding)
        return f"{text.strip()}; {note}" if note else text.strip()

    def precision(self, finding: FindingRecord, direction: Direction) -> str:
        """Return what the interval, or the source, lets nobody say; "" where there is nothing of the kind."""
        if direction.includes_no_difference and direction.movement is not Movement.MIXED:
            return self._inclusion(finding)
        if direction.is_inconclusive:
            return _("sus autores dicen que el estudio no permite saberlo")
        if not direction.is_from_value and self.compares(finding) and finding.value is not None:
            # Its sign does not tell: the scale may be turned round.
            is_told = direction.movement in (Movement.LESS, Movement.MORE)
            return _("la dirección es la que dicen sus autores, no la del número") if is_told else ""
        if direction.is_from_value and direction.includes_no_difference is None:
            if direction.is_unclear:
                return _("sin intervalo; sus autores no ven una diferencia clara")
            return _("sin intervalo")
        return ""

    def compares(self, finding: FindingRecord) -> bool:
        """Return True if the value of a finding compares groups or times, and does not only describe."""
        term = self.vocabulary.find("measures", finding.measure or "")
        return term is not None and term.attributes.get("kind") in ("ratio", "difference")

    def statement(self, finding: FindingRecord) -> str:
        """Return what the record says of a finding, in quotation marks."""
        text = str(choose_text(finding.statement_es, finding.statement_en, self.language) or "")
        return f"«{text.rstrip('. ')}»"

    def measure(self, code: str) -> str:
        """Return the name of a measure without what stands in brackets behind it."""
        return self.vocabulary.label("measures", code, self.language).split(" (")[0]

    def interval_of_mean(self, measure: Measure, mean: float, low: float, high: float) -> str:
        """Return a pooled mean and its interval, back from the scale of pooling."""
        ends = [math.exp(number) if measure.is_log else number for number in (mean, low, high)]
        first, *others = (format_number(number, self.language, 2) for number in ends)
        return f"{self.measure(measure.code)} {first} [{'; '.join(others)}]"

    def comparator(self, finding: FindingRecord) -> str:
        """Return what the other group got, in the record's own words where it has them; "" where nobody says."""
        text = choose_text(finding.comparator_es, finding.comparator_en, self.language)
        if text is not None:
            return str(text)
        if finding.comparator is None:
            return ""
        phrase = {
            "not-yet": _("quienes lo recibieron más tarde"),
            "minimal": _("algo mínimo, como una tarjeta o una charla breve"),
            "before": _("la situación anterior"),
            "not-exposed": _("quienes no estuvieron expuestos"),
            "other-arms": _("otros grupos con programa"),
        }.get(finding.comparator)
        return phrase or lower_first(self.vocabulary.label("comparators", finding.comparator, self.language))

    def absolute(self, label: str, effect: AbsoluteEffect, *, is_of_women: bool) -> str:
        """Return an absolute effect behind a label, with the base that it rests on."""
        language = self.language
        without, with_programme = (
            format_number(round(number), language) for number in (effect.without, effect.with_programme)
        )
        text = (
            _("%(label)s, de cada %(thousand)s mujeres: de %(without)s a %(with)s")
            if is_of_women
            else _("%(label)s, de cada %(thousand)s personas: de %(without)s a %(with)s")
        ) % {"label": label, "thousand": format_number(1000, language), "without": without, "with": with_programme}
        if effect.low is not None and effect.high is not None:
            low, high = (format_number(round(number), language) for number in (effect.low, effect.high))
            text += " " + _("(entre %(low)s y %(high)s)") % {"low": low, "high": high}
        return f"{text}; {self._base(effect)}."

    def time(self, finding: FindingRecord) -> str:
        """Return when a finding was measured: "tras 24 meses"."""
        if not finding.follow_up:
            return _("sin dato de cuándo")
        return _("tras %(time)s") % {"time": follow_up_text(finding.follow_up)}

    def _base(self, effect: AbsoluteEffect) -> str:
        baseline = effect.baseline
        if baseline is None:
            return _("base: el grupo de comparación del ensayo")
        is_dated = str(baseline.year) in baseline.source_name
        text = _("base: %(source)s, %(percent)s") % {
            "source": baseline.source_name if is_dated else f"{baseline.source_name}, {baseline.year}",
            "percent": format_percent(baseline.percent, self.language),
        }
        from_press = _("cifra leída en la prensa")
        return f"{text}, {from_press}" if baseline.is_from_press else text

    def _is_quantity(self, outcome: str) -> bool:
        return is_less_better(outcome, self.taxonomy) or outcome in _QUANTITIES

    def _change_pattern(self, movement: Movement, outcome: str) -> str:
        if movement is Movement.NO_DIFFERENCE:
            return _("ninguna diferencia clara en %(outcome)s")
        if movement is Movement.MOVED and outcome in NEITHER_IS_BETTER:
            return _("un cambio en %(outcome)s, sin dato de en qué sentido")
        if movement is Movement.MOVED:
            return _("un cambio en %(outcome)s, sin que esté claro si para bien o para mal")
        if movement is Movement.MIXED:
            return _("resultados mixtos en %(outcome)s")
        if self._is_quantity(outcome):
            return _("menos %(outcome)s") if movement is Movement.LESS else _("más %(outcome)s")
        if movement is Movement.MORE:
            return _("una mejora en %(outcome)s")
        return _("un empeoramiento en %(outcome)s")

    def _inclusion(self, finding: FindingRecord) -> str:
        """Return what an interval that includes no difference holds, in per cent where the measure allows it."""
        low, high = finding.ci_low, finding.ci_high
        if low is None or high is None:
            return ""
        null = self._null(finding)
        if null in (low, high):
            return _("el intervalo llega hasta «sin diferencia»")
        is_turned = finding.higher_is == "better" and is_less_better(finding.outcome, self.taxonomy)
        if is_turned or not self._is_quantity(finding.outcome):
            return _("no concluye: el intervalo incluye «sin diferencia»")
        if finding.measure not in _SIZED or low <= 0:
            return _("no concluye: el intervalo incluye menos y más")
        text = _("no concluye: de %(less)s menos a %(more)s más")
        if finding.measure == _IN_WORDS_OF_ODDS:
            text = _("no concluye: de %(less)s menos a %(more)s más, en posibilidades")
        return text % {
            "less": format_percent(round((1 - low) * 100), self.language),
            "more": format_percent(round((high - 1) * 100), self.language),
        }

    def _null(self, finding: FindingRecord) -> float | None:
        term = self.vocabulary.find("measures", finding.measure or "")
        return None if term is None else term.attributes.get("null")

    def _sense(self, finding: FindingRecord) -> str:
        """Return what a higher number means, where it is not what the name of the outcome makes one think."""
        is_usual = (finding.higher_is == "worse") == is_less_better(finding.outcome, self.taxonomy)
        if finding.higher_is is None or is_usual or finding.outcome in NEITHER_IS_BETTER:
            return ""
        return _("un número más alto es peor") if finding.higher_is == "worse" else _("un número más alto es mejor")

    def _shares(self, finding: FindingRecord) -> str:
        shares = [find_share(finding.arms, name) for name in (INTERVENTION_ARM, COMPARISON_ARM)]
        if None in shares:
            return ""
        tested, compared = (
            format_percent(round(100 * share, 1), self.language) for share in shares if share is not None
        )
        text = _("%(tested)s frente a %(compared)s") % {"tested": tested, "compared": compared}
        note = self._sense(finding)
        return f"{text}; {note}" if note else text

    def _used_by_men(self, movement: Movement, reporters: AbstractSet[str | None]) -> str:
        is_less = movement is Movement.LESS
        if reporters == {"men"}:
            if is_less:
                return _("menos violencia ejercida, según los propios hombres")
            return _("más violencia ejercida, según los propios hombres")
        if reporters == {"adolescents"}:
            if is_less:
                return _("menos violencia ejercida, según los propios adolescentes")
            return _("más violencia ejercida, según los propios adolescentes")
        return _("menos violencia ejercida por hombres") if is_less else _("más violencia ejercida por hombres")
