"""Programmes side by side: where, who, what, the step of the learning cycle, what evaluations show, what is not known.

What was found is the answer on the studies of each programme, in the words of the page of answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria.evidence_address import TablePlace
from search.web.compare.side_by_side import CellLine, ColumnHead, SideBySide, fill_rows, found_lines, plain_line
from search.web.evidence import dimensions
from search.web.evidence.answer import build_answer
from search.web.evidence.basis import Basis
from search.web.evidence.sentences import mark_link, parse_sentence
from search.web.evidence.study_address import studies_url
from studies.models import Programme
from studies.store import evidence_snapshot
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import Scope
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.tables import tally_claims
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.identifiers import registration_address
from studies.text.numbers import format_number
from studies.web.shared.components import name_of, opening_sentence, organisation_names, programme_line

_COSTS_TOLD = 2
"""Costs of a cell; the others are counted, since six columns have to fit a sheet."""


def compare_programmes(programmes: Sequence[Programme], vocabulary: Vocabularies, language: str) -> SideBySide:
    """Return the comparison of public programmes read with their countries: two queries for each."""
    columns = [_ProgrammeColumn(programme, vocabulary, language) for programme in programmes]
    works, keys = set[str](), set[int]()
    for column in columns:
        works |= set(column.total.effects)
        keys |= {study.key for study in column.studies}
    number = format_number(len(columns), language)
    return SideBySide(
        heading=_("%(number)s programas, lado a lado") % {"number": number},
        caption=_("Los mismos datos de cada programa, en las mismas filas."),
        heads=tuple(column.head() for column in columns),
        rows=fill_rows(columns, _rows()),
        notes=(),
        evaluations=len(works),
        studies=len(keys),
    )


class _ProgrammeColumn:
    """One programme: a method for each of its cells."""

    def __init__(self, programme: Programme, vocabulary: Vocabularies, language: str) -> None:
        self.programme = programme
        self.vocabulary = vocabulary
        self.language = language
        snapshot = evidence_snapshot.current()
        self.studies = [study for study in snapshot.studies.values() if study.programme == programme.slug]
        query = urlencode({"programme": programme.slug})
        self.basis = Basis(self.studies, snapshot, Scope(), query, vocabulary, language)
        self.answer = build_answer(self.basis)
        self.total = tally_claims(self.studies, snapshot)
        self.tests = [study for study in self.studies if any(claim.is_test for claim in study.claims)]

    def head(self) -> ColumnHead:
        name = name_of(self.programme, self.language)
        own = self.programme.name
        title = LocalizedText(own, self.language, is_fallback=False) if own != name else None
        return ColumnHead(name, self.programme.get_absolute_url(), title)

    def places(self) -> Iterator[CellLine]:
        if places := programme_line(self.programme, self.vocabulary, self.language).places:
            yield plain_line(places, self.language)

    def organisations(self) -> Iterator[CellLine]:
        for name in organisation_names(self.programme, self.language):
            yield plain_line(name, self.language)

    def stage(self) -> Iterator[CellLine]:
        yield plain_line(programme_line(self.programme, self.vocabulary, self.language).stage.text, self.language)
        if self.programme.expected_results:
            text = _("Resultados anunciados para: %(when)s.") % {"when": self.programme.expected_results}
            yield plain_line(text, self.language)

    def description(self) -> Iterator[CellLine]:
        found = choose_text(self.programme.description_es, self.programme.description_en, self.language)
        if found is not None:
            yield CellLine(opening_sentence(found))

    def interventions(self) -> Iterator[CellLine]:
        """Yield the interventions of its studies in any role, as its own page has them."""
        own = {code for study in self.studies for code in study.interventions}
        for term in self.vocabulary.terms("interventions"):
            if term.code in own:
                yield plain_line(term.label(self.language), self.language, reverse("intervention", args=[term.code]))

    def evaluations(self) -> Iterator[CellLine]:
        first = self.answer.facts[0]
        if self.total.evaluations:
            number = format_number(self.total.evaluations, self.language)
            url = self.basis.address(TablePlace(kind="evaluation"))
            yield CellLine(sentence=parse_sentence(f"{mark_link(number, url)} ({first.note})"))
        ongoing = [study.id for study in self.studies if study.status == "ongoing" and study.tested]
        if ongoing:
            text = ngettext(
                "%(number)s en curso, sin resultados", "%(number)s en curso, sin resultados", len(ongoing)
            ) % {"number": mark_link(format_number(len(ongoing), self.language), studies_url(tuple(ongoing)))}
            yield CellLine(sentence=parse_sentence(text))
        if self.programme.registration and not self.total.evaluations:
            text = _("Registro: %(number)s") % {"number": self.programme.registration}
            yield plain_line(text, self.language, registration_address(self.programme.registration))

    def found(self) -> Iterator[CellLine]:
        if self.total.evaluations:
            yield from found_lines(self.answer, self.language)

    def how_sure(self) -> Iterator[CellLine]:
        for fact in self.answer.how_sure:
            yield plain_line(f"{fact.label}: {fact.text}", self.language)

    def cost(self) -> Iterator[CellLine]:
        for sentence in self.answer.costs[:_COSTS_TOLD]:
            yield CellLine(sentence=sentence)
        more = len(self.answer.costs) - _COSTS_TOLD
        if more > 0:
            text = ngettext("%(number)s cifra más, en sus estudios", "%(number)s cifras más, en sus estudios", more)
            yield plain_line(text % {"number": format_number(more, self.language)}, self.language)

    def harms(self) -> Iterator[CellLine]:
        yield CellLine(sentence=self.answer.harms)

    def nearness(self) -> Iterator[CellLine]:
        """Yield how near the nearest evaluation is; a programme is not near where nobody evaluated it."""
        if self.tests:
            code = NEARNESS_STEPS[min(study.nearness for study in self.tests)]
            yield plain_line(dimensions.code_label("nearness", code, self.vocabulary, self.language), self.language)

    def not_known(self) -> Iterator[CellLine]:
        if not self.total.evaluations:
            yield plain_line(_("Qué efecto tiene: ninguna evaluación en este banco."), self.language)
        for text in self.answer.not_known:
            yield plain_line(text, self.language)


def _rows() -> tuple[tuple[str, Any, str], ...]:
    none, unknown = _("ninguna en este banco"), _("sin dato")
    return (
        (_("Lugar"), _ProgrammeColumn.places, unknown),
        (_("Quiénes"), _ProgrammeColumn.organisations, unknown),
        (_("Etapa"), _ProgrammeColumn.stage, unknown),
        (_("Qué es"), _ProgrammeColumn.description, unknown),
        (_("Modalidad"), _ProgrammeColumn.interventions, unknown),
        (_("Evaluaciones"), _ProgrammeColumn.evaluations, none),
        (_("Qué se encontró"), _ProgrammeColumn.found, _("ninguna evaluación en este banco")),
        (_("Cuán seguros podemos estar"), _ProgrammeColumn.how_sure, none),
        (_("Costo"), _ProgrammeColumn.cost, unknown),
        (_("Daños"), _ProgrammeColumn.harms, unknown),
        (_("Evaluación más cercana al Perú"), _ProgrammeColumn.nearness, none),
        (_("Qué no se sabe"), _ProgrammeColumn.not_known, _("sin vacíos que las reglas del banco detecten")),
    )
