"""The number of studies that filters will give, before they are applied."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from search.criteria.criteria import Criteria
from search.engines.memory.engine import MemoryEngine
from search.services import public_search

pytestmark = pytest.mark.django_db


def test_is_that_of_the_list_and_says_so_in_the_language_of_the_page(
    client: Client, memory_engine: MemoryEngine
) -> None:
    total = public_search.count(Criteria(q="alcohol", chosen={"theme": ("prevention",)}))
    given = {"q": "alcohol", "theme": "prevention", "sort": "title", "page": "3"}
    spanish = client.get("/estudios/total.json", given).json()
    assert spanish == {"total": total, "text": f"{total} estudios con lo marcado"}
    assert client.get("/en/studies/total.json", given).json()["text"] == f"{total} studies with what is ticked"


def test_costs_at_most_the_counter(client: Client, memory_engine: MemoryEngine) -> None:
    client.get("/estudios/total.json?q=alcohol")
    with CaptureQueriesContext(connection) as captured:
        client.get("/estudios/total.json?q=alcohol&country=PE")
    assert len(captured) <= 1


@pytest.mark.parametrize("query", ["q=%00", "q=(((", "year_from=abc", "country=" + "x" * 500, "page=-1", "sort=no"])
def test_any_criteria_have_an_answer(query: str, client: Client, memory_engine: MemoryEngine) -> None:
    assert client.get(f"/estudios/total.json?{query}").status_code == 200


def test_without_an_index_there_is_none(client: Client) -> None:
    assert client.get("/estudios/total.json?q=alcohol").json() == {"total": None, "text": ""}
