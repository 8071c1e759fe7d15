"""Effects by outcome as page and files show them, on made-up evaluations."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from studies.models import Stage
from tests.factories import make_intervention, make_study
from tests.html_pages import page_of, parts, text_of
from tests.studies.records_factory import finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

SVG = "{http://www.w3.org/2000/svg}"


def evaluate(code: str, *findings: Any, **changes: Any) -> None:
    """Publish an evaluation of an intervention for each finding."""
    for each in findings:
        make_study(stage=Stage.PUBLISHED, interventions=(code,), findings=(each,), **changes)


@pytest.fixture
def code() -> str:
    return make_intervention().code


class TestThePage:
    def test_says_in_words_which_side_is_less_violence(self, client: Client, code: str):
        evaluate(code, finding(), finding(value=1.2, ci_low=0.9, ci_high=1.6, effect="no-effect"))
        (section,) = page_of(client, f"/intervenciones/{code}/").xpath(".//section[@aria-labelledby='por-resultado']")
        told = text_of(section)
        assert "← menos violencia" in told
        assert "más violencia →" in told

    def test_has_in_its_table_what_the_plot_draws(self, client: Client, code: str):
        evaluate(code, finding(), finding(value=0.8, ci_low=None, ci_high=None, ci_level=None))
        (section,) = page_of(client, f"/intervenciones/{code}/").xpath(".//section[@aria-labelledby='por-resultado']")
        assert len(section.xpath(".//tbody/tr")) == 2
        assert len(parts(section, "plot__box")) == 1
        assert "0,7 [0,5; 0,9]" in text_of(section)
        assert len(parts(section, "plot__open")) == 1

    def test_names_whom_it_cannot_draw_and_why(self, client: Client, code: str):
        no_number = {"measure": None, "value": None, "ci_low": None, "ci_high": None, "ci_level": None}
        evaluate(code, finding(), finding(), finding(**no_number))
        make_study(
            stage=Stage.PUBLISHED,
            interventions=(code,),
            findings=(finding(**no_number), finding(subgroup_es="jóvenes", subgroup_en="young women")),
        )
        (section,) = page_of(client, f"/intervenciones/{code}/").xpath(".//section[@aria-labelledby='por-resultado']")
        told = text_of(section)
        assert "Sin cifra que dibujar: violencia física de pareja: " in told
        assert "Sin cifra en el hallazgo que habla por la evaluación, aunque sí en otro de los suyos: " in told

    def test_has_no_figure_of_a_single_estimate(self, client: Client, code: str):
        evaluate(code, finding())
        assert not page_of(client, f"/intervenciones/{code}/").xpath(".//section[@aria-labelledby='por-resultado']")
        assert client.get(f"/evidencia/figura.svg?intervention={code}").status_code == 404

    def test_never_counts_what_is_not_published(self, client: Client, code: str):
        evaluate(code, finding())
        make_study(stage=Stage.DRAFT, interventions=(code,), findings=(finding(),))
        assert client.get(f"/evidencia/figura.svg?intervention={code}").status_code == 404


class TestTheFile:
    @pytest.mark.parametrize(
        ("path", "source"), [("/evidencia/figura.svg", "Fuente:"), ("/en/evidence/figure.svg", "Source:")]
    )
    def test_says_what_it_is_of_which_studies_and_where_from(self, client: Client, code: str, path: str, source: str):
        evaluate(code, finding(), finding())
        svg = ElementTree.fromstring(client.get(f"{path}?intervention={code}").content)
        told = " ".join(" ".join(svg.itertext()).split())
        assert source in told
        assert "CC BY 4.0" in told
        assert svg.find(f"{SVG}style") is not None

    def test_draws_a_mean_on_the_line_of_its_interval(self, client: Client, code: str):
        ratios = ((0.6, 0.42, 0.86), (0.7, 0.5, 0.98), (0.9, 0.7, 1.16))
        numbers = (finding(comparator="nothing", value=value, ci_low=low, ci_high=high) for value, low, high in ratios)
        evaluate(code, *numbers)
        svg = ElementTree.fromstring(client.get(f"/evidencia/figura.svg?intervention={code}&forest=1").content)
        style = svg.findtext(f"{SVG}style") or ""
        assert ".plot__mean { stroke:" in style
        lines = [each for each in svg.iter(f"{SVG}line") if "plot__mean" in each.get("class", "")]
        assert len(lines) == 1
        low, high = (float(lines[0].get(end, "")) for end in ("x1", "x2"))
        assert low < high
        told = " ".join(svg.itertext())
        assert "Rombo negro: promedio, sobre la línea de su intervalo." in told

    def test_of_data_has_what_is_drawn_and_what_is_not(self, client: Client, code: str):
        evaluate(code, finding(), finding(), finding(measure="Cohen d", value=-0.2, ci_low=-0.4, ci_high=-0.1))
        evaluate(code, finding(measure=None, value=None, ci_low=None, ci_high=None, ci_level=None))
        answer = client.get(f"/evidencia/datos.csv?intervention={code}&table=outcomes")
        rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))  # type: ignore[arg-type]
        assert [(row["panel"], row["not_drawn"]) for row in rows] == [
            ("ratio", ""),
            ("ratio", ""),
            ("standardised", "alone"),
            ("", "no-number"),
        ]
        assert rows[0]["good_side"] == "less-violence-left"

    def test_has_no_share_of_a_width_which_office_programs_do_not_read(self, client: Client, code: str):
        evaluate(code, finding(comparator="nothing"), finding(comparator="nothing"))
        for query in ("", "&forest=1"):
            svg = client.get(f"/evidencia/figura.svg?intervention={code}{query}").content.decode()
            assert "plot__box" in svg
            assert not re.search(r'\b(x|x1|x2|cx)="[\d.]+%"', svg)
            assert '<svg x="' not in svg
