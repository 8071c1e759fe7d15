"""The table of interventions as a file: lines, order and filters of the page, numbers as numbers."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from search.web.evidence.intervention_index import intervention_list
from search.web.evidence.intervention_rows import InterventionRow
from studies.store import vocabularies
from studies.store.changes import vocabulary_change
from tests.factories import make_intervention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

QUERIES = ("", "order=name", "order=nearness&theme=prevention", "outcome=ipv-physical&place=peru", "order=nada")


def rows_of_page(query: str) -> list[InterventionRow]:
    data = dict(part.split("=") for part in query.split("&") if part)
    return [row for group in intervention_list(vocabularies.current(), "es", data).groups for row in group.rows]


def read_csv(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/intervenciones/tabla.csv?{query}")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="intervenciones.csv"'
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


def read_workbook(client: Client, path: str = "/intervenciones/tabla.xlsx", query: str = "") -> Any:
    return load_workbook(io.BytesIO(client.get(f"{path}?{query}").content))


@pytest.mark.parametrize("query", QUERIES)
def test_both_have_the_lines_of_the_page_in_its_order(client: Client, query: str):
    codes = [row.code for row in rows_of_page(query)]
    assert [line["intervention"] for line in read_csv(client, query)] == codes
    sheet = read_workbook(client, query=query).worksheets[0]
    assert [cell.value for cell in sheet["A"][1:]] == codes


def test_both_have_the_numbers_of_the_page(client: Client):
    lines = {line["intervention"]: line for line in read_csv(client)}
    head, *cells = read_workbook(client).worksheets[0].iter_rows(values_only=True)
    for row, own in zip(rows_of_page(""), cells, strict=True):
        line = lines[row.code]
        told = dict(zip(head, own, strict=True))
        assert told["Evaluaciones"] == int(line["evaluations"]) == row.evaluations.number
        assert told["Evaluaciones que informan de algún daño"] == row.harms.number
        assert (told["Razón más baja"], told["Razón más alta"]) == (row.ratios or (None, None))
        assert line["ratio_low"] == ("" if row.ratios is None else f"{row.ratios[0]:g}")
        if row.violence:
            assert told["Hacia dónde apunta"].split() == str(row.directions).split()


def test_an_intervention_without_evaluation_is_a_line_that_says_so(client: Client):
    code = make_intervention().code
    (line,) = (line for line in read_csv(client) if line["intervention"] == code)
    assert line["direction"] == "Ninguna evaluación en este banco"
    assert (line["evaluations"], line["ratio_low"], line["nearest"]) == ("0", "", "")


def test_the_workbook_tells_where_when_and_how_to_read_it(client: Client):
    notes = dict(read_workbook(client, query="order=name&theme=prevention").worksheets[1].iter_rows(values_only=True))
    assert notes["Dirección"].endswith("/intervenciones/?order=name&theme=prevention")
    assert notes["Tema"] == "Prevención de la violencia"
    assert "no se promedian" in notes["Cómo leerla"]
    assert "que no es una búsqueda sistemática" in notes["Alcance"]
    assert notes["Licencia"].startswith("CC BY")


def test_is_in_english_too(client: Client):
    book = read_workbook(client, "/en/interventions/table.xlsx")
    assert book.sheetnames == ["Interventions", "Notes"]
    assert "No evaluation in this bank" in {cell.value for cell in book.worksheets[0]["E"]}


@pytest.mark.parametrize("label", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "#N/A"])
def test_runs_no_text_as_a_formula(client: Client, label: str):
    made = make_intervention()
    with vocabulary_change():
        made.label_es = label
        made.save()
    (cell,) = (cell for cell in read_workbook(client).worksheets[0]["B"] if cell.value == label)
    assert cell.data_type == "s"
    (line,) = (line for line in read_csv(client) if line["intervention"] == made.code)
    assert line["intervention_label"] == (label if label.startswith("#") else f"'{label}")


@pytest.mark.parametrize("ext", ["pdf", "docx", "xls", "json"])
def test_another_kind_of_file_is_not_found(client: Client, ext: str):
    assert client.get(f"/intervenciones/tabla.{ext}").status_code == 404


def test_asks_the_queries_of_the_page(client: Client, django_assert_num_queries: Any):
    client.get("/intervenciones/tabla.csv")
    for ext in ("csv", "xlsx"):
        with django_assert_num_queries(3):
            client.get(f"/intervenciones/tabla.{ext}")


def test_is_linked_from_the_page_with_order_and_filters(client: Client):
    html = client.get("/intervenciones/?order=name&theme=attention&population=nada").content.decode()
    assert 'href="/intervenciones/tabla.xlsx?order=name&amp;theme=attention"' in html
    assert 'href="/intervenciones/tabla.csv?order=name&amp;theme=attention"' in html
