"""The view model of a programme's page: where it is in the learning cycle, and what each step rests on.

Rows come in, finished texts in the page's language go out. The view reads the database; nothing here does.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studies.citations.names import listing
from studies.learning.programmes import CYCLE, Kin, ancestors, descendants, organisations
from studies.models import Decision, Evaluation, PolicyQuestion, Programme, Study
from studies.records.study import StudyRecord
from studies.store.exchange.study import to_record
from studies.store.vocabularies import Vocabularies
from studies.text.bilingual import Text, choose
from studies.text.identifiers import registration_address
from studies.text.numbers import format_number
from studies.text.richtext import clean
from studies.web.programmes.evaluations import ProgrammeEvaluations, Results, Trial
from studies.web.shared.bank_counts import Figures
from studies.web.shared.components import (
    Fact,
    Link,
    QuestionLine,
    SourceLink,
    StudyLine,
    host,
    opening_sentence,
    programme_name,
    question_line,
    search_url,
    study_line,
)
from studies.web.shared.learning_cycle import stage_view, step_names

_DESCRIPTIVE = frozenset({"observational", "qualitative-policy"})


@dataclass(frozen=True, slots=True)
class ProgrammeRows:
    """What the view read: published studies and policy questions only."""

    programme: Programme
    studies: Sequence[Study]
    """All of the programme, as `for_record` reads them."""
    rests_on: Sequence[Study]
    decisions: Sequence[Decision]
    questions: Sequence[PolicyQuestion]
    trials: Sequence[Evaluation]
    kin: Mapping[int, Kin]
    countries: Mapping[int, Sequence[int]]
    """Countries of the programmes of the lineage, by key."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the cycle, with what the bank holds on it. `url` leads to that."""

    name: str
    text: Text
    url: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What was decided and when, the document that says so, and the published studies that it rests on."""

    on: datetime.date
    text: Text | None
    document: Link
    studies: tuple[StudyLine, ...]


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A programme of the lineage. `url` is empty for this programme itself.

    `adapts` names its origin where that is not the one above it.
    """

    name: str
    url: str
    places: str
    adapts: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """All that a programme's page prints. `description` is cleaned HTML in `description_language`."""

    crumbs: tuple[Link, ...]
    is_draft: bool
    eyebrow: tuple[str, ...]
    name: str
    own_name: str
    question: Text | None
    opening: Text | None
    stage_heading: str
    steps: tuple[Step, ...]
    results: tuple[Results, ...]
    shows_evaluation: bool
    """Whether the evaluation has a section of its own, beside what it found."""
    trials: tuple[Trial, ...]
    registrations: tuple[Link, ...]
    expected_results: str
    description: SafeString | None
    description_language: str
    sources: tuple[SourceLink, ...]
    other_studies: tuple[StudyLine, ...]
    """Those whose results are not shown above."""
    list_url: str
    rests_on: tuple[StudyLine, ...]
    evidence: tuple[Link, ...]
    decisions: tuple[DecisionView, ...]
    questions: tuple[QuestionLine, ...]
    lineage: tuple[Ancestor, ...]
    facts: tuple[Fact, ...]


class ProgrammePageBuilder:
    """Builds the page of one programme in one language."""

    def __init__(self, rows: ProgrammeRows, vocabulary: Vocabularies, counts: Figures, language: str) -> None:
        self.rows = rows
        self.programme = rows.programme
        self.vocabulary = vocabulary
        self.counts = counts
        self.language = language
        self.records = {study.pk: to_record(study, vocabulary) for study in rows.studies}
        self.named = [study for study in rows.studies if study.programme_id == rows.programme.pk]
        self.evaluations = ProgrammeEvaluations(
            rows.programme, self.named, self.records, rows.trials, vocabulary, language
        )

    def build(self) -> ProgrammePage:
        """Put the page together."""
        programme = self.programme
        description = choose(programme.description_es, programme.description_en, self.language)
        name = programme_name(programme, self.language)
        question = choose(programme.question_es, programme.question_en, self.language)
        results = self.evaluations.results()
        trials = tuple(self.evaluations.trials())
        registrations = tuple(Link(text, registration_address(text)) for text in self.evaluations.registrations())
        shows_evaluation = bool(trials or registrations or not results)
        return ProgrammePage(
            crumbs=(Link(_("Inicio"), reverse("home")), Link(_("Programas"), reverse("programmes")), Link(name)),
            is_draft=not programme.is_published,
            eyebrow=(*self._labels("themes"), *self._labels("countries")),
            name=name,
            own_name=programme.name if programme.name != name else "",
            question=question,
            opening=opening_sentence(description) if description and question is None else None,
            stage_heading=stage_view(programme.stage).text,
            steps=tuple(self._steps(results, shows_evaluation=shows_evaluation)),
            results=results,
            shows_evaluation=shows_evaluation,
            trials=trials,
            registrations=registrations,
            expected_results=programme.expected_results,
            description=clean(description.text) if description else None,
            description_language=description.language if description else "",
            sources=tuple(SourceLink(url, host(url)) for url in programme.sources),
            other_studies=tuple(
                study_line(study, self.vocabulary, self.language)
                for study in self.rows.studies
                if study not in self.named or not self.evaluations.has_results(self.records[study.pk])
            ),
            list_url=search_url("programme", programme.slug) if self.named else "",
            rests_on=tuple(study_line(study, self.vocabulary, self.language) for study in self.rows.rests_on),
            evidence=tuple(self._evidence()),
            decisions=tuple(self._decision_view(decision) for decision in self.rows.decisions),
            questions=tuple(question_line(row, self.language) for row in self.rows.questions),
            lineage=tuple(self._lineage()),
            facts=tuple(self._facts()),
        )

    # --- The cycle ---------------------------------------------------------------------------------------------

    def _steps(self, results: Sequence[Results], *, shows_evaluation: bool) -> Iterable[Step]:
        stage = self.programme.stage
        place = CYCLE.index(stage) if stage in CYCLE else -1
        said = (
            self._diagnosis(),
            self._evidence_step(),
            self._design(),
            self._evaluation(shows_evaluation=shows_evaluation),
            self._results_step(results),
            self._decision(),
        )
        for number, ((code, name), (text, url)) in enumerate(zip(step_names().items(), said, strict=True)):
            yield Step(name, text, url, is_done=number < place, is_current=code == stage)

    def _diagnosis(self) -> tuple[Text, str]:
        count = sum(self._family(study) in _DESCRIPTIVE for study in self.rows.rests_on)
        if not count:
            return self._own(_("Sin documento registrado en el banco.")), ""
        text = ngettext(
            "%(count)s estudio descriptivo en el que se apoya.",
            "%(count)s estudios descriptivos en los que se apoya.",
            count,
        )
        return self._own(text % {"count": format_number(count, self.language)}), "#apoyo"

    def _evidence_step(self) -> tuple[Text, str]:
        evidence = list(self._evidence())
        if not evidence:
            return self._own(_("Sin estudios registrados en el banco.")), ""
        return self._own(evidence[0].label), evidence[0].url

    def _design(self) -> tuple[Text, str]:
        origin = self.programme.adapted_from_id
        if origin is None or origin not in self.rows.kin:
            return self._own(_("Sin documento registrado en el banco.")), ""
        kin = self.rows.kin[origin]
        places = self._places(origin)
        words = {"name": kin.label(self.language), "places": places}
        text = _("Adapta %(name)s (%(places)s).") if places else _("Adapta %(name)s.")
        return self._own(text % words), "#origen"

    def _evaluation(self, *, shows_evaluation: bool) -> tuple[Text, str]:
        for study in self.named:
            record = self.records[study.pk]
            if self.evaluations.is_evaluation(record):
                if shows_evaluation:
                    place = "#evaluacion"
                else:
                    place = "#resultados" if self.evaluations.has_results(record) else "#estudios"
                return self._own(f"{self.evaluations.how(record)}."), place
        if self.evaluations.registrations():
            return self._own(_("Evaluación registrada.")), "#evaluacion"
        return self._own(_("Sin evaluación registrada en el banco.")), ""

    def _results_step(self, results: Sequence[Results]) -> tuple[Text, str]:
        if not results:
            expected = self.programme.expected_results
            if expected:
                return self._own(_("Anunciados para: %(when)s.") % {"when": expected}), ""
            return self._own(_("Sin resultados en el banco.")), ""
        if len(results) == 1 and results[0].key_finding:
            return results[0].key_finding, "#resultados"
        text = ngettext("%(count)s estudio con hallazgos.", "%(count)s estudios con hallazgos.", len(results))
        return self._own(text % {"count": format_number(len(results), self.language)}), "#resultados"

    def _decision(self) -> tuple[Text, str]:
        for decision in self.rows.decisions[:1]:
            text = choose(decision.text_es, decision.text_en, self.language)
            if text:
                return text, "#decisiones"
        return self._own(_("Ninguna registrada en el banco.")), ""

    # --- What it rests on ------------------------------------------------------------------------------------------

    def _evidence(self) -> Iterable[Link]:
        """Give the evaluations of the programme's main kinds of intervention, as lists of the search."""
        codes = Counter(code for record in self._own_records() for code in record.interventions)
        for code, _count in codes.most_common(3):
            count = self.counts.of_intervention(code).evaluations
            if count:
                text = ngettext(
                    "%(count)s evaluación en el banco: %(intervention)s",
                    "%(count)s evaluaciones en el banco: %(intervention)s",
                    count,
                )
                label = self.vocabulary.label("interventions", code, self.language)
                words = {"count": format_number(count, self.language), "intervention": label}
                yield Link(text % words, search_url("intervention", code))

    def _own_records(self) -> list[StudyRecord]:
        return [self.records[study.pk] for study in self.named]

    def _family(self, study: Study) -> str:
        terms = (self.vocabulary.by_id[row.term_id] for row in study.study_terms.all())
        return next((term.parent or "" for term in terms if term.vocabulary == "designs"), "")

    def _decision_view(self, decision: Decision) -> DecisionView:
        return DecisionView(
            on=decision.decided_on,
            text=choose(decision.text_es, decision.text_en, self.language),
            document=Link(decision.document_title or host(decision.document_url), decision.document_url),
            studies=tuple(study_line(study, self.vocabulary, self.language) for study in decision.studies.all()),
        )

    def _lineage(self) -> Iterable[Ancestor]:
        above, below = (each(self.programme.pk, self.rows.kin) for each in (ancestors, descendants))
        here = self.rows.kin[self.programme.pk]
        line = [kin for kin in (*above, here, *below) if kin.is_public or kin is here]
        for number, kin in enumerate(line if len(line) > 1 else ()):
            url = "" if kin is here else reverse("programme", args=[kin.slug])
            origin = next((each for each in line[: max(number - 1, 0)] if each.id == kin.adapted_from), None)
            adapts = origin.label(self.language) if origin else ""
            yield Ancestor(kin.label(self.language), url, self._places(kin.id), adapts, kin is here)

    def _places(self, programme: int) -> str:
        names = [self.vocabulary.by_id[key].label(self.language) for key in self.rows.countries.get(programme, ())]
        return listing(names, self.language) if names else ""

    # --- In brief --------------------------------------------------------------------------------------------------

    def _facts(self) -> Iterable[Fact]:
        programme = self.programme
        facts = [
            Fact(_("Quiénes"), tuple(map(Link, organisations(programme))), ","),
            Fact(_("Otros nombres"), tuple(map(Link, programme.aliases))),
            Fact(_("Población"), self._of_studies("populations")),
            Fact(_("Ámbito"), self._of_studies("settings")),
            Fact(_("Modalidad"), self._of_studies("interventions", "intervention")),
        ]
        return (fact for fact in facts if fact.values)

    def _of_studies(self, vocabulary: str, parameter: str = "") -> tuple[Link, ...]:
        codes = {code for record in self._own_records() for code in getattr(record, vocabulary)}
        return tuple(
            Link(term.label(self.language), search_url(parameter, term.code) if parameter else "")
            for term in self.vocabulary.every_term(vocabulary)
            if term.code in codes
        )

    def _labels(self, name: str) -> tuple[str, ...]:
        return tuple(
            self.vocabulary.by_id[term.pk].label(self.language) for term in getattr(self.programme, name).all()
        )

    def _own(self, text: str) -> Text:
        return Text(text, self.language, is_fallback=False)
