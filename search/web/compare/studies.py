"""Studies side by side: the same facts of each record, in the same rows, and which of them are not independent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from search.web.compare.side_by_side import CellLine, ColumnHead, SideBySide, fill_rows, plain_line
from search.web.evidence import dimensions
from studies.citations.names import join_with_and
from studies.models import Study
from studies.records.finding import FindingRecord
from studies.records.study import StudyRecord
from studies.store import evidence_snapshot
from studies.store.exchange.study import to_record
from studies.store.vocabularies import Vocabularies
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.tables import tally_claims
from studies.text.bilingual import choose_text
from studies.text.numbers import format_number
from studies.web.shared.components import authors_and_year, name_of, sample_text, title_of
from studies.web.shared.findings import figure_text, follow_up_text, interval_text
from studies.web.shared.links import host_name

_COST = "cost-effectiveness"


def compare_studies(studies: Sequence[Study], vocabulary: Vocabularies, language: str) -> SideBySide:
    """Return the comparison of studies of `for_export`, whose programmes have to be read with them."""
    columns = [_StudyColumn(study, vocabulary, language) for study in studies]
    snapshot = evidence_snapshot.current()
    total = tally_claims(snapshot.select_studies([study.pk for study in studies]), snapshot)
    return SideBySide(
        heading=_heading(columns, vocabulary, language),
        caption=_("Los mismos datos de cada estudio, en las mismas filas. «Sin dato»: el registro no lo trae."),
        heads=tuple(column.head() for column in columns),
        rows=fill_rows(columns, _rows()),
        notes=tuple(_notes(columns, language)),
        evaluations=total.evaluations,
        studies=len(columns),
        table_url=f"{reverse('selection-export', args=['xlsx'])}?{urlencode([('id', each.slug) for each in studies])}",
    )


class _StudyColumn:
    """One study: a method for each of its cells."""

    def __init__(self, study: Study, vocabulary: Vocabularies, language: str) -> None:
        self.study = study
        self.record: StudyRecord = to_record(study, vocabulary)
        self.vocabulary = vocabulary
        self.language = language

    @property
    def name(self) -> str:
        return authors_and_year(self.record.authors, self.record.year, self.language)

    def head(self) -> ColumnHead:
        title = title_of(self.study, self.vocabulary, self.language)
        return ColumnHead(self.name, reverse("study", args=[self.study.slug]), title)

    def in_brief(self) -> Iterator[CellLine]:
        found = choose_text(self.record.key_finding_es, self.record.key_finding_en, self.language)
        if found is not None:
            yield CellLine(found)

    def interventions(self) -> Iterator[CellLine]:
        for each in self.record.interventions:
            label = self.vocabulary.label("interventions", each.code, self.language)
            role = self.vocabulary.label("roles", each.role, self.language) if each.role else _("Papel sin decidir")
            label = f"{label} ({dimensions.lower_first(role)})"
            yield plain_line(label, self.language, reverse("intervention", args=[each.code]))

    def programme(self) -> Iterator[CellLine]:
        if self.study.programme is not None:
            yield plain_line(name_of(self.study.programme, self.language), self.language)

    def designs(self) -> Iterator[CellLine]:
        return self._labels("designs", self.record.designs)

    def populations(self) -> Iterator[CellLine]:
        return self._labels("populations", self.record.populations)

    def places(self) -> Iterator[CellLine]:
        yield from self._labels("countries", self.record.countries)
        yield from self._labels("settings", self.record.settings)

    def sample(self) -> Iterator[CellLine]:
        if text := sample_text(self.record.sample_size, self.record.sample_unit, self.vocabulary, self.language):
            yield plain_line(text, self.language)

    def findings(self) -> Iterator[CellLine]:
        yield from (self._finding(each) for each in self.record.findings if each.outcome != _COST)
        if not self.record.findings and self.record.status == "ongoing":
            yield plain_line(_("En curso, sin resultados todavía"), self.language)

    def measured_at(self) -> Iterator[CellLine]:
        for text in dict.fromkeys(finding.follow_up for finding in self.record.findings if finding.follow_up):
            yield plain_line(follow_up_text(text), self.language)

    def quality(self) -> Iterator[CellLine]:
        for appraisal in self.record.own_appraisals[:1]:
            yield plain_line(
                self.vocabulary.label("risk_of_bias", appraisal.risk_of_bias, self.language), self.language
            )

    def cost(self) -> Iterator[CellLine]:
        own = [finding for finding in self.record.findings if finding.outcome == _COST]
        for finding in own:
            statement = choose_text(finding.statement_es, finding.statement_en, self.language)
            yield CellLine(statement) if statement is not None else self._finding(finding)
        for each in self.record.costs:
            statement = choose_text(each.statement_es, each.statement_en, self.language)
            amount = plain_line(f"{each.currency} {format_number(each.amount, self.language)}", self.language)
            yield CellLine(statement) if statement is not None else amount
        if not own and not self.record.costs and _COST in self.record.outcomes:
            yield plain_line(_("Lo midió; el registro no trae el hallazgo"), self.language)

    def limits(self) -> Iterator[CellLine]:
        text = choose_text(self.record.limitations_es, self.record.limitations_en, self.language)
        if text is not None:
            yield CellLine(text)

    def nearness(self) -> Iterator[CellLine]:
        evidence = evidence_snapshot.current().studies.get(self.study.pk)
        if evidence is not None:
            label = dimensions.code_label("nearness", NEARNESS_STEPS[evidence.nearness], self.vocabulary, self.language)
            yield plain_line(label, self.language)

    def source(self) -> Iterator[CellLine]:
        address = self.record.reading_address
        access = {True: _("acceso libre"), False: _("acceso restringido"), None: _("acceso sin dato")}
        if address:
            yield plain_line(host_name(address), self.language, address)
        yield plain_line(access[self.record.open_access], self.language)

    def _labels(self, kind: str, codes: Iterable[str]) -> Iterator[CellLine]:
        return (plain_line(self.vocabulary.label(kind, code, self.language), self.language) for code in codes)

    def _finding(self, finding: FindingRecord) -> CellLine:
        outcome = dimensions.lower_first(self.vocabulary.label("outcomes", finding.outcome, self.language))
        parts = [figure_text(finding, self.vocabulary, self.language), interval_text(finding, self.language)]
        if finding.measure and finding.value is not None:
            parts.append(f"({self.vocabulary.label('measures', finding.measure, self.language)})")
        return CellLine(
            plain_line(outcome, self.language).text,
            effect=(finding.effect, self.vocabulary.label("effects", finding.effect, self.language)),
            figure=" ".join(filter(None, parts)),
        )


def _rows() -> tuple[tuple[str, Any, str], ...]:
    unknown = _("sin dato")
    return (
        (_("En breve"), _StudyColumn.in_brief, unknown),
        (_("Intervención"), _StudyColumn.interventions, _("ninguna")),
        (_("Programa"), _StudyColumn.programme, _("sin nombre propio")),
        (_("Diseño"), _StudyColumn.designs, unknown),
        (_("Población"), _StudyColumn.populations, unknown),
        (_("Lugar"), _StudyColumn.places, _("varios países o sin dato")),
        (_("Muestra"), _StudyColumn.sample, unknown),
        (_("Qué se encontró"), _StudyColumn.findings, _("el registro no separa hallazgos")),
        (_("Medido a los"), _StudyColumn.measured_at, unknown),
        (_("Calidad"), _StudyColumn.quality, _("aún sin revisar")),
        (_("Costo"), _StudyColumn.cost, unknown),
        (_("Límites"), _StudyColumn.limits, _("no registrados")),
        (_("Cercanía al Perú"), _StudyColumn.nearness, unknown),
        (_("Fuente"), _StudyColumn.source, unknown),
    )


def _heading(columns: Sequence[_StudyColumn], vocabulary: Vocabularies, language: str) -> str:
    """Name what all of them are about, if it is one intervention."""
    shared = set.intersection(*(set(column.record.intervention_codes) for column in columns))
    number = format_number(len(columns), language)
    if len(shared) == 1:
        about = dimensions.lower_first(vocabulary.label("interventions", shared.pop(), language))
        return _("%(number)s estudios sobre %(intervention)s") % {"number": number, "intervention": about}
    return _("%(number)s estudios, lado a lado") % {"number": number}


def _notes(columns: Sequence[_StudyColumn], language: str) -> Iterator[str]:
    """Yield sentences on studies of one evaluation, and on evaluations that use the same data."""
    snapshot = evidence_snapshot.current()
    by_work: dict[str, list[str]] = {}
    by_data: dict[str, list[str]] = {}
    works_of_data: dict[str, set[str]] = {}
    for column in columns:
        work = snapshot.works.get(column.study.slug)
        if work is None:
            continue
        by_work.setdefault(work.id, []).append(column.name)
        for data_set in snapshot.data_sets.get(work.id, ()):
            by_data.setdefault(data_set, []).append(column.name)
            works_of_data.setdefault(data_set, set()).add(work.id)
    for names in by_work.values():
        if len(names) > 1:
            text = _("%(names)s informan sobre la misma evaluación: se cuenta una sola vez.")
            yield text % {"names": join_with_and(names, language)}
    shared = dict.fromkeys(tuple(names) for data, names in sorted(by_data.items()) if len(works_of_data[data]) > 1)
    for group in shared:
        text = _("%(names)s usan los mismos datos: no son pruebas independientes.")
        yield text % {"names": join_with_and(list(group), language)}
