"""The view model of a programme's page: where it is in the learning cycle, and what each step rests on.

Rows come in, finished texts in the page's language go out. The view reads the database; nothing here does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studies.citations.names import join_with_and
from studies.learning.programmes import CYCLE, RelatedProgramme
from studies.models import Decision, Evaluation, PolicyQuestion, Programme, Study
from studies.store.exchange.study import to_record
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.identifiers import registration_address
from studies.text.numbers import format_number
from studies.web.programmes.evaluations import ProgrammeEvaluations
from studies.web.programmes.lineage import LineageEntry, lineage
from studies.web.shared.bank_counts import StudyCounts
from studies.web.shared.components import (
    StudyLine,
    name_of,
    opening_sentence,
    organisation_names,
    question_line,
    rich_text,
    study_line,
)
from studies.web.shared.learning_cycle import stage_view, step_names
from studies.web.shared.links import Criterion, Fact, Link, PageTerms, breadcrumbs, drop_empty, host_name, page_links

_DESCRIPTIVE = frozenset({"observational", "qualitative-policy"})


@dataclass(frozen=True, slots=True)
class ProgrammeRows:
    """The rows that the page prints, as the view read them: published studies and policy questions only."""

    programme: Programme
    studies: Sequence[Study]
    """All of the programme, as `for_record` reads them."""
    rests_on: Sequence[Study]
    decisions: Sequence[Decision]
    questions: Sequence[PolicyQuestion]
    trials: Sequence[Evaluation]
    kin: Mapping[int, RelatedProgramme]
    countries: Mapping[int, Sequence[int]]
    """Countries of the programmes of the lineage, by key."""


@dataclass(frozen=True, slots=True)
class CycleStep:
    """A step of the cycle, with what the bank holds on it, which is at `url` or on the page of `criterion`."""

    name: str
    text: LocalizedText
    url: str
    criterion: Criterion | None
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision with the published studies that it rests on."""

    row: Decision
    text: LocalizedText | None
    document_name: str
    studies: tuple[StudyLine, ...]


class ProgrammePage:
    """The view model of the page of a programme in one language. No query."""

    def __init__(self, rows: ProgrammeRows, vocabulary: Vocabularies, counts: StudyCounts, language: str) -> None:
        self.rows = rows
        self.row = row = rows.programme
        self.terms = PageTerms(vocabulary, language)
        self._counts = counts
        self._records = {study.pk: to_record(study, vocabulary) for study in rows.studies}
        self._named = [study for study in rows.studies if study.programme_id == row.pk]
        self._evaluations = ProgrammeEvaluations(row, self._named, self._records, rows.trials, vocabulary, language)
        self.name = name_of(row, language)
        self.crumbs = breadcrumbs(Link(_("Programas"), reverse("programmes")), Link(self.name))
        self.eyebrow = [vocabulary.by_id[term.pk].label(language) for term in (*row.themes.all(), *row.countries.all())]
        self.question = choose_text(row.question_es, row.question_en, language)
        self.description = rich_text(row.description_es, row.description_en, language)
        self.stage_heading = stage_view(row.stage).text
        self.results = self._evaluations.results()
        self.trials = tuple(self._evaluations.trials())
        self.registrations = [Link(text, registration_address(text)) for text in self._evaluations.registrations()]
        # With results on the page, a section on evaluations appears only if it has more to say than they do.
        self.shows_evaluation = bool(self.trials or self.registrations or not self.results)
        self.sources = page_links(row.sources)
        self.own_list = Link(self.name, criterion=("programme", row.slug)) if self._named else None
        shown = {study.pk for study in self._named if self._evaluations.has_results(self._records[study.pk])}
        self.other_studies = self._lines(study for study in self._named if study.pk not in shown)
        named = {study.pk for study in self._named}
        self.related_studies = self._lines(study for study in rows.studies if study.pk not in named)
        self.rests_on = self._lines(rows.rests_on)
        self.questions = [question_line(question, language) for question in rows.questions]

    def opening(self) -> LocalizedText | None:
        """Return the first sentence of the description, to stand for the question of a programme without one."""
        description = choose_text(self.row.description_es, self.row.description_en, self.terms.language)
        return opening_sentence(description) if description and self.question is None else None

    def decisions(self) -> Iterator[DecisionView]:
        for row in self.rows.decisions:
            text = choose_text(row.text_es, row.text_en, self.terms.language)
            name = row.document_title or host_name(row.document_url)
            yield DecisionView(row, text, name, self._lines(row.studies.all()))

    def _lines(self, studies: Iterable[Study]) -> tuple[StudyLine, ...]:
        return tuple(study_line(study, self.terms.vocabulary, self.terms.language) for study in studies)

    # --- The cycle ---------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[CycleStep]:
        stage = self.row.stage
        # -1: at a stage beside the cycle no step counts as done.
        place = CYCLE.index(stage) if stage in CYCLE else -1
        contents = (
            self._diagnosis(),
            self._evidence_step(),
            self._design(),
            self._evaluation(),
            self._results_step(),
            self._decision(),
        )
        for number, ((code, name), (text, url)) in enumerate(zip(step_names().items(), contents, strict=True)):
            criterion = self.evidence[0].criterion if code == "evidence" and self.evidence else None
            # A step that the bank holds nothing of is not shown as taken, whatever the stage.
            is_done = number < place and bool(url or criterion)
            yield CycleStep(name, text, url, criterion, is_done=is_done, is_current=code == stage)

    def _diagnosis(self) -> tuple[LocalizedText, str]:
        count = sum(self._family(study) in _DESCRIPTIVE for study in self.rows.rests_on)
        if not count:
            return self.terms.own(_("Sin documento registrado en el banco.")), ""
        text = ngettext(
            "%(count)s estudio descriptivo en el que se apoya.",
            "%(count)s estudios descriptivos en los que se apoya.",
            count,
        )
        return self.terms.own(text % {"count": format_number(count, self.terms.language)}), "#apoyo"

    def _evidence_step(self) -> tuple[LocalizedText, str]:
        text = self.evidence[0].label if self.evidence else _("Sin evaluaciones registradas en el banco.")
        return self.terms.own(text), ""

    def _design(self) -> tuple[LocalizedText, str]:
        origin = self.row.adapted_from_id
        if origin is None or origin not in self.rows.kin:
            return self.terms.own(_("Sin documento registrado en el banco.")), ""
        kin = self.rows.kin[origin]
        places = self._places(origin)
        words = {"name": kin.label(self.terms.language), "places": places}
        text = _("Adapta %(name)s (%(places)s).") if places else _("Adapta %(name)s.")
        return self.terms.own(text % words), "#origen"

    def _evaluation(self) -> tuple[LocalizedText, str]:
        for study in self._named:
            record = self._records[study.pk]
            if self._evaluations.is_evaluation(record):
                if self.shows_evaluation:
                    place = "#evaluacion"
                else:
                    place = "#resultados" if self._evaluations.has_results(record) else "#estudios"
                return self.terms.own(f"{self._evaluations.describe_design(record)}."), place
        if self.registrations:
            return self.terms.own(_("Evaluación registrada.")), "#evaluacion"
        return self.terms.own(_("Sin evaluación registrada en el banco.")), ""

    def _results_step(self) -> tuple[LocalizedText, str]:
        results = self.results
        if not results:
            expected = self.row.expected_results
            if expected:
                return self.terms.own(_("Anunciados para: %(when)s.") % {"when": expected}), ""
            return self.terms.own(_("Sin resultados en el banco.")), ""
        if len(results) == 1 and results[0].key_finding:
            return results[0].key_finding, "#resultados"
        text = ngettext("%(count)s estudio con hallazgos.", "%(count)s estudios con hallazgos.", len(results))
        return self.terms.own(text % {"count": format_number(len(results), self.terms.language)}), "#resultados"

    def _decision(self) -> tuple[LocalizedText, str]:
        for decision in self.rows.decisions[:1]:
            if text := choose_text(decision.text_es, decision.text_en, self.terms.language):
                return text, "#decisiones"
        return self.terms.own(_("Ninguna registrada en el banco.")), ""

    # --- What it rests on ------------------------------------------------------------------------------------------

    @cached_property
    def evidence(self) -> tuple[Link, ...]:
        """The evaluations of the programme's main kinds of intervention, each on the page of its intervention."""
        codes = Counter(code for study in self._named for code in self._records[study.pk].tested)
        counts = {code: self._counts.of_intervention(code).evaluations for code, _times in codes.most_common(3)}
        return tuple(
            Link(self._evaluations_of(code, count), criterion=("intervention", code))
            for code, count in counts.items()
            if count
        )

    def _evaluations_of(self, intervention: str, count: int) -> str:
        text = ngettext(
            "%(count)s evaluación en el banco: %(intervention)s",
            "%(count)s evaluaciones en el banco: %(intervention)s",
            count,
        )
        label = self.terms.label("interventions", intervention)
        return text % {"count": format_number(count, self.terms.language), "intervention": label}

    def _family(self, study: Study) -> str:
        terms = (self.terms.vocabulary.by_id[row.term_id] for row in study.study_terms.all())
        return next((term.parent or "" for term in terms if term.vocabulary == "designs"), "")

    @cached_property
    def lineage(self) -> tuple[LineageEntry, ...]:
        return lineage(self.row, self.rows.kin, self._places, self.terms.language)

    def _places(self, programme: int) -> str:
        names = [
            self.terms.vocabulary.by_id[key].label(self.terms.language)
            for key in self.rows.countries.get(programme, ())
        ]
        return join_with_and(names, self.terms.language)

    # --- In brief --------------------------------------------------------------------------------------------------

    def facts(self) -> tuple[Fact, ...]:
        return drop_empty(
            Fact(
                _("Quiénes"),
                tuple(Link(name) for name in organisation_names(self.row, self.terms.language)),
                ",",
            ),
            Fact(_("Otros nombres"), tuple(map(Link, self.row.aliases))),
            Fact(_("Población"), self.terms.words("populations", *self._codes("populations"))),
            Fact(_("Ámbito"), self.terms.words("settings", *self._codes("settings"))),
            Fact(
                _("Modalidad"),
                self.terms.lists("interventions", "intervention", self._codes("interventions", "intervention_codes")),
            ),
        )

    def _codes(self, vocabulary: str, field: str = "") -> list[str]:
        """Return the codes of its studies' records in the order of the vocabulary."""
        codes = {code for study in self._named for code in getattr(self._records[study.pk], field or vocabulary)}
        return [term.code for term in self.terms.vocabulary.every_term(vocabulary) if term.code in codes]
