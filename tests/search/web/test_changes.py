"""What changed in an answer since a version of the bank: studies, texts of people, and answers to odd requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from studies.models import BankCounter, Stage, Study
from tests.factories import edit, make_intervention, make_study, withdraw
from tests.html_pages import page_of, text_of
from tests.studies.learning.texts_factory import make_conclusion, published, term
from tests.studies.records_factory import author

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

PAGE = "/intervenciones/xylophones/"


@pytest.fixture
def study() -> Study:
    make_intervention()
    return make_study(stage=Stage.PUBLISHED, interventions=("xylophones",), authors=(author("Mamani"),))


def change_no() -> int:
    return BankCounter.current().change_no


def section(client: Client, address: str) -> Any:
    (found,) = page_of(client, address).xpath(".//section[@aria-labelledby='cambios']")
    return found


def told(client: Client, since: object, page: str = PAGE) -> str:
    return text_of(section(client, f"{page}?since={quote(str(since))}"))


class TestStudies:
    def test_that_came_since_are_named_with_their_day(self, client: Client, study: Study):
        before = change_no()
        make_study(stage=Stage.PUBLISHED, interventions=("xylophones",), authors=(author("Rojas"),))
        text = told(client, before)
        assert "Publicación en el banco: Rojas" in text
        assert "Mamani" not in text
        assert "entonces: 1; ahora: 2" in text

    def test_that_were_corrected_are_told_with_what_was_corrected(self, client: Client, study: Study):
        before = change_no()
        edit(study, summary_es="Otro resumen, corregido.")
        assert "Corrección de textos del banco: Mamani" in told(client, before)

    def test_that_were_withdrawn_are_counted_whatever_they_were_about(self, client: Client, study: Study):
        other = make_study(stage=Stage.PUBLISHED, interventions=("xylophones",), authors=(author("Rojas"),))
        elsewhere = make_study(stage=Stage.PUBLISHED, authors=(author("Quispe"),))
        before = change_no()
        for gone in (other, elsewhere):
            withdraw(gone)
        for page in (PAGE, "/evidencia/?country=PE", "/evidencia/?q=xilófonos"):
            address = f"{page}{'&' if '?' in page else '?'}since={before}"
            for found in page_of(client, address).xpath(".//section[@aria-labelledby='cambios']"):
                text = text_of(found)
                assert "De todo el banco se retiraron 2 estudios" in text
                assert not any(word in text for word in ("Rojas", "Quispe", other.slug, elsewhere.slug))

    def test_that_were_withdrawn_are_not_told_where_nobody_asked_since_when(self, client: Client, study: Study):
        withdraw(make_study(stage=Stage.PUBLISHED, interventions=("xylophones",)))
        assert "retir" not in text_of(section(client, PAGE))

    def test_of_other_answers_are_not_told(self, client: Client, study: Study):
        before = change_no()
        make_study(stage=Stage.PUBLISHED, authors=(author("Rojas"),))
        make_study(stage=Stage.PUBLISHED, authors=(author("Quispe"),))
        make_study(interventions=("xylophones",), authors=(author("Borrador"),))
        text = told(client, before)
        assert "No cambió ningún estudio" in text
        assert not any(name in text for name in ("Rojas", "Quispe", "Borrador"))

    def test_of_today_are_told_since_today_and_in_the_latest(self, client: Client, study: Study):
        assert "Publicación en el banco: Mamani" in told(client, timezone.localdate().isoformat())
        latest = text_of(section(client, PAGE))
        assert "Lo último que cambió" in latest
        assert "Publicación en el banco: Mamani" in latest

    def test_are_told_on_themes_and_of_criteria_too(self, client: Client, study: Study):
        before = change_no()
        edit(study, summary_es="Otro resumen, corregido.")
        for page in ("/temas/prevention/", "/evidencia/"):
            assert "Mamani" in told(client, before, page)
        (hidden,) = section(client, "/evidencia/?intervention=xylophones").xpath(".//input[@type='hidden']")
        assert (hidden.get("name"), hidden.get("value")) == ("intervention", "xylophones")


class TestTexts:
    def test_of_people_are_told_with_their_version(self, client: Client, study: Study):
        before = change_no()
        published(make_conclusion(study, term=term("xylophones")))
        assert "Conclusión: versión 1." in told(client, before)


class TestTheVersion:
    def test_is_kept_by_a_link(self, client: Client, study: Study):
        (link,) = section(client, PAGE).xpath(".//p[@class='note']/a/@href")
        assert link == f"?since={change_no()}"
        assert "No cambió ningún estudio" in text_of(section(client, f"{PAGE}{link}"))

    @pytest.mark.parametrize("given", ["nada", "2026-13-45", "²", "-1", "\x00", "9" * 40, "😀", "1;drop", "2026-1-1-1"])
    def test_that_cannot_be_read_is_answered_in_words(self, client: Client, study: Study, given: str):
        assert "no es una fecha ni un cambio del banco" in told(client, given)

    @pytest.mark.parametrize("given", ["2999-01-01", "9999-12-31", "99999999"])
    def test_that_is_still_to_come_is_answered_in_words(self, client: Client, study: Study, given: str):
        assert "aún no ha llegado" in told(client, given)

    @pytest.mark.parametrize("given", ["0", "0001-01-01"])
    def test_of_before_the_bank_tells_all(self, client: Client, study: Study, given: str):
        assert "Desde que empezó el banco" in told(client, given)
        assert "Mamani" in told(client, given)

    def test_of_picked_studies_or_none_is_not_asked(self, client: Client, study: Study):
        for address in (f"/evidencia/?id={study.slug}", "/evidencia/?q=xilofonista"):
            assert not page_of(client, address).xpath(".//section[@aria-labelledby='cambios']"), address
