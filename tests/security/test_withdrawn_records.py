"""A stranger asks feeds and comparisons what a withdrawn record says, by criteria that it meets or does not meet."""

from __future__ import annotations

import datetime
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from studies.models import Stage, Study
from studies.store import bank_state
from tests.factories import make_study, withdraw
from tests.studies.records_factory import author, finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

SECRET = "Zarzaparrilla"
NEXT_YEAR = datetime.datetime.now(tz=datetime.UTC).year + 1
"""The latest that a study may say of itself: nothing of the bank is newer."""
QUESTIONS: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"q": SECRET}, {"q": "Xilofonista"}),
    ({"q": "zarzap*"}, {"q": "zarzaq*"}),
    ({"q": f"autor:{SECRET}"}, {"q": "autor:Xilofonista"}),
    ({"country": "UG", "year_from": NEXT_YEAR}, {"country": "PE", "year_from": NEXT_YEAR}),
    ({"year_from": NEXT_YEAR}, {"year_from": NEXT_YEAR + 1}),
    ({"outcome": "ipv-sexual", "year_from": NEXT_YEAR}, {"outcome": "employment", "year_from": NEXT_YEAR}),
)
"""Pairs of criteria that find no study of today: the first of each finds the withdrawn record, the second does not."""


@pytest.fixture
def gone() -> Study:
    return make_study(
        stage=Stage.PUBLISHED,
        title=SECRET,
        title_es=SECRET,
        title_en=SECRET,
        authors=(author(SECRET),),
        year=NEXT_YEAR,
        countries=("UG",),
        outcomes=("ipv-sexual",),
        findings=(finding(outcome="ipv-sexual"),),
    )


def tombstones(client: Client, path: str, criteria: dict[str, Any]) -> bytes:
    """Return the entries of a feed byte by byte: all are tombstones, as no study of today meets the criteria."""
    content = client.get(f"{path}?{urlencode(criteria)}").content
    return b"".join(re.findall(rb"<entry>.*?</entry>", content, re.DOTALL))


@pytest.mark.parametrize("path", ["/feeds/estudios.atom", "/feeds/studies.atom"])
@pytest.mark.parametrize(("meets", "misses"), QUESTIONS)
def test_a_feed_says_the_same_whether_the_record_meets_the_criteria(
    client: Client, gone: Study, path: str, meets: dict[str, Any], misses: dict[str, Any]
):
    assert SECRET.encode() in tombstones(client, path, meets)  # published, it is found by them
    assert not tombstones(client, path, misses)
    withdraw(gone)
    told = tombstones(client, path, meets)
    assert gone.slug.encode() in told
    assert told == tombstones(client, path, misses) == tombstones(client, path, {"q": "xilofonista"})
    assert SECRET.lower().encode() not in told.lower()


@pytest.mark.parametrize(("meets", "misses"), QUESTIONS)
def test_a_comparison_says_the_same_whether_the_record_meets_the_criteria(
    client: Client, gone: Study, meets: dict[str, Any], misses: dict[str, Any]
):
    bank_state.clear_cache()
    published_at = bank_state.current().change_no
    withdraw(gone)

    def compared(criteria: dict[str, Any]) -> str:
        html = client.get(f"/registro-de-busqueda/?{urlencode(criteria)}&since={published_at}").content.decode()
        return html[html.index('aria-labelledby="cambios"') : html.index('aria-labelledby="registro"')]

    told = compared(meets)
    assert gone.slug in told
    assert SECRET not in told
    assert told == compared(misses)
