"""The address of a study answers with data where a client prefers it, and with its page to everybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from evidencebank.page_cache.memory import memory
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from studies.models import Stage, Study
from tests.factories import make_study, merge_studies, withdraw

CSL, BIBTEX = "application/vnd.citationstyles.csl+json", "application/x-bibtex"
RIS, JSON_LD = "application/x-research-info-systems", "application/ld+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
EXT_OF = {CSL: "json", BIBTEX: "bib", RIS: "ris"}


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def published() -> Study:
    return make_study(title="Zarzaparrilla", stage=Stage.PUBLISHED)


@pytest.fixture
def kept_pages(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Nothing is kept of a page that was made without an index.
    engine = MemoryEngine(FACET_PARAMETERS)
    monkeypatch.setattr(indexing, "get_engine", lambda: engine)
    indexing.rebuild()
    monkeypatch.setattr(memory, "most_bytes", 10_000_000)
    yield
    memory.clear()


@pytest.mark.django_db
class TestNegotiation:
    @pytest.mark.parametrize("media_type", EXT_OF)
    def test_gives_the_citation_as_its_own_address_does(self, client, published, media_type):
        response = client.get(published.get_absolute_url(), headers={"Accept": f"{media_type}, text/html;q=0.5"})
        file = client.get(reverse("study-citation", args=[published.slug, EXT_OF[media_type]]))
        assert response["Content-Type"].startswith(media_type)
        assert body_of(response) == body_of(file)
        assert response["Content-Location"].endswith(f"/cita.{EXT_OF[media_type]}")
        assert "Accept" in response["Vary"].split(", ")
        assert "Content-Disposition" not in response

    def test_gives_linked_data(self, client, published):
        response = client.get(published.get_absolute_url(), headers={"Accept": JSON_LD})
        assert response["Content-Type"] == JSON_LD
        assert "Zarzaparrilla" in json.dumps(json.loads(response.content))

    @pytest.mark.parametrize(
        "accept", [BROWSER, "*/*", "", "application/xml", f"text/html, {CSL}", f"{CSL};q=0", ";,;"]
    )
    def test_gives_the_page_to_everybody_else(self, client, published, accept):
        response = client.get(published.get_absolute_url(), headers={"Accept": accept})
        assert response["Content-Type"].startswith("text/html")
        assert "Accept" in response["Vary"].split(", ")

    def test_keeps_page_and_data_apart(self, client, published, kept_pages):
        path = published.get_absolute_url()
        page = client.get(path, headers={"Accept": BROWSER})
        for tag in ("", page["ETag"]):
            data = client.get(path, headers={"Accept": CSL, "If-None-Match": tag})
            assert (data.status_code, data["Content-Type"]) == (200, f"{CSL}; charset=utf-8")
            assert "public" not in data["Cache-Control"]
        again = client.get(path, headers={"Accept": BROWSER})
        assert again.content == page.content
        assert "Accept" in again["Vary"].split(", ")
        assert client.get(path, headers={"If-None-Match": page["ETag"]}).status_code == 304

    def test_says_nothing_more_of_what_is_not_public_than_the_page(self, client, published):
        draft = make_study()
        assert client.get(reverse("study", args=[draft.slug]), headers={"Accept": CSL}).status_code == 404
        merged = merge_studies(make_study(stage=Stage.PUBLISHED), published)
        leads_on = client.get(merged.get_absolute_url(), headers={"Accept": CSL})
        assert leads_on["Location"] == published.get_absolute_url()
        gone = withdraw(make_study(title="Malvavisco", stage=Stage.PUBLISHED))
        response = client.get(gone.get_absolute_url(), headers={"Accept": CSL})
        assert response["Content-Type"].startswith("text/html")
        assert b"Malvavisco" not in response.content
