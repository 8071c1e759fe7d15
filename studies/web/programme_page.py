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

from studies.bilingual import Text, choose
from studies.citations.names import listing
from studies.exchange import to_record
from studies.identifiers import registration_address
from studies.models import Decision, Evaluation, Programme, Study
from studies.programmes import CYCLE, Kin, ancestors, descendants, organisations
from studies.records import StudyRecord
from studies.richtext import clean
from studies.synthesis.evaluations import COUNTED_FAMILIES
from studies.vocabularies import Vocabularies
from studies.web.cycle import stage_view, step_names
from studies.web.figures import Figures
from studies.web.findings import FindingRow, figure_heading, finding_rows
from studies.web.numbers import format_number
from studies.web.parts import (
    Fact,
    Link,
    SourceLink,
    StudyLine,
    host,
    opening_sentence,
    programme_name,
    sample_text,
    search_url,
    source_link,
    study_line,
    title_of,
)

_DESCRIPTIVE = frozenset({"observational", "qualitative-policy"})


@dataclass(frozen=True, slots=True)
class ProgrammeRows:
    """What the view read: published studies only."""

    programme: Programme
    studies: Sequence[Study]
    """All of the programme, as `for_record` reads them."""
    rests_on: Sequence[Study]
    decisions: Sequence[Decision]
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
class Results:
    """What one study of the programme found."""

    line: StudyLine
    caption: str
    key_finding: Text | None
    findings: tuple[FindingRow, ...]
    figure_heading: str
    sources: tuple[SourceLink, ...]
    has_figures: bool
    has_follow_up: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """An evaluation of the programme: what it is called, how it is done, where it is registered."""

    name: str
    facts: tuple[Fact, ...]


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

    def build(self) -> ProgrammePage:
        """Put the page together."""
        programme = self.programme
        description = choose(programme.description_es, programme.description_en, self.language)
        name = programme_name(programme, self.language)
        question = choose(programme.question_es, programme.question_en, self.language)
        results = tuple(self._results(study) for study in self.named if self._has_results(self.records[study.pk]))
        return ProgrammePage(
            crumbs=(Link(_("Inicio"), reverse("home")), Link(_("Programas"), reverse("programmes")), Link(name)),
            is_draft=not programme.is_published,
            eyebrow=(*self._labels("themes"), *self._labels("countries")),
            name=name,
            own_name=programme.name if programme.name != name else "",
            question=question,
            opening=opening_sentence(description) if description and question is None else None,
            stage_heading=stage_view(programme.stage).text,
            steps=tuple(self._steps(results)),
            results=results,
            trials=tuple(self._trials()),
            registrations=tuple(Link(text, registration_address(text)) for text in self._registrations()),
            expected_results=programme.expected_results,
            description=clean(description.text) if description else None,
            description_language=description.language if description else "",
            sources=tuple(SourceLink(url, host(url)) for url in programme.sources),
            other_studies=tuple(
                study_line(study, self.vocabulary, self.language)
                for study in self.rows.studies
                if study not in self.named or not self._has_results(self.records[study.pk])
            ),
            list_url=search_url("programme", programme.slug) if self.named else "",
            rests_on=tuple(study_line(study, self.vocabulary, self.language) for study in self.rows.rests_on),
            evidence=tuple(self._evidence()),
            decisions=tuple(self._decision_view(decision) for decision in self.rows.decisions),
            lineage=tuple(self._lineage()),
            facts=tuple(self._facts()),
        )

    # --- The cycle ---------------------------------------------------------------------------------------------

    def _steps(self, results: Sequence[Results]) -> Iterable[Step]:
        stage = self.programme.stage
        place = CYCLE.index(stage) if stage in CYCLE else -1
        said = (
            self._diagnosis(),
            self._evidence_step(),
            self._design(),
            self._evaluation(),
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

    def _evaluation(self) -> tuple[Text, str]:
        for study in self.named:
            record = self.records[study.pk]
            if self._is_evaluation(record):
                return self._own(f"{self._how(record)}."), "#evaluacion"
        if self._registrations():
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

    # --- Evaluations and results ------------------------------------------------------------------------------------

    def _is_evaluation(self, record: StudyRecord) -> bool:
        """Say whether a study tests the programme: with a group to compare with, or as the plan of such a test."""
        families = {self.vocabulary.term("designs", code).parent for code in record.designs[:1]}
        return bool(families & COUNTED_FAMILIES) or record.status == "ongoing"

    def _has_results(self, record: StudyRecord) -> bool:
        return self._is_evaluation(record) and record.status == "completed" and bool(record.findings)

    def _results(self, study: Study) -> Results:
        record = self.records[study.pk]
        rows, measure = finding_rows(record.findings, self.vocabulary, self.language)
        named = [source for source in record.sources if "findings" in source.supports] or record.sources
        return Results(
            line=study_line(study, self.vocabulary, self.language),
            caption=", ".join(filter(None, [self._how(record), str(record.year or "")])),
            key_finding=choose(record.key_finding_es, record.key_finding_en, self.language),
            findings=rows,
            figure_heading=figure_heading(record.findings, measure),
            sources=tuple(source_link(source) for source in named),
            has_figures=any(row.figure for row in rows),
            has_follow_up=any(row.follow_up for row in rows),
        )

    def _trials(self) -> Iterable[Trial]:
        """Give the trials by their own names, then the plans of evaluations under way."""
        for evaluation in self.rows.trials:
            name = evaluation.name_en if self.language == "en" else evaluation.name_es
            links = (Link(evaluation.registration, registration_address(evaluation.registration)),)
            unknown = (Link(_("Sin dato")),)
            yield Trial(name, (Fact(_("Registro"), links if evaluation.registration else unknown),))
        for study in self.named:
            record = self.records[study.pk]
            if record.status == "ongoing":
                yield Trial(title_of(study, self.vocabulary, self.language).text, tuple(self._plan(study, record)))

    def _plan(self, study: Study, record: StudyRecord) -> Iterable[Fact]:
        yield Fact(_("Diseño"), (Link(self._how(record)),))
        if record.period:
            yield Fact(_("Periodo"), (Link(record.period.replace("-", "\u2013")),))
        yield Fact(_("Estudio"), (Link(_("Ver el estudio"), reverse("study", args=[study.slug])),))

    def _how(self, record: StudyRecord) -> str:
        """Write design and sample: "Ensayo aleatorizado individual, 2 700 hombres"."""
        # A plan says of itself first that it is one; what is planned stands behind.
        codes = [code for code in record.designs if code != "protocol"][:1] or record.designs[:1]
        sample = sample_text(record.sample_size, record.sample_unit, self.vocabulary, self.language)
        return ", ".join(
            filter(None, [*(self.vocabulary.label("designs", code, self.language) for code in codes), sample])
        )

    def _registrations(self) -> list[str]:
        """Give each registration once: that of a trial may say more than the programme's own."""
        own = [self.programme.registration] if self.programme.registration else []
        told = [evaluation.registration for evaluation in self.rows.trials]
        return [text for text in own if not any(text in other for other in told)]

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
