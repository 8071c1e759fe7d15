"""A batch from the preview to the drafts and back: what is ticked, what is written, what is undone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test.utils import CaptureQueriesContext

from studies.curation import stages
from studies.duplicates import finder
from studies.imports import batches, errors, writing
from studies.models import ImportBatch, ImportRow, Revision, Study, StudyFeatures
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study, publish, user_with_role
from tests.studies.appraisals_factory import assessed
from tests.studies.imports.batches_factory import batch_of, outcomes, written_batch
from tests.studies.records_factory import complete_record
from tests.studies.reference_files import exchange, of_bank, records, ris, written

pytestmark = pytest.mark.django_db


class TestTicking:
    def test_what_is_new_is_ticked_and_nothing_else(self):
        batch = batch_of(written("ris", [of_bank(0), *records(1)]))
        assert list(batch.rows.values_list("outcome", "is_taken")) == [("duplicate", False), ("new", True)]

    def test_only_what_was_shown_is_changed(self):
        batch = batch_of(written("ris"))
        first, second, _third = batch.rows.all()
        writing.tick(batch, [first.pk, second.pk], [second.pk])
        assert list(batch.rows.values_list("is_taken", flat=True)) == [False, True, True]

    def test_a_row_with_an_error_is_never_taken(self):
        batch = batch_of(ris("AU  - Poma, E"))
        row = batch.rows.get()
        writing.tick(batch, [row.pk], [row.pk])
        writing.tick_all(batch, "error", is_taken=True)
        assert not ImportRow.objects.get(pk=row.pk).is_taken

    def test_all_of_an_outcome_are_ticked_or_none(self):
        batch = batch_of(written("ris"))
        writing.tick_all(batch, "new", is_taken=False)
        assert batches.count_rows(batch)["taken"] == 0
        writing.tick_all(batch, "new", is_taken=True)
        assert batches.count_rows(batch)["taken"] == 3

    def test_rows_of_another_batch_are_left_alone(self):
        one, other = batch_of(written("ris")), batch_of(written("ris"))
        writing.tick(one, [row.pk for row in other.rows.all()], [])
        assert batches.count_rows(other)["taken"] == 3


class TestWriting:
    def test_drafts_with_a_revision_each_come_of_it(self):
        curator = user_with_role("Curaduría")
        batch = written_batch(by=curator)
        made = list(writing.studies_made_by(batch))
        assert [study.stage for study in made] == ["draft"] * 3
        assert {revision.note for revision in Revision.objects.filter(study__in=made)} == {
            f"Importación {batch.pk}: lista.ris"
        }
        assert {revision.by for revision in Revision.objects.filter(study__in=made)} == {curator}
        assert batch.state == "written"
        assert made[0].slug == "naupari-nunez-2018-caminos-agua"

    def test_the_draft_is_what_the_record_says(self):
        batch = batch_of(exchange({}), "banco.jsonl")
        writing.write(batch, by=None)
        (study,) = writing.studies_made_by(batch).for_record()
        held = to_record(study).to_json()
        assert held == {**batch.rows.get().record, "id": "prueba-0"}
        assert held["findings"]

    def test_it_is_done_once(self):
        batch = batch_of(written("ris"))
        copy = ImportBatch.objects.get(pk=batch.pk)
        writing.write(batch, by=None)
        with pytest.raises(errors.ImportRefused):
            writing.write(copy, by=None)
        assert writing.studies_made_by(batch).count() == 3

    def test_nothing_ticked_is_told_and_nothing_written(self):
        batch = batch_of(written("ris"))
        writing.tick_all(batch, "new", is_taken=False)
        with pytest.raises(errors.ImportRefused, match="marcada"):
            writing.write(batch, by=None)
        assert ImportBatch.objects.get(pk=batch.pk).state == "preview"

    def test_what_came_since_the_preview_is_left_out_and_told(self):
        one, other = batch_of(written("ris")), batch_of(written("ris", records(2)))
        writing.write(other, by=None)
        assert writing.write(one, by=None) == 1
        rows = list(one.rows.all())
        assert [row.outcome for row in rows] == ["duplicate", "duplicate", "new"]
        assert [row.made is not None for row in rows] == [False, False, True]
        assert rows[0].match == writing.studies_made_by(other).first()

    def test_a_doi_of_the_bank_is_never_written_twice_even_if_ticked(self):
        batch = batch_of(written("ris", [of_bank(0), *records(1)]))
        row = batch.rows.first()
        writing.tick(batch, [row.pk], [row.pk])
        assert writing.write(batch, by=None) == 1
        assert not ImportRow.objects.get(pk=row.pk).is_taken

    def test_a_duplicate_by_its_title_is_written_if_the_curator_says_so(self):
        study = make_study(title="Informe anual de los telares", title_es=None, title_en=None, doi=None, url=None)
        batch = batch_of(written("ris", [to_record(Study.objects.for_record().get(pk=study.pk))]))
        row = batch.rows.get()
        assert row.outcome == "duplicate"
        writing.tick(batch, [row.pk], [row.pk])
        assert writing.write(batch, by=None) == 1

    def test_a_term_that_was_retired_since_stops_it_whole(self):
        batch = batch_of(
            exchange({}, {"settings": ["online"], "title": "Ferias en las pantallas", "pages": "5"}), "b.jsonl"
        )
        before = Study.objects.count()
        batch.rows.filter(position=1).update(record={"title": "A", "settings": ["gone"]})
        with pytest.raises(errors.ImportRefused, match="gone"):
            writing.write(batch, by=None)
        assert Study.objects.count() == before

    def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(self, django_assert_max_num_queries):
        counted = []
        for count in (1, 3):
            batch = batch_of(written("ris", [replace(r, doi=None, title=f"{r.title} {count}") for r in records(count)]))
            with django_assert_max_num_queries(60) as found:
                writing.write(batch, by=None)
            counted.append(_without_savepoints(found))
        assert counted[0] == counted[1]


def _without_savepoints(found: CaptureQueriesContext) -> int:
    return sum("SAVEPOINT" not in query["sql"] for query in found.captured_queries)


class TestUndoing:
    def test_the_drafts_go_and_the_rows_stay(self):
        before = Study.objects.count()
        batch = written_batch()
        assert writing.undo(batch) == 3
        assert Study.objects.count() == before
        assert (batch.state, batch.rows.count()) == ("undone", 3)

    def test_what_the_search_for_duplicates_keeps_of_them_is_nobodys_work(self):
        batch = written_batch()
        finder.find_pairs()
        assert StudyFeatures.objects.filter(study__import_rows__batch=batch).exists()
        assert writing.undo(batch) == 3

    def test_what_was_undone_can_be_read_and_written_again(self):
        batch = written_batch()
        writing.undo(batch)
        writing.reset(batch)
        assert outcomes(batch) == ["waiting"] * 3
        batches.read_all(batch)
        assert writing.write(batch, by=None) == 3

    @pytest.mark.parametrize(
        ("what", "words"),
        [
            ("edited", "lo cambió"),
            ("returned", "lo movió de etapa"),
            ("published", "publicado"),
            ("appraised", "valoración"),
        ],
    )
    def test_work_on_one_of_them_hinders_it_and_is_told(self, what: str, words: str):
        batch = written_batch()
        study = writing.studies_made_by(batch)[1]
        if what == "edited":
            edit(study, by=user_with_role("Curaduría", username="rosa"), year=2001)
        elif what == "returned":
            stages.move(study, "send", by=user_with_role("Curaduría"))
            stages.move(study, "return", by=user_with_role("Revisión"), note="Falta el resumen.")
        elif what == "published":
            publish(edit(study, **{name: getattr(complete_record(), name) for name in _NEEDED}))
        else:
            assessed(study)
        (hindrance,) = writing.list_hindrances(batch)
        assert hindrance.study == study
        assert words in hindrance.sentence
        with pytest.raises(errors.ImportRefused):
            writing.undo(batch)
        assert writing.studies_made_by(batch).count() == 3

    def test_a_draft_that_somebody_deleted_hinders_nothing(self):
        batch = written_batch()
        writing.studies_made_by(batch).first().delete()
        assert writing.list_hindrances(batch) == []
        assert writing.undo(batch) == 2

    def test_a_batch_that_is_written_cannot_be_discarded(self):
        batch = written_batch()
        with pytest.raises(errors.ImportRefused):
            writing.discard(batch)
        writing.undo(batch)
        writing.discard(batch)
        assert not ImportBatch.objects.exists()


_NEEDED = ("themes", "designs", "summary_es", "sources", "interventions", "outcomes")
