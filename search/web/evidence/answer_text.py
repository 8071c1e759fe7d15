"""Sentences of a summary of findings, a method for each rule: direction and size, never a count of significant results.

That effects are as their authors print them is said once a page, not here. No sentence says that something works.
`effect_words` writes the parts, `answer_facts_text` what is true of all rows together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from search.web.evidence.cell_text import design_text
from search.web.evidence.dimensions import lower_first
from search.web.evidence.effect_words import EffectWords
from search.web.evidence.passed_over_text import MOST_NAMED, tell_asides, tell_other_times
from search.web.evidence.sentences import Sentence, mark_link, parse_sentence
from studies.citations.names import join_with_and
from studies.synthesis.absolute_effect import AbsoluteEffect
from studies.synthesis.chosen_estimate import WOMEN
from studies.synthesis.direction import Movement
from studies.synthesis.evidence import STRENGTHS, classify_design
from studies.synthesis.plots import Measure
from studies.synthesis.summary_of_findings import ComparatorGroup, EvaluationResult, SummaryRow, ToldEstimate
from studies.text.numbers import format_number, format_percent

AddressOf = Callable[[tuple[str, ...]], str]
"""Returns the address of the list of these studies, by their ids."""

_RECORDS = "records"
"""The reporter of what nobody was asked."""

_ORDER = (Movement.LESS, Movement.MORE, Movement.MOVED, Movement.MIXED, Movement.NO_DIFFERENCE)


@dataclass(frozen=True)
class AnswerWriter:
    """Writes the sentences of rows. `names_of_kinds` has the name of each kind of comparator, as it follows "against".

    `measures` are those of the vocabulary.
    """

    words: EffectWords
    address_of: AddressOf
    names_of_kinds: Mapping[str, str]
    measures: Mapping[str, Measure]

    def row(self, row: SummaryRow) -> tuple[Sentence, ...]:
        """Return the sentences of a row, in the order in which they are read."""
        rules = (
            [self.measured_by(row), self.compared_with(row), *self.directions(row)],
            [*self.ranges(row), *self.pooled(row), *self.absolute(row), *self.other_times(row)],
            [*self.asides(row)],
            [self.reporters(row), self.packages(row)],
        )
        return tuple(parse_sentence(text) for rule in rules for text in rule if text)

    def group(self, group: ComparatorGroup) -> Sentence:
        """Return what all rows of a group have in common: what was compared, and how many evaluations did."""
        papers = papers_of(each for row in group.rows for each in row.evaluations)
        count = self._evaluations(len(group.works), papers)
        name = self.names_of_kinds.get(group.kind)
        if name is None:
            return parse_sentence(_("Comparación sin clasificar o sin dato: %(count)s.") % {"count": count})
        return parse_sentence(_("Frente a %(kind)s: %(count)s.") % {"kind": name, "count": count})

    def head(self, group: ComparatorGroup, row: SummaryRow) -> Sentence:
        """Return a row in one sentence that names its kind of comparator, for the head of an answer."""
        text = f"{self._against(group, row)}. {self.words.outcome_title(row.outcome)}: {self._movements(row)}"
        return parse_sentence(f"{text}{self._elsewhere(group, row)}.")

    def of_peru(self, rows: Iterable[tuple[ComparatorGroup, SummaryRow]]) -> Sentence:
        """Return rows of evaluations in Peru alone, each behind what it is compared with, for the head of an answer."""
        told = [
            f"{against}. {' '.join(self._short_text(row) for _group, row in own)}"
            for against, own in groupby(rows, key=lambda each: self._against(*each))
        ]
        return parse_sentence(_("En el Perú. %(rows)s") % {"rows": " ".join(told)})

    def measured_by(self, row: SummaryRow) -> str:
        """How many evaluations, of which designs, with how many people. One is called a single one."""
        values = {
            "count": self._linked_number(len(row.evaluations), papers_of(row.evaluations)),
            "designs": self._designs(row.evaluations),
        }
        if row.is_single:
            text = _("Lo mide una sola evaluación, %(designs)s") % values
        elif len({classify_design(each.work) for each in row.evaluations}) == 1:
            text = _("Lo miden %(count)s evaluaciones %(designs)s") % values
        else:
            text = _("Lo miden %(count)s evaluaciones (%(designs)s)") % values
        return f"{text}{self._people(row)}."

    def compared_with(self, row: SummaryRow) -> str:
        """What the other groups got, in the record's own words where it has them; "" where none is known.

        The group of the row says so.
        """
        told = [self.words.comparator(each.candidate.finding) for each in row.told]
        named = list(dict.fromkeys(each for each in told if each))
        if not named:
            return ""
        text = _("Se compara con: %(comparators)s.") % {"comparators": "; ".join(named)}
        unnamed = [each for each in row.evaluations if not self._names_comparator(each)]
        if unnamed:
            text += " " + _("Sin dato de con qué: %(names)s.") % {"names": self._names(unnamed)}
        return text

    def directions(self, row: SummaryRow) -> Iterator[str]:
        """Which way the outcome moved, by direction; every evaluation is told, whatever its significance."""
        found = row.by_movement()
        for movement in _ORDER:
            if own := found.get(movement):
                yield self._direction(movement, own, row)
        for each in found.get(None, ()):
            yield self.parts(each, row)

    def parts(self, evaluation: EvaluationResult, row: SummaryRow) -> str:
        """What an evaluation shows by arm, time or reporter, where its parts differ. Nobody calls that mixed."""
        labels = self.words.labels(evaluation.told, with_reporter=row.has_several_reporters)
        told = [
            f"{label}: {self.words.short_estimate(each.candidate.finding, each.direction)}"
            for label, each in zip(labels, evaluation.told, strict=True)
        ]
        values = {
            "one": self._linked_number(1, papers_of([evaluation])),
            "outcome": self.words.outcome(row.outcome),
            "parts": "; ".join(told),
        }
        if row.is_single:
            return _("Da resultados distintos en %(outcome)s: %(parts)s.") % values
        return _("%(one)s evaluación da resultados distintos: %(parts)s.") % values

    def other_times(self, row: SummaryRow) -> Iterator[str]:
        """What the same people told at another time, where that is another direction."""
        return tell_other_times(row, self.words)

    def asides(self, row: SummaryRow) -> Iterator[str]:
        """What the rule passed over and points another way: subgroups, other reporters, measures or papers."""
        return tell_asides(row, self.words)

    def ranges(self, row: SummaryRow) -> Iterator[str]:
        """From the smallest to the largest value of each measure that several evaluations give."""
        language = self.words.language
        for each in row.ranges:
            if len(each.works) < 2:
                continue
            own = [result for result in row.evaluations if result.work.id in each.works]
            is_percent = each.measure == "percent change"
            low, high = (
                format_percent(number, language) if is_percent else format_number(number, language)
                for number in (each.low, each.high)
            )
            label = self.words.measure(each.measure)
            if each.unit:
                label += f", {self.words.vocabulary.label('units', each.unit, language)}"
            yield _("%(measure)s: de %(low)s a %(high)s en %(count)s.") % {
                "measure": label[:1].upper() + label[1:],
                "low": low,
                "high": high,
                "count": self._evaluations(len(own), papers_of(own)),
            }

    def pooled(self, row: SummaryRow) -> Iterator[str]:
        """The mean where one is allowed."""
        for each in row.pooled:
            yield _("Promedio de %(count)s: %(figure)s.") % {
                "count": self._evaluations(len(each.studies), each.studies),
                "figure": self.words.interval_of_mean(
                    self.measures[each.measure], each.pooled.mean, each.pooled.low, each.pooled.high
                ),
            }

    def absolute(self, row: SummaryRow) -> Iterator[str]:
        """Of each 1,000, how many without and how many with, and where the first number comes from."""
        if len(row.evaluations) > MOST_NAMED:
            return
        for each in row.told:
            effect = each.absolute
            if isinstance(effect, AbsoluteEffect) and each.direction.movement is not Movement.MIXED:
                label = self.words.label(each.candidate, with_reporter=row.has_several_reporters)
                yield self.words.absolute(label, effect, is_of_women=each.candidate.finding.reporter == WOMEN)

    def reporters(self, row: SummaryRow) -> str:
        """Who reported the outcome; "" where no record says."""
        if not row.reporters:
            return ""
        is_known_of_all = all(each.candidate.finding.reporter for each in row.told)
        if row.reporters == (WOMEN,) and is_known_of_all:
            return _("Lo informan las propias mujeres.")
        if row.reporters == (_RECORDS,) and is_known_of_all:
            return _("Los datos vienen de registros, no de preguntas.")
        vocabulary, language = self.words.vocabulary, self.words.language
        names = [lower_first(vocabulary.label("reporters", code, language)) for code in row.reporters]
        text = _("Quién informa: %(who)s.") if is_known_of_all else _("Quién informa: %(who)s; en lo demás, sin dato.")
        return text % {"who": join_with_and(names, language)}

    def packages(self, row: SummaryRow) -> str:
        """Which evaluations tested it only together with others; "" for none."""
        own = [each for each in row.evaluations if each.is_packaged]
        if not own:
            return ""
        if len(own) == len(row.evaluations):
            return ngettext(
                "Se probó junto con otras intervenciones, no por separado.",
                "En todas se probó junto con otras intervenciones, no por separado.",
                len(own),
            )
        return _("Junto con otras intervenciones, no por separado: %(names)s.") % {"names": self._names(own)}

    def short_row(self, row: SummaryRow) -> Sentence:
        """Return a row in one sentence, for outcomes that do not come first: what moved which way, in how many."""
        return parse_sentence(self._short_text(row))

    def movements(self, row: SummaryRow) -> str:
        """Which way the outcome moved and in how many evaluations, as a sentence that does not name the outcome."""
        text = self._movements(row)
        return f"{text[:1].upper()}{text[1:]}."

    def _against(self, group: ComparatorGroup, row: SummaryRow) -> str:
        name = self.names_of_kinds.get(group.kind)
        if name is not None:
            return _("Frente a %(kind)s") % {"kind": name}
        # A comparator may be told in words and be of no kind.
        if any(self.words.comparator(each.candidate.finding) for each in row.told):
            return _("Comparación sin clasificar o sin dato")
        return _("Sin dato de con qué se compara")

    def _elsewhere(self, group: ComparatorGroup, row: SummaryRow) -> str:
        """Return what the same evaluations show on other outcomes of violence and not on this one; "" for nothing."""
        violence = group.violence(self.words.taxonomy)
        found = row.find_elsewhere(violence) if row in violence else {}
        told = [
            self._in_evaluations(self.words.short_change(movement, row.outcome), own) for movement, own in found.items()
        ]
        return "; " + _("en otros resultados de violencia, %(changes)s") % {"changes": "; ".join(told)} if told else ""

    def _short_text(self, row: SummaryRow) -> str:
        return f"{self.words.outcome_title(row.outcome)}: {self._movements(row)}."

    def _movements(self, row: SummaryRow) -> str:
        found = row.by_movement()
        told = [
            self._in_evaluations(self._briefly(movement, own, row), own) + self._open_intervals(movement, own)
            for movement in (*_ORDER, None)
            if (own := found.get(movement))
        ]
        others = [
            self._in_evaluations(self.words.short_change(movement, row.outcome), own)
            for movement, own in row.passed_over_movements().items()
        ]
        if others:
            told.append(_("otros hallazgos suyos, %(changes)s") % {"changes": "; ".join(others)})
        return "; ".join(told)

    def _in_evaluations(self, change: str, own: Sequence[EvaluationResult]) -> str:
        values = {"change": change, "count": self._evaluations(len(own), papers_of(own))}
        return _("%(change)s en %(count)s") % values

    def _direction(self, movement: Movement, own: Sequence[EvaluationResult], row: SummaryRow) -> str:
        reporters = {told.candidate.finding.reporter for each in own for told in each.told}
        is_numbered = any(self.words.figure(told.candidate.finding) for each in own for told in each.told)
        is_open = movement is Movement.NO_DIFFERENCE and not is_numbered
        pattern = self._without_direction(own, row) if is_open else self._pattern(movement, own, row)
        text = pattern % {
            "some": self._linked_number(len(own), papers_of(own)),
            "change": self.words.change(movement, row.outcome, reporters),
            "outcome": self.words.outcome(row.outcome),
        }
        if len(row.evaluations) > MOST_NAMED:
            return f"{text}."
        with_reporter = row.has_several_reporters
        told = [each for evaluation in own for each in evaluation.told]
        estimates = [
            self.words.estimate(each, label, names_missing=not is_open)
            for each, label in zip(told, self.words.labels(told, with_reporter=with_reporter), strict=True)
        ]
        return f"{text}: {'; '.join(estimates)}."

    def _pattern(self, movement: Movement, own: Sequence[EvaluationResult], row: SummaryRow) -> str:
        count = len(own)
        if movement not in (Movement.LESS, Movement.MORE):
            if row.is_single:
                return pgettext("una evaluación", "Muestra %(change)s")
            return ngettext(
                "%(some)s evaluación muestra %(change)s", "%(some)s evaluaciones muestran %(change)s", count
            )
        if row.is_single:
            return pgettext("una evaluación", "Apunta a %(change)s")
        if count == len(row.evaluations):
            return _("Las %(some)s evaluaciones apuntan a %(change)s")
        return ngettext("%(some)s evaluación apunta a %(change)s", "%(some)s evaluaciones apuntan a %(change)s", count)

    def _without_direction(self, own: Sequence[EvaluationResult], row: SummaryRow) -> str:
        """The pattern for evaluations of which nobody knows which way they point: no number, no clear difference."""
        if row.is_single:
            return _("Sus autores no ven una diferencia clara en %(outcome)s; el registro no trae la cifra")
        return ngettext(
            "En %(some)s evaluación sus autores no ven una diferencia clara; el registro no trae la cifra",
            "En %(some)s evaluaciones sus autores no ven una diferencia clara; los registros no traen la cifra",
            len(own),
        )

    def _briefly(self, movement: Movement | None, own: Sequence[EvaluationResult], row: SummaryRow) -> str:
        """Return a movement in a word, with the number where there is only one."""
        if movement is None:
            if len(own) > 1:
                return _("resultados distintos")
            parts = dict.fromkeys(self.words.short_change(each.direction.movement, row.outcome) for each in own[0].told)
            return _("resultados distintos (%(parts)s)") % {"parts": "; ".join(parts)}
        told = _estimates_of_one(own)
        if len(told) == 1:
            return self.words.short_estimate(told[0].candidate.finding, told[0].direction)
        return self.words.short_change(movement, row.outcome)

    def _open_intervals(self, movement: Movement | None, own: Sequence[EvaluationResult]) -> str:
        """Return in brackets how many of several intervals hold that nothing changed; "" for none."""
        if movement not in (Movement.LESS, Movement.MORE) or len(_estimates_of_one(own)) == 1:
            return ""
        every = sum(each.includes_no_difference == {True} for each in own)
        some = sum(each.includes_no_difference == {True, False} for each in own)
        texts = []
        if every:
            texts.append(
                ngettext(
                    "el intervalo de %(number)s incluye «sin diferencia»",
                    "los intervalos de %(number)s incluyen «sin diferencia»",
                    every,
                )
                % {"number": format_number(every, self.words.language)}
            )
        if some:
            pattern = ngettext(
                "en %(number)s, solo algún intervalo incluye «sin diferencia»",
                "en %(number)s, solo alguno de sus intervalos incluye «sin diferencia»",
                some,
            )
            texts.append(pattern % {"number": format_number(some, self.words.language)})
        return f" ({'; '.join(texts)})" if texts else ""

    def _names_comparator(self, evaluation: EvaluationResult) -> bool:
        return any(self.words.comparator(each.candidate.finding) for each in evaluation.told)

    def _designs(self, evaluations: Sequence[EvaluationResult]) -> str:
        strengths = [classify_design(each.work) for each in evaluations]
        parts = []
        for code in STRENGTHS:
            if count := strengths.count(code):
                name = design_text(code, count)
                of_all = len(evaluations)
                parts.append(name if count == of_all else f"{format_number(count, self.words.language)} {name}")
        return join_with_and(parts, self.words.language)

    def _people(self, row: SummaryRow) -> str:
        if row.people is None:
            return ""
        people = ngettext(", con %(people)s persona", ", con %(people)s personas", row.people) % {
            "people": format_number(row.people, self.words.language)
        }
        if row.people_known == len(row.evaluations):
            return people
        known = ngettext("en la única que lo dice", "en las %(known)s que lo dicen", row.people_known) % {
            "known": format_number(row.people_known, self.words.language)
        }
        return f"{people} {known}"

    def _names(self, evaluations: Iterable[EvaluationResult]) -> str:
        return "; ".join(self.words.name_of(each.papers[0]) for each in evaluations)

    def _evaluations(self, count: int, papers: tuple[str, ...]) -> str:
        return ngettext("%(number)s evaluación", "%(number)s evaluaciones", count) % {
            "number": self._linked_number(count, papers)
        }

    def _linked_number(self, number: int, papers: tuple[str, ...]) -> str:
        return mark_link(format_number(number, self.words.language), self.address_of(papers))


def papers_of(evaluations: Iterable[EvaluationResult]) -> tuple[str, ...]:
    """Return the ids of the studies that speak for evaluations, each once."""
    return tuple(dict.fromkeys(id_ for each in evaluations for id_ in each.papers))


def _estimates_of_one(own: Sequence[EvaluationResult]) -> list[ToldEstimate]:
    """Return the estimates of these evaluations; of a single one only that with a number, where only one has it."""
    told = [each for evaluation in own for each in evaluation.told]
    numbered = [each for each in told if each.candidate.finding.value is not None]
    return numbered if len(own) == len(numbered) == 1 else told
