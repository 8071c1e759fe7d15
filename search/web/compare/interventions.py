"""Types of intervention side by side: the answer of each, how sure, cost, harms, Peru, what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.compare.side_by_side import CellLine, ColumnHead, SideBySide, fill_rows, plain_line
from search.web.evidence.answer import build_answer
from search.web.evidence.intervention import basis_of_intervention, find_uses
from search.web.evidence.page import shared_data_sentences
from search.web.evidence.uses import no_evaluation_text, what_there_is
from search.web.evidence.written_texts import certainty_fact
from studies.learning.published_texts import PublishedCertainty, list_certainties
from studies.store.vocabularies import TermView, Vocabularies
from studies.synthesis.tables import Tally, find_shared_data, tally_claims
from studies.text.bilingual import LocalizedText
from studies.text.numbers import format_number
from studies.web.shared import queries


def compare_interventions(terms: Sequence[TermView], vocabulary: Vocabularies, language: str) -> SideBySide:
    """Return the comparison of interventions: two queries for each, one for what people judged of certainty.

    One more for data sets that several use.
    """
    judged = list_certainties([term.id for term in terms])
    columns = [_InterventionColumn(term, vocabulary, language) for term in terms]
    for column in columns:
        column.certainties = [each for each in judged if each.intervention == column.term.code]
    if shared := {data_set for column in columns for data_set in column.shared}:
        names = queries.evaluation_names(sorted(shared))
        for column in columns:
            column.data_sets = names
    works, keys = set[str](), set[int]()
    for column in columns:
        works |= set(column.total.effects)
        keys |= column.total.studies
    number = format_number(len(columns), language)
    return SideBySide(
        heading=_("%(number)s tipos de intervención, lado a lado") % {"number": number},
        caption=_("Los mismos datos de cada tipo de intervención, en las mismas filas."),
        heads=tuple(column.head() for column in columns),
        rows=fill_rows(columns, _rows()),
        notes=tuple(_notes(columns, language)),
        evaluations=len(works),
        studies=len(keys),
    )


class _InterventionColumn:
    """One intervention: a method for each of its cells."""

    def __init__(self, term: TermView, vocabulary: Vocabularies, language: str) -> None:
        self.term = term
        self.vocabulary = vocabulary
        self.language = language
        basis = basis_of_intervention(term, vocabulary, language)
        self.answer = build_answer(basis)
        self.total: Tally = tally_claims(basis.studies, basis.evidence, basis.scope)
        self.shared = find_shared_data(self.total, basis.evidence)
        self.data_sets: Mapping[str, tuple[str, str]] = {}
        self.certainties: Sequence[PublishedCertainty] = ()

    def head(self) -> ColumnHead:
        theme = self.vocabulary.find("themes", self.term.parent or "")
        title = LocalizedText(theme.label(self.language), self.language, is_fallback=False) if theme else None
        return ColumnHead(self.term.label(self.language), reverse("intervention", args=[self.term.code]), title)

    def said(self) -> Iterator[CellLine]:
        if self.answer.groups:
            for sentence in self.answer.said:
                yield CellLine(sentence=sentence)
        elif self.total.evaluations:
            yield plain_line(self.answer.left_out, self.language)
        else:
            yield plain_line(no_evaluation_text(), self.language)
            uses = find_uses(self.term.code)
            yield plain_line(what_there_is(self.term.code, uses, self.vocabulary, self.language), self.language)

    def evaluations(self) -> Iterator[CellLine]:
        return self._fact(_("Evaluaciones"))

    def certainty(self) -> Iterator[CellLine]:
        for each in self.certainties:
            fact = certainty_fact([each], self.vocabulary, self.language)
            yield plain_line(f"{fact.text}: {fact.note}", self.language)

    def how_sure(self) -> Iterator[CellLine]:
        for fact in self.answer.how_sure:
            yield plain_line(f"{fact.label}: {fact.text}", self.language)

    def shared_data(self) -> Iterator[CellLine]:
        for text in shared_data_sentences(self.shared, self.data_sets, self.language):
            yield plain_line(text, self.language)

    def cost(self) -> Iterator[CellLine]:
        return self._fact(_("Costo"))

    def harms(self) -> Iterator[CellLine]:
        # Which ones, the page of each intervention tells: six columns have to fit a sheet.
        yield CellLine(sentence=self.answer.harms)

    def in_peru(self) -> Iterator[CellLine]:
        return self._fact(_("Perú"))

    def reviews(self) -> Iterator[CellLine]:
        return self._fact(_("Revisiones"))

    def not_known(self) -> Iterator[CellLine]:
        if not self.total.evaluations:
            yield plain_line(_("Qué efecto tiene: ninguna evaluación en este banco."), self.language)
        for text in self.answer.not_known:
            yield plain_line(text, self.language)

    def _fact(self, label: str) -> Iterator[CellLine]:
        for fact in self.answer.facts:
            if fact.label == label and not fact.is_lacking:
                yield CellLine(sentence=fact.text)


def _rows() -> tuple[tuple[str, Any, str], ...]:
    none = _("ninguna en este banco")
    return (
        (_("La respuesta"), _InterventionColumn.said, none),
        (_("Evaluaciones"), _InterventionColumn.evaluations, none),
        (_("Certeza"), _InterventionColumn.certainty, _("sin juicio: nadie la ha juzgado aún")),
        (_("Cuán seguros podemos estar"), _InterventionColumn.how_sure, none),
        (_("Datos comunes"), _InterventionColumn.shared_data, _("no consta")),
        (_("Costo"), _InterventionColumn.cost, _("sin dato")),
        (_("Daños"), _InterventionColumn.harms, _("sin dato")),
        (_("Perú"), _InterventionColumn.in_peru, none),
        (_("Revisiones"), _InterventionColumn.reviews, none),
        (_("Qué no se sabe"), _InterventionColumn.not_known, _("sin vacíos que las reglas del banco detecten")),
    )


def _notes(columns: Sequence[_InterventionColumn], language: str) -> Iterator[str]:
    """Yield a sentence on evaluations that are counted in more than one column."""
    counted = [work for column in columns for work in column.total.effects]
    shared = sum(counted.count(work) > 1 for work in set(counted))
    if shared:
        text = ngettext(
            "%(number)s evaluación está en más de una columna: probó varias intervenciones.",
            "%(number)s evaluaciones están en más de una columna: probaron varias intervenciones.",
            shared,
        )
        yield text % {"number": format_number(shared, language)}
