"""The view model of a study's page: its row and its record, and what its templates cannot read off them.

Rows come in, finished texts in the page's language go out. The view reads the database; nothing here does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from studies.citations.names import all_authors
from studies.models import Evaluation, Programme, Stage, Study
from studies.records.appraisal import InstrumentRecord
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import Text, choose
from studies.text.identifiers import doi_address
from studies.text.numbers import format_number, format_range
from studies.web.shared.components import (
    RichText,
    StudyLine,
    authors_and_year,
    name_of,
    rich_text,
    sample_text,
    study_line,
    title_of,
)
from studies.web.shared.findings import FoundView, found_view
from studies.web.shared.links import (
    Fact,
    Link,
    PageTerms,
    SourceLink,
    TermMeaning,
    crumbs,
    filled,
    page_links,
    source_link,
)
from studies.web.study.appraisals import AppraisalView, appraisal_views
from studies.web.study.citation_box import CitationBox, citation_box
from studies.web.study.interval_plots import PlotView, plot_views
from studies.web.study.unknowns import Unknown, unknowns


@dataclass(frozen=True, slots=True)
class EvaluationBlock:
    """A trial or a data set with the other studies of it."""

    row: Evaluation
    heading: str
    name: str
    studies: tuple[StudyLine, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeBlock:
    """The programme that a study is about."""

    row: Programme
    name: str
    description: RichText | None
    sources: tuple[SourceLink, ...]

    @property
    def url(self) -> str:
        """Its page, empty where it is not public."""
        return self.row.get_absolute_url() if self.row.is_published else ""


class StudyPage:
    """What the page of one study of `for_detail` prints in one language."""

    def __init__(
        self,
        row: Study,
        record: StudyRecord,
        vocabulary: Vocabularies,
        language: str,
        *,
        evaluation_studies: Mapping[int, Sequence[Study]],
        instruments: Mapping[str, InstrumentRecord],
        parameters: QueryDict,
    ) -> None:
        """Take what the view read.

        `evaluation_studies` are the studies of each evaluation, by its key; `instruments` those of the
        appraisals; `parameters` are those of the page's address.
        """
        self.row = row
        self.record = record
        self._vocabulary = vocabulary
        self._language = language
        self._terms = PageTerms(vocabulary, language)
        self._evaluation_studies = evaluation_studies
        self._instruments = instruments
        self._parameters = parameters

    @property
    def crumbs(self) -> tuple[Link, ...]:
        here = authors_and_year(self.record.authors, self.record.year, self._language)
        themes = self._terms.lists("themes", "theme", self.record.themes[:1])
        return crumbs(*themes, Link(here or self.record.id))

    @property
    def is_draft(self) -> bool:
        return self.row.stage != Stage.PUBLISHED

    @property
    def themes(self) -> tuple[str, ...]:
        return self._terms.labels("themes", self.record.themes)

    @cached_property
    def title(self) -> Text:
        return title_of(self.row, self._vocabulary, self._language)

    @cached_property
    def original_title(self) -> Text | None:
        """The title as published, where the page shows another."""
        if self.record.title == self.title.text:
            return None
        language = self.record.language or ""
        return Text(self.record.title, language, is_fallback=language != self._language)

    @cached_property
    def authors(self) -> str:
        return all_authors(self.record.authors, self._language)

    @property
    def container(self) -> str | None:
        return self.record.container_title or self.record.publisher

    @property
    def read_label(self) -> str:
        return {
            "article-journal": _("Leer el artículo"),
            "report": _("Leer el informe"),
            "article": _("Leer el documento"),
            "book": _("Ver el libro"),
            "chapter": _("Ver el capítulo"),
            "thesis": _("Leer la tesis"),
        }.get(self.record.type or "", _("Ver la publicación"))

    @cached_property
    def key_finding(self) -> Text | None:
        return choose(self.record.key_finding_es, self.record.key_finding_en, self._language)

    @cached_property
    def summary(self) -> Text | None:
        return choose(self.record.summary_es, self.record.summary_en, self._language)

    @cached_property
    def sample(self) -> str:
        return sample_text(self.record.sample_size, self.record.sample_unit, self._vocabulary, self._language)

    @cached_property
    def designs(self) -> tuple[Link, ...]:
        return self._terms.glossary("designs", self.record.designs)

    @property
    def facts(self) -> tuple[Fact, ...]:
        record, terms, programme = self.record, self._terms, self.programme
        unknown = (Link(_("Sin dato")),)
        places = terms.words("countries", *record.countries) or (Link(_("Varios países o sin dato")),)
        return filled(
            Fact(_("Intervención"), terms.lists("interventions", "intervention", record.interventions)),
            Fact(_("Programa"), (Link(programme.name, programme.url),) if programme else ()),
            Fact(_("Diseño"), self.designs),
            Fact(_("Población"), terms.words("populations", *record.populations) or unknown),
            Fact(_("Muestra"), (Link(self.sample),) if self.sample else unknown),
            Fact(_("Lugar"), (*places, *terms.words("settings", *record.settings))),
            Fact(_("Periodo"), (Link(format_range(record.period)),) if record.period else unknown),
            Fact(_("Resultados medidos"), terms.words("outcomes", *record.outcomes)),
        )

    @property
    def brief_facts(self) -> tuple[Fact, ...]:
        record, terms = self.record, self._terms
        regions = dict.fromkeys(self._vocabulary.term("countries", code).parent for code in record.countries)
        access = {True: _("Libre"), False: _("No es libre"), None: _("Sin dato")}[record.open_access]
        return filled(
            Fact(_("Región"), terms.words("regions", *regions)),
            Fact(_("Publicación"), terms.words("types", record.type)),
            Fact(_("Idioma"), terms.words("languages", record.language)),
            Fact(_("Acceso"), (Link(access),)),
            Fact(_("Estado"), terms.words("statuses", record.status)),
            Fact("DOI", (Link(record.doi, doi_address(record.doi)),) if record.doi else ()),
        )

    @cached_property
    def found(self) -> FoundView:
        return found_view(self.record, self._vocabulary, self._language)

    @property
    def plots(self) -> tuple[PlotView, ...]:
        return plot_views(self.record.findings, self.found.rows, self._vocabulary, self._language)

    @cached_property
    def unknowns(self) -> tuple[Unknown, ...]:
        return tuple(unknowns(self.record, self._terms))

    @cached_property
    def appraisals(self) -> tuple[AppraisalView, ...]:
        return appraisal_views(self.record, self._instruments, self._vocabulary, self._language)

    @cached_property
    def certainty(self) -> TermMeaning:
        """What the first appraisal came to; "not appraised" where there is none (R5)."""
        code = self.record.appraisals[0].certainty if self.record.appraisals else "not-appraised"
        return self._terms.meaning("certainty", code)

    @property
    def evaluations(self) -> Iterator[EvaluationBlock]:
        for evaluation in self.row.evaluations.all():
            others = [each for each in self._evaluation_studies.get(evaluation.pk, ()) if each.pk != self.row.pk]
            if others:
                is_trial = evaluation.kind == Evaluation.Kind.TRIAL
                heading = (
                    _("Una evaluación, %(count)s estudios") if is_trial else _("Los mismos datos, %(count)s estudios")
                )
                yield EvaluationBlock(
                    row=evaluation,
                    heading=heading % {"count": format_number(len(others) + 1, self._language)},
                    name=name_of(evaluation, self._language),
                    studies=tuple(study_line(each, self._vocabulary, self._language) for each in others),
                )

    @cached_property
    def programme(self) -> ProgrammeBlock | None:
        row = self.row.programme
        if row is None:
            return None
        description = rich_text(row.description_es, row.description_en, self._language)
        return ProgrammeBlock(row, name_of(row, self._language), description, page_links(row.sources))

    @cached_property
    def citation(self) -> CitationBox:
        return citation_box(self.record, self._language, self._parameters)

    @property
    def sources(self) -> Iterator[SourceLink]:
        return map(source_link, self.record.sources)

    @cached_property
    def report_url(self) -> str:
        if not settings.CONTACT_EMAIL:
            return ""
        subject = urlencode({"subject": _("Error en el registro %(slug)s") % {"slug": self.record.id}}, quote_via=quote)
        return f"mailto:{quote(settings.CONTACT_EMAIL, safe='@')}?{subject}"
