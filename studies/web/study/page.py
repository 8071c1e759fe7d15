"""The view model of a study's page: its row, its record, and all that templates can't read from these.

It takes rows that were read and returns texts in the page's language. The view reads the database; nothing here does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from studies.citations.names import format_all_authors
from studies.citations.styles.words import format_partial_date
from studies.models import Evaluation, Programme, Stage, Study
from studies.records.appraisal import InstrumentRecord
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.text.bibliographic_ids import normalize_pmid, pmid_address
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.identifiers import doi_address, is_document_mirror, registration_address, web_link
from studies.text.numbers import format_number, format_range
from studies.web.shared.components import (
    RichText,
    StudyLine,
    authors_and_year,
    name_of,
    organisation_names,
    rich_text,
    sample_text,
    study_line,
    title_of,
)
from studies.web.shared.findings import findings_table
from studies.web.shared.links import (
    Fact,
    Link,
    PageTerms,
    SourceLink,
    breadcrumbs,
    drop_empty,
    host_name,
    page_links,
    source_link,
)
from studies.web.shared.queries import ReviewRows
from studies.web.shared.service_data import service_data_text
from studies.web.study.appraisals import appraisal_views
from studies.web.study.citation_box import citation_box
from studies.web.study.interval_plots import plot_views
from studies.web.study.published_appraisals import published_appraisals
from studies.web.study.reviews import review_links
from studies.web.study.subjects import cost_views, harms_view, subject_facts
from studies.web.study.unknowns import unknowns


@dataclass(frozen=True, slots=True)
class EvaluationBlock:
    """A trial or a data set with the other studies of it; none for a second trial that only this study reports."""

    row: Evaluation
    heading: str
    name: str
    registration: Link
    studies: tuple[StudyLine, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeBlock:
    """The programme that a study is about."""

    row: Programme
    name: str
    organisations: tuple[str, ...]
    description: RichText | None
    sources: tuple[SourceLink, ...]

    @property
    def url(self) -> str:
        """The address of its page, "" if it is not public."""
        return self.row.get_absolute_url() if self.row.is_published else ""


class StudyPage:
    """The view model of the page of a study of `for_detail` in one language."""

    def __init__(
        self,
        row: Study,
        record: StudyRecord,
        vocabulary: Vocabularies,
        language: str,
        *,
        evaluation_studies: Mapping[int, Sequence[Study]],
        reviews: ReviewRows,
        instruments: Mapping[str, InstrumentRecord],
        parameters: QueryDict,
    ) -> None:
        """Take what the view read.

        `evaluation_studies` are the studies of each evaluation, by its key; `instruments` those of the bank's own
        appraisals; `parameters` are those of the page's address.
        """
        self.row = row
        self.record = record
        self.terms = terms = PageTerms(vocabulary, language)
        self.is_draft = row.stage != Stage.PUBLISHED
        self.themes = terms.labels("themes", record.themes)
        self.title = title_of(row, vocabulary, language)
        self.authors = format_all_authors(record.authors, language)
        self.container = record.container_title or record.publisher
        self.key_finding = choose_text(record.key_finding_es, record.key_finding_en, language)
        self.summary = choose_text(record.summary_es, record.summary_en, language)
        self.sample = sample_text(record.sample_size, record.sample_unit, vocabulary, language)
        self.designs = terms.glossary("designs", record.designs)
        self.found = findings_table(record, vocabulary, language)
        self.plots = plot_views(record.findings, self.found.rows, vocabulary, language)
        self.measures = tuple(dict.fromkeys(each.measure for each in record.findings if each.measure))
        self.unknowns = tuple(unknowns(record, terms))
        self.note = choose_text(record.note_es, record.note_en, language)
        self.delivery = choose_text(record.delivery_es, record.delivery_en, language)
        self.data_only = service_data_text(record.intervention_codes, record.data_sources, vocabulary, language)
        self.harms = harms_view(record, terms)
        self.costs = cost_views(record, language)
        self.appraisals = appraisal_views(record, instruments, vocabulary, language)
        self.published = published_appraisals(record, terms)
        # Only the bank's own (A): what others judged is in a section of its own.
        risk_of_bias = record.own_appraisals[0].risk_of_bias if record.own_appraisals else "not-appraised"
        self.risk_of_bias = terms.meaning("risk_of_bias", risk_of_bias)
        self.reviews = review_links(reviews, vocabulary, language)
        self.evaluations = tuple(self._evaluations(evaluation_studies))
        self.programme = programme_block(row.programme, language) if row.programme else None
        self.citation = citation_box(record, language, parameters)
        self.sources = tuple(map(source_link, record.sources))

    def crumbs(self) -> tuple[Link, ...]:
        here = authors_and_year(self.record.authors, self.record.year, self.terms.language)
        themes = self.terms.lists("themes", "theme", self.record.themes[:1])
        return breadcrumbs(*themes, Link(here or self.record.id))

    @cached_property
    def original_title(self) -> LocalizedText | None:
        """The title as published, None if the page shows it already."""
        if self.record.title == self.title.text:
            return None
        language = self.record.language or ""
        return LocalizedText(self.record.title, language, is_fallback=language != self.terms.language)

    def read_label(self) -> str:
        return {
            "article-journal": _("Leer el artículo"),
            "report": _("Leer el informe"),
            "article": _("Leer el documento"),
            "book": _("Ver el libro"),
            "chapter": _("Ver el capítulo"),
            "thesis": _("Leer la tesis"),
        }.get(self.record.type or "", _("Ver la publicación"))

    @property
    def is_copy(self) -> bool:
        """Whether the main link leads to a copy on a document-sharing site."""
        return is_document_mirror(self.record.reading_address)

    @property
    def has_copies(self) -> bool:
        """Whether the page marks any link as a copy."""
        return self.is_copy or any(source.is_copy for source in self.sources)

    def facts(self) -> tuple[Fact, ...]:
        record, terms, programme = self.record, self.terms, self.programme
        unknown = (Link(_("Sin dato")),)
        places = terms.words("countries", *record.countries) or (Link(_("Varios países o sin dato")),)
        return drop_empty(
            *subject_facts(record, terms),
            Fact(_("Programa"), (Link(programme.name, programme.url),) if programme else ()),
            Fact(_("Diseño"), self.designs),
            Fact(_("Población"), terms.words("populations", *record.populations) or unknown),
            Fact(_("Muestra"), (Link(self.sample),) if self.sample else unknown),
            Fact(_("Lugar"), (*places, *terms.words("settings", *record.settings))),
            Fact(_("Periodo"), (Link(format_range(record.period)),) if record.period else unknown),
            Fact(_("De dónde vienen los datos"), terms.lists("data_sources", "data_source", record.data_sources)),
            Fact(_("Resultados medidos"), terms.words("outcomes", *record.outcomes)),
        )

    def brief_facts(self) -> tuple[Fact, ...]:
        record, terms = self.record, self.terms
        regions = dict.fromkeys(self.terms.vocabulary.term("countries", code).parent for code in record.countries)
        access = {True: _("Libre"), False: _("No es libre"), None: _("Sin dato")}[record.open_access]
        return drop_empty(
            Fact(_("Región"), terms.words("regions", *regions)),
            Fact(_("Publicación"), terms.words("types", record.type)),
            Fact(_("Fecha de publicación"), _plain(_published_on(record, terms.language))),
            Fact(_("Edición a cargo de"), _plain(format_all_authors(record.editors, terms.language))),
            Fact(_("Traducción de"), _plain(format_all_authors(record.translators, terms.language))),
            Fact(_("Edición"), _plain(record.edition)),
            Fact(_("Congreso"), _plain(record.conference)),
            Fact(_("Lugar de publicación"), _plain(record.place)),
            Fact(_("Idioma"), terms.words("languages", record.language)),
            Fact(_("Acceso en la editorial") if record.open_copy else _("Acceso"), (Link(access),)),
            Fact(_("Copia que se lee sin pagar"), _open_copy(record.open_copy)),
            Fact(_("Licencia del texto"), _plain(record.text_license)),
            Fact(_("Estado"), terms.words("statuses", record.status)),
            Fact(_("Registro"), tuple(Link(text, registration_address(text)) for text in record.registration)),
            Fact("DOI", (Link(record.doi, doi_address(record.doi)),) if record.doi else ()),
            Fact("ISSN", tuple(map(Link, record.issn))),
            Fact("ISBN", tuple(map(Link, record.isbn))),
            Fact("PMID", (Link(record.pmid, _pmid_link(record.pmid)),) if record.pmid else ()),
        )

    def report_url(self) -> str:
        if not settings.CONTACT_EMAIL:
            return ""
        subject = urlencode({"subject": _("Error en el registro %(slug)s") % {"slug": self.record.id}}, quote_via=quote)
        return f"mailto:{quote(settings.CONTACT_EMAIL, safe='@')}?{subject}"

    def _evaluations(self, studies: Mapping[int, Sequence[Study]]) -> Iterator[EvaluationBlock]:
        vocabulary, language = self.terms.vocabulary, self.terms.language
        rows = list(self.row.evaluations.all())
        reports_several_trials = sum(row.kind == Evaluation.Kind.TRIAL for row in rows) > 1
        for row in rows:
            others = [each for each in studies.get(row.pk, ()) if each.pk != self.row.pk]
            is_trial = row.kind == Evaluation.Kind.TRIAL
            if others or (is_trial and reports_several_trials):
                if not others:
                    text = _("Una evaluación, solo este estudio")
                elif is_trial:
                    text = _("Una evaluación, %(count)s estudios")
                else:
                    text = _("Los mismos datos, %(count)s estudios")
                heading = text % {"count": format_number(len(others) + 1, language)}
                lines = tuple(study_line(each, vocabulary, language) for each in others)
                registration = Link(row.registration, registration_address(row.registration))
                yield EvaluationBlock(row, heading, name_of(row, language), registration, lines)


def _plain(text: str | None) -> tuple[Link, ...]:
    return (Link(text),) if text else ()


def _published_on(record: StudyRecord, language: str) -> str:
    """Return the date with its month, "" where only the year is known, which stands above."""
    if record.year is None or record.month is None:
        return ""
    return format_partial_date(record.year, record.month, record.day, language)


def _open_copy(url: str | None) -> tuple[Link, ...]:
    if not url:
        return ()
    name = host_name(url)
    if is_document_mirror(url):
        name = _("%(site)s, un sitio donde cualquiera comparte documentos") % {"site": name}
    return (Link(name, web_link(url)),)


def _pmid_link(pmid: str) -> str:
    return pmid_address(pmid) if normalize_pmid(pmid) else ""


def programme_block(row: Programme, language: str) -> ProgrammeBlock:
    """Return the programme of a study as its page prints it."""
    organisations = organisation_names(row, language)
    description = rich_text(row.description_es, row.description_en, language)
    return ProgrammeBlock(row, name_of(row, language), organisations, description, page_links(row.sources))
