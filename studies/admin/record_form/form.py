"""The curators' form of a record as a whole: it is filled from a record, and what is typed becomes a record.

Not Django's model forms and inlines: a record is written as a whole or not at all, must be comparable with the one
that the curator saw, and can be checked and proposed without touching the rows (R2, R7, R8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from studies.admin.record_form import sections
from studies.admin.record_form.forms import StudyForm
from studies.admin.record_form.problems import ProblemLine, describe_errors
from studies.admin.record_form.row_sets import ROW_KINDS, RowFormSet, RowKind, RowSection
from studies.admin.record_form.sections import SECTIONS, OutlineEntry, Section
from studies.admin.shared.fields import NOT_CHOSEN, offer_terms, sort_by_taxonomy, use_datalist_if_many
from studies.models import Evaluation, Study, Vocabulary
from studies.records.json_fields import RecordInvalid
from studies.records.rules import SUPPORTS
from studies.records.study import STUDY_FIELDS, StudyRecord
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies
from studies.text.identifiers import make_slug

_PLAIN_FIELDS = tuple(
    name
    for name in STUDY_FIELDS
    if name not in (*LISTS, *(kind.name for kind in ROW_KINDS), "id", "own_appraisals", "programme")
)


@dataclass(frozen=True, slots=True)
class SectionPart:
    """A part of a section: lines of fields of the study, or the rows of one kind."""

    line: list[BoundField] | None = None
    rows: RowSection | None = None


class RecordForm:
    """The form of one study with its rows, of `study` or for a new one."""

    def __init__(
        self,
        study: Study | None,
        record: StudyRecord | None,
        vocabularies: Vocabularies,
        data: QueryDict | None = None,
        *,
        seen_no: int | None = None,
        note: str = "",
    ) -> None:
        """Make the form of `record`, or of what was sent. `seen_no` is that of the study unless told."""
        self.study = study
        self.vocabularies = vocabularies
        self.before = record
        json: Mapping[str, Any] = record.to_json() if record else {}
        initial = {
            **_initial_values(record, vocabularies),
            "seen_no": seen_no or (study.changed_no if study else 0),
            "note": note,
        }
        self.form = StudyForm(data, study=study, initial=initial, auto_id="id_%s")
        offer_terms(self.form, vocabularies)
        programme = self.form.fields["programme"]
        assert isinstance(programme, forms.ChoiceField)
        programme.choices = [NOT_CHOSEN, *_programme_choices(vocabularies)]
        use_datalist_if_many(programme)
        self.trials = list(Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL).values_list("slug", "name_es"))
        self.row_sections = {
            kind.name: RowSection(
                kind, self._row_set(kind, [kind.form.initial_of(row) for row in json.get(kind.name, [])], data)
            )
            for kind in ROW_KINDS
        }
        self.row_of: dict[tuple[str, int], int] = {}

    def is_valid(self) -> bool:
        """Validate all forms, so that every error shows at once."""
        return all([self.form.is_valid(), *(section.rows.is_valid() for section in self.row_sections.values())])

    @property
    def seen_no(self) -> int:
        """Return the change number of the study that the person saw; 0 for a new one."""
        return int(self.form.cleaned_data.get("seen_no") or 0)

    @property
    def note(self) -> str:
        return str(self.form.cleaned_data["note"])

    def record(self) -> StudyRecord:
        """Return what was typed as a record; call it when the forms are valid. Raises RecordInvalid."""
        values = self.form.cleaned_data
        json: dict[str, Any] = {name: values[name] for name in _PLAIN_FIELDS}
        programme = self.vocabularies.programme_by_slug.get(values["programme"])
        json["programme"] = programme.name if programme else None
        for name, vocabulary in (*LISTS.items(), ("harms_about", Vocabulary.INTERVENTIONS)):
            if name != "designs":
                json[name] = sort_by_taxonomy(values[name], self.vocabularies, vocabulary)
        json["designs"] = self._designs(values)
        for section in self.row_sections.values():
            json[section.kind.name] = self._rows(section)
        self._keep_order_of_supports(json["sources"])
        # Not of this form: the bank's own appraisals are made on their own pages, and stay as they are.
        own = self.before.own_appraisals if self.before else ()
        json["own_appraisals"] = [appraisal.to_json() for appraisal in own]
        json["id"] = values["slug"] or self._proposed_slug(json)
        return StudyRecord.from_json({key: value for key, value in json.items() if value != ""})

    def add_record_error(self, error: RecordInvalid) -> None:
        """Show an error of the record that the forms did not catch."""
        self.form.add_error(None, f"No se pudo leer «{error.path}».")

    def sections(self) -> Iterator[tuple[Section, list[SectionPart]]]:
        """Return each section of the page with its parts."""
        for section in SECTIONS:
            yield (
                section,
                [
                    SectionPart(rows=self.row_sections[part])
                    if isinstance(part, str)
                    else SectionPart(line=[self.form[name] for name in part])
                    for part in section.parts
                ],
            )

    def errors(self) -> tuple[ProblemLine, ...]:
        """Return what was typed and cannot be kept, each line with its field; nothing of a form that nobody sent."""
        return describe_errors(self.form, self.row_sections.values())

    def outline(self, problems: Iterable[ProblemLine]) -> list[OutlineEntry]:
        """Return the sections of the page with the number of things to put right in each."""
        errors: dict[str, int] = {}
        if self.form.is_bound:
            errors = {name: len(found) for name, found in self.form.errors.items()}
            errors |= {name: section.error_count() for name, section in self.row_sections.items()}
        return sections.outline(errors, (problem.section for problem in problems))

    def _row_set(self, kind: RowKind, initial: list[dict[str, Any]], data: QueryDict | None) -> RowFormSet:
        extra = 1 if initial else kind.blank_at_start
        row_set = kind.formset_class(extra=extra)
        return row_set(data, prefix=kind.name, initial=initial, vocabularies=self.vocabularies, trials=self.trials)

    def _designs(self, values: Mapping[str, Any]) -> list[str]:
        held = list(self.before.designs) if self.before else []
        others = sort_by_taxonomy(values["other_designs"], self.vocabularies, LISTS["designs"])
        # Boxes have no order: those that the record had keep theirs.
        others.sort(key=lambda code: held.index(code) if code in held else len(held))
        return [values["main_design"], *others] if values["main_design"] else []

    def _keep_order_of_supports(self, sources: list[dict[str, Any]]) -> None:
        held = {source.url: source.supports for source in self.before.sources} if self.before else {}
        for source in sources:
            order = (*held.get(source["url"], ()), *SUPPORTS)
            source["supports"] = sorted(source.get("supports", []), key=order.index)

    def _rows(self, section: RowSection) -> list[dict[str, Any]]:
        rows_to_write = section.rows.rows_to_write()
        if section.kind.name == "interventions":
            codes = [row.cleaned_data["code"] for row in rows_to_write]
            order = sort_by_taxonomy(codes, self.vocabularies, Vocabulary.INTERVENTIONS)
            rows_to_write.sort(key=lambda row: order.index(row.cleaned_data["code"]))
        for place, row in enumerate(rows_to_write):
            self.row_of[section.kind.name, place] = section.rows.forms.index(row)
        return [row.to_json() for row in rows_to_write]

    def _proposed_slug(self, json: Mapping[str, Any]) -> str:
        first = json["authors"][0] if json["authors"] else {}
        others = Study.objects.exclude(pk=self.study.pk if self.study else 0)
        return make_slug(
            first.get("family") or first.get("literal"),
            json["year"],
            json["title"],
            lambda slug: others.filter(slug=slug).exists(),
        )


def _initial_values(record: StudyRecord | None, vocabularies: Vocabularies) -> dict[str, Any]:
    if record is None:
        return {}
    by_name = {programme.name: programme.slug for programme in vocabularies.programmes}
    return {
        **{name: getattr(record, name) for name in (*_PLAIN_FIELDS, *LISTS)},
        "slug": record.id,
        "programme": by_name.get(record.programme or "", ""),
        "main_design": record.designs[0] if record.designs else "",
        "other_designs": record.designs[1:],
    }


def _programme_choices(vocabularies: Vocabularies) -> Iterator[tuple[str, str]]:
    for view in vocabularies.programmes:
        yield view.slug, view.name if view.name == view.name_es else f"{view.name} ({view.name_es})"
