"""The table of fields: what follows from the declaration of a field, and that rows, forms and pages have each of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import ForeignKey, Model

from studies import models
from studies.records import appraisal, study
from studies.records.dictionary import meanings_of
from studies.records.json_record import Record, fields_of

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
        silent = {
            f"{record.__name__}.{key}" for record in ROWS for key in {*fields_of(record)} - {*meanings_of(record)}
        }
        assert silent == {"TermRecord.attributes"}, "which are keys of their own"
