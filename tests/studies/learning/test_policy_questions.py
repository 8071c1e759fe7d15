"""Policy questions: what the database refuses, the form in the workplace, and what the public sees."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from studies.models import PolicyQuestion, Programme, Stage
from tests.factories import make_study, merge_studies, user_with_role, withdraw
from tests.studies.admin_forms import form_values

pytestmark = pytest.mark.django_db
ADD = "/admin/studies/policyquestion/add/"
PAGE = "/preguntas/talleres-con-hombres/"
SASA = "/programas/sasa/"


def make_question(**changes: Any) -> PolicyQuestion:
    """Make a public question, answered and reviewed."""
    values = {
        "slug": "talleres-con-hombres",
        "question_es": "¿Qué se sabe de los talleres con hombres?",
        "question_en": "What is known of workshops with men?",
        "answer_es": "<p>Hay <strong>ensayos</strong>.</p><script>alert(1)</script>",
        "answer_en": "There are trials.",
        "reviewed_by": "Equipo de evidencia",
        "reviewed_on": datetime.date(2026, 11, 2),
        "sources": ["https://example.org/pedido"],
        "is_published": True,
    }
    return PolicyQuestion.objects.create(**{**values, **changes})


def draft_programme() -> Programme:
    return Programme.objects.create(
        slug="zarzaparrilla", name="Zarzaparrilla", name_es="Zarzaparrilla", name_en="Zarzaparrilla"
    )


def client_as(role: str | None) -> Client:
    client = Client()
    client.force_login(user_with_role(role))
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def filled_in(**changes: Any) -> dict[str, Any]:
    values = {
        "slug": "talleres-con-hombres",
        "question_es": "¿Qué se sabe?",
        "answer_es": "Hay ensayos.",
        "reviewed_by": "Equipo de evidencia",
        "reviewed_on": "02/11/2026",
        "sources": "https://example.org/pedido",
        "is_published": "on",
    }
    return {**values, **changes}


def sent(client: Client, path: str, **changes: Any) -> Any:
    values = form_values(client.get(path).content.decode(), "policyquestion_form")
    return client.post(path, {**values, **changes})


class TestRules:
    @pytest.mark.parametrize("lack", [{"answer_es": ""}, {"reviewed_by": ""}, {"reviewed_on": None}, {"sources": []}])
    def test_none_is_published_without_answer_reviewer_date_and_source(self, lack: dict[str, Any]):
        make_question(**lack, is_published=False, slug="borrador")
        with pytest.raises(IntegrityError, match="policyquestion_published_is_complete"):
            make_question(**lack)

    def test_each_asks_something(self):
        with pytest.raises(IntegrityError, match="policyquestion_asks"):
            make_question(question_es="")

    def test_a_search_is_recorded_once_a_day(self):
        search = {"made_on": datetime.date(2026, 11, 1), "criteria": "q=hombres", "found": 1}
        question = make_question()
        question.searches.create(**search)
        with pytest.raises(IntegrityError):
            question.searches.create(**search)


class TestThePage:
    def test_ties_question_answer_reviewer_searches_studies_and_source(self, client):
        question = make_question()
        question.studies.add(make_study(stage=Stage.PUBLISHED, title_es="El estudio citado"))
        question.searches.create(
            made_on=datetime.date(2026, 11, 1), criteria="q=talleres+con+hombres&country=PE", found=12
        )
        html = page(client, PAGE)
        assert "<h1" in html
        assert "¿Qué se sabe de los talleres con hombres?" in html
        assert "<p>Hay <strong>ensayos</strong>.</p>" in html
        assert "<script>alert" not in html
        assert "La revisó: Equipo de evidencia, 2 de noviembre de 2026." in html
        assert re.search(r'<a href="https://example.org/pedido"\s+rel="noreferrer">example.org</a>', html)
        assert "El estudio citado" in html
        row = html[html.index("<tbody>") : html.index("</tbody>")]
        assert "1 de noviembre de 2026" in row
        assert (
            '<a href="/estudios/?q=talleres+con+hombres&amp;country=PE">«talleres con hombres»; País: Perú</a>' in row
        )
        assert re.search(r">\s*12\s*</td>", row)

    def test_is_in_english_below_en(self, client):
        make_question().searches.create(made_on=datetime.date(2026, 11, 1), criteria="country=PE", found=1_200)
        html = page(client, "/en/questions/talleres-con-hombres/")
        assert "What is known of workshops with men?" in html
        assert "<p>There are trials.</p>" in html
        assert '<a href="/en/studies/?country=PE">Country: Peru</a>' in html
        assert re.search(r">\s*1,200\s", html)
        assert f'hreflang="es" href="http://testserver{PAGE}"' in html

    def test_says_openly_that_an_answer_is_in_the_other_language(self, client):
        make_question(answer_en="", question_en="")
        html = page(client, "/en/questions/talleres-con-hombres/")
        assert '<div class="measure flow" lang="es">' in html
        assert html.count('<span class="tag">in Spanish</span>') == 2

    def test_its_searches_lead_to_lists_that_answer(self, client):
        question = make_question()
        for number, criteria in enumerate(("", "q=%22%3Cb%3E", "country=nada", "%00=%ff")):
            question.searches.create(made_on=datetime.date(2026, 11, 1 + number), criteria=criteria, found=0)
        html = page(client, PAGE)
        body = html[html.index("<tbody>") : html.index("</tbody>")]
        links = re.findall(r'<a href="([^"]*)"', body)
        assert len(links) == 4
        assert "<b>" not in body
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code == 200

    def test_without_studies_and_searches_says_so(self, client):
        make_question()
        html = page(client, PAGE)
        assert "Ninguno en este banco." in html
        assert "No se registró ninguna búsqueda." in html

    def test_shows_published_studies_alone(self, client):
        question = make_question()
        target = make_study(stage=Stage.PUBLISHED, title_es="Se ve")
        gone, merged = (make_study(stage=Stage.PUBLISHED, title_es="Zarzaparrilla") for _each in range(2))
        question.studies.add(target, gone, merged, make_study(title_es="Zarzaparrilla"))
        withdraw(gone)
        merge_studies(merged, target)
        html = page(client, PAGE)
        assert "Se ve" in html
        assert "Zarzaparrilla" not in html

    def test_names_the_programmes_that_answer_it_with_their_stages(self, client):
        make_question().programmes.set(Programme.objects.filter(slug__in=["sasa", "hablemos-entre-patas"]))
        html = page(client, PAGE)
        section = html[html.index('id="programas"') : html.index('id="busquedas"')]
        assert "Programas que responden a esta pregunta" in section
        assert '<a href="/programas/hablemos-entre-patas/">Hablemos Entre Patas</a>' in section
        assert "Etapa 5 de 6: con resultados · Perú" in " ".join(re.sub(r"<span.*?</span>", "", section).split())
        assert "Programmes that answer this question" in page(client, "/en/questions/talleres-con-hombres/")

    def test_says_nothing_of_programmes_where_none_is_public(self, client):
        make_question().programmes.add(draft_programme())
        html = page(client, PAGE)
        assert "Zarzaparrilla" not in html
        assert 'id="programas"' not in html

    def test_costs_as_many_queries_whatever_it_holds(self, client, django_assert_max_num_queries):
        question = make_question()
        question.programmes.set(Programme.objects.all()[:4])
        question.studies.add(*(make_study(stage=Stage.PUBLISHED) for _each in range(4)))
        for number in range(4):
            question.searches.create(made_on=datetime.date(2026, 11, 1 + number), criteria="country=PE", found=0)
        page(client, PAGE)
        with django_assert_max_num_queries(12):
            page(client, PAGE)


class TestTheProgrammesPage:
    def test_names_the_questions_that_it_answers(self, client):
        sasa = Programme.objects.get(slug="sasa")
        make_question().programmes.add(sasa)
        make_question(slug="vieja", reviewed_on=datetime.date(2025, 1, 2)).programmes.add(sasa)
        make_question(slug="de-otro-programa")
        html = page(client, SASA)
        section = html[html.index('id="preguntas"') : html.index('id="decisiones"')]
        assert "Preguntas de política a las que responde" in section
        assert re.findall(r'href="(/preguntas/[^"]*)"', section) == [PAGE, "/preguntas/vieja/"]
        assert "Respuesta revisada el 2 de noviembre de 2026" in section
        assert "Policy questions that it answers" in page(client, "/en/programmes/sasa/")

    def test_knows_of_no_question_that_is_not_published(self, client):
        draft = make_question(is_published=False, question_es="¿Secreto?")
        draft.programmes.add(Programme.objects.get(slug="sasa"))
        for reader in (client, client_as("Administración")):
            html = page(reader, SASA)
            assert "Secreto" not in html
            assert 'id="preguntas"' not in html

    def test_costs_as_many_queries_whatever_the_number(self, client, django_assert_num_queries):
        sasa = Programme.objects.get(slug="sasa")
        make_question().programmes.add(sasa)
        page(client, SASA)
        with CaptureQueriesContext(connection) as one:
            page(client, SASA)
        for number in range(4):
            make_question(slug=f"otra-{number}").programmes.add(sasa)
        with django_assert_num_queries(len(one)):
            page(client, SASA)


class TestWhatIsNotPublished:
    def test_is_found_by_the_team_alone(self, client):
        make_question(is_published=False, question_es="¿Secreto?")
        page(client, PAGE, 404)
        assert "Secreto" not in page(client, "/preguntas/")
        assert PAGE not in page(client, "/sitemap-questions.xml")
        staff = client_as("Curaduría")
        response = staff.get(PAGE)
        assert "esta pregunta no está publicada" in response.content.decode()
        assert response["Cache-Control"] == "private, no-store"
        assert "Secreto" not in page(staff, "/preguntas/")

    def test_a_bad_address_is_not_found(self, client):
        for path in ("/preguntas/nada/", "/preguntas/x%00/", "/en/questions/nada/"):
            page(client, path, 404)
        assert client.post("/preguntas/").status_code == 405


class TestTheList:
    def test_of_none_says_so_with_a_way_on(self, client):
        html = page(client, "/preguntas/")
        assert "Todavía no hay preguntas publicadas." in html
        assert "There are no published questions yet." in page(client, "/en/questions/")

    def test_names_each_with_the_date_of_its_review(self, client):
        make_question()
        html = page(client, "/preguntas/")
        assert f'<a href="{PAGE}">¿Qué se sabe de los talleres con hombres?</a>' in html
        assert "Respuesta revisada el 2 de noviembre de 2026" in html
        assert f"http://testserver{PAGE}</loc>" in page(client, "/sitemap-questions.xml")

    def test_is_reached_from_the_programmes_and_every_footer(self, client):
        assert page(client, "/programas/").count('href="/preguntas/"') == 2


class TestTheForm:
    def test_is_for_who_may_change_programmes(self):
        question = make_question()
        change = reverse("admin:studies_policyquestion_change", args=[question.pk])
        assert Client().get(ADD).status_code == 302
        assert client_as(None).get(ADD).status_code == 403
        curator = client_as("Curaduría")
        assert curator.get(change).status_code == 200
        assert curator.post(change, filled_in()).status_code == 403
        assert client_as("Revisión").get(ADD).status_code == 200

    def test_links_a_question_with_programmes_which_list_it(self):
        reviewer, sasa = client_as("Revisión"), Programme.objects.get(slug="sasa")
        assert sent(reviewer, f"{ADD}?programmes={sasa.pk}", **filled_in()).status_code == 302
        question = PolicyQuestion.objects.get()
        assert list(question.programmes.all()) == [sasa]
        form = page(reviewer, reverse("admin:studies_programme_change", args=[sasa.pk]))
        assert f'<li><a href="{reverse("admin:studies_policyquestion_change", args=[question.pk])}">' in form
        assert f'<a href="{ADD}?programmes={sasa.pk}">Registrar una pregunta</a>' in form
        assert "Se registran cuando el programa está guardado." in page(reviewer, "/admin/studies/programme/add/")

    def test_writes_a_question_with_its_studies(self):
        reviewer, study = client_as("Revisión"), make_study(stage=Stage.PUBLISHED)
        assert sent(reviewer, ADD, **filled_in(studies=[study.pk])).status_code == 302
        assert list(PolicyQuestion.objects.get().studies.all()) == [study]

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"answer_es": ""}, "Una pregunta publicada necesita su respuesta."),
            ({"reviewed_by": ""}, "Una pregunta publicada necesita quién revisó la respuesta."),
            ({"reviewed_on": ""}, "Una pregunta publicada necesita la fecha en que se revisó."),
            ({"sources": ""}, "Una pregunta publicada necesita al menos una fuente."),
            ({"sources": "javascript:alert(1)"}, "No es una dirección completa"),
            ({"reviewed_on": "02/11/2999"}, "Esta fecha todavía no ha llegado."),
            ({"slug": "Con Mayúsculas"}, "errorlist"),
            ({"question_es": "\x00"}, "caracteres nulos"),
            ({"studies": ["x"]}, "errorlist"),
            ({"programmes": ["9" * 30]}, "errorlist"),
            ({"searches-0-criteria": "q=a", "searches-0-found": "-1"}, "errorlist"),
            ({"searches-TOTAL_FORMS": "x"}, "errornote"),
        ],
    )
    def test_says_what_is_wrong(self, changes: dict[str, Any], sentence: str):
        response = sent(client_as("Revisión"), ADD, **filled_in(**changes))
        assert response.status_code == 200
        assert sentence in response.content.decode()
        assert not PolicyQuestion.objects.exists()

    def test_one_that_another_saved_after_it_was_checked_is_told_and_stays_as_typed(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        """As two clicks on one button do where two processes answer them."""
        reviewer, check = client_as("Revisión"), PolicyQuestion.validate_unique
        checks = []

        def too_early(question: PolicyQuestion, exclude: Any = None) -> None:
            checks.append(question)
            if len(checks) > 1:
                check(question, exclude)

        make_question(slug="prueba")
        monkeypatch.setattr(PolicyQuestion, "validate_unique", too_early)
        response = sent(reviewer, ADD, **filled_in(slug="prueba", question_es="¿Recién escrita?"))
        assert len(checks) == 2
        assert response.status_code == 200
        assert "¿Recién escrita?" in response.content.decode()
        assert "errorlist" in response.content.decode()
        assert PolicyQuestion.objects.count() == 1

    def test_a_draft_needs_the_question_alone(self):
        reviewer = client_as("Revisión")
        assert sent(reviewer, ADD, slug="borrador", question_es="¿Qué?").status_code == 302
        assert not PolicyQuestion.objects.get().is_published

    def test_a_new_review_rests_on_the_studies_of_its_day(self):
        question = make_question()
        reviewer, study = client_as("Revisión"), make_study(stage=Stage.PUBLISHED)
        change = reverse("admin:studies_policyquestion_change", args=[question.pk])
        sent(reviewer, change, reviewed_on=f"{timezone.localdate():%d/%m/%Y}")
        question.refresh_from_db()
        assert question.seen_no == study.changed_no

    @pytest.mark.parametrize("query", ["studies=x", "studies=" + "9" * 30, "programmes=x", "reviewed_on=x"])
    def test_opens_whatever_its_address_says(self, query: str):
        assert client_as("Revisión").get(f"{ADD}?{query}").status_code == 200
