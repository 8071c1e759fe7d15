"""Searches of policy questions: those of this bank are counted as they are recorded, those made elsewhere are typed."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.db.utils import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from search.services import public_search
from studies.models import PolicyQuestion, QuestionSearch, Stage
from studies.store import bank_state
from tests.factories import make_study, publish, user_with_role, withdraw
from tests.studies.admin_forms import form_values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

PAGE = "/preguntas/hombres/"
BOLIVIA = Criteria(chosen={"country": ("BO",)})
TODAY = f"{timezone.localdate():%d/%m/%Y}"


def make_question(**changes: Any) -> PolicyQuestion:
    values = {
        "slug": "hombres",
        "question_es": "¿Qué se sabe?",
        "answer_es": "Hay ensayos.",
        "reviewed_by": "Equipo",
        "reviewed_on": datetime.date(2026, 11, 2),
        "sources": ["https://example.org/pedido"],
        "is_published": True,
    }
    return PolicyQuestion.objects.create(**{**values, **changes})


@pytest.fixture
def reviewer() -> Client:
    client = Client()
    client.force_login(user_with_role("Revisión"))
    return client


def address(question: PolicyQuestion) -> str:
    return reverse("admin:studies_policyquestion_change", args=[question.pk])


def sent(client: Client, question: PolicyQuestion, **fields: Any) -> str:
    """Send the form of a question with fields of its searches, and give the page that comes back, "" when it is saved.

    `criteria` is that of the first row, `criteria_1` that of the second.
    """
    values = form_values(client.get(address(question)).content.decode(), "policyquestion_form")
    for name, value in fields.items():
        field, _, row = name.rpartition("_") if name[-1].isdigit() else (name, "", "0")
        values[f"searches-{row}-{field}"] = value
    response = client.post(address(question), values)
    return "" if response.status_code == 302 else response.content.decode()


def errors(html: str) -> str:
    return " ".join(re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', html, re.DOTALL))


def now() -> int:
    bank_state.clear_cache()
    return bank_state.current().change_no


class TestRecording:
    def test_counts_as_the_list_of_the_public_with_the_version_of_the_bank(self, reviewer, settings):
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "banco.example.pe"]
        question = make_question()
        pasted = "https://banco.example.pe/estudios/?country=BO&page=3&q=violencia#lista"
        counted_at = now()
        assert sent(reviewer, question, criteria=pasted) == ""
        search = question.searches.get()
        public = public_search.search(Criteria(q="violencia", chosen={"country": ("BO",)})).total
        assert (search.criteria, search.found) == ("q=violencia&country=BO", public)
        assert (search.made_on, search.change_no) == (timezone.localdate(), counted_at)
        # What is public of a question is a version of the bank of its own.
        assert now() == counted_at + 1
        assert search.vocabulary_no == bank_state.current().vocabulary_no

    def test_counts_published_studies_alone(self, reviewer):
        question, before = make_question(), public_search.count(BOLIVIA)
        draft = make_study(countries=("BO",))
        make_study(countries=("BO",), stage=Stage.IN_REVIEW)
        withdraw(make_study(countries=("BO",), stage=Stage.PUBLISHED))
        sent(reviewer, question, criteria="country=BO")
        publish(draft)
        assert question.searches.get().found == before

    def test_of_all_studies_needs_the_day_alone(self, reviewer):
        question = make_question()
        assert sent(reviewer, question, made_on=TODAY) == ""
        search = question.searches.get()
        assert (search.criteria, search.found) == ("", public_search.count(Criteria()))

    @pytest.mark.parametrize(
        "pasted", ["/estudios/", "http://localhost:8000/en/studies/", "localhost/estudios/?page=2"]
    )
    def test_of_all_studies_needs_their_address_alone(self, reviewer, pasted: str):
        question = make_question()
        assert sent(reviewer, question, criteria=pasted) == ""
        search = question.searches.get()
        assert (search.criteria, search.found) == ("", public_search.count(Criteria()))

    def test_reads_criteria_that_are_typed_without_their_address(self, reviewer):
        question = make_question()
        assert sent(reviewer, question, criteria="q=qué funciona?&country=BO") == ""
        assert question.searches.get().criteria == "q=qu%C3%A9+funciona%3F&country=BO"

    def test_takes_no_number_from_who_records_it(self, reviewer):
        question = make_question()
        sent(reviewer, question, criteria="country=BO", found="9999")
        assert question.searches.get().found == public_search.count(BOLIVIA)

    def test_saved_again_stays_as_it_was_counted(self, reviewer):
        question = make_question()
        sent(reviewer, question, criteria="country=BO")
        held = question.searches.values().get()
        make_study(countries=("BO",), stage=Stage.PUBLISHED)
        assert sent(reviewer, question) == ""
        assert question.searches.values().get() == held
        assert "Se contó el" in errors(sent(reviewer, question, found="3"))
        assert "Se contó el" in errors(sent(reviewer, question, made_on="01/02/2026"))
        assert question.searches.values().get() == held

    def test_with_other_criteria_is_counted_anew(self, reviewer):
        question = make_question()
        sent(reviewer, question, criteria="country=BO")
        make_study(countries=("BO",), stage=Stage.PUBLISHED)
        counted_at = now()
        assert sent(reviewer, question, criteria="country=PE") == ""
        search = question.searches.get()
        assert search.found == public_search.count(Criteria(chosen={"country": ("PE",)}))
        assert search.change_no == counted_at

    def test_the_same_twice_on_a_day_is_told(self, reviewer):
        question = make_question()
        sent(reviewer, question, criteria="country=BO")
        assert errors(sent(reviewer, question, criteria_1="/estudios/?country=BO&sort=title"))
        assert question.searches.count() == 1

    def test_the_same_twice_at_once_is_told_in_words(self, reviewer):
        question = make_question()
        values = form_values(reviewer.get(address(question)).content.decode(), "policyquestion_form")
        values |= {f"searches-1-{name}": "" for name in ("id", "elsewhere", "made_on", "found")}
        values |= {"searches-TOTAL_FORMS": "2", "searches-0-criteria": "q=a", "searches-1-criteria": "/estudios/?q=a"}
        told = errors(reviewer.post(address(question), values).content.decode())
        assert "Una misma búsqueda se registra una sola vez al día." in told
        assert "made_on" not in told
        assert not question.searches.exists()

    def test_made_elsewhere_keeps_its_typed_number(self, reviewer):
        question = make_question()
        typed = {"elsewhere": "PubMed: violence AND men", "made_on": "01/02/2026", "found": "1312"}
        assert sent(reviewer, question, **typed) == ""
        search = question.searches.get()
        assert (search.elsewhere, search.found, search.change_no) == ("PubMed: violence AND men", 1312, None)
        assert sent(reviewer, question, found="1313") == ""
        assert question.searches.get().found == 1313

    def test_typed_before_numbers_were_counted_stays_until_its_criteria_change(self, reviewer):
        question = make_question()
        question.searches.create(made_on=datetime.date(2026, 2, 1), criteria="country=BO&q=violencia", found=12)
        assert sent(reviewer, question) == ""
        assert sent(reviewer, question, made_on="02/02/2026") == ""
        search = question.searches.get()
        assert (search.found, search.change_no, search.made_on.day) == (12, None, 2)

    @pytest.mark.parametrize("change_no", [None, 3])
    @pytest.mark.parametrize(
        "criteria",
        ["country=ZZ", "programme=ya-no-existe&country=BO", "without=ya-no-existe", "utm_source=x&q=a", "q=a&q=b"],
    )
    def test_stays_though_its_criteria_would_be_refused_today(self, reviewer, criteria: str, change_no: int | None):
        question = make_question()
        question.searches.create(made_on=datetime.date(2026, 2, 1), criteria=criteria, found=12, change_no=change_no)
        held = question.searches.values().get()
        assert sent(reviewer, question) == ""
        assert question.searches.values().get() == held
        assert errors(sent(reviewer, question, criteria=f"{criteria}&pais=PE"))
        assert question.searches.values().get() == held

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"criteria": "https://example.org/otra/?q=a"}, "Si se buscó en otro sitio"),
            ({"criteria": "https://example.org/estudios/?q=a"}, "Si se buscó en otro sitio"),
            ({"criteria": "example.org/estudios/?q=a"}, "Si se buscó en otro sitio"),
            ({"criteria": "http://[/estudios/?q=a"}, "Si se buscó en otro sitio"),
            ({"criteria": "without=nada"}, "«without» no tiene la opción «nada»."),
            ({"criteria": "country=ZZ"}, "«country» no tiene la opción «ZZ»."),
            ({"criteria": "pais=PE"}, "«pais» no es un criterio"),
            ({"criteria": "year_from=ayer"}, "«year_from»: es un número entero"),
            ({"criteria": "q=a&q=b"}, "«q»: va una sola vez."),
            ({"criteria": "q=" + "a" * 400}, "pasa de 300 caracteres"),
            ({"criteria": "a=1&" * 300}, "demasiados criterios"),
            ({"criteria": "country=BO", "made_on": "01/02/2026"}, "se cuenta hoy: deje la fecha vacía"),
            ({"criteria": "country=BO", "elsewhere": "PubMed", "found": "3"}, "deje uno de los dos vacío"),
            ({"elsewhere": "PubMed", "made_on": "01/02/2026"}, "Escriba cuántos estudios halló."),
            ({"elsewhere": "PubMed", "found": "3"}, "Escriba cuándo se buscó."),
            ({"elsewhere": "x" * 601, "found": "3", "made_on": "01/02/2026"}, "600"),
            ({"criteria": "country=BO", "made_on": "mañana"}, "fecha"),
            ({"criteria": "country=BO", "made_on": "01/02/2999"}, "Esta fecha todavía no ha llegado."),
        ],
    )
    def test_says_what_is_wrong_and_loses_nothing(self, reviewer, fields: dict[str, str], sentence: str):
        question = make_question()
        html = sent(reviewer, question, **fields)
        assert sentence in errors(html)
        assert not QuestionSearch.objects.exists()
        kept = form_values(html, "policyquestion_form")
        assert {name: kept[f"searches-0-{name}"][0] for name in fields} == fields
        assert kept["answer_es"] == ["Hay ensayos."]

    def test_with_a_place_that_is_too_long_is_not_taken_for_one_of_this_bank(self, reviewer):
        html = sent(reviewer, make_question(), elsewhere="x" * 601, found="3", made_on="01/02/2026")
        assert "se cuenta hoy" not in errors(html)

    def test_without_an_index_says_that_it_cannot_count(self, reviewer, monkeypatch):
        monkeypatch.setattr(indexing, "get_engine", lambda: MemoryEngine(FACET_PARAMETERS))
        question = make_question()
        assert "no se puede contar" in errors(sent(reviewer, question, criteria="country=BO"))
        assert not question.searches.exists()

    def test_is_for_who_may_change_programmes(self):
        question, curator = make_question(), Client()
        curator.force_login(user_with_role("Curaduría"))
        question.searches.create(made_on=datetime.date(2026, 2, 1), criteria="country=BO", found=12, change_no=1)
        html = curator.get(address(question)).content.decode()
        assert 'name="searches-0-criteria"' not in html
        assert "country=BO" in html
        assert curator.post(address(question), {}).status_code == 403

    def test_is_of_this_bank_or_of_another_place(self):
        with pytest.raises(IntegrityError, match="question_search_here_or_elsewhere"):
            make_question().searches.create(
                made_on=datetime.date(2026, 2, 1), criteria="q=a", elsewhere="PubMed", found=1
            )


class TestThePage:
    def row(self, client: Client, path: str = PAGE) -> str:
        html = client.get(path).content.decode()
        return html[html.index("<tbody>") : html.index("</tbody>")]

    def test_shows_version_and_number_with_the_list(self, client, reviewer):
        question = make_question()
        counted_at = now()
        sent(reviewer, question, criteria="country=BO")
        row = self.row(client)
        assert '<a href="/estudios/?country=BO">País: Bolivia</a>' in row
        assert f"En este banco, versión {counted_at}" in row.replace("\u202f", "")
        assert "hoy:" not in row

    def test_tells_how_many_there_are_today_where_that_differs(self, client, reviewer):
        question = make_question()
        sent(reviewer, question, criteria="country=BO")
        then, words = question.searches.get().change_no, bank_state.current().vocabulary_no
        make_study(countries=("BO",), stage=Stage.PUBLISHED)
        make_study(countries=("BO",))
        link = f"/registro-de-busqueda/?country=BO&amp;since={then}&amp;words={words}"
        (shown,) = re.findall(rf'hoy: <a href="{re.escape(link)}"[^>]*>(.*?)</a>', self.row(client))
        # What is hidden tells those who hear the link what it counts.
        assert re.sub(r"<span.*?</span>", "", shown).strip() == str(public_search.count(BOLIVIA))
        assert public_search.count(BOLIVIA) == question.searches.get().found + 1
        assert client.get(link.replace("&amp;", "&")).status_code == 200
        english = self.row(client, "/en/questions/hombres/")
        assert "today: <a" in english
        assert "In this bank, version" in english

    def test_leads_to_the_list_where_no_version_is_known(self, client):
        make_question().searches.create(made_on=datetime.date(2026, 2, 1), criteria="country=BO", found=0)
        assert 'hoy: <a href="/estudios/?country=BO">' in self.row(client)

    def test_shows_as_text_what_was_made_elsewhere(self, client):
        make_question().searches.create(
            made_on=datetime.date(2026, 2, 1), elsewhere="PubMed: <b>violence</b>", found=1312
        )
        row = self.row(client)
        assert "PubMed: &lt;b&gt;violence&lt;/b&gt;" in row
        assert "Fuera de este banco" in row
        assert "<a" not in row
        assert "hoy:" not in row
        assert "1\u202f312" in row

    def test_without_an_index_shows_what_was_counted(self, client, monkeypatch):
        monkeypatch.setattr(indexing, "get_engine", lambda: MemoryEngine(FACET_PARAMETERS))
        make_question().searches.create(made_on=datetime.date(2026, 2, 1), criteria="country=BO", found=0)
        assert "hoy:" not in self.row(client)

    def test_asks_nothing_more_of_the_database_for_more_searches(self, client, django_assert_num_queries):
        question = make_question()
        for number in range(6):
            question.searches.create(made_on=datetime.date(2026, 2, 1 + number), criteria="country=BO", found=0)
        client.get(PAGE)
        with django_assert_num_queries(6):
            client.get(PAGE)
