"""The history of a study in the workplace: seen, compared, restored (R8)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studies.appraisals import workflow
from studies.curation import proposals
from studies.models import Proposal, Revision, Stage, Study
from studies.records.appraisal import JudgementRecord
from studies.records.finding import ArmRecord
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import CostRecord, InterventionRecord
from studies.store.exchange import study as exchange_study
from tests.factories import edit, make_study, publish, user_with_role
from tests.studies.admin_forms import form_values
from tests.studies.appraisals_factory import SECRET, appraisal_record, casp_record, judged, proposed, rob_2
from tests.studies.records_factory import author, finding, source

pytestmark = pytest.mark.django_db


def as_role(role: str | None, **options: Any) -> Client:
    client = Client()
    client.force_login(user_with_role(role, **options))
    return client


def history_of(study: Study) -> str:
    return reverse("admin:studies_study_history", args=[study.pk])


def comparison(study: Study, a: object, b: object) -> str:
    return f"{reverse('admin:studies_study_compare', args=[study.pk])}?a={a}&b={b}"


def address_of(revision: Revision) -> str:
    return reverse("admin:studies_study_revision", args=[revision.study_id, revision.change_no])


def held(study: Study) -> Any:
    return exchange_study.to_record(Study.objects.for_record().get(pk=study.pk))


def no(study: Study) -> int:
    return Study.objects.get(pk=study.pk).changed_no


class TestHistory:
    def test_lists_each_change_with_person_reason_and_what_it_changed(self):
        writer = user_with_role("Curaduría", username="rosa")
        study = make_study()
        edit(study, by=writer, title_es="Dos", findings=())
        page = as_role("Curaduría").get(history_of(study)).content.decode()
        for words in ("rosa", "el programa", "Título en español, Hallazgos", "registro nuevo", "borrador"):
            assert words in page

    def test_marks_what_a_reviewer_corrected_alone(self):
        study = make_study(stage=Stage.PUBLISHED)
        edit(study, by=user_with_role("Revisión"), year=2020)
        assert "corrección directa de quien revisa" in as_role("Curaduría").get(history_of(study)).content.decode()

    def test_costs_the_same_for_many_revisions(self, django_assert_num_queries):
        study = make_study(stage=Stage.PUBLISHED)
        client = as_role("Curaduría")
        client.get(history_of(study))
        for _each in range(2):
            with django_assert_num_queries(22):
                client.get(history_of(study))
            for year in range(2000, 2005):
                edit(study, by=user_with_role("Revisión"), year=year)


class TestComparing:
    def test_any_two_are_compared_in_the_order_of_time(self):
        study = make_study(title_es="La casa roja", authors=(author("Quispe"), author("Mamani")))
        first = no(study)
        edit(study, title_es="La casa azul", findings=(finding(value=0.65),))
        edit(study, authors=(author("Mamani"),), sources=(source("https://otra.pe"),), populations=("men",))
        client = as_role("Curaduría")
        for address in (comparison(study, first, no(study)), comparison(study, no(study), first)):
            page = client.get(address).content.decode()
            for words in ("<del>", "roja", "azul", "0,65", "https://otra.pe", "Ana María Quispe", "Mujeres"):
                assert words in page, words
        assert "dicen lo mismo" not in page

    @pytest.mark.parametrize(("a", "b"), [("", ""), ("x", "1"), ("9" * 30, "1"), ("\x00", "-1"), ("1", "1")])
    def test_odd_choices_lead_back_with_a_word(self, a: str, b: str):
        study = make_study()
        answer = as_role("Curaduría").get(comparison(study, a, b), follow=True)
        assert answer.redirect_chain[-1][0] == history_of(study)
        assert "Elija dos cambios" in answer.content.decode()

    def test_a_revision_of_another_study_is_none_of_this_one(self):
        study, other = make_study(), make_study()
        answer = as_role("Curaduría").get(comparison(study, no(study), no(other)))
        assert answer.status_code == 302

    def test_a_record_that_cannot_be_read_any_more_is_told(self):
        study = make_study()
        edit(study, year=2020)
        oldest = study.revisions.last()
        Revision.objects.filter(pk=oldest.pk).update(record={"id": "x", "clave": 1})
        client = as_role("Curaduría")
        assert "no se puede leer" in client.get(comparison(study, oldest.change_no, no(study))).content.decode()
        assert "no se puede leer" in client.get(address_of(oldest)).content.decode()
        posted = client.post(address_of(oldest), {"seen_no": no(study)})
        assert "no se puede leer" in posted.content.decode()


class TestRestoring:
    def test_the_page_shows_first_what_would_change(self):
        study = make_study(title_es="Primero")
        edit(study, title_es="Segundo")
        page = as_role("Curaduría").get(address_of(study.revisions.last())).content.decode()
        assert "Si se restaura" in page
        assert "Segundo" in page
        assert held(study).title_es == "Segundo"

    def test_gives_exactly_the_earlier_record_as_a_new_revision(self):
        study = make_study(authors=(author("Uno"), author("Dos")), findings=(finding(p=0.01), finding(value=0.2)))
        before, first = held(study), study.revisions.get()
        edit(study, authors=(author("Tres"),), findings=(), title_es="Otro", themes=("autonomy",), interventions=())
        client = as_role("Curaduría", username="rosa")
        client.post(address_of(first), {"seen_no": no(study), "note": "Fue un error"})
        assert held(study) == before
        revision = study.revisions.first()
        assert revision.note == f"Se restauró el registro del cambio {first.change_no}. Fue un error"
        assert (revision.by.username, study.revisions.count()) == ("rosa", 3)

    def test_what_must_stay_publishable_is_not_restored_to_less(self):
        study = make_study(summary_es=None)
        first = study.revisions.get()
        publish(edit(study, summary_es="Ahora sí."))
        page = as_role("Revisión").post(address_of(first), {"seen_no": no(study)}).content.decode()
        assert "le falta algo" in page
        assert "Resumen en español" in page
        assert held(study).summary_es == "Ahora sí."

    def test_a_curator_proposes_it_for_what_is_published(self):
        study = make_study(stage=Stage.PUBLISHED, title_es="Primero")
        first = study.revisions.first()
        edit(study, title_es="Segundo")
        client = as_role("Curaduría")
        assert "Será una propuesta" in client.get(address_of(first)).content.decode()
        client.post(address_of(first), {"seen_no": no(study)})
        assert held(study).title_es == "Segundo"
        assert study.proposals.get().record["title_es"] == "Primero"

    def test_it_can_be_brought_into_the_form_first(self):
        study = make_study(title_es="Primero")
        first = study.revisions.get()
        edit(study, title_es="Segundo")
        page = as_role("Curaduría").post(address_of(first), {"seen_no": no(study), "_edit": "1"}).content.decode()
        assert form_values(page, "study_form")["title_es"] == ["Primero"]
        assert held(study).title_es == "Segundo"

    def test_what_changed_since_it_was_read_is_not_overwritten(self):
        study = make_study(title_es="Primero")
        first, seen = study.revisions.get(), no(study)
        edit(study, title_es="Segundo")
        page = as_role("Curaduría").post(address_of(first), {"seen_no": seen, "note": "Mi motivo"}).content.decode()
        assert "No se restauró" in page
        assert "Mi motivo" in page
        assert held(study).title_es == "Segundo"

    def test_what_is_the_same_makes_no_revision(self):
        study = make_study()
        answer = as_role("Curaduría").post(address_of(study.revisions.get()), {"seen_no": no(study)}, follow=True)
        assert "ya dice lo mismo" in answer.content.decode()
        assert study.revisions.count() == 1

    @pytest.mark.parametrize("role", ["Curaduría", "Revisión"])
    def test_a_withdrawn_study_is_restored_by_administrators_alone(self, role: str):
        study = make_study(stage=Stage.WITHDRAWN, title_es="Primero")
        first = study.revisions.last()
        edit(study, title_es="Segundo")
        page = as_role(role).post(address_of(first), {"seen_no": no(study)}, follow=True).content.decode()
        assert "Su cuenta no puede" in page
        assert held(study).title_es == "Segundo"
        as_role("Administración").post(address_of(first), {"seen_no": no(study)})
        assert held(study).title_es == "Primero"


class TestNewFields:
    def test_roles_groups_and_judgements_are_told_in_words(self):
        study = make_study(interventions=(InterventionRecord("engaging-men", None),), findings=(finding(),))
        arms = (ArmRecord("intervention", n=400, percent=20.5), ArmRecord("mujeres", n=3))
        edit(
            study,
            interventions=(
                InterventionRecord("engaging-men", "evaluated"),
                InterventionRecord("helpline", "described"),
            ),
            findings=(finding(about=(), arms=arms, comparator="nothing", primary=False),),
            costs=(CostRecord(amount=5, currency="USD", per="woman"),),
            appraisals=(PublishedAppraisalRecord(instrument="RoB 1", judges="bias", domains={"blinding": "low"}),),
            harms="none-found",
        )
        page = as_role("Curaduría").get(address_of(study.revisions.first())).content.decode()
        text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
        for told in (
            "papel sin elegir",
            "Evaluada",
            "(descrita) : se añade",
            "de todas las que el estudio evalúa o revisa",
            "de ninguna intervención",
            "Grupo con programa: analizadas (n) 400, porcentaje 20,5; mujeres: analizadas (n) 3",
            "Costo 1: 5 USD : se añade",
            "Juicio publicado 1: RoB 1 : se añade",
            "blinding: low",
            "Se buscaron, no se hallaron",
        ):
            assert told in text, told

    def test_an_earlier_record_of_format_1_comes_back_without_roles(self):
        study = make_study()
        record = held(study).to_json()
        record["interventions"] = [row["code"] for row in record["interventions"]]
        old = study.revisions.get()
        Revision.objects.filter(pk=old.pk).update(record=record)
        edit(study, year=2020)
        page = as_role("Curaduría").get(address_of(old)).content.decode()
        assert "papel sin elegir" in page
        as_role("Curaduría", username="otra").post(address_of(old), {"seen_no": no(study)})
        assert [each.role for each in held(study).interventions] == [None]


class TestAppraisals:
    def test_a_new_one_is_told_with_its_judgements_in_words(self):
        study = make_study(stage=Stage.PUBLISHED)
        first = no(study)
        people = proposed(study)
        workflow.agree(study, rob_2(), version=1, by=people[1])
        client = as_role("Curaduría")
        assert "Evaluación de calidad" in client.get(history_of(study)).content.decode()
        page = client.get(comparison(study, first, no(study))).content.decode()
        for words in ("Evaluación con RoB 2 (2019-08-22)", "se añade", "Riesgo bajo", "Medición del resultado", SECRET):
            assert words in page, words
        assert "rob-2" not in page

    def test_of_two_only_the_domain_that_changed_is_told(self):
        study = make_study(own_appraisals=(appraisal_record(),))
        first = no(study)
        judgements = judged(measurement="high")
        edit(study, own_appraisals=(appraisal_record(judgements=judgements, overall="high", risk_of_bias="high"),))
        page = as_role("Curaduría").get(comparison(study, first, no(study))).content.decode()
        assert "Medición del resultado" in page
        assert f"<del>Riesgo bajo; «{SECRET}»; p. 4</del>" in page
        assert f"<ins>Riesgo alto; «{SECRET}»; p. 4</ins>" in page
        assert "Datos que faltan" not in page

    def test_what_no_instrument_has_any_more_stands_by_its_code(self):
        study = make_study()
        edit(study, year=2020)
        lost = appraisal_record(
            instrument="perdido", overall="medio", judgements=(JudgementRecord("dominio", "nivel"),)
        )
        record = replace(held(study), own_appraisals=(lost,)).to_json()
        Revision.objects.filter(change_no=no(study)).update(record=record)
        page = as_role("Curaduría").get(address_of(study.revisions.first())).content.decode()
        for words in ("Evaluación con perdido", "medio", "dominio", "nivel"):
            assert words in page

    def test_an_earlier_record_comes_back_with_its_appraisals(self):
        study = make_study(stage=Stage.PUBLISHED, own_appraisals=(appraisal_record(), casp_record()))
        before, first = held(study), study.revisions.first()
        edit(study, own_appraisals=(casp_record(),), year=2020)
        client = as_role("Revisión")
        assert "Evaluación con RoB 2" in client.get(address_of(first)).content.decode()
        client.post(address_of(first), {"seen_no": no(study)})
        assert held(study) == before

    def test_a_curator_brings_no_appraisal_back_into_a_draft_alone(self):
        study = make_study(own_appraisals=(appraisal_record(),), title_es="Primero")
        first = study.revisions.get()
        edit(study, own_appraisals=(), title_es="Segundo")
        client = as_role("Curaduría")
        page = client.post(address_of(first), {"seen_no": no(study)}).content.decode()
        assert "lo restaura quien revisa" in page
        assert (held(study).own_appraisals, held(study).title_es) == ((), "Segundo")
        page = client.post(address_of(first), {"seen_no": no(study), "_edit": "1"}).content.decode()
        client.post(reverse("admin:studies_study_change", args=[study.pk]), form_values(page, "study_form"))
        assert (held(study).own_appraisals, held(study).title_es) == ((), "Primero")

    def test_a_curator_proposes_it_for_what_is_published(self):
        study = make_study(stage=Stage.PUBLISHED, own_appraisals=(appraisal_record(),))
        first = study.revisions.first()
        edit(study, own_appraisals=())
        as_role("Curaduría").post(address_of(first), {"seen_no": no(study)})
        proposal = study.proposals.get()
        client = as_role("Revisión")
        where = reverse("admin:studies_proposal_move", args=[proposal.pk, "accept"])
        page = client.get(where).content.decode()
        assert "Evaluación con RoB 2" in page
        seen = proposals.read_version(Proposal.objects.get(pk=proposal.pk))
        client.post(where, {"seen_no": seen.change_no, "seen_step": seen.step})
        assert held(study).own_appraisals == (appraisal_record(),)


class TestAccess:
    def test_strangers_and_staff_without_a_role_see_nothing(self, client: Client):
        study = make_study()
        addresses = [history_of(study), comparison(study, 1, 2), address_of(study.revisions.get())]
        for address in addresses:
            assert client.get(address).url.startswith("/admin/login/")
            assert as_role(None).get(address).status_code == 403

    @pytest.mark.parametrize("bad", ["999999999", "9" * 30, "9" * 18])
    def test_bad_numbers_are_404(self, bad: str):
        study = make_study()
        client = as_role("Curaduría")
        assert client.get(f"/admin/studies/study/{study.pk}/cambio/{bad}/").status_code == 404
        assert client.get(f"/admin/studies/study/{bad}/comparar/").status_code == 404

    @pytest.mark.parametrize("value", ["", "\x00", "9" * 400, "-1", "{"])
    def test_garbage_is_answered(self, value: str):
        study = make_study()
        edit(study, year=2020)
        answer = as_role("Curaduría").post(address_of(study.revisions.last()), {"seen_no": value, "note": value})
        assert answer.status_code == 200
        assert held(study).year == 2020

    def test_who_is_only_staff_makes_no_form_from_elsewhere(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(User.objects.create_superuser("jefa"))
        assert client.post(address_of(make_study().revisions.get()), {"seen_no": "1"}).status_code == 403
