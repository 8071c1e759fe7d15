"""The part of a programme's page on evaluations of it and what they found. Takes rows that were read; no query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from studies.models import Evaluation, Programme, Study
from studies.records.study import StudyRecord
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evaluations import is_test
from studies.text.bilingual import LocalizedText, choose_text
from studies.text.identifiers import registration_address
from studies.web.shared.components import StudyLine, name_of, sample_text, study_line, title_of
from studies.web.shared.findings import FindingsTable, findings_table
from studies.web.shared.links import Fact, Link


@dataclass(frozen=True, slots=True)
class StudyResults:
    """What one study of the programme found."""

    line: StudyLine
    caption: str
    key_finding: LocalizedText | None
    found: FindingsTable


@dataclass(frozen=True, slots=True)
class ProgrammeTrial:
    """An evaluation of the programme: its name, and facts on design, period or registration."""

    name: str
    facts: tuple[Fact, ...]


class ProgrammeEvaluations:
    """The evaluations of a programme in one language.

    `named` are the published studies whose programme it is, `records` their records by key, `trials` its trials.
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
        self._family_of_design = {term.code: term.parent or "" for term in vocabulary.every_term("designs")}

    def is_evaluation(self, record: StudyRecord) -> bool:
        """Return True if a study tests something of the programme, or is the plan of such a test."""
        return is_test(record, self._family_of_design) or (record.status == "ongoing" and bool(record.tested))

    def has_results(self, record: StudyRecord) -> bool:
        """Return True if a study has tested the programme and its record has findings."""
        return is_test(record, self._family_of_design) and bool(record.findings)

    def results(self) -> tuple[StudyResults, ...]:
        """Return what each study with results found, in the order of the studies."""
        return tuple(self._found(study) for study in self._named if self.has_results(self._records[study.pk]))

    def trials(self) -> Iterable[ProgrammeTrial]:
        """Yield the trials by their names, then the studies that plan evaluations under way."""
        for evaluation in self._trials:
            text = evaluation.registration
            registered = Link(text, registration_address(text)) if text else Link(_("Sin dato"))
            yield ProgrammeTrial(name_of(evaluation, self._language), (Fact(_("Registro"), (registered,)),))
        for study in self._named:
            record = self._records[study.pk]
            if record.status == "ongoing":
                yield ProgrammeTrial(
                    title_of(study, self._vocabulary, self._language).text, tuple(self._plan(study, record))
                )

    def describe_design(self, record: StudyRecord) -> str:
        """Return design and sample: "Ensayo aleatorizado individual, 2 700 hombres"."""
        # The first design of a plan is "protocol"; the one that is planned comes next.
        codes = [code for code in record.designs if code != "protocol"][:1] or record.designs[:1]
        sample = sample_text(record.sample_size, record.sample_unit, self._vocabulary, self._language)
        designs = (self._vocabulary.label("designs", code, self._language) for code in codes)
        return ", ".join(filter(None, [*designs, sample]))

    def registrations(self) -> list[str]:
        """Return the programme's registration in a list; [] if there is none, or that of a trial includes it."""
        own = [self._programme.registration] if self._programme.registration else []
        return [text for text in own if not any(text in trial.registration for trial in self._trials)]

    def _found(self, study: Study) -> StudyResults:
        record = self._records[study.pk]
        return StudyResults(
            line=study_line(study, self._vocabulary, self._language),
            caption=", ".join(filter(None, [self.describe_design(record), str(record.year or "")])),
            key_finding=choose_text(record.key_finding_es, record.key_finding_en, self._language),
            found=findings_table(record, self._vocabulary, self._language),
        )

    def _plan(self, study: Study, record: StudyRecord) -> Iterable[Fact]:
        yield Fact(_("Diseño"), (Link(self.describe_design(record)),))
        if record.period:
            yield Fact(_("Periodo"), (Link(record.period.replace("-", "\u2013")),))
        yield Fact(_("Estudio"), (Link(_("Ver el estudio"), reverse("study", args=[study.slug])),))
