"""Types of intervention side by side: what their evaluations found, which studies there are, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria.evidence_address import TablePlace
from search.web.compare.side_by_side import CellLine, ColumnHead, SideBySide, fill_rows, plain_line
from search.web.evidence import cell_text
from search.web.evidence.coverage import Coverage, CoverageSurvey
from search.web.evidence.intervention import basis_of_intervention, find_uses
from search.web.evidence.page import shared_data_sentences
from search.web.evidence.sentences import StatementWriter
from search.web.evidence.uses import no_evaluation_text, what_there_is
from studies.store.vocabularies import TermView, Vocabularies
from studies.synthesis.statements import build_statements, rank_outcomes
from studies.synthesis.tables import STATED, Tally, find_shared_data, tally_by_dimension, tally_claims
from studies.text.bilingual import LocalizedText
from studies.text.numbers import format_number
from studies.web.shared import queries

_MOST_SENTENCES = 3
_MOST_COVERED = 3


def compare_interventions(terms: Sequence[TermView], vocabulary: Vocabularies, language: str) -> SideBySide:
    """Return the comparison of interventions: one query, for the names of data sets that several evaluations use."""
    columns = [_InterventionColumn(term, vocabulary, language) for term in terms]
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
        self.basis = basis_of_intervention(term, vocabulary, language)
        self.total: Tally = tally_claims(self.basis.studies, self.basis.evidence, self.basis.scope)
        self.surveyor = CoverageSurvey(
            self.basis.studies,
            self.basis.evidence,
            self.basis.scope,
            vocabulary,
            language,
            self.basis.address,
            self.total,
        )
        self.outcomes = self.basis.outcomes()
        self.shared = find_shared_data(self.total, self.basis.evidence)
        self.data_sets: Mapping[str, tuple[str, str]] = {}

    def head(self) -> ColumnHead:
        theme = self.vocabulary.find("themes", self.term.parent or "")
        title = LocalizedText(theme.label(self.language), self.language, is_fallback=False) if theme else None
        return ColumnHead(self.term.label(self.language), reverse("intervention", args=[self.term.code]), title)

    def in_brief(self) -> Iterator[CellLine]:
        if definition := self.term.definition(self.language):
            yield plain_line(definition, self.language)

    def sample(self) -> Iterator[CellLine]:
        if not self.total.evaluations:
            yield plain_line(no_evaluation_text(), self.language)
            uses = find_uses(self.term.code)
            yield plain_line(what_there_is(self.term.code, uses, self.vocabulary, self.language), self.language)
        elif self.total.studies:
            counted = cell_text.evaluations_text(self.total.evaluations, self.language)
            yield plain_line(counted, self.language, self.basis.address(TablePlace(kind="evaluation")))
            counted = cell_text.studies_text(len(self.total.studies), len(self.total.reviews), self.language)
            yield plain_line(counted, self.language, self.basis.address(TablePlace()))

    def designs(self) -> Iterator[CellLine]:
        for strength in ("randomised", "quasi-experimental", "other"):
            if count := len(self.total.select_evaluations(self.basis.evidence, design=strength)):
                text = f"{format_number(count, self.language)} {cell_text.design_text(strength, count)}"
                yield plain_line(text, self.language, self.basis.address(TablePlace(strength=strength)))

    def populations(self) -> Iterator[CellLine]:
        return self._most_covered(self.surveyor.coverage()[0])

    def settings(self) -> Iterator[CellLine]:
        return self._most_covered(self.surveyor.coverage()[1])

    def findings(self) -> Iterator[CellLine]:
        teller = StatementWriter(self.vocabulary, self.language, self.basis.address)
        order = rank_outcomes(self.outcomes, self.basis.outcome_codes(), self.basis.evidence.taxonomy)
        found = (each for code in order for each in build_statements(code, self.outcomes[code], self.basis.evidence))
        # The range comes first, so that no statement beyond the last one shown is computed.
        for _number, statement in zip(range(_MOST_SENTENCES), found, strict=False):
            yield CellLine(sentence=teller.sentence(statement))

    def shared_data(self) -> Iterator[CellLine]:
        for text in shared_data_sentences(self.shared, self.data_sets, self.language):
            yield plain_line(text, self.language)

    def measured_at(self) -> Iterator[CellLine]:
        for band in self.surveyor.follow_ups():
            yield plain_line(f"{band.label}: {band.text}", self.language, band.url)

    def quality(self) -> Iterator[CellLine]:
        studies = [self.basis.evidence.studies[key] for key in self.total.studies]
        if not studies:
            yield plain_line(_("ninguno en este banco"), self.language)
        if any(study.is_appraised for study in studies):
            appraised = sum(study.is_appraised for study in studies)
            yield plain_line(
                _("%(some)s de %(all)s estudios tienen evaluación de calidad")
                % {
                    "some": format_number(appraised, self.language),
                    "all": format_number(len(studies), self.language),
                },
                self.language,
            )

    def cost(self) -> Iterator[CellLine]:
        found = tally_by_dimension("cost", self.basis.studies, self.basis.evidence, self.basis.scope).get(STATED)
        if found is not None:
            text = cell_text.studies_text(len(found.studies), 0, self.language)
            yield plain_line(text, self.language, self.basis.address(TablePlace(rows="cost", row=STATED)))

    def missing(self) -> Iterator[CellLine]:
        for gap in self.surveyor.gaps(of_quality=False):
            yield plain_line(f"{gap.topic}: {gap.text}", self.language, gap.url)

    def nearness(self) -> Iterator[CellLine]:
        for step in self.surveyor.ladder():
            if step.studies:
                text = f"{step.label}: {cell_text.studies_text(step.studies, 0, self.language)}"
                yield plain_line(text, self.language, step.url)

    def reviews(self) -> Iterator[CellLine]:
        if count := len(self.total.reviews):
            text = ngettext("%(number)s revisión", "%(number)s revisiones", count)
            numbered = text % {"number": format_number(count, self.language)}
            yield plain_line(numbered, self.language, self.basis.address(TablePlace(kind="review")))

    def _most_covered(self, coverage: Coverage) -> Iterator[CellLine]:
        # The order of the vocabulary decides ties.
        for covered in sorted(coverage.covered, key=lambda covered: -covered.studies)[:_MOST_COVERED]:
            text = f"{covered.label}: {cell_text.studies_text(covered.studies, 0, self.language)}"
            yield plain_line(text, self.language, covered.url)
        if (more := len(coverage.covered) - _MOST_COVERED) > 0:
            text = ngettext("y %(number)s más", "y %(number)s más", more)
            yield plain_line(text % {"number": format_number(more, self.language)}, self.language)


def _rows() -> tuple[tuple[str, Any, str], ...]:
    none = _("ninguno en este banco")
    return (
        (_("En breve"), _InterventionColumn.in_brief, _("sin dato")),
        (_("Qué hay en el banco"), _InterventionColumn.sample, none),
        (_("Diseño"), _InterventionColumn.designs, none),
        (_("Población"), _InterventionColumn.populations, none),
        (_("Ámbito"), _InterventionColumn.settings, none),
        (_("Qué se encontró"), _InterventionColumn.findings, _("ninguna evaluación en este banco")),
        (_("Datos comunes"), _InterventionColumn.shared_data, _("no consta")),
        (_("Medido a los"), _InterventionColumn.measured_at, _("sin dato")),
        (_("Calidad"), _InterventionColumn.quality, _("aún sin revisar")),
        (_("Costo"), _InterventionColumn.cost, none),
        (_("Qué falta"), _InterventionColumn.missing, _("sin vacíos que las reglas del banco detecten")),
        (_("Cercanía al Perú"), _InterventionColumn.nearness, none),
        (_("Revisiones"), _InterventionColumn.reviews, none),
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
