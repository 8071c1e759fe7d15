"""The view model of a study's page: what its templates print, worked out from the record and the vocabularies.

Rows come in, finished texts in the page's language go out. The view reads the database; nothing here does.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studies.citations.names import all_authors, short_authors
from studies.models import Evaluation, Stage, Study
from studies.records.appraisal import InstrumentRecord
from studies.records.study import StudyRecord
from studies.store.exchange.study import to_record
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import Text, choose
from studies.text.identifiers import doi_address
from studies.text.numbers import format_number, format_range
from studies.text.richtext import clean
from studies.web.shared.components import (
    Fact,
    Link,
    SourceLink,
    StudyLine,
    anchor,
    host,
    programme_name,
    programme_url,
    sample_text,
    search_url,
    source_link,
    study_line,
    title_of,
)
from studies.web.shared.findings import FindingRow, figure_heading, finding_rows
from studies.web.study.appraisals import AppraisalView, appraisal_views
from studies.web.study.citation_box import CitationBox, citation_box
from studies.web.study.interval_plots import PlotView, plot_views

if TYPE_CHECKING:
    from studies.models import Programme


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that is not known. `from_source` where the source itself says so, else it is read off the record."""

    text: Text
    from_source: bool = False


@dataclass(frozen=True, slots=True)
class EvaluationBlock:
    """A trial or a data set with the other studies of it."""

    anchor: str
    heading: str
    name: str
    is_trial: bool
    registration: str
    studies: tuple[StudyLine, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeBlock:
    """The programme that the study is about. `description` is cleaned HTML in `language`; `url` its page, if public."""

    name: str
    url: str
    organisation: str
    stage: str
    description: SafeString | None
    language: str
    sources: tuple[SourceLink, ...]


@dataclass(frozen=True, slots=True)
class Certainty:
    """The appraisal in words; "not appraised" where there is none (R5). `url` leads to its domains, if it has any."""

    code: str
    label: str
    definition: str
    instrument: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class StudyPage:
    """All that a study's page prints."""

    crumbs: tuple[Link, ...]
    is_draft: bool
    stage_label: str
    themes: tuple[str, ...]
    title: Text
    original_title: Text | None
    authors: str
    container: str
    year: int | None
    read_url: str
    read_label: str
    key_finding: Text | None
    summary: Text | None
    summary_is_bilingual: bool
    facts: tuple[Fact, ...]
    findings: tuple[FindingRow, ...]
    has_figures: bool
    has_follow_up: bool
    figure_heading: str
    plots: tuple[PlotView, ...]
    finding_sources: tuple[SourceLink, ...]
    finding_sources_are_general: bool
    is_ongoing: bool
    unknowns: tuple[Unknown, ...]
    evaluations: tuple[EvaluationBlock, ...]
    programme: ProgrammeBlock | None
    certainty: Certainty
    appraisals: tuple[AppraisalView, ...]
    designs: tuple[Link, ...]
    sample: str
    brief_facts: tuple[Fact, ...]
    citation: CitationBox
    sources: tuple[SourceLink, ...]
    published_at: datetime.datetime | None
    change_no: int
    report_url: str


class StudyPageBuilder:
    """Builds the page of one study of `for_detail` in one language."""

    def __init__(self, study: Study, vocabulary: Vocabularies, language: str) -> None:
        self.study = study
        self.record: StudyRecord = to_record(study)
        self.vocabulary = vocabulary
        self.language = language

    def build(
        self,
        evaluation_studies: Mapping[int, Sequence[Study]],
        instruments: Mapping[str, InstrumentRecord],
        contact_email: str,
        asked: QueryDict,
    ) -> StudyPage:
        """Put the page together.

        `evaluation_studies` are the studies of each evaluation, by its key; `instruments` those of the
        appraisals; `asked` is the query of the page.
        """
        record = self.record
        rows, shared_measure = finding_rows(record.findings, self.vocabulary, self.language)
        finding_sources, are_general = self._finding_sources()
        original = self._original_title()
        summary = choose(record.summary_es, record.summary_en, self.language)
        appraisals = appraisal_views(record, instruments, self.vocabulary, self.language)
        return StudyPage(
            crumbs=self._crumbs(),
            is_draft=self.study.stage != Stage.PUBLISHED,
            stage_label=str(Stage(self.study.stage).label),
            themes=self._labels("themes", record.themes),
            title=self._title(),
            original_title=original,
            authors=all_authors(record.authors, self.language),
            container=record.container_title or record.publisher or "",
            year=record.year,
            read_url=record.url or (doi_address(record.doi) if record.doi else ""),
            read_label=self._read_label(),
            key_finding=choose(record.key_finding_es, record.key_finding_en, self.language),
            summary=summary,
            summary_is_bilingual=bool(record.summary_es and record.summary_en),
            facts=self._facts(),
            findings=rows,
            has_figures=any(row.figure for row in rows),
            has_follow_up=any(row.follow_up for row in rows),
            figure_heading=figure_heading(record.findings, shared_measure),
            plots=plot_views(record.findings, rows, self.vocabulary, self.language),
            finding_sources=finding_sources,
            finding_sources_are_general=are_general,
            is_ongoing=record.status == "ongoing",
            unknowns=tuple(self._unknowns()),
            evaluations=tuple(self._evaluations(evaluation_studies)),
            programme=self._programme(self.study.programme),
            certainty=self._certainty(appraisals),
            appraisals=appraisals,
            designs=self._glossary_links("designs", record.designs),
            sample=sample_text(record.sample_size, record.sample_unit, self.vocabulary, self.language),
            brief_facts=self._brief_facts(),
            citation=citation_box(record, self.language, asked),
            sources=tuple(source_link(source) for source in record.sources),
            published_at=self.study.published_at,
            change_no=self.study.changed_no,
            report_url=self._report_url(contact_email),
        )

    def _labels(self, vocabulary: str, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.vocabulary.label(vocabulary, code, self.language) for code in codes)

    def _search_links(self, vocabulary: str, parameter: str, codes: Iterable[str]) -> tuple[Link, ...]:
        return tuple(
            Link(self.vocabulary.label(vocabulary, code, self.language), search_url(parameter, code)) for code in codes
        )

    def _glossary_links(self, vocabulary: str, codes: Iterable[str]) -> tuple[Link, ...]:
        page = reverse("glossary")
        return tuple(
            Link(self.vocabulary.label(vocabulary, code, self.language), f"{page}#{anchor(vocabulary, code)}")
            for code in codes
        )

    def _title(self) -> Text:
        return title_of(self.study, self.vocabulary, self.language)

    def _original_title(self) -> Text | None:
        record = self.record
        if record.title == self._title().text:
            return None
        language = record.language or ""
        return Text(record.title, language, is_fallback=language != self.language)

    def _crumbs(self) -> tuple[Link, ...]:
        trail = [Link(_("Inicio"), reverse("home"))]
        trail += [
            Link(self.vocabulary.label("themes", code, self.language), reverse("theme", args=[code]))
            for code in self.record.themes[:1]
        ]
        here = ", ".join(filter(None, [short_authors(self.record.authors, self.language), str(self.record.year or "")]))
        return (*trail, Link(here or self.record.id))

    def _read_label(self) -> str:
        return {
            "article-journal": _("Leer el artículo"),
            "report": _("Leer el informe"),
            "article": _("Leer el documento"),
            "book": _("Ver el libro"),
            "chapter": _("Ver el capítulo"),
            "thesis": _("Leer la tesis"),
        }.get(self.record.type or "", _("Ver la publicación"))

    def _facts(self) -> tuple[Fact, ...]:
        record = self.record
        unknown = Link(_("Sin dato"))
        places = [*self._labels("countries", record.countries)] or [_("Varios países o sin dato")]
        period = format_range(record.period) if record.period else ""
        programme = self.study.programme
        facts = [
            Fact(_("Intervención"), self._search_links("interventions", "intervention", record.interventions)),
            Fact(_("Programa"), self._programme_links(programme)),
            Fact(_("Diseño"), self._glossary_links("designs", record.designs)),
            Fact(_("Población"), tuple(map(Link, self._labels("populations", record.populations))) or (unknown,)),
            Fact(
                _("Muestra"),
                (Link(sample_text(record.sample_size, record.sample_unit, self.vocabulary, self.language)),)
                if record.sample_size is not None
                else (unknown,),
            ),
            Fact(_("Lugar"), (*map(Link, places), *map(Link, self._labels("settings", record.settings)))),
            Fact(_("Periodo"), (Link(period),) if period else (unknown,)),
            Fact(_("Resultados medidos"), tuple(map(Link, self._labels("outcomes", record.outcomes)))),
        ]
        return tuple(fact for fact in facts if fact.values)

    def _programme_links(self, programme: Programme | None) -> tuple[Link, ...]:
        return (Link(programme_name(programme, self.language), programme_url(programme)),) if programme else ()

    def _brief_facts(self) -> tuple[Fact, ...]:
        record = self.record
        regions = {self.vocabulary.term("countries", code).parent: None for code in record.countries}
        access = {True: _("Libre"), False: _("No es libre"), None: _("Sin dato")}[record.open_access]
        facts = [
            Fact(_("Región"), tuple(map(Link, self._labels("regions", [code for code in regions if code])))),
            Fact(_("Publicación"), tuple(map(Link, self._labels("types", [record.type] if record.type else [])))),
            Fact(
                _("Idioma"), tuple(map(Link, self._labels("languages", [record.language] if record.language else [])))
            ),
            Fact(_("Acceso"), (Link(access),)),
            Fact(_("Estado"), tuple(map(Link, self._labels("statuses", [record.status] if record.status else [])))),
            Fact("DOI", (Link(record.doi, doi_address(record.doi)),) if record.doi else ()),
        ]
        return tuple(fact for fact in facts if fact.values)

    def _finding_sources(self) -> tuple[tuple[SourceLink, ...], bool]:
        """Give the sources of the findings; where none is named, all stand for them, and the page says so (R5)."""
        named = [source for source in self.record.sources if "findings" in source.supports]
        return tuple(source_link(source) for source in named or self.record.sources), not named

    def _unknowns(self) -> Iterable[Unknown]:
        record = self.record
        limitation = choose(record.limitations_es, record.limitations_en, self.language)
        if limitation:
            yield Unknown(limitation, from_source=True)
        if record.status == "ongoing":
            yield self._note(_("Los resultados: el estudio está en curso."))
        months = [finding.follow_up_months for finding in record.findings if finding.follow_up_months is not None]
        if months:
            last = format_number(max(months), self.language)
            yield self._note(
                ngettext(
                    "El registro no trae resultados después de %(months)s mes.",
                    "El registro no trae resultados después de %(months)s meses.",
                    1 if max(months) == 1 else 2,
                )
                % {"months": last}
            )
        elif record.findings:
            yield self._note(_("Cuánto dura lo encontrado: el registro no dice cuándo se midió."))
        found = {finding.outcome for finding in record.findings}
        for code in record.outcomes:
            if code not in found:
                outcome = self.vocabulary.label("outcomes", code, self.language)
                yield self._note(
                    _("%(outcome)s: el estudio lo midió; el registro no trae el hallazgo.") % {"outcome": outcome}
                )
        if record.findings and not any(finding.has_interval for finding in record.findings):
            yield self._note(_("Qué tan precisas son las cifras: el registro no trae ningún intervalo."))

    def _note(self, text: str) -> Unknown:
        return Unknown(Text(text, self.language, is_fallback=False))

    def _evaluations(self, evaluation_studies: Mapping[int, Sequence[Study]]) -> Iterable[EvaluationBlock]:
        for evaluation in self.study.evaluations.all():
            others = [study for study in evaluation_studies.get(evaluation.pk, ()) if study.pk != self.study.pk]
            if others:
                yield self._evaluation(evaluation, others)

    def _evaluation(self, evaluation: Evaluation, others: Sequence[Study]) -> EvaluationBlock:
        is_trial = evaluation.kind == Evaluation.Kind.TRIAL
        count = len(others) + 1
        heading = _("Una evaluación, %(count)s estudios") if is_trial else _("Los mismos datos, %(count)s estudios")
        return EvaluationBlock(
            anchor=f"e-{evaluation.slug}",
            heading=heading % {"count": format_number(count, self.language)},
            name=evaluation.name_en if self.language == "en" else evaluation.name_es,
            is_trial=is_trial,
            registration=evaluation.registration,
            studies=tuple(study_line(study, self.vocabulary, self.language) for study in others),
        )

    def _programme(self, programme: Programme | None) -> ProgrammeBlock | None:
        if programme is None:
            return None
        description = choose(programme.description_es, programme.description_en, self.language)
        return ProgrammeBlock(
            name=programme_name(programme, self.language),
            url=programme_url(programme),
            organisation=programme.organisation,
            stage=str(programme.get_stage_display()),
            description=clean(description.text) if description else None,
            language=description.language if description else "",
            sources=tuple(SourceLink(url, host(url)) for url in programme.sources),
        )

    def _certainty(self, appraisals: Sequence[AppraisalView]) -> Certainty:
        if appraisals:
            first = appraisals[0]
            return Certainty(first.certainty, first.label, first.definition, first.instrument, f"#{first.anchor}")
        term = self.vocabulary.term("certainty", "not-appraised")
        return Certainty(term.code, term.label(self.language), term.definition(self.language))

    def _report_url(self, contact_email: str) -> str:
        if not contact_email:
            return ""
        subject = _("Error en el registro %(slug)s") % {"slug": self.record.id}
        return f"mailto:{quote(contact_email, safe='@')}?{urlencode({'subject': subject}, quote_via=quote)}"
