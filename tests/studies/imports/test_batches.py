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
        batch = batches.open_batch("lista.ris", written("ris", [*records(), *records()])


class TestMapping:
    def test_a_title_is_all_that_is_needed(self):
        assert mapped_from(told="es").record == {
            "title": "Los telares",
            "title_es": "Los telares",
            "language": "es",
            **{name: [] for name in ("authors", "themes", "interventions", "outcomes", "populations", "settings")},
            **{name: [] for name in ("designs", "countries", "findings", "sources")},
        }

    def test_appraisals_stay_behind_and_it_is_told(self):
        """Two people judge a study in this bank, and agree: a file says neither who nor how."""
        mapped = mapped_from(appraisals=[appraisal_record().to_json()])
        assert "appraisals" not in mapped.record
        assert any("no se importan" in note for note in mapped.notes)

    def test_names_of_terms_become_their_codes(self):
        mapped = mapped_from(themes=["Prevención"], countries=["Perú", "BO", "Brazil"], type="Journal Article")
        assert (mapped.record["themes"], mapped.record["type"]) == (["prevention"], "article-journal")
        assert mapped.record["countries"] == ["PE", "BO", "BR"]

    def test_the_code_of_a_working_paper_is_not_taken_for_an_article(self):
        assert (mapped_from(type="article").record["type"], mapped_from(type="Article").record["type"]) == (
            "article",
            "article-journal",
        )

    def test_keywords_become_terms_and_the_rest_is_kept(self):
        mapped = mapped_from(keywords=("Adolescentes mujeres", "transferencias monetarias", "Perú", "tejido en telar"))
        assert mapped.record["countries"] == ["PE"]
        assert mapped.record["interventions"] == ["cash-transfer"]
        assert mapped.suggested_words[-1] == "tejido en telar"

    def test_the_language_is_told_by_the_file_then_by_the_curator_then_by_the_text(self):
        assert mapped_from(told="en", language="pt").record["language"] == "pt"
        assert mapped_from(told="en").record["language"] == "en"
        assert mapped_from(title="La violencia contra las mujeres en el Perú").record["language"] == "es"
        assert mapped_from(title="Violence against women and the law").record["language"] == "en"

    def test_a_language_that_cannot_be_told_is_left_open_and_said(self):
        mapped = mapped_from(title="Wasi")
        assert "language" not in mapped.record
        assert "elíjalo" in mapped.notes[0]

    def test_the_title_goes_into_the_field_of_its_language_too(self):
        assert mapped_from(told="en").record["title_en"] == "Los telares"
        assert "title_es" not in mapped_from(told="en").record

    @pytest.mark.parametrize(
        ("fields", "field", "words"),
        [
            ({"title": ""}, "title", "Falta"),
            ({"themes": ["astronomía"]}, "themes", "vocabulario"),
            ({"programme": "Programa que no hay"}, "programme", "programa"),
            ({"volume": "9" * 51}, "volume", "50"),
            ({"year": 1600}, "year", "verosímil"),
            ({"sample_unit": "women"}, "sample_unit", "tamaño"),
            ({"doi": "10.1/x y"}, "doi", "DOI"),
            ({"url": "a.org"}, "url", "dirección"),
            ({"year": "2001"}, "year", "número"),
            ({"colour": "red"}, "colour", "campo"),
            ({"authors": [{"given": "Ana"}]}, "authors[0]", "institución"),
        ],
    )
    def test_what_cannot_be_held_is_refused_with_its_field_in_spanish(self, fields, field, words):
        with pytest.raises(RowInvalid, match=words) as caught:
            mapped_from(**fields)
        assert caught.value.field == field


class TestLanguage:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("es", "Efectos de un programa de ahorro sobre la violencia de pareja"),
            ("es", "Violencia y niñez"),
            ("en", "Effects of a savings programme on intimate partner violence"),
            ("pt", "Violência contra a mulher e os serviços de saúde no Brasil"),
            (None, "SASA!"),
            (None, ""),
        ],
    )
    def test_it_is_told_by_small_words_and_signs(self, language: str | None, text: str):
        assert detect_language(text) == language

    def test_most_titles_of_the_bank_are_told_and_hardly_one_wrongly(self):
        found = [(study.language.code, detect_language(study.title)) for study in _with_language()]
        assert sum(known == told for known, told in found) / len(found) > 0.9
        assert sum(told is not None and known != told for known, told in found) <= 3


def _with_language() -> list[Study]:
    return list(Study.objects.exclude(language=None).select_related("language"))


class TestKeywords:
    def test_an_ambiguous_concept_leads_nowhere(self):
        held = current()
        index = KeywordIndex(held)
        own = {name.lower() for term in held.by_id.values() for name in (term.es, term.en)}
        words = [word for concept in held.concepts if concept.is_ambiguous for word in concept.es]
        elsewhere = {
            word for concept in held.concepts if not concept.is_ambiguous for word in (*concept.es, *concept.en)
        }
        lone = [word for word in words if word.lower() not in own and word not in elsewhere]
        assert index.map_keywords(lone) == ({}, lone)


class TestReading:
    def test_each_row_remembers_what_the_file_has(self):
        batch = batch_of(written("ris"))
        assert (batch.state, batch.row_count, batch.format) == ("preview", 3, "ris")
        assert [row.row_number for row in batch.rows.all()] == [1, 18, 35]
        assert batch.rows.first().raw.startswith("TY  - JOUR")

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

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"title": "a" * 2_001}, "title"),
            ({"publisher": "a" * 1_001}, "publisher"),
            ({"summary_es": "a" * 20_001}, "summary_es"),
            ({"authors": [{"literal": "a" * 20_001}]}, "authors"),
            ({"language": "\u0301\u0327" * 9_000}, "language"),
            ({"programme": "\u0301\u0327" * 9_000}, "programme"),
        ],
    )
    def test_a_text_that_is_none_of_its_field_is_refused_at_once(self, fields, field):
        with pytest.raises(RowInvalid) as caught:
            mapped_from(**fields)
        assert (caught.value.field, len(caught.value.reason) < 200) == (field, True)


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
        assert writing.encode(), by=None)
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
            batch = batch_of()
        finder.find_pairs("ris", [record]))
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
            with django_assert_num_queries(20, exact=False) as found, bank_state.remembering():
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
