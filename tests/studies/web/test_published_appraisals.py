"""What others published about a study: as they said it, with its source, and never as the bank's own."""

from __future__ import annotations

from typing import Any

import pytest

from studies.models import Stage
from studies.records.published_appraisal import PublishedAppraisalRecord
from tests.factories import make_study
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.web.test_study import page, shown, text

pytestmark = pytest.mark.django_db


def published(**changes: Any) -> PublishedAppraisalRecord:
    values: dict[str, Any] = {
        "instrument": "Herramienta de otros",
        "version": "2.1",
        "judges": "bias",
        "result": "violencia física",
        "overall": "unclear",
        "domains": {"allocation": "high"},
        "by": "Una revisión (2013)",
        "where": "tabla 4",
        "url": "https://www.revision.example/tabla",
        "licence": "CC BY 4.0",
    }
    return PublishedAppraisalRecord(**{**values, **changes})


class TestJudgementsOfOthers:
    def test_say_who_where_with_what_and_on_which_result(self, client):
        html = shown(client, appraisals=(published(),))
        words = text(html[html.index('id="juicios"') :])
        for said in (
            "Herramienta de otros, 2.1",
            "Juicio global: «unclear».",
            "Sobre el resultado: violencia física",
            "allocation high",
            "Juicio de: Una revisión (2013).",
            "Dónde: tabla 4.",
            "Licencia: CC BY 4.0.",
        ):
            assert said in words
        assert 'href="https://www.revision.example/tabla" rel="noreferrer">revision.example</a>' in html

    def test_are_not_those_of_the_bank(self, client):
        html = shown(client, appraisals=(published(risk_of_bias="high"),))
        assert "Calidad: aún sin revisar" in html
        assert "judged--high" not in html
        assert "Evaluación de calidad" not in html[html.index("<h1") :].split("</h2>")[0]
        assert 'href="#juicios">Otros publicaron su juicio</a>' in html
        assert "En el filtro de este banco cuenta como «Riesgo de sesgo alto»." in text(html)

    def test_stand_below_the_banks_own_in_a_section_apart(self, client):
        html = shown(client, own_appraisals=(appraisal_record(),), appraisals=(published(),))
        assert html.index('id="calidad"') < html.index('id="juicios"')
        assert "judged--low" in html

    def test_are_quoted_as_english_does_on_the_english_page(self, client):
        study = make_study(stage=Stage.PUBLISHED, appraisals=(published(),))
        assert "Overall judgement: “unclear”." in text(page(client, f"/en/studies/{study.slug}/"))

    def test_without_an_overall_one_say_so(self, client):
        assert "Sin juicio global" in shown(client, appraisals=(published(overall=None),))

    def test_are_printed_as_text(self, client):
        html = shown(client, appraisals=(published(by="<script>alert(1)</script>", domains={"<b>x</b>": "<i>y</i>"}),))
        assert "<script>alert" not in html
        assert "<b>x</b>" not in html


class TestRatingsOfEffect:
    def test_are_what_others_concluded_and_no_judgement_of_bias(self, client):
        rating = published(judges="effect", overall="Promising", domains={}, result=None)
        html = shown(client, appraisals=(rating,))
        assert "Lo que otros concluyeron" in html
        assert "«Promising»" in html
        assert "Juicios publicados por otros" not in html
        assert "Otros publicaron su juicio" not in html
