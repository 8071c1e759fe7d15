"""What caches may keep of each public address, what a page's tag depends on, and what a process keeps itself."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import devices
from evidencebank.page_cache import memory as page_memory
from evidencebank.page_cache.addresses import SHARED
from evidencebank.page_cache.memory import KeptPage, PageMemory
from evidencebank.page_cache.middleware import OWN, PRIVATE
from search.api.collections import COLLECTIONS
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.help import known_words
from search.index import indexing
from search.lists.selection import Selection
from search.web.brief import pdf
from search.web.shared.selection_cookie import SELECTION_COOKIE, UNDO_COOKIE
from studies.models import BankCounter, PolicyQuestion, Stage, Study
from studies.store.changes import answer_change, vocabulary_change
from studies.web.shared.responses import SHARED_CONTROL
from tests.evidencebank.test_public_addresses import (  # noqa: F401
    ASKED_ELSEWHERE,
    EXAMPLES,
    addresses,
    frozen_list,
    vocabulary_of_the_hidden,
)
from tests.factories import make_study, user_with_role, withdraw

SEARCH = "/estudios/?q=violencia"
NO_STORE, NO_CACHE = "no-store", "no-cache"
OTHERWISE = {
    # Rows or files that no number of the bank counts; what is sent as a file; what watches the server.
    **dict.fromkeys(("data", "data-json", "frozen-list", "frozen-list-manifest", "frozen-list-export"), PRIVATE),
    **dict.fromkeys(("studies-export", "selection-export", "study-citation", "brief-file", "oai"), PRIVATE),
    **dict.fromkeys(("skos", "skos-file", "interventions-file", "evidence-data", "map-data"), PRIVATE),
    **dict.fromkeys(("healthz", "llms", "robots", "security-text", "search-total"), PRIVATE),
    **dict.fromkeys(("admin_password_reset", "password_reset_confirm"), NO_STORE),
    **dict.fromkeys(("password_reset_done", "password_reset_complete"), PRIVATE),
    # A reader's own.
    "selection": "private",
    **dict.fromkeys(("study-report", "frozen-list-report", "alerts", "alert-confirm", "alert-end"), NO_STORE),
    **dict.fromkeys(("search-record", "search-record-file", "version", "readyz"), NO_STORE),
    # They know their own tags, or ask nothing of the bank.
    **dict.fromkeys(("feed-es", "feed-en", "suggestions"), SHARED_CONTROL),
    **dict.fromkeys(("api", "api-studies", "api-study", "api-taxonomy", "api-schema"), NO_CACHE),
    **dict.fromkeys(("api-findings", "api-changes"), NO_CACHE),
    **{f"api-{name}": NO_CACHE for each in COLLECTIONS.values() for name in (each.name, each.singular)},
}
"""What the addresses outside of SHARED say, or a word of it."""


@pytest.fixture
def index(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = MemoryEngine(FACET_PARAMETERS)
    monkeypatch.setattr(indexing, "get_engine", lambda: engine)
    indexing.rebuild()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> PageMemory:
    """The memory of a server's process, empty."""
    held = PageMemory(4_000_000)
    monkeypatch.setattr("evidencebank.page_cache.middleware.memory", held)
    return held


def tag_of(client: Client, path: str = SEARCH) -> str:
    tag: str = client.get(path)["ETag"]
    return tag


def asked_again(client: Client, tag: str, path: str = SEARCH) -> int:
    status: int = client.get(path, headers={"If-None-Match": tag}).status_code
    return status


class TestEachPublicAddress:
    def test_has_its_word_here(self):
        assert set(EXAMPLES) == SHARED | set(OTHERWISE)
        assert SHARED.isdisjoint(OTHERWISE)
        assert {"data-file", "metrics"} == ASKED_ELSEWHERE

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", sorted(EXAMPLES))
    def test_says_who_may_keep_it(self, client, name, index, vocabulary_of_the_hidden):  # noqa: F811
        if name == "brief-file" and not pdf.is_available():
            pytest.skip("no pango")
        answer = client.get(addresses([name])[0])
        said = answer["Cache-Control"]
        if name in SHARED:
            assert answer.status_code == 200
            assert said == SHARED_CONTROL
            assert answer["ETag"].startswith(f'W/"{name}')
            assert "Accept-Language" not in answer["Vary"]
            assert not answer.cookies
        else:
            assert OTHERWISE[name] in said
            if "public" not in said:
                assert "s-maxage" not in said
                assert "X-Accel-Expires" not in answer

    @pytest.mark.django_db
    @pytest.mark.parametrize("path", ["/nada/", "/estudios/nada/", "/estudios/nada.xyz", "/temas/nada/"])
    def test_that_is_none_is_kept_by_nobody(self, client, path):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer["Cache-Control"] == NO_STORE

    @pytest.mark.django_db
    def test_that_leads_on_is_kept_by_nobody(self, client):
        for path in ("/estudios", "/estudios/?certainty=high"):
            answer = client.get(path)
            assert answer.status_code == 301
            assert answer["Cache-Control"] == PRIVATE

    @pytest.mark.django_db
    def test_gives_nobody_else_what_answers_a_form(self, client):
        assert client.post("/estudios/")["Cache-Control"] == NO_STORE
        assert "public" not in client.post("/seleccion/", {"add": "nada"})["Cache-Control"]

    @pytest.mark.django_db
    def test_of_a_withdrawn_study_is_a_page_like_others(self, client, index):
        study = make_study(stage=Stage.PUBLISHED)
        indexing.rebuild()
        tag = tag_of(client, study.get_absolute_url())
        withdraw(study)
        assert asked_again(client, tag, study.get_absolute_url()) == 200


@pytest.mark.django_db
class TestReadersWithSomethingOfTheirOwn:
    def test_get_pages_of_their_own_tag_with_a_selection(self, client, index):
        stranger = tag_of(client)
        client.cookies[SELECTION_COOKIE] = Selection.unpack("").pack() or "x"
        own = client.get(SEARCH)
        assert own["Cache-Control"] == OWN
        assert own["ETag"] != stranger
        assert "Cookie" in own["Vary"]
        assert "Last-Modified" not in own
        assert asked_again(client, own["ETag"]) == 304
        assert asked_again(client, stranger) == 200

    @pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "messages", UNDO_COOKIE, devices.COOKIE])
    def test_get_no_tag_with_anything_else(self, client, index, kept, cookie):
        tag = tag_of(client)
        client.cookies[cookie] = "x"
        answer = client.get(SEARCH, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert answer["Cache-Control"] == PRIVATE
        assert "ETag" not in answer

    def test_are_kept_by_no_process(self, client, index, kept):
        client.force_login(user_with_role("Curaduría"))
        client.get(SEARCH)
        client.cookies.clear()
        client.cookies[SELECTION_COOKIE] = "x"
        client.get(SEARCH)
        assert kept.bytes == 0

    def test_see_a_draft_that_nobody_keeps(self, client, kept):
        draft = make_study()
        client.force_login(user_with_role("Curaduría"))
        answer = client.get(draft.get_absolute_url())
        assert answer.status_code == 200
        assert NO_STORE in answer["Cache-Control"]
        assert kept.bytes == 0


@pytest.mark.django_db
class TestTags:
    def test_that_come_back_are_answered_before_any_view(self, client, index, django_assert_num_queries, monkeypatch):
        first = client.get(SEARCH)
        monkeypatch.setattr("search.web.results.views.public_search.search", None)
        with django_assert_num_queries(1):
            again = client.get(SEARCH, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again[name] == first[name].replace("Cookie, Accept-Encoding", "Accept-Encoding, Cookie")

    def test_come_back_by_head_too(self, client, index):
        # HEAD comes last: its answer is closed at once, and with it the connection of the test on PostgreSQL.
        tag = tag_of(client)
        assert client.head(SEARCH, headers={"If-None-Match": tag}).status_code == 304

    def test_are_the_same_for_head(self, client, index):
        tag = tag_of(client)
        assert client.head(SEARCH)["ETag"] == tag

    @pytest.mark.parametrize("known", ["*", '"x", {}', '{}, W/"y"'])
    def test_are_read_in_every_form(self, client, index, known):
        assert asked_again(client, known.format(tag_of(client))) == 304

    @pytest.mark.parametrize("forged", ['W/"search.{0}"', '"{0}"', "W/", '"', 'W/"search+cookie.{0}"', "x" * 5_000])
    def test_that_were_made_up_get_the_page(self, client, index, forged):
        assert asked_again(client, forged.format("0" * 32)) == 200

    def test_end_with_every_change_of_the_bank(self, client, index):
        tags = [tag_of(client)]
        for change in (answer_change, vocabulary_change):
            with change():
                pass
            indexing.rebuild()
            tags.append(tag_of(client))
        BankCounter.objects.update(changed_at=timezone.now())
        indexing.rebuild()
        tags.append(tag_of(client))
        assert len(set(tags)) == 4

    def test_are_of_one_address_language_and_host(self, client, index):
        paths = (
            "/estudios/",
            "/en/studies/",
            "/estudios/?sort=title",
            "/estudios/?sort=title&",
            "/mapa/",
            "/mapa/?a=b",
        )
        tags = [tag_of(client, path) for path in paths]
        tags.append(client.get("/mapa/", headers={"Host": "localhost"})["ETag"])
        assert len(set(tags)) == len(tags)

    def test_end_with_the_day_in_lima(self, client, index, monkeypatch):
        """A study's page has the day on which it is cited."""
        path = Study.objects.published()[0].get_absolute_url()
        tag = tag_of(client, path)
        tomorrow = timezone.now() + datetime.timedelta(days=1)
        monkeypatch.setattr(timezone, "now", lambda: tomorrow)
        assert asked_again(client, tag, path) == 200

    @pytest.mark.parametrize("what", ["program_digest", "settings_digest"])
    def test_end_with_another_program_and_other_settings(self, client, monkeypatch, what):
        tag = tag_of(client, "/ayuda/")
        monkeypatch.setattr(f"evidencebank.page_cache.versions.{what}", lambda: "another")
        assert asked_again(client, tag, "/ayuda/") == 200

    def test_come_with_the_moment_since_when_nothing_changed(self, client, monkeypatch):
        long_ago = timezone.now() - datetime.timedelta(days=400)
        later = timezone.now() + datetime.timedelta(seconds=3)
        monkeypatch.setattr("evidencebank.page_cache.middleware.time.time", lambda: later.timestamp())
        first = client.get("/ayuda/")
        assert client.get("/ayuda/", headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
        before = long_ago.strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert client.get("/ayuda/", headers={"If-Modified-Since": before}).status_code == 200

    def test_are_not_given_to_what_an_index_gave_that_is_behind(self, client, index, monkeypatch, kept):
        monkeypatch.setattr("search.index.sync.update_index", lambda: None)
        monkeypatch.setattr("search.index.sync.update_after_commit", lambda: None)
        make_study(stage=Stage.PUBLISHED)
        for path in (SEARCH, Study.objects.published()[0].get_absolute_url(), "/evidencia/?q=violencia"):
            answer = client.get(path)
            assert answer["Cache-Control"] == NO_STORE, path
            assert "ETag" not in answer
        assert kept.bytes == 0
        # It asks nothing of the index.
        assert client.get("/")["Cache-Control"] == SHARED_CONTROL

    def test_are_not_given_while_the_words_of_the_bank_are_still_read(self, client, index, monkeypatch):
        """What a process offers in place of a word that finds nothing depends on how many studies it has read."""
        monkeypatch.setattr("search.help.known_words.READ_AT_ONCE", 10)
        known_words.forget()
        assert client.get("/estudios/?q=viollencia")["Cache-Control"] == NO_STORE
        known_words.forget()

    def test_are_not_given_without_an_index(self, client, monkeypatch):
        monkeypatch.setattr(indexing, "get_engine", lambda: MemoryEngine(FACET_PARAMETERS))
        assert client.get(SEARCH)["Cache-Control"] == NO_STORE


@pytest.mark.django_db
class TestWhatElsePagesShow:
    """Rows beside the studies raise a number of the bank too, or a page about them would never end."""

    def test_a_question_that_changes_ends_what_was_kept(self, client):
        path = reverse("questions")
        tag = tag_of(client, path)
        reviewer = Client()
        reviewer.force_login(user_with_role("Revisión"))
        text = {"question_es": "¿De prueba?", "answer_es": "Sí.", "sources": "https://example.org/pregunta"}
        searches = {f"searches-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        sent = {**text, **searches, "slug": "prueba", "reviewed_by": "Prueba", "reviewed_on": "2026-11-26"}
        add = reverse("admin:studies_policyquestion_add")
        assert reviewer.post(add, sent).status_code == 302
        assert asked_again(client, tag, path) == 304
        change = reverse("admin:studies_policyquestion_change", args=[PolicyQuestion.objects.get(slug="prueba").pk])
        assert reviewer.post(change, {**sent, "is_published": "on"}).status_code == 302
        tag, number = tag_of(client, path), BankCounter.current().change_no
        assert reviewer.post(change, sent).status_code == 302
        assert BankCounter.current().change_no == number + 1
        assert asked_again(client, tag, path) == 200


@pytest.mark.django_db
class TestMemoryOfAProcess:
    def test_gives_a_page_again_without_a_view(self, client, index, kept, django_assert_num_queries):
        first = client.get(SEARCH, headers={"Accept-Encoding": "gzip"})
        with django_assert_num_queries(1):
            again = client.get(SEARCH, headers={"Accept-Encoding": "gzip"})
        assert again.content == first.content
        different = {"X-Request-ID", "X-Accel-Expires"}
        assert {k: v for k, v in again.items() if k not in different} == {
            k: v for k, v in first.items() if k not in different
        }
        assert client.get(SEARCH).content.lstrip().startswith(b"<!doctype html>")

    def test_never_gives_what_was_before_a_change(self, client, index, kept):
        study = make_study(stage=Stage.PUBLISHED, title_es="Xilofonista")
        indexing.rebuild()
        assert "Xilofonista" in client.get("/estudios/?q=xilofonista&sort=newest").content.decode()
        withdraw(study)
        indexing.rebuild()
        assert "xilofonista-" not in client.get("/estudios/?q=xilofonista&sort=newest").content.decode()

    def test_asks_the_bank_nothing_for_what_it_never_keeps(self, client, kept, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert client.get("/healthz").status_code == 200

    def test_keeps_nothing_outside_of_a_server(self, client):
        client.get("/ayuda/")
        assert page_memory.memory.bytes == 0

    def test_forgets_what_was_not_asked_for_longest(self):
        held = PageMemory(100_000)
        for name in "abcdefghij":
            held.add((name,), KeptPage("t", "n", b"x" * 9_000, {}))
            held.find(("a",))
        assert held.find(("a",))
        held.add(("k",), KeptPage("t", "n", b"x" * 9_000, {}))
        assert held.find(("b",)) is None
        assert held.find(("a",))
        assert held.find(("k",))
        assert held.bytes <= 100_000

    def test_keeps_no_page_that_would_drive_out_all_others(self):
        held = PageMemory(100_000)
        held.add(("a",), KeptPage("t", "n", b"x", {}))
        held.add(("a",), KeptPage("t", "n", b"x" * 50_000, {}))
        assert held.find(("a",)) is None
        assert held.bytes == 0
