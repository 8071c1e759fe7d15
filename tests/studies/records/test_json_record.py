"""The declaration of fields: lengths, meanings, form, columns, rows and page follow from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django import forms
from django.db.models import ForeignKey, Model
from django.test import Client

from studies import models
from studies.admin.record_form.forms import StudyForm
from studies.admin.record_form.row_sets import ROW_KINDS, RowKind
from studies.admin.record_form.sections import SECTIONS
from studies.imports.formats.columns import COLUMNS
from studies.records import appraisal, study
from studies.records.dictionary import meanings_of
from studies.records.json_record import Record, fields_of, vocabularies_of
from studies.store.exchange.study import to_record
from tests.factories import make_study
from tests.studies.records_factory import complete_record

ROWS: dict[type[Record], tuple[type[Model], dict[str, str]]] = {
    study.StudyRecord: (models.Study, {"slug": "id"}),
    study.AuthorRecord: (models.Authorship, {}),
    study.FindingRecord: (models.Finding, {}),
    study.SourceRecord: (models.Source, {}),
    study.EvaluationRecord: (models.Evaluation, {"slug": "id"}),
    study.ProgrammeRecord: (models.Programme, {"slug": "id"}),
    study.TermRecord: (models.Term, {"label_es": "es", "label_en": "en"}),
    study.ConceptRecord: (models.Concept, {"slug": "concept"}),
    appraisal.InstrumentRecord: (models.Instrument, {"slug": "id", "purpose_es": "es", "purpose_en": "en"}),
    appraisal.DomainRecord: (models.InstrumentDomain, {"label_es": "es", "label_en": "en"}),
    appraisal.LevelRecord: (models.InstrumentLevel, {"label_es": "es", "label_en": "en"}),
    appraisal.AppraisalRecord: (models.Appraisal, {}),
}
"""The row of each record, with the columns that have another name there."""
NOT_OF_A_RECORD = {
    models.Study: {"stage", "loaded_hash"},
    models.Evaluation: {"loaded_hash"},
    models.Programme: {"loaded_hash"},
    models.Term: {"vocabulary", "loaded_hash"},
    models.Concept: {"loaded_hash"},
    models.Instrument: {"loaded_hash"},
    models.InstrumentLevel: {"scope"},
}
"""The columns of the bank's own: no record holds them."""


def columns(record: type[Record]) -> dict[str, Any]:
    """Return the column of each attribute of a record, and those columns that the record does not name."""
    model, names = ROWS[record]
    own = NOT_OF_A_RECORD.get(model, set())
    return {names.get(column.name, column.name): column for column in model._meta.fields if column.name not in own}


class TestLengths:
    """What a record may hold, a row can store: on PostgreSQL a longer text is an error of the database."""

    @pytest.mark.parametrize("record", ROWS)
    def test_the_longest_text_of_a_field_is_that_of_its_column(self, record: type[Record]) -> None:
        found = columns(record)
        held = {name: column.max_length for name, column in found.items() if column.max_length is not None}
        told = {
            field.attribute: field.longest
            for field in fields_of(record).values()
            # A key into another table is as long as that one's own.
            if field.longest is not None and not isinstance(found.get(field.attribute), ForeignKey)
        }
        assert told == held


class TestDeclarations:
    def test_every_field_of_a_record_says_what_it_means(self) -> None:
        silent = {key for record in ROWS for key in {*fields_of(record)} - {*meanings_of(record)}}
        assert silent == {"attributes"}, "which stands for keys of their own"


FORM_NAMES = {"id": ["slug"], "designs": ["main_design", "other_designs"], **{kind.name: [] for kind in ROW_KINDS}}
"""What the form calls a field, where that is not its name; rows have forms of their own."""
NOT_IN_THE_FORM = {"own_appraisals"}
"""The bank's own appraisals are made on their own pages."""
ONLY_IN_THE_FORM = {"note", "seen_no"}
ROW_RECORDS: dict[str, type[Record]] = {
    **dict.fromkeys(study.PEOPLE, study.AuthorRecord),
    "interventions": study.InterventionRecord,
    "costs": study.CostRecord,
    "findings": study.FindingRecord,
    "appraisals": study.PublishedAppraisalRecord,
    "sources": study.SourceRecord,
}
ONLY_IN_A_ROW = {"findings": {"about_what"}}
IN_A_TABLE = {"arms"}
"""What the form asks in lines of their own, as many as there are."""
TEXTS = {
    key: field for key, field in fields_of(study.StudyRecord).items() if field.type is str and not field.vocabulary
}


def filled_record() -> study.StudyRecord:
    """Build a record of which every field is known; texts that `complete_record` leaves out name their field."""
    programme = models.Programme.objects.all()[0].name
    # Ranges are printed with a dash of their own.
    record = complete_record(
        programme=programme,
        pages="e45871",
        period="1987",
        harms="found",
        pmid="31217198",
        open_copy="https://example.org/copia",
    )
    values: dict[Any, Any] = {str: "texto de {}", int: 7, float: 0.5, bool: True}
    empty = {
        key: values[field.type].format(key) if field.type is str else values[field.type]
        for key, field in fields_of(study.StudyRecord).items()
        if getattr(record, field.attribute) is None
    }
    return replace(record, **empty)


class TestForm:
    def test_asks_for_every_field_and_nothing_else(self) -> None:
        keys = [key for key in fields_of(study.StudyRecord) if key not in NOT_IN_THE_FORM]
        asked = {name for key in keys for name in FORM_NAMES.get(key, [key])}
        assert asked | ONLY_IN_THE_FORM == {*StudyForm.base_fields}

    def test_shows_every_field_in_one_section(self) -> None:
        shown = [name for section in SECTIONS for line in section.parts if not isinstance(line, str) for name in line]
        assert sorted(shown) == sorted({*StudyForm.base_fields} - ONLY_IN_THE_FORM)
        rows = [part for section in SECTIONS for part in section.parts if isinstance(part, str)]
        assert sorted(rows) == sorted(kind.name for kind in ROW_KINDS)

    @pytest.mark.parametrize("kind", ROW_KINDS, ids=lambda kind: kind.name)
    def test_asks_for_every_field_of_a_row_and_nothing_else(self, kind: RowKind) -> None:
        attributes = {field.attribute for field in fields_of(ROW_RECORDS[kind.name]).values()}
        shown = [name for _heading, lines in kind.form.PARTS for line in lines for name in line]
        extra = ONLY_IN_A_ROW.get(kind.name, set())
        assert {*kind.form.base_fields} == {*shown} == (attributes - IN_A_TABLE) | extra

    def test_takes_texts_as_long_as_the_record_does(self) -> None:
        lengths = {
            key: StudyForm.base_fields[FORM_NAMES.get(key, [key])[0]].max_length  # type: ignore[attr-defined]
            for key, field in TEXTS.items()
            # A DOI is typed with its address, and measured when that is taken off.
            if field.longest is not None and key != "doi"
        }
        assert lengths == {key: TEXTS[key].longest for key in lengths}

    @pytest.mark.parametrize("kind", ROW_KINDS, ids=lambda kind: kind.name)
    def test_takes_texts_of_a_row_as_long_as_the_record_does(self, kind: RowKind) -> None:
        # What is chosen from a list has no length.
        fields = [
            field
            for field in fields_of(ROW_RECORDS[kind.name]).values()
            if field.longest is not None and isinstance(kind.form.base_fields[field.attribute], forms.CharField)
        ]
        asked = {field.attribute: kind.form.base_fields[field.attribute].max_length for field in fields}  # type: ignore[attr-defined]
        assert asked == {field.attribute: field.longest for field in fields}


class TestColumns:
    def test_cells_hold_codes_of_the_vocabulary_of_the_field(self) -> None:
        of_rows = dict.fromkeys(("interventions", "harms_about"), "interventions")
        assert {c.code: c.vocabulary for c in COLUMNS if c.vocabulary} == vocabularies_of(study.StudyRecord) | of_rows

    def test_cells_hold_several_values_where_the_field_does(self) -> None:
        lists = {key for key, field in fields_of(study.StudyRecord).items() if field.is_list} - {"own_appraisals"}
        assert {column.code for column in COLUMNS if column.is_list} == lists | {"keywords"}


@pytest.mark.django_db
class TestRows:
    def test_hold_every_field(self) -> None:
        record = filled_record()
        row = make_study(**{key: getattr(record, key) for key in fields_of(study.StudyRecord)})
        held = to_record(models.Study.objects.for_record().get(pk=row.pk))
        assert [key for key in fields_of(study.StudyRecord) if getattr(held, key) != getattr(record, key)] == []


@pytest.mark.django_db
class TestPage:
    def test_shows_every_text_in_one_of_both_languages(self, client: Client) -> None:
        record = filled_record()
        make_study(stage=models.Stage.PUBLISHED, **{key: getattr(record, key) for key in fields_of(study.StudyRecord)})
        html = "".join(client.get(f"{path}/{record.id}/").content.decode() for path in ("/estudios", "/en/studies"))
        hidden = [key for key in TEXTS if str(getattr(record, key)) not in html]
        assert hidden == ["number"], "which the reference of an article with pages leaves out"
