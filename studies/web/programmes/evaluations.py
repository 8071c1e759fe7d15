"""The evaluations that test a programme, and what they found: a part of its page.

Rows come in, finished texts in the page's language go out. No query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from studies.models import Evaluation, Programme, Study
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evaluations import COUNTED_FAMILIES
from studies.text.bilingual import Text, choose
from studies.text.identifiers import registration_address
from studies.web.shared.components import (
    Fact,
    Link,
    SourceLink,
    StudyLine,
    sample_text,
    source_link,
    study_line,
    title_of,
)
from studies.web.shared.findings import FindingRow, figure_heading, finding_rows


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


class ProgrammeEvaluations:
    """Tells of the evaluations of a programme in one language.

    `named` are the published studies that carry its name, `records` theirs by key, `trials` those that test it.
    """

    def __init__(
        self,
        programme: Programme,
        named: Sequence[Study],
        records: Mapping[int, StudyRecord],
        trials: Sequence[Evaluation],
        vocabulary: Vocabularies,
        language: str,
    ) -> None:
        self._programme = programme
        self._named = named
        self._records = records
        self._trials = trials
        self._vocabulary = vocabulary
        self._language = language

    def is_evaluation(self, record: StudyRecord) -> bool:
        """Say whether a study tests the programme: with a group to compare with, or as the plan of such a test."""
        families = {self._vocabulary.term("designs", code).parent for code in record.designs[:1]}
        return bool(families & COUNTED_FAMILIES) or record.status == "ongoing"

    def has_results(self, record: StudyRecord) -> bool:
        """Say whether a study tested the programme and states what it found."""
        return self.is_evaluation(record) and record.status == "completed" and bool(record.findings)

    def results(self) -> tuple[Results, ...]:
        """Give what each of them found, in the order of the studies."""
        return tuple(self._found(study) for study in self._named if self.has_results(self._records[study.pk]))

    def trials(self) -> Iterable[Trial]:
        """Give the trials by their own names, then the plans of evaluations under way."""
        for evaluation in self._trials:
            name = evaluation.name_en if self._language == "en" else evaluation.name_es
            links = (Link(evaluation.registration, registration_address(evaluation.registration)),)
            unknown = (Link(_("Sin dato")),)
            yield Trial(name, (Fact(_("Registro"), links if evaluation.registration else unknown),))
        for study in self._named:
            record = self._records[study.pk]
            if record.status == "ongoing":
                yield Trial(title_of(study, self._vocabulary, self._language).text, tuple(self._plan(study, record)))

    def how(self, record: StudyRecord) -> str:
        """Write design and sample: "Ensayo aleatorizado individual, 2 700 hombres"."""
        # A plan says of itself first that it is one; what is planned stands behind.
        codes = [code for code in record.designs if code != "protocol"][:1] or record.designs[:1]
        sample = sample_text(record.sample_size, record.sample_unit, self._vocabulary, self._language)
        return ", ".join(
            filter(None, [*(self._vocabulary.label("designs", code, self._language) for code in codes), sample])
        )

    def registrations(self) -> list[str]:
        """Give each registration once: that of a trial may say more than the programme's own."""
        own = [self._programme.registration] if self._programme.registration else []
        told = [evaluation.registration for evaluation in self._trials]
        return [text for text in own if not any(text in other for other in told)]

    def _found(self, study: Study) -> Results:
        record = self._records[study.pk]
        rows, measure = finding_rows(record.findings, self._vocabulary, self._language)
        named = [source for source in record.sources if "findings" in source.supports] or record.sources
        return Results(
            line=study_line(study, self._vocabulary, self._language),
            caption=", ".join(filter(None, [self.how(record), str(record.year or "")])),
            key_finding=choose(record.key_finding_es, record.key_finding_en, self._language),
            findings=rows,
            figure_heading=figure_heading(record.findings, measure),
            sources=tuple(source_link(source) for source in named),
            has_figures=any(row.figure for row in rows),
            has_follow_up=any(row.follow_up for row in rows),
        )

    def _plan(self, study: Study, record: StudyRecord) -> Iterable[Fact]:
        yield Fact(_("Diseño"), (Link(self.how(record)),))
        if record.period:
            yield Fact(_("Periodo"), (Link(record.period.replace("-", "\u2013")),))
        yield Fact(_("Estudio"), (Link(_("Ver el estudio"), reverse("study", args=[study.slug])),))
