"""Duplicates in the workplace: the lists, two studies side by side, and what each role may decide."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from studies.duplicates import decisions
from studies.models import Evaluation, Merge, NotDuplicate, Stage, Study
from studies.records.study import InterventionRecord
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study, merge_studies, user_with_role
from tests.studies.admin_forms import address, form_values
from tests.studies.appraisals_factory import appraisal_record, casp_record, risks_of_bias
from tests.studies.records_factory import source

pytestmark = pytest.mark.django_db
CURATOR, REVIEWER, ADMINISTRATOR = "Curaduría", "Revisión", "Administración"
LIST = "/admin/studies/study/duplicados/"


def client_as(role: str | None) -> Client:
    client = Client()
    client.force_login(user_with_role(role))
    return client


def two(**changes: Any) -> tuple[Study, Study]:
    """Make a published study, and a copy of it as a draft unless told."""
    kept = make_study(stage=Stage.PUBLISHED, title="Tejedoras de Puno frente a la violencia de pareja")
    copy = make_study(**{"title": kept.title.upper(), "doi": None, **changes})
    return kept, copy


def pair_address(one: Study, other: Study) -> str:
    return reverse("admin:studies_study_pair", args=sorted((one.pk, other.pk)))


def unmerge_address(merge: Merge) -> str:
    return reverse("admin:studies_study_unmerge", args=[merge.pk])


def page(client: Client, where: str) -> str:
    response = client.get(where)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def merge_values(client: Client, one: Study, other: Study, **changes: Any) -> dict[str, Any]:
    values = form_values(page(client, pair_address(one, other)), "merge_form")
    return {**values, "action": "merge", **changes}


class TestLists:
    def test_an_empty_list_says_so(self):
        client = client_as(CURATOR)
        assert "No hay pares por decidir" in page(client, LIST)
        for shown in ("same_work", "not-duplicates", "merges"):
            assert '<ol class="pairs"' not in page(client, f"{LIST}?show={shown}")

    def test_a_pair_stands_with_score_reasons_and_the_way_to_it(self):
        kept, copy = two()
        text = page(client_as(CURATOR), LIST)
        assert "Puede ser el mismo" in text
        assert "La misma autoría" in text
        assert pair_address(kept, copy) in text

    def test_versions_stand_in_their_own_list(self):
        kept, paper = two(type="report", year=2019, volume=None)
        client = client_as(CURATOR)
        assert pair_address(kept, paper) in page(client, f"{LIST}?show=same_work")
        assert pair_address(kept, paper) not in page(client, f"{LIST}?show=duplicate")

    def test_decisions_and_merges_stand_in_theirs(self):
        kept, copy = two()
        decisions.mark_not_duplicate(kept, copy, by=user_with_role(CURATOR), note="Otra muestra.")
        merge_studies(make_study(), kept)
        client = client_as(CURATOR)
        assert "Otra muestra." in page(client, f"{LIST}?show=not-duplicates")
        assert unmerge_address(Merge.objects.get()) in page(client, f"{LIST}?show=merges")

    @pytest.mark.parametrize("query", ["show=x", "p=0", "p=99", "p=x", "show=%00&p=-1"])
    def test_no_query_breaks_it(self, query: str):
        two()
        assert "Puede ser el mismo" in page(client_as(CURATOR), f"{LIST}?{query}")

    def test_long_lists_have_pages(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("studies.admin.duplicates.pair_list.PAIRS_PER_PAGE", 2)
        kept, _copy = two()
        for _ in range(2):
            make_study(title=kept.title, doi=None)
        client = client_as(CURATOR)
        assert "1 a 2 de 6" in page(client, LIST)
        assert "5 a 6 de 6" in page(client, f"{LIST}?p=3")

    def test_queries_do_not_grow_with_the_pairs(self, django_assert_num_queries: DjangoAssertNumQueries):
        client = client_as(CURATOR)
        kept, _copy = two()
        page(client, LIST)
        with django_assert_num_queries(13):
            page(client, LIST)
        for _ in range(3):
            make_study(title=kept.title, doi=None)
        page(client, LIST)
        with django_assert_num_queries(13):
            page(client, LIST)

    def test_the_list_of_studies_and_the_first_page_lead_here(self):
        client = client_as(CURATOR)
        assert LIST in page(client, reverse("admin:studies_study_changelist"))
        assert LIST in page(client, reverse("admin:index"))


class TestWhoMay:
    def test_strangers_and_staff_without_a_role_see_nothing(self):
        kept, copy = two()
        merge = Merge.objects.create(study=copy, into=kept, change_no=1, stage="draft", by=user_with_role())
        for where in (LIST, pair_address(kept, copy), unmerge_address(merge)):
            assert "/admin/login/" in Client().get(where).headers["Location"]
            assert client_as(None).get(where).status_code == 403

    @pytest.mark.parametrize(("role", "may"), [(CURATOR, False), (REVIEWER, True), (ADMINISTRATOR, True)])
    def test_merging_and_undoing_is_the_reviewers(self, role: str, may: bool):
        kept, copy = two()
        client = client_as(role)
        values = merge_values(client_as(REVIEWER), kept, copy)
        assert ("Unir los dos" in page(client, pair_address(kept, copy))) == may
        client.post(pair_address(kept, copy), values)
        copy.refresh_from_db()
        assert (copy.stage == Stage.MERGED) == may
        merge = Merge.objects.get() if may else _merged(copy, kept)
        assert client.post(unmerge_address(merge)).status_code == (302 if may else 403)
        copy.refresh_from_db()
        assert (copy.stage == Stage.DRAFT) == may

    @pytest.mark.parametrize("role", [CURATOR, REVIEWER, ADMINISTRATOR])
    def test_everybody_in_the_team_says_that_two_are_two_and_takes_it_back(self, role: str):
        kept, copy = two()
        client = client_as(role)
        client.post(pair_address(kept, copy), {"action": "not-duplicate", "note": "Dos rondas."})
        assert NotDuplicate.objects.get(taken_back_at=None).note == "Dos rondas."
        assert "Dos rondas." in page(client, pair_address(kept, copy))
        client.post(pair_address(kept, copy), {"action": "take-back"})
        assert not NotDuplicate.objects.filter(taken_back_at=None).exists()

    @pytest.mark.parametrize(("role", "may"), [(CURATOR, False), (REVIEWER, True), (ADMINISTRATOR, True)])
    def test_evaluations_are_the_reviewers(self, role: str, may: bool):
        kept, copy = two()
        values = {"action": "evaluation", "evaluation": "new-trial", "name_es": "Ensayo de Puno"}
        client_as(role).post(pair_address(kept, copy), values)
        assert Evaluation.objects.filter(name_es="Ensayo de Puno").exists() == may


class TestSideBySide:
    def test_a_field_is_taken_from_either_and_sets_from_both(self, client: Client):
        kept, copy = two(
            title_es="Un título mejor",
            countries=("BO",),
            sample_size=77,
            sample_unit="women",
            sources=(source("https://otra.pe/"),),
        )
        reviewer = client_as(REVIEWER)
        values = merge_values(reviewer, kept, copy, **{"take-title_es": "other", "take-sample_size": "other"})
        done = reviewer.post(pair_address(kept, copy), {**values, "note": "La misma publicación."})
        assert done.headers["Location"] == address(kept)
        record = to_record(Study.objects.get(pk=kept.pk))
        assert (record.title_es, record.title) == ("Un título mejor", kept.title)
        assert (record.sample_size, record.sample_unit) == (77, "women")
        assert set(record.countries) == {"PE", "BO"}
        assert [one.url for one in record.sources] == ["https://example.org/estudio", "https://otra.pe/"]
        assert client.get(copy.get_absolute_url()).headers["Location"] == kept.get_absolute_url()

    def test_what_one_lacks_is_taken_from_the_other_unless_told(self):
        kept, copy = two(volume="40")
        edit(kept, volume=None, limitations_es=None)
        reviewer = client_as(REVIEWER)
        reviewer.post(pair_address(kept, copy), merge_values(reviewer, kept, copy))
        assert Study.objects.get(pk=kept.pk).volume == "40"

    def test_of_two_published_ones_either_may_stay(self):
        kept, copy = two(stage=Stage.PUBLISHED)
        reviewer = client_as(REVIEWER)
        swapped = form_values(page(reviewer, f"{pair_address(kept, copy)}?keep={copy.pk}"), "merge_form")
        reviewer.post(pair_address(kept, copy), {**swapped, "action": "merge"})
        assert Study.objects.get(pk=kept.pk).merged_into == copy

    def test_two_drafts_are_compared_but_not_merged(self):
        drafts = make_study(), make_study()
        reviewer = client_as(REVIEWER)
        assert "uno de los dos tiene que estar publicado" in page(reviewer, pair_address(*drafts))
        reviewer.post(pair_address(*drafts), {"action": "merge", "kept_no": "0", "other_no": "0"})
        assert not Merge.objects.exists()

    def test_what_could_not_be_published_is_refused_with_the_reasons_and_the_choices_stay(self):
        kept, copy = two(summary_es=None)
        reviewer = client_as(REVIEWER)
        values = merge_values(reviewer, kept, copy, **{"take-summary_es": "other", "note": "Mi nota."})
        text = reviewer.post(pair_address(kept, copy), values).content.decode()
        assert "no se puede publicar" in text
        again = form_values(text, "merge_form")
        assert (again["take-summary_es"], again["note"]) == (["other"], ["Mi nota."])
        assert not Merge.objects.exists()

    def test_appraisals_of_both_are_shown_and_united(self):
        kept, copy = two(own_appraisals=(casp_record(), appraisal_record(overall="high", risk_of_bias="high")))
        edit(kept, own_appraisals=(appraisal_record(),))
        reviewer = client_as(REVIEWER)
        text = page(reviewer, pair_address(kept, copy))
        assert "RoB 2 (2019-08-22): Riesgo bajo; 2 personas, 20 nov. 2026" in text
        assert "CASP (2024): Cumple la mayor parte; 1 persona, 20 nov. 2026" in text
        assert "Riesgo alto" not in text
        assert "take-own_appraisals" not in text
        reviewer.post(pair_address(kept, copy), merge_values(reviewer, kept, copy))
        assert Merge.objects.exists()
        assert risks_of_bias(kept) == ["low", "some"]

    def test_interventions_are_united_with_their_roles_and_the_page_shows_which(self):
        kept, copy = two(interventions=(InterventionRecord("engaging-men", "described"),), includes=("a-2020-b",))
        edit(kept, interventions=(InterventionRecord("helpline", "evaluated"),), includes=("c-2020-d",))
        reviewer = client_as(REVIEWER)
        text = page(reviewer, pair_address(kept, copy))
        assert "(descrita)" in text
        assert "(evaluada)" in text
        values = merge_values(reviewer, kept, copy)
        assert (values["take-interventions"], values["take-includes"]) == (["both"], ["both"])

    def test_harms_are_taken_with_their_words(self):
        kept, copy = two(harms="found", harms_es="Discusiones", harms_en="Quarrels", harms_about=("engaging-men",))
        edit(kept, harms="not-stated", harms_es=None, harms_en=None, harms_about=())
        reviewer = client_as(REVIEWER)
        values = merge_values(reviewer, kept, copy, **{"take-harms": "other"})
        assert "take-harms_es" not in values
        reviewer.post(pair_address(kept, copy), values)
        record = to_record(Study.objects.get(pk=kept.pk))
        assert (record.harms, record.harms_es, record.harms_about) == ("found", "Discusiones", ("engaging-men",))

    def test_a_change_by_somebody_else_is_told_and_nothing_is_written(self):
        kept, copy = two()
        reviewer = client_as(REVIEWER)
        values = merge_values(reviewer, kept, copy)
        edit(kept, volume="99")
        assert "cambió después" in reviewer.post(pair_address(kept, copy), values).content.decode()
        assert not Merge.objects.exists()

    def test_an_evaluation_that_one_has_takes_in_the_other(self):
        kept, copy = two()
        trial = Evaluation.objects.create(slug="t", kind="trial", name_es="Ensayo de Puno", name_en="T")
        trial.evaluation_studies.create(study=kept)
        reviewer = client_as(REVIEWER)
        assert "Ensayo de Puno" in page(reviewer, pair_address(kept, copy))
        reviewer.post(pair_address(kept, copy), {"action": "evaluation", "evaluation": str(trial.pk)})
        assert set(trial.studies.all()) == {kept, copy}

    def test_a_new_evaluation_needs_a_name(self):
        kept, copy = two()
        values = {"action": "evaluation", "evaluation": "new-trial"}
        text = client_as(REVIEWER).post(pair_address(kept, copy), values).content.decode()
        assert "Escriba cómo se llama" in text

    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"action": "x"},
            {"action": "merge"},
            {"action": "merge", "kept_no": "x", "other_no": "9" * 40},
            {"action": "merge", "kept_no": "1", "other_no": "1", "take-title": "\x00", "keep": "\x00"},
            {"action": "not-duplicate", "note": "x" * 3_000},
            {"action": "take-back"},
            {"action": "evaluation"},
            {"action": "evaluation", "evaluation": "999999"},
            {"action": "evaluation", "evaluation": "new-trial", "name_es": "?" * 301},
        ],
        ids=str,
    )
    def test_no_answer_breaks_it(self, values: dict[str, str]):
        kept, copy = two()
        assert client_as(REVIEWER).post(pair_address(kept, copy), values).status_code in (200, 302)
        assert not Merge.objects.exists()

    def test_bad_pairs_are_not_found_and_the_order_does_not_matter(self):
        kept, copy = two()
        client = client_as(REVIEWER)
        assert client.get(f"{LIST}{kept.pk}/{kept.pk}/").status_code == 404
        assert client.get(f"{LIST}{kept.pk}/99999999/").status_code == 404
        assert client.get(f"{LIST}{copy.pk}/{kept.pk}/").headers["Location"] == pair_address(kept, copy)

    def test_queries_are_few(self, django_assert_num_queries: DjangoAssertNumQueries):
        kept, copy = two()
        client = client_as(REVIEWER)
        vocabularies.current()
        page(client, pair_address(kept, copy))
        with django_assert_num_queries(21):
            page(client, pair_address(kept, copy))


class TestUndoing:
    def test_the_page_tells_what_happens_and_both_come_back(self):
        kept, copy = two()
        merge = _merged(copy, kept)
        reviewer = client_as(REVIEWER)
        assert unmerge_address(merge) in page(reviewer, address(copy))
        assert "volverá a la etapa «borrador»" in page(reviewer, unmerge_address(merge))
        reviewer.post(unmerge_address(merge), {"note": "Eran dos."})
        copy.refresh_from_db()
        assert copy.stage == Stage.DRAFT
        assert "Eran dos." in page(reviewer, reverse("admin:studies_study_history", args=[copy.pk]))
        assert "la deshizo" in page(reviewer, unmerge_address(merge))

    def test_it_says_what_hinders_it(self):
        kept, copy = two()
        merge = _merged(copy, kept)
        edit(kept, by=user_with_role(REVIEWER, username="lucia"), volume="99")
        reviewer = client_as(REVIEWER)
        text = page(reviewer, unmerge_address(merge))
        assert "ya no se puede deshacer" in text
        assert "lucia" in text
        assert "Deshacer la unión</button>" not in text
        reviewer.post(unmerge_address(merge))
        assert Study.objects.get(pk=copy.pk).stage == Stage.MERGED

    def test_an_unknown_merge_is_not_found(self):
        assert client_as(REVIEWER).get("/admin/studies/study/uniones/99999999/").status_code == 404


def _merged(copy: Study, kept: Study) -> Merge:
    merge_studies(copy, kept)
    return Merge.objects.get(study=copy)
