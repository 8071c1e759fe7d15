"""A batch from the upload to the preview: what it reads, what it compares, what it leaves for correction."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studies.imports import bad_rows, batches, writing
from studies.models import ImportBatch, Stage, Study
from studies.store import bank_state
from studies.store.exchange.study import to_record
from tests.factories import make_study, merge_studies
from tests.studies.imports.batches_factory import batch_of, outcomes, written_batch
from tests.studies.reference_files import GOOD, records, ris, written

pytestmark = pytest.mark.django_db


class TestReading:
    def test_each_row_remembers_what_the_file_has(self):
        batch = batch_of(written("ris"))
        assert (batch.state, batch.row_count, batch.format) == ("preview", 3, "ris")
        assert [row.row_number for row in batch.rows.all()] == [1, 18, 35]
        assert batch.rows.first().raw.startswith("TY  - JOUR")

    def test_the_second_abstract_of_a_supplement_comes_in_without_the_doi_that_they_share(self):
        shared = "DO  - 10.5555/suplemento\r\nVL  - 9\r\nSP  - S"
        batch = batch_of(
            ris(
                f"TI  - Huertos y cuidado en Junín\r\nAU  - Poma, E\r\n{shared}1",
                f"TI  - La radio que escuchan las madres\r\nAU  - Chunga, R\r\n{shared}2",
            )
        )
        first, second = batch.rows.all()
        assert outcomes(batch) == ["new", "new"]
        assert (first.record["doi"], second.record.get("doi")) == ("10.5555/suplemento", None)
        assert "ya es de otro trabajo" in " ".join(second.notes)
        writing.write(batch, by=None)
        assert batch.rows.filter(made__isnull=False).count() == 2

    def test_short_steps_come_to_the_same_as_one_long_one(self):
        data = written("ris", [*records(), *records()]).encode() + ris("AU  - Sin, Título")
        whole = batch_of(data)
        batch = batches.open_batch("lista.ris", data, by=None)
        steps = 1
        while not batches.read_some(batch, seconds=0):
            steps += 1
        assert steps == 7
        assert outcomes(batch) == outcomes(whole) == ["new"] * 3 + ["duplicate"] * 3 + ["error"]

    def test_two_who_read_one_batch_at_once_spoil_nothing(self):
        batch = batches.open_batch("lista.ris", written("ris", [*records(), *records()]).encode(), by=None)
        other = ImportBatch.objects.get(pk=batch.pk)
        batches.read_some(batch, seconds=0)
        rows = list(other.rows.filter(outcome="waiting"))
        # The other one read the same rows and stores later: none may be taken for a duplicate of itself.
        from studies.imports.batches import _RowReader, _store

        _RowReader(other).read(rows, until=1e12)
        batches.read_all(batch)
        _store(rows, other)
        assert outcomes(batch) == ["new"] * 3 + ["duplicate"] * 3

    def test_the_same_doi_and_the_same_title_are_found_whatever_the_stage(self):
        for stage in (Stage.DRAFT, Stage.PUBLISHED, Stage.WITHDRAWN):
            study = make_study(stage=stage, title=f"Telares de la etapa {stage}", title_es=None, title_en=None)
            record = replace(to_record(Study.objects.for_record().get(pk=study.pk)), doi=None, url=None)
            batch = batch_of(written("ris", [record]))
            row = batch.rows.get()
            assert (row.outcome, row.match) == ("duplicate", study)
            assert "El mismo título" in row.reasons

    def test_a_merged_study_answers_with_the_one_that_it_went_into(self):
        into = make_study(stage=Stage.PUBLISHED, title="Telares que quedan", title_es=None, title_en=None)
        gone = make_study(title="Ferias de la quebrada alta en invierno", title_es=None, title_en=None, doi=None)
        merge_studies(gone, into)
        record = replace(to_record(Study.objects.for_record().get(pk=gone.pk)), url=None)
        assert batch_of(written("ris", [record])).rows.get().match == into

    def test_a_draft_that_was_deleted_matches_no_more(self):
        study = make_study(title="Telares de un solo día", title_es=None, title_en=None)
        data = written("ris", [to_record(Study.objects.for_record().get(pk=study.pk))])
        assert outcomes(batch_of(data)) == ["duplicate"]
        study.delete()
        assert outcomes(batch_of(data)) == ["new"]

    def test_titles_without_latin_letters_are_compared_too(self):
        reference = ris("TI  - 暴力の研究\r\nAU  - Poma, E\r\nPY  - 2011")
        writing.write(batch_of(reference), by=None)
        assert outcomes(batch_of(reference)) == ["duplicate"]

    def test_the_number_of_queries_of_a_step_does_not_depend_on_the_number_of_rows(self, django_assert_num_queries):
        counted = []
        for count in (1, 3):
            batch = batches.open_batch("lista.ris", written("ris", records(count)).encode(), by=None)
            with django_assert_num_queries(20, exact=False) as found, bank_state.cached_counter():
                batches.read_some(batch, seconds=600)
            counted.append(len(found))
        assert counted[0] == counted[1]

    def test_the_bank_itself_is_all_known(self):
        data = "".join(
            json.dumps(to_record(study).to_json()) + "\n" for study in Study.objects.for_record().order_by("pk")[:40]
        )
        assert set(outcomes(batch_of(data, "banco.jsonl"))) == {"duplicate"}

    def test_the_name_of_a_file_is_shown_as_it_is(self):
        batch = batch_of(written("ris"), "treinta\u202esir.\x00e\nxe.ris")
        assert batch.file_name == "treintasir.exe.ris"


class TestSameFileAgain:
    def test_an_earlier_import_of_the_same_bytes_is_known(self):
        batch = written_batch()
        again = batch_of(written("ris"))
        assert batches.find_earlier_import(again) == batch
        assert batches.find_earlier_import(batch_of(ris(GOOD))) is None


class TestTheFileOfErrors:
    def test_it_is_mended_and_brought_back(self):
        batch = batch_of(ris(GOOD, "AU  - Poma, E"))
        name, _media_type, content = bad_rows.build_error_file(batch)
        assert name == f"importacion-{batch.pk}-errores.ris"
        mended = content.decode().replace("AU", "TI  - Lo que faltaba en la feria\nAU")
        assert outcomes(batch_of(mended, name)) == ["new"]
