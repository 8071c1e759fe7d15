"""What the public reads of the texts of people, wherever it reads: nothing that two people do not stand for."""

from __future__ import annotations

import pytest
from django.test import Client

from studies.learning import reviewed_texts
from studies.models import Stage
from tests.factories import make_study, user_with_role, withdraw
from tests.studies.admin.test_answers import client_as
from tests.studies.learning.test_policy_questions import make_question
from tests.studies.learning.texts_factory import make_certainty, make_conclusion, make_safety_note, published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

SECRET = "zarzaparrilla"
PUBLIC = (
    "/",
    "/intervenciones/",
    "/intervenciones/shelter/",
    "/en/interventions/shelter/",
    "/temas/attention/",
    "/en/themes/attention/",
    "/evidencia/?intervention=shelter",
    "/ficha/?intervention=shelter",
    "/en/brief/?intervention=shelter",
    "/preguntas/talleres-con-hombres/",
    "/en/questions/talleres-con-hombres/",
    "/api/v1/studies/?intervention=shelter",
    "/api/v1/taxonomy/",
)


class TestNobodyOutsideReads:
    @pytest.mark.parametrize("role", [None, "Curaduría", "Administración"])
    def test_a_draft_one_in_review_or_one_that_was_withdrawn(self, role: str | None):
        question = make_question()
        make_conclusion(author_name=SECRET)
        for row in (make_conclusion(question=question, author_name=SECRET), make_certainty(author_name=SECRET)):
            reviewed_texts.move(row, "send", by=row.writers.get())
        note = published(make_safety_note(author_name=SECRET, text_es=SECRET, text_en=SECRET))
        reviewed_texts.move(note, "withdraw", by=user_with_role("Revisión"), note=SECRET)
        client = client_as(role) if role else Client()
        for path in PUBLIC:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert SECRET not in answer.content.decode().lower(), path
        found = client.get("/estudios/", {"q": SECRET}).content.decode()
        assert "Una oración de prueba" not in found

    def test_what_was_typed_by_one_of_the_team_as_a_link(self):
        typed = "\x02Aquí\x1fjavascript:alert(1)\x03 <script>alert(2)</script>"
        row = make_conclusion()
        row.sentences.update(text_es=typed)
        published(row)
        html = Client().get("/intervenciones/shelter/").content.decode()
        assert 'href="javascript' not in html
        assert "<script>alert" not in html


class TestAStudyUnderATextThatWasWithdrawn:
    @pytest.mark.parametrize("path", ["/intervenciones/shelter/", "/en/interventions/shelter/"])
    def test_is_not_named_and_the_text_is_marked(self, path: str):
        study = make_study(stage=Stage.PUBLISHED, title="Zarzaparrilla", title_es="Zarzaparrilla", title_en=None)
        for make in (make_conclusion, make_certainty, make_safety_note):
            published(make(study))
        withdraw(study)
        html = Client().get(path).content.decode()
        assert SECRET not in html.lower()
        assert study.slug not in html
        marked = "Por revisar desde" if path.startswith("/i") else "To be reviewed since"
        assert html.count(marked) >= 3

    def test_nor_on_the_page_of_a_question(self):
        study, question = make_study(stage=Stage.PUBLISHED, title_es="Zarzaparrilla"), make_question()
        published(make_conclusion(study, question=question))
        before = Client().get("/preguntas/talleres-con-hombres/").content.decode()
        assert "Zarzaparrilla" in before
        assert "Escribió Ana Prueba, oficina de prueba; revisó Eva Prueba." in before
        assert "A made-up sentence." in Client().get("/en/questions/talleres-con-hombres/").content.decode()
        withdraw(study)
        after = Client().get("/preguntas/talleres-con-hombres/").content.decode()
        assert "Zarzaparrilla" not in after
        assert "Por revisar desde" in after
