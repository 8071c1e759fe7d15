"""Answers on made-up records: texts with markup, links and signs of every format, and many studies."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studies.models import Stage
from studies.records.finding import ArmRecord
from studies.records.study import CostRecord
from studies.text.characters import is_storable
from tests.factories import make_intervention, make_study
from tests.html_pages import page_of
from tests.studies.hard_records import TEXTS
from tests.studies.records_factory import finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

FORGED = "a\x02aquí\x1f//example.org/x\x03b [aquí](javascript:alert(2)) %(number)s {{ page_url }}"
TYPED = {name: text for name, text in {**TEXTS, "forged link": FORGED}.items() if "\x00" not in text}
"""All but the character that no database of ours holds."""
OUTCOMES = ("ipv-physical", "ipv-any", "mental-health", "reporting")


def make_hard_study(number: int, text: str) -> None:
    """Make a published evaluation of the made-up intervention whose every text of an answer is `text`."""
    words = dict.fromkeys(("statement_es", "statement_en"), text)
    short = dict.fromkeys(
        ("arm_es", "arm_en", "subgroup_es", "subgroup_en", "comparator_es", "comparator_en"), text[:300]
    )
    name = text[:200] if is_storable(text) else "intervention"
    arms = (ArmRecord(arm=name, n=100, events=20), ArmRecord(arm="comparison", n=100, events=30))
    make_study(
        stage=Stage.PUBLISHED,
        id=f"dura-{number}",
        interventions=("xylophones",),
        outcomes=OUTCOMES,
        findings=tuple(finding(outcome=outcome, arms=arms, **words, **short) for outcome in OUTCOMES),
        harms="found",
        harms_es=text,
        harms_en=text,
        delivery_es=text,
        delivery_en=text,
        costs=(CostRecord(amount=74, currency="USD", year=2015, statement_es=text, statement_en=text),),
    )


@pytest.fixture
def _hard_bank(db: None) -> None:
    make_intervention()
    for number, text in enumerate(TYPED.values()):
        make_hard_study(number, text)


ASKED = "intervention=xylophones"
PAGES = [
    f"{start}{path}"
    for start, paths in {
        "": (
            "/intervenciones/xylophones/",
            f"/evidencia/?{ASKED}",
            "/intervenciones/?order=name",
            f"/comparar/?{ASKED}&intervention=helpline",
            f"/ficha/?{ASKED}",
        ),
        "/en": ("/interventions/xylophones/", f"/evidence/?{ASKED}", f"/brief/?{ASKED}"),
    }.items()
    for path in paths
]


@pytest.mark.usefixtures("_hard_bank")
class TestTextsOfRecords:
    def test_make_neither_markup_nor_links_on_any_page(self, client: Client):
        for address in PAGES:
            page = page_of(client, address)
            assert not page.xpath('//script[contains(., "alert(")]'), address
            addresses = [each.get("href") for each in page.findall(".//main//a[@href]")]
            assert addresses
            forged = [each for each in addresses if "example.org/x" in each or each.startswith(("javascript:", "//"))]
            assert forged == [], address

    def test_stand_in_a_word_file_that_is_well_formed(self, client: Client):
        answer = client.get(f"/ficha/ficha.docx?{ASKED}")
        assert answer.status_code == 200
        with ZipFile(io.BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content)) as file:
            assert file.testzip() is None
            assert b"<script" not in file.read("word/document.xml")

    def test_are_no_formulas_in_the_file_of_estimates(self, client: Client):
        answer = client.get(f"/evidencia/datos.csv?{ASKED}")
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
        assert len(rows) > len(TYPED)
        cells = set(itertools.chain.from_iterable(rows[1:]))
        assert [each for each in cells if each.startswith(("=", "@"))] == []


class TestManyStudies:
    def test_cost_the_queries_of_few(self, client: Client):
        make_intervention()
        counted = []
        for numbers in (range(3), range(3, 40)):
            for number in numbers:
                make_hard_study(number, "Un texto.")
            counted.append({address: count_queries(client, address) for address in PAGES})
        few, many = counted
        assert {address: (few[address], number) for address, number in many.items() if number > few[address]} == {}


def count_queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        answer: Any = client.get(address)
    assert answer.status_code == 200
    return len(asked)
