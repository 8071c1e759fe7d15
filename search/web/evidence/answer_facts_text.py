"""Words for the facts beside a summary of findings: how sure, harms, costs, reviews, what is not known.

Facts without a score: they are not added up, ordered or coloured. A cost is a figure, never an effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.answer_text import AddressOf
from search.web.evidence.cell_text import design_text
from search.web.evidence.dimensions import code_label, lower_first
from search.web.evidence.effect_words import EffectWords
from search.web.evidence.sentences import Sentence, mark_link, parse_sentence, remove_marks
from studies.citations.names import join_with_and
from studies.synthesis.answer_facts import (
    HARMS_FOUND,
    HARMS_NONE_FOUND,
    HARMS_NOT_STATED,
    HARMS_ORDER,
    NOT_LOOKED_UP,
    Harm,
    HowSure,
    NotKnown,
    Review,
    ReviewResult,
    ToldCost,
)
from studies.synthesis.direction import ForWomen
from studies.synthesis.evidence import STRENGTHS
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.study_details import StudyDetails
from studies.text.bilingual import choose_text
from studies.text.numbers import format_number

MOST_UNMEASURED = 4
"""Outcomes that nobody measured and an answer names: the first ones, which are those of violence by a partner."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact with its name: "Diseño", "10 aleatorizadas"."""

    label: str
    text: str


@dataclass(frozen=True)
class FactsWriter:
    """Writes the facts; `details` are those of all studies that are told."""

    words: EffectWords
    address_of: AddressOf
    details: Mapping[str, StudyDetails]

    def how_sure(self, facts: HowSure) -> tuple[Fact, ...]:
        """Return the strip of facts, always the same in the same order; empty without an evaluation."""
        if not facts.evaluations:
            return ()
        return (
            Fact(_("Diseño"), self.designs(facts)),
            Fact(_("Personas"), self.people(facts)),
            Fact(_("Precisión"), self.precision(facts)),
            Fact(_("Dirección"), self.directions(facts)),
            Fact(_("Cercanía al Perú"), self.nearness(facts)),
            Fact(_("Por separado o en un paquete"), self.packages(facts)),
            Fact(_("Equipos"), self.teams(facts)),
            Fact(_("Registro previo"), self.registration(facts)),
            Fact(_("Riesgo de sesgo"), self.appraisals(facts)),
        )

    def designs(self, facts: HowSure) -> str:
        """How many evaluations of each strength of design."""
        return join_with_and(
            [
                f"{self._number(facts.designs[code])} {design_text(code, facts.designs[code])}"
                for code in STRENGTHS
                if facts.designs.get(code)
            ],
            self.words.language,
        )

    def people(self, facts: HowSure) -> str:
        """How many people, and in how many evaluations nobody says."""
        if facts.people is None:
            return _("sin dato")
        text = ngettext("%(people)s persona", "%(people)s personas", facts.people) % {
            "people": self._number(facts.people)
        }
        missing = facts.evaluations - facts.people_known
        if missing:
            text += "; " + ngettext("%(number)s evaluación, sin dato", "%(number)s evaluaciones, sin dato", missing) % {
                "number": self._number(missing)
            }
        return text

    def precision(self, facts: HowSure) -> str:
        """How many evaluations give an interval, and in how many none of them, or not all, rule out no change."""
        text = _("%(known)s de %(all)s con intervalo") % {
            "known": self._number(facts.with_interval),
            "all": self._number(facts.evaluations),
        }
        if every := facts.all_include_no_difference:
            text += "; " + ngettext(
                "el de %(number)s incluye «sin diferencia»",
                "los de %(number)s incluyen «sin diferencia»",
                every,
            ) % {"number": self._number(every)}
        if some := facts.some_include_no_difference:
            pattern = ngettext(
                "en %(number)s, solo algún intervalo incluye «sin diferencia»",
                "en %(number)s, solo alguno de sus intervalos incluye «sin diferencia»",
                some,
            )
            text += "; " + pattern % {"number": self._number(some)}
        return text

    def precision_of_row(self, facts: HowSure) -> str:
        """Return the precision of one row as a sentence."""
        if facts.evaluations == 1:
            if not facts.with_interval:
                return _("Sin intervalo.")
            if facts.some_include_no_difference:
                return _("Con intervalos, de los que solo algunos incluyen «sin diferencia».")
            is_open = facts.all_include_no_difference
            return _("Con intervalo, que incluye «sin diferencia».") if is_open else _("Con intervalo.")
        if not facts.with_interval:
            return _("Ninguna con intervalo.")
        text = self.precision(facts)
        return f"{text[:1].upper()}{text[1:]}."

    def directions(self, facts: HowSure) -> str:
        """Which way the evaluations point, whatever their significance."""
        names = {
            ForWomen.BETTER: _("hacia lo mejor para las mujeres"),
            ForWomen.WORSE: _("hacia lo peor"),
            ForWomen.NEITHER: _("ni hacia lo mejor ni hacia lo peor"),
            ForWomen.UNKNOWN: _("sin saber si para bien o para mal"),
            None: _("distinta según el resultado, el grupo o el estudio"),
        }
        return "; ".join(
            f"{name}: {self._number(facts.for_women[meaning])}"
            for meaning, name in names.items()
            if facts.for_women.get(meaning)
        )

    def nearness(self, facts: HowSure) -> str:
        """How many evaluations were made how near to Peru."""
        vocabulary, language = self.words.vocabulary, self.words.language
        return "; ".join(
            f"{code_label('nearness', code, vocabulary, language)}: {self._number(facts.nearness[code])}"
            for code in NEARNESS_STEPS
            if facts.nearness.get(code)
        )

    def packages(self, facts: HowSure) -> str:
        """How many evaluations tested it only together with other interventions."""
        return _("%(together)s de %(all)s solo junto con otras intervenciones") % {
            "together": self._number(facts.packaged),
            "all": self._number(facts.evaluations),
        }

    def teams(self, facts: HowSure) -> str:
        """One team or several, where authors are known."""
        if facts.teams is None:
            return _("sin dato")
        return ngettext("%(number)s equipo", "%(number)s equipos sin autores en común", facts.teams) % {
            "number": self._number(facts.teams)
        }

    def registration(self, facts: HowSure) -> str:
        """How many evaluations have a number in a register that the bank has seen."""
        return _("%(registered)s de %(all)s con número visto") % {
            "registered": self._number(facts.registered),
            "all": self._number(facts.evaluations),
        }

    def appraisals(self, facts: HowSure) -> str:
        """How many evaluations somebody has appraised, here or elsewhere."""
        if not facts.appraised_here and not facts.appraised_by_others:
            return _("nadie lo ha revisado, aquí ni en lo publicado que el banco conoce")
        return _("revisadas aquí: %(here)s; por otros: %(others)s; de %(all)s") % {
            "here": self._number(facts.appraised_here),
            "others": self._number(facts.appraised_by_others),
            "all": self._number(facts.evaluations),
        }

    def harms(self, harms: Sequence[Harm], of_reviews: Sequence[Harm]) -> Sentence:
        """What evaluations, then reviews, say of harms; that nobody mentions them does not mean that there are none."""
        if not harms:
            return parse_sentence(_("Sin evaluaciones que puedan decirlo."))
        parts = []
        for code in HARMS_ORDER:
            own = [each for each in harms if each.code == code]
            if own:
                studies = tuple(id_ for each in own for id_ in each.studies)
                parts.append(_harms_pattern(code, len(own)) % {"number": self._linked(len(own), studies)})
        text = "; ".join(parts) + "."
        if any(each.code in (HARMS_NOT_STATED, NOT_LOOKED_UP) for each in harms):
            text += " " + _("Que no se mencionen no quiere decir que no los haya.")
        if of_reviews:
            text += " " + self._harms_of_reviews(of_reviews)
        return parse_sentence(text[:1].upper() + text[1:])

    def harms_in_words(self, harms: Iterable[Harm], of_reviews: Iterable[Harm]) -> Iterator[Sentence]:
        """Which harms, study by study, where the record says them; of reviews also what they looked for in vain."""
        for id_ in (id_ for each in harms if each.code == HARMS_FOUND for id_ in each.studies):
            if text := self._words_on_harms(id_):
                yield parse_sentence(f"{self._name(id_)}: {text}.")
        for each in of_reviews:
            if text := self._words_on_harms(each.work):
                pattern = (
                    _("%(name)s, revisión de varias intervenciones") if each.is_of_several else _("%(name)s, revisión")
                )
                yield parse_sentence(f"{pattern % {'name': self._name(each.work)}}: {text}.")

    def cost(self, told: ToldCost) -> Sentence:
        """A cost with its currency, its unit and the year of its prices, or that the year is not known."""
        cost = told.cost
        amount = f"{self._number(cost.amount)} {cost.currency}"
        statement = choose_text(cost.statement_es, cost.statement_en, self.words.language)
        year = (
            _("precios de %(year)s") % {"year": cost.year}
            if cost.year is not None
            else _("año de los precios: sin dato")
        )
        name = self._name(told.study)
        if told.is_of_several:
            name = _("%(name)s, que calcula el costo de varias intervenciones") % {"name": name}
        if statement is None:
            return parse_sentence(f"{name}: {amount}; {year}.")
        told_in_words = remove_marks(str(statement)).rstrip(".")
        if _has_number(told_in_words, cost.amount):
            # The sentence says how much: the amount before it would say it twice.
            return parse_sentence(f"{name}: {told_in_words} ({year}).")
        return parse_sentence(f"{name}: {amount}; {year}. {told_in_words}.")

    def review(self, review: Review) -> Sentence:
        """What a review found on each outcome, its pooled values, and which of its studies the bank has."""
        outcomes = [each.candidate.finding.outcome for each in review.results]
        results = [
            self._review_result(each, is_one_of_several=outcomes.count(each.candidate.finding.outcome) > 1)
            for each in review.results
        ]
        text = "; ".join(each for each in results if each) or _("sin resultado sobre esto en el registro")
        sentence = f"{self._name(review.study.id)}: {text}."
        unknown = _("Qué estudios incluye: sin dato.")
        if review.held is None:
            return parse_sentence(f"{sentence} {unknown}")
        held = ngettext(
            "De los estudios que incluye, %(number)s está aquí.",
            "De los estudios que incluye, %(number)s están aquí.",
            len(review.held),
        ) % {"number": self._linked(len(review.held), review.held) if review.held else "0"}
        return parse_sentence(f"{sentence} {held}")

    def not_known(self, missing: NotKnown) -> tuple[str, ...]:
        """What no evaluation here tells."""
        return tuple(self._list_missing(missing))

    def _list_missing(self, missing: NotKnown) -> Iterator[str]:
        language = self.words.language
        if missing.outcomes:
            names = [self.words.outcome(code) for code in missing.outcomes[:MOST_UNMEASURED]]
            if more := len(missing.outcomes) - len(names):
                names.append(
                    ngettext("%(number)s resultado más", "%(number)s resultados más", more)
                    % {"number": self._number(more)}
                )
            yield _("Ninguna de estas evaluaciones midió: %(names)s.") % {"names": "; ".join(names)}
        if missing.outcomes_without_number:
            names = [self.words.outcome(code) for code in missing.outcomes_without_number]
            yield _("Se midió, pero este banco no tiene la cifra: %(names)s.") % {"names": "; ".join(names)}
        if missing.populations:
            vocabulary = self.words.vocabulary
            names = [lower_first(vocabulary.label("populations", code, language)) for code in missing.populations]
            text = _("Ninguna evaluación con un resultado que contar está codificada con: %(names)s.")
            yield text % {"names": "; ".join(names)}
        if missing.in_peru:
            yield _("Sin evaluaciones en el Perú.")
        if missing.subgroups:
            yield _("Para quiénes cambia más o menos: sin dato.")
        if missing.cost:
            yield _("Cuánto cuesta: sin dato.")
        if missing.harms:
            yield _("Si puede hacer daño: ninguna de estas evaluaciones dice que lo haya buscado.")

    def _review_result(self, result: ReviewResult, *, is_one_of_several: bool) -> str:
        """Return a result in words; one of several on the same outcome with the sentence that tells it from them."""
        finding = result.candidate.finding
        if result.direction is None:
            return ""
        change = self.words.change(result.direction.movement, finding.outcome, {finding.reporter})
        # A number that only describes, such as how many studies agree, is no result.
        figure = self.words.figure(finding) if self.words.compares(finding) else ""
        against = self.words.comparator(finding)
        notes = [figure, _("comparado con: %(comparator)s") % {"comparator": against} if against else ""]
        if is_one_of_several:
            notes.append(self.words.statement(finding))
        told = "; ".join(note for note in notes if note)
        return f"{change} ({told})" if told else change

    def _harms_of_reviews(self, of_reviews: Iterable[Harm]) -> str:
        studies = {code: [each.work for each in of_reviews if each.code == code] for code in HARMS_ORDER}
        found, none_found = studies[HARMS_FOUND], studies[HARMS_NONE_FOUND]
        parts = []
        if found:
            parts.append(
                ngettext("%(number)s revisión informa de daños", "%(number)s revisiones informan de daños", len(found))
                % {"number": self._linked(len(found), tuple(found))}
            )
        if none_found:
            pattern = ngettext(
                "%(number)s revisión los buscó y no los vio",
                "%(number)s revisiones los buscaron y no los vieron",
                len(none_found),
            )
            parts.append(pattern % {"number": self._linked(len(none_found), tuple(none_found))})
        return "; ".join(parts) + "."

    def _words_on_harms(self, id_: str) -> str:
        """Return what a study says of harms without its full stop, "" where the record does not say it."""
        study = self.details.get(id_)
        text = choose_text(study.harms_es, study.harms_en, self.words.language) if study else None
        return remove_marks(str(text)).rstrip(".") if text is not None else ""

    def _name(self, id_: str) -> str:
        return mark_link(self.words.name_of(id_), self.address_of((id_,)))

    def _number(self, number: float) -> str:
        return format_number(number, self.words.language)

    def _linked(self, number: int, studies: tuple[str, ...]) -> str:
        return mark_link(self._number(number), self.address_of(tuple(dict.fromkeys(studies))))


def _has_number(text: str, number: float) -> bool:
    """Return True if a text says a number, however it groups the digits: "US$ 7688", "7,688"."""
    return f"{number:g}" in {re.sub(r"\D", "", each) for each in re.findall(r"\d[\d., \u202f\u00a0]*", text)}


def _harms_pattern(code: str, count: int) -> str:
    if code == HARMS_FOUND:
        return ngettext("%(number)s evaluación informa de daños", "%(number)s evaluaciones informan de daños", count)
    if code == HARMS_NONE_FOUND:
        return ngettext("%(number)s los buscó y no los vio", "%(number)s los buscaron y no los vieron", count)
    if code == HARMS_NOT_STATED:
        return ngettext("la fuente de %(number)s no los menciona", "las fuentes de %(number)s no los mencionan", count)
    return _("de %(number)s no hay dato")
