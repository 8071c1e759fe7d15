"""The pages of appraising, through their addresses: who comes in, what is kept, what is never shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studies.appraisals import workflow
from studies.appraisals.workflow import AssessmentInput
from studies.models import Assessment, Instrument, Stage, Study
from studies.records.study import StudyRecord
from tests.factories import make_study, user_with_role
from tests.studies.admin_forms import filled_in, form_values
from tests.studies.appraisals_factory import (
    SECRET,
    appraisal_record,
    assessed,
    assessed_by_two,
    entered,
    risks_of_bias,
    rob_2,
    round_of,
)

pytestmark = pytest.mark.django_db
CURATOR, REVIEWER, ADMINISTRATOR = "Curaduría", "Revisión", "Administración"
WAITING = "/admin/studies/study/calidad/"


@pytest.fixture
def study() -> Study:
    return make_study(stage=Stage.PUBLISHED)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def client_as(role: str | None) -> Client:
    return signed_in(user_with_role(role))


def page_of(study: Study) -> str:
    return reverse("admin:studies_study_appraisals", args=[study.pk])


def own_page(study: Study, code: str = "rob-2") -> str:
    return reverse("admin:studies_study_assess", args=[study.pk, code])


def agreement(study: Study, code: str = "rob-2") -> str:
    return reverse("admin:studies_study_consensus", args=[study.pk, code])


def withdrawal(study: Study, code: str = "rob-2") -> str:
    return reverse("admin:studies_study_appraisal_withdraw", args=[study.pk, code])


def judgements(level: str = "low", **changes: Any) -> dict[str, Any]:
    """What a browser sends when every domain has `level` and a place."""
    domains = ("randomisation", "recruitment", "deviations", "missing-data", "measurement", "reporting")
    sent = {f"{domain}-level": level for domain in domains} | {f"{domain}-page": "p. 2" for domain in domains}
    return {**sent, "version": "0", **changes}


def shown(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.status_code
    return response.content.decode()


class TestWhoComesIn:
    def addresses(self, study: Study) -> list[str]:
        return [WAITING, page_of(study), own_page(study), agreement(study), withdrawal(study)]

    def test_nobody_without_signing_in(self, study: Study, client: Client):
        for path in self.addresses(study):
            response = client.get(path)
            assert response.status_code == 302
            assert "/login/" in response["Location"]

    def test_what_was_typed_survives_the_end_of_the_session(self, study: Study, client: Client):
        user = user_with_role(CURATOR, password=make_password("clave-de-prueba"))
        for path in self.addresses(study):
            page = client.post(path, {**judgements(), "typed": SECRET}).content.decode()
            assert "sign_in-password" in page
            assert SECRET in page
        assert not study.assessments.exists()
        signing_in = {"sign_in-username": user.username, "sign_in-password": "clave-de-prueba"}
        again = client.post(own_page(study), {**judgements(), "typed": SECRET, **signing_in}).content.decode()
        assert SECRET in again
        assert not study.assessments.exists()

    def test_nobody_without_a_role(self, study: Study):
        client = client_as(None)
        for path in self.addresses(study):
            assert (client.get(path).status_code, client.post(path, {}).status_code) == (403, 403)

    def test_a_curator_appraises_and_withdraws_nothing(self, study: Study):
        client = client_as(CURATOR)
        for path in (WAITING, page_of(study), own_page(study)):
            assert client.get(path).status_code == 200
        assert (client.get(withdrawal(study)).status_code, client.post(withdrawal(study)).status_code) == (403, 403)

    @pytest.mark.parametrize("role", [REVIEWER, ADMINISTRATOR])
    def test_reviewers_and_administrators_do_all(self, study: Study, role: str):
        client = client_as(role)
        for path in (WAITING, page_of(study), own_page(study), withdrawal(study)):
            assert client.get(path).status_code == 200

    @pytest.mark.parametrize("code", ["no-existe", "rob-2"])
    def test_bad_ids_are_not_found(self, code: str):
        client = client_as(ADMINISTRATOR)
        for name in ("assess", "consensus", "appraisal_withdraw"):
            assert client.get(reverse(f"admin:studies_study_{name}", args=[10**9, code])).status_code == 404
        assert client.get(reverse("admin:studies_study_appraisals", args=[10**9])).status_code == 404

    def test_an_unknown_instrument_is_not_found(self, study: Study):
        assert client_as(CURATOR).get(own_page(study, "no-existe")).status_code == 404

    def test_a_stranger_signs_in_without_a_fault(self, client: Client):
        assert client.get("/admin/login/").status_code == 200


class TestOnesOwn:
    def test_nothing_is_made_by_looking_at_the_form(self, study: Study):
        shown(client_as(CURATOR), own_page(study))
        assert not Assessment.objects.exists()

    def test_a_draft_is_kept_as_it_was_typed(self, study: Study):
        client = client_as(CURATOR)
        client.post(own_page(study), {"version": "0", "reporting-quote": "Solo esto", "note_es": "Por seguir"})
        values = form_values(shown(client, own_page(study)), "assessment_form")
        assert values["reporting-quote"] == ["Solo esto"]
        assert values["note_es"] == ["Por seguir"]
        assert round_of(study).own[0].is_done is False

    def test_it_is_finished_and_waits_for_a_second_person(self, study: Study):
        client = client_as(CURATOR)
        response = client.post(own_page(study), judgements(_do="finish"), follow=True)
        assert "Espera a una segunda persona" in response.content.decode()
        assert round_of(study).own[0].overall == "low"
        assert risks_of_bias(study) == []

    def test_what_is_missing_is_told_at_its_row_and_what_was_typed_is_kept_as_a_draft(self, study: Study):
        client = client_as(CURATOR)
        gap = judgements(_do="finish", **{"reporting-level": "", "reporting-page": "", "recruitment-quote": "Guardado"})
        page = client.post(own_page(study), gap, follow=True).content.decode()
        assert 'href="#d-reporting">Elección de lo que se informa</a>: Elija un juicio.' in page
        assert form_values(page, "assessment_form")["recruitment-quote"] == ["Guardado"]
        assert round_of(study).own[0].is_done is False

    def test_a_text_that_is_too_long_is_shown_again_and_not_lost(self, study: Study):
        client = client_as(CURATOR)
        long = "palabra " * 100
        response = client.post(own_page(study), judgements(**{"reporting-quote": long, "note_es": "Sigue aquí"}))
        page = response.content.decode()
        assert response.status_code == 200
        assert "No se guardó" in page
        assert long.strip() in page
        assert "Sigue aquí" in page

    def test_the_other_window_is_told_and_loses_nothing(self, study: Study):
        client = client_as(CURATOR)
        client.post(own_page(study), judgements())
        page = client.post(own_page(study), judgements("high", note_es="De la otra ventana")).content.decode()
        assert "se guardó en otra ventana" in page
        assert "De la otra ventana" in page
        assert round_of(study).own[0].overall == "low"
        values = form_values(page, "assessment_form")
        client.post(own_page(study), {**judgements("high"), "version": values["version"][0]})
        assert round_of(study).own[0].overall == "high"

    def test_a_choice_is_asked_for_only_where_the_rule_leaves_it_open(self, study: Study):
        client = client_as(CURATOR)
        assert 'name="overall"' not in shown(client, own_page(study))
        client.post(own_page(study), judgements("some-concerns"))
        page = shown(client, own_page(study))
        assert "«Algunas dudas» o «Riesgo alto»" in page
        assert page.count('name="overall"') == 2
        assert 'name="overall"' in shown(client, own_page(study, "casp-qualitative"))

    def test_reopening_and_discarding(self, study: Study):
        person = assessed(study)
        client = signed_in(person)
        client.post(own_page(study), {"_do": "reopen"})
        assert round_of(study).own[0].is_done is False
        client.post(own_page(study), {"_do": "discard"})
        assert round_of(study).own == []

    def test_a_third_person_is_told_so(self, study: Study):
        assessed(study), assessed(study)
        response = client_as(CURATOR).get(own_page(study), follow=True)
        assert "ya hay dos personas" in response.content.decode()
        response = client_as(CURATOR).post(own_page(study), judgements(), follow=True)
        assert "ya hay dos personas" in response.content.decode()
        assert len(round_of(study).own) == 2

    @pytest.mark.parametrize(
        "sent",
        [
            {"version": "x", "randomisation-level": "nunca"},
            {"version": "9" * 30},
            {"version": "-1"},
            {"overall": "\x00", "note_es": "a\x00b", "reporting-quote": "\ud83d"},
            {"_do": "otra-cosa"},
            {"_do": "reopen"},
            {"_do": "discard"},
        ],
    )
    def test_odd_input_gets_an_answer(self, study: Study, sent: dict[str, str]):
        sent = {key: value.encode("utf-8", "replace").decode() for key, value in sent.items()}
        assert client_as(CURATOR).post(own_page(study), sent).status_code in (200, 302)


class TestIndependence:
    def test_judgements_of_others_stand_on_no_page_before_the_own_ones_are_finished(self, study: Study):
        assessed(study)
        second = assessed(study, finish=False, given=AssessmentInput(()))
        client = signed_in(second)
        for path in (WAITING, page_of(study), own_page(study), own_page(study) + "?check=1"):
            assert SECRET not in shown(client, path)
        response = client.get(agreement(study), follow=True)
        assert SECRET not in response.content.decode()
        assert "Primero termine su valoración" in response.content.decode()

    def test_nor_before_the_reader_has_said_to_want_them(self, study: Study):
        assessed(study)
        client = client_as(REVIEWER)
        for path in (WAITING, page_of(study), agreement(study)):
            assert SECRET not in shown(client, path)
        page = client.post(agreement(study), {"_do": "look"}, follow=True).content.decode()
        assert SECRET in page

    def test_a_curator_who_does_not_appraise_never_sees_them(self, study: Study):
        assessed_by_two(study)
        client = client_as(CURATOR)
        for sent in ({"_do": "look"}, {"_do": "confirm", "version": "2"}, {"_do": "agree"}, judgements(_do="finish")):
            response = client.post(agreement(study), sent, follow=True)
            assert SECRET not in response.content.decode()
        assert risks_of_bias(study) == []


class TestAgreeing:
    def test_two_curators_agree_through_the_pages(self, study: Study):
        first, second = assessed_by_two(study, missing_data="high")
        page = shown(signed_in(first), agreement(study))
        assert page.count("No coinciden") == 1
        values = form_values(page, "consensus_form")
        assert "missing-data-level" not in values
        assert values["reporting-level"] == ["low"]
        sent = {key: value[0] for key, value in values.items()}
        sent |= {"missing-data-level": "high", "missing-data-not_reported": "on", "_do": "finish"}
        assert "falta el acuerdo" in signed_in(first).post(agreement(study), sent, follow=True).content.decode()
        assert risks_of_bias(study) == []
        values = form_values(shown(signed_in(second), agreement(study)), "agree_form")
        signed_in(second).post(agreement(study), {"_do": "agree", "version": values["version"][0]})
        assert risks_of_bias(study) == ["high"]

    def test_a_reviewer_decides(self, study: Study):
        assessed_by_two(study)
        client = client_as(REVIEWER)
        client.post(agreement(study), {"_do": "look"})
        response = client.post(agreement(study), judgements(_do="finish"), follow=True)
        assert "la evaluación es final" in response.content.decode()
        assert risks_of_bias(study) == ["low"]

    def test_a_gap_is_told_and_the_rest_kept_as_a_draft(self, study: Study):
        first, _second = assessed_by_two(study)
        sent = judgements(_do="finish", **{"reporting-level": ""})
        page = signed_in(first).post(agreement(study), sent, follow=True).content.decode()
        assert 'href="#d-reporting"' in page
        held = round_of(study).consensus
        assert held is not None
        assert not held.is_done

    def test_what_another_saved_meanwhile_is_not_overwritten(self, study: Study):
        first, second = assessed_by_two(study)
        signed_in(first).post(agreement(study), judgements())
        page = signed_in(second).post(agreement(study), judgements("high", note_es="Lo mío")).content.decode()
        assert "No se guardó" in page
        assert "Lo mío" in page
        held = round_of(study).consensus
        assert held is not None
        assert held.overall == "low"

    def test_a_reviewer_confirms_or_returns_a_single_one(self, study: Study):
        person = assessed(study)
        client = client_as(REVIEWER)
        client.post(agreement(study), {"_do": "look"})
        client.post(agreement(study), {"_do": "return", "note": "Falta la página."})
        assert "Falta la página." in shown(signed_in(person), own_page(study))
        own = round_of(study).own[0]
        workflow.save(own, entered(), version=own.version, by=person, finish=True)
        values = form_values(shown(client, agreement(study)), "confirm_form")
        client.post(agreement(study), {"_do": "confirm", "version": values["version"][0]})
        assert risks_of_bias(study) == ["low"]

    @pytest.mark.parametrize("version", ["", "x", "1", "9" * 40])
    def test_what_changed_since_it_was_read_is_not_confirmed(self, study: Study, version: str):
        assessed(study)
        client = client_as(REVIEWER)
        client.post(agreement(study), {"_do": "look"})
        assert client.post(agreement(study), {"_do": "confirm", "version": version}).status_code == 302
        assert risks_of_bias(study) == []


class TestTheStudysPage:
    def test_proposes_the_instrument_of_the_main_design_first(self):
        study = make_study(designs=("qualitative", "rct"))
        page = shown(client_as(CURATOR), page_of(study))
        assert page.index("CASP (2024)") < page.index("RoB 2 (2019-08-22)") < page.index("Otros instrumentos")
        assert page.index("Otros instrumentos") < page.index("AMSTAR 2 (2017)")

    def test_says_where_no_instrument_is_meant_for_the_study(self):
        study = make_study(designs=("guideline",))
        assert "Ningún instrumento del banco es para los diseños" in shown(client_as(CURATOR), page_of(study))

    def test_an_administrator_closes_an_abandoned_one(self, study: Study):
        assessed(study, finish=False)
        own = round_of(study).own[0]
        for role in (CURATOR, REVIEWER):
            client_as(role).post(page_of(study), {"close": str(own.pk)})
            assert round_of(study).own == [own]
        client = client_as(ADMINISTRATOR)
        assert "Cerrar esta valoración abandonada" in shown(client, page_of(study))
        client.post(page_of(study), {"close": str(own.pk)})
        assert round_of(study).own == []
        for odd in ("", "x", "0", "9" * 30, str(own.pk)):
            assert client.post(page_of(study), {"close": odd}).status_code in (302, 404)

    def test_a_reviewer_withdraws_with_a_reason(self):
        study = make_study(stage=Stage.PUBLISHED, own_appraisals=(appraisal_record(),))
        client = client_as(REVIEWER)
        assert f'href="{withdrawal(study)}"' in shown(client, page_of(study))
        assert client.post(withdrawal(study), {"note": " "}).status_code == 200
        assert risks_of_bias(study) == ["low"]
        client.post(withdrawal(study), {"note": "Otra publicación"})
        assert risks_of_bias(study) == []

    def test_costs_the_same_queries_however_much_is_under_way(self, study: Study, django_assert_num_queries: Any):
        client = client_as(CURATOR)
        shown(client, page_of(study))
        with django_assert_num_queries(22):
            shown(client, page_of(study))
        assessed_by_two(study)
        workflow.begin(study, Instrument.objects.get(slug="casp-qualitative"), by=user_with_role(CURATOR))
        with django_assert_num_queries(23):  # who has seen whose
            shown(client, page_of(study))


class TestTheList:
    def test_is_empty_in_words(self):
        assert "No hay ninguna en curso" in shown(client_as(CURATOR), WAITING)

    def test_shows_what_waits_with_its_age_and_no_judgement(self, study: Study):
        assessed(study)
        Assessment.objects.update(done_at="2026-01-01T12:00Z")
        page = shown(client_as(REVIEWER), WAITING)
        assert "Esperan a una segunda persona (1)" in page
        assert 'datetime="2026-01-01' in page
        assert SECRET not in page

    def test_is_linked_from_the_first_page_and_from_the_study(self, study: Study):
        client = client_as(CURATOR)
        assert f'href="{WAITING}"' in shown(client, reverse("admin:index"))
        assert f'href="{page_of(study)}"' in shown(client, reverse("admin:studies_study_change", args=[study.pk]))


class TestTheFormOfAStudy:
    def test_leaves_its_appraisals_as_they_are(self):
        final = appraisal_record()
        study = make_study(own_appraisals=(final,))
        client = client_as(CURATOR)
        sent = filled_in(client, study, title="Otro título")
        assert client.post(reverse("admin:studies_study_change", args=[study.pk]), sent).status_code == 302
        record = StudyRecord.from_json(study.revisions.first().record)
        assert (record.title, record.own_appraisals) == ("Otro título", (final,))

    def test_does_not_lose_one_that_became_final_meanwhile(self, study: Study):
        reviewer = user_with_role(REVIEWER)
        client = signed_in(reviewer)
        sent = filled_in(client, study, title="Otro título")
        assessed(study)
        workflow.mark_seen(study, rob_2(), by=reviewer)
        workflow.confirm(study, rob_2(), version=2, by=reviewer)
        address = reverse("admin:studies_study_change", args=[study.pk])
        page = client.post(address, sent).content.decode()
        assert "Evaluación de calidad" in page
        client.post(f"{address.removesuffix('change/')}dos-cambios/", form_values(page, "clash_form"))
        record = StudyRecord.from_json(study.revisions.first().record)
        assert (record.title, len(record.own_appraisals)) == ("Otro título", 1)


class TestInstruments:
    def change_page(self, code: str = "rob-2") -> str:
        return reverse("admin:studies_instrument_change", args=[Instrument.objects.get(slug=code).pk])

    @pytest.mark.parametrize("role", [CURATOR, REVIEWER])
    def test_are_read_by_all_and_edited_by_administrators(self, role: str):
        client = client_as(role)
        assert client.get(self.change_page()).status_code == 200
        assert client.post(self.change_page(), {"purpose_es": "x"}).status_code == 403
        assert client.get(reverse("admin:studies_instrument_add")).status_code == 403

    def sent(self, client: Client, code: str = "rob-2", **changes: Any) -> dict[str, Any]:
        return {**form_values(shown(client, self.change_page(code)), "instrument_form"), **changes}

    def test_a_name_is_edited_even_when_in_use(self, study: Study):
        assessed(study)
        client = client_as(ADMINISTRATOR)
        response = client.post(self.change_page(), self.sent(client, purpose_es="Otro nombre"))
        assert response.status_code == 302
        assert rob_2().purpose_es == "Otro nombre"

    def test_codes_and_rule_are_fixed_once_in_use(self, study: Study):
        client = client_as(ADMINISTRATOR)
        before = self.sent(client)
        assert {"rule", "domains-0-code", "levels-0-code"} <= before.keys()
        assessed(study)
        after = self.sent(client)
        assert {"rule", "domains-0-code", "levels-0-code", "domains-0-DELETE"} & after.keys() == set()
        forged = {**before, "rule": "", "domains-0-code": "otro", "levels-0-code": "otro", "domains-1-DELETE": "on"}
        client.post(self.change_page(), forged)
        row = rob_2()
        assert row.rule == "worst-domain"
        assert row.domains.count() == 6
        assert not row.domains.filter(code="otro").exists()
        assert not row.levels.filter(code="otro").exists()

    def test_one_that_is_not_whole_is_saved_but_not_offered(self, study: Study):
        client = client_as(ADMINISTRATOR)
        sent = form_values(shown(client, reverse("admin:studies_instrument_add")), "instrument_form")
        sent |= {"slug": "nuevo", "name": "Nuevo", "version": "1", "purpose_es": "P", "purpose_en": "P"}
        sent |= {"citation": "C", "url": "https://example.org/"}
        page = client.post(reverse("admin:studies_instrument_add"), sent, follow=True).content.decode()
        assert "todavía no se ofrece" in page
        assert Instrument.objects.get(slug="nuevo").is_retired
        assert client.get(own_page(study, "nuevo")).status_code == 404
        assert "Nuevo (1)" not in shown(client, page_of(study))
