"""Feeds as a feed reader gets them: read back by feedparser, asked again with conditions, found from result pages."""

from __future__ import annotations

import datetime
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import feedparser
import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.http import http_date

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from studies.models import BankCounter, Stage
from tests.factories import edit, make_study, withdraw
from tests.studies.records_factory import finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("memory_engine")]

FEEDS = {"es": "/feeds/estudios.atom", "en": "/feeds/studies.atom"}
ATOM = "{http://www.w3.org/2005/Atom}"
HARD = "Niñas & <b>«comillas»</b> \x0b\x1b ü שלום 😀 ]]> \ufffe 50 %"


def ask(client: Client, language: str = "es", headers: dict[str, str] | None = None, **criteria: Any) -> HttpResponse:
    return client.get(f"{FEEDS[language]}?{urlencode(criteria, doseq=True)}", headers=headers or {})


def parsed(response: HttpResponse) -> Any:
    assert response.status_code == 200
    found = feedparser.parse(response.content, response_headers={"content-type": response["Content-Type"]})
    assert not found.bozo, found.get("bozo_exception")
    return found


def age_the_bank(seconds: int = 60) -> None:
    before = BankCounter.current().changed_at - datetime.timedelta(seconds=seconds)
    BankCounter.objects.update(changed_at=before, vocabulary_at=before)


class TestFeed:
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_has_what_atom_asks_of_a_feed_and_of_each_entry(self, client: Client, language: str):
        found = parsed(ask(client, language, q="transferencias"))
        assert found.version == "atom10"
        assert found.feed.id.startswith("urn:uuid:")
        assert found.feed.language == language
        assert found.feed.author == "Banco de Evidencias"
        assert "transferencias" in found.feed.title
        assert {link.rel: link.href for link in found.feed.links} == {
            "self": f"http://testserver{FEEDS[language]}?q=transferencias",
            "alternate": f"http://testserver{'/en/studies' if language == 'en' else '/estudios'}/?q=transferencias",
        }
        assert found.entries
        for entry in found.entries:
            assert entry.id.startswith("urn:uuid:")
            assert entry.title
            assert entry.updated_parsed
            assert client.get(entry.link).status_code == 200
        assert len({entry.id for entry in found.entries}) == len(found.entries)
        assert found.feed.updated_parsed == max(entry.updated_parsed for entry in found.entries)

    def test_says_what_changed(self, client: Client):
        study = make_study(stage=Stage.PUBLISHED, title_es="Mi estudio", key_finding_es="Bajó la violencia.")
        edit(study, findings=(finding(value=0.5, ci_low=0.4, ci_high=0.6),))
        corrected, new = parsed(ask(client)).entries[:2]
        assert (corrected.title, new.title) == ("Corrección de resultados: Mi estudio", "Nuevo: Mi estudio")
        assert corrected.summary == "Corrección de resultados. Bajó la violencia."
        assert [tag.term for tag in corrected.tags] == ["corrected", "results"]
        english = parsed(ask(client, "en")).entries[0]
        assert english.title.startswith("Correction of results: ")
        assert english.id != corrected.id

    def test_the_name_of_an_entry_stays_when_its_day_goes_on(self, client: Client):
        study = make_study(stage=Stage.PUBLISHED)
        edit(study, sample_size=5)
        before = parsed(ask(client)).entries[0]
        edit(study, volume="7")
        after = parsed(ask(client)).entries[0]
        assert before.id == after.id
        assert before.title != after.title

    def test_of_a_withdrawn_study_it_says_that_it_went_and_nothing_else(self, client: Client):
        study = make_study(
            stage=Stage.PUBLISHED, title="Zarzaparrilla", title_es="Zarzaparrilla", title_en="Zarzaparrilla"
        )
        withdraw(study)
        for language in FEEDS:
            response = ask(client, language, theme=["autonomy", "prevention", "attention"])
            assert b"arzaparrilla" not in response.content
            entry = parsed(response).entries[0]
            assert [tag.term for tag in entry.tags] == ["withdrawn"]
            assert client.get(entry.link).status_code == 200
        assert entry.title == "Study withdrawn from the bank"

    def test_takes_any_text_of_a_record_and_of_a_reader(self, client: Client):
        make_study(stage=Stage.PUBLISHED, title=HARD, title_es=HARD, key_finding_es=HARD)
        parsed(ask(client))
        titles = [element.text for element in ElementTree.fromstring(ask(client).content).iter(f"{ATOM}title")]
        assert titles[1] == "Nuevo: " + re.sub("[\x0b\x1b\ufffe]", " ", HARD)
        own = ElementTree.fromstring(ask(client, q=HARD).content)
        assert "«comillas»" in (own.findtext(f"{ATOM}title") or "")

    def test_without_any_study_it_is_still_a_feed(self, client: Client):
        found = parsed(ask(client, q="xilofonista"))
        assert found.entries == []
        assert found.feed.updated_parsed

    def test_order_and_page_make_no_other_feed(self, client: Client):
        one, other = parsed(ask(client, theme="autonomy")), parsed(ask(client, theme="autonomy", sort="title", page=3))
        assert one.feed.id == other.feed.id
        assert [entry.id for entry in one.entries] == [entry.id for entry in other.entries]

    def test_of_other_criteria_is_another(self, client: Client):
        assert parsed(ask(client, theme="autonomy")).feed.id != parsed(ask(client)).feed.id

    def test_has_the_public_name_of_the_site(self, client: Client, settings):
        settings.SITE_URL = "https://banco.example.pe"
        found = parsed(ask(client))
        assert found.entries[0].link.startswith("https://banco.example.pe/estudios/")


class TestAskingAgain:
    def test_costs_nearly_nothing_where_nothing_changed(self, client: Client, django_assert_max_num_queries):
        first = ask(client)
        with django_assert_max_num_queries(2):
            again = ask(client, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_a_weak_name_is_as_good(self, client: Client):
        """What compresses an answer on the way makes its name a weak one."""
        assert ask(client, headers={"If-None-Match": f"W/{ask(client)['ETag']}"}).status_code == 304

    def test_a_change_gives_the_new_feed(self, client: Client):
        first = ask(client)
        study = make_study(stage=Stage.PUBLISHED)
        again = ask(client, headers={"If-None-Match": first["ETag"]})
        assert parsed(again).entries[0].link.endswith(f"/{study.slug}/")

    def test_the_name_tells_lists_and_languages_apart(self, client: Client):
        names = {ask(client)["ETag"], ask(client, "en")["ETag"], ask(client, theme="autonomy")["ETag"]}
        assert len(names) == 3

    def test_by_its_date_too(self, client: Client):
        age_the_bank()
        first = ask(client)
        assert ask(client, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
        before = http_date(BankCounter.current().changed_at.timestamp() - 10)
        assert ask(client, headers={"If-Modified-Since": before}).status_code == 200

    def test_no_date_is_given_while_the_second_is_not_over(self, client: Client):
        """Two changes of one second would have one date, and the later one would never be fetched."""
        make_study(stage=Stage.PUBLISHED)
        assert "Last-Modified" not in ask(client)

    def test_nobody_keeps_what_an_index_gave_that_is_behind(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("search.index.sync.update_index", lambda: None)
        monkeypatch.setattr("search.index.sync.update_after_commit", lambda: None)
        make_study(stage=Stage.PUBLISHED)
        response = ask(client)
        assert "ETag" not in response
        assert response["Cache-Control"] == "no-store"

    def test_nor_without_an_index(self, client: Client, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("search.index.indexing.get_engine", lambda: MemoryEngine(FACET_PARAMETERS))
        response = ask(client)
        assert parsed(response).entries
        assert "ETag" not in response


class TestResultPages:
    @pytest.mark.parametrize("path", ["/estudios/", "/en/studies/"])
    @pytest.mark.parametrize("query", ["", "q=transferencias&theme=autonomy&sort=title", "q=xilofonista"])
    def test_name_the_feed_of_their_list(self, client: Client, path: str, query: str):
        html = client.get(f"{path}?{query}").content.decode()
        pattern = r'<link rel="alternate" type="application/atom\+xml" title="([^"]+)" href="([^"]+)">'
        ((title, address),) = re.findall(pattern, html)
        found = parsed(client.get(unescape(address)))
        assert unescape(title) == found.feed.title
        assert f'<a href="{address}"' in html

    def test_are_what_the_feed_leads_back_to(self, client: Client):
        found = parsed(ask(client, q="transferencias", theme="autonomy"))
        assert client.get(found.feed.link).status_code == 200
