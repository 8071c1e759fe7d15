"""Asking the addresses that records name: against a server of our own, never against anybody's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studies.health import link_checker
from studies.health.link_checker import LinkAnswer, LinkChecker, State
from studies.models import LinkCheck
from tests.factories import make_study, user_with_role
from tests.studies.records_factory import source


class Site(ThreadingHTTPServer):
    """A web site whose paths say what they answer: /200, /404, /302/target, /head-405, /slow."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, str]] = []
        self.released = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers["User-Agent"]))
        status, _slash, target = self.path.removeprefix("/").partition("/")
        if status == "slow":
            self.server.released.wait(20)
            status = "200"
        if status == "head-405":
            status = "405" if self.command == "HEAD" else "200"
        self.send_response(int(status))
        if target:
            self.send_header("Location", f"/{target}")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def ask(url: str, *, allow_inside: bool = True) -> LinkAnswer:
    with link_checker.make_client("errores@example.pe", allow_inside=allow_inside) as web:
        return LinkChecker(web, delay_s=0.0).check(url)


class TestAsking:
    @pytest.mark.parametrize(
        ("path", "state", "status"),
        [
            ("/200", State.OK, 200),
            ("/404", State.DEAD, 404),
            ("/410", State.DEAD, 410),
            ("/403", State.CLOSED, 403),
            ("/429", State.CLOSED, 429),
            ("/500", State.FAILING, 500),
            ("/503", State.FAILING, 503),
            ("/302/200", State.OK, 200),
            ("/302/404", State.DEAD, 404),
            ("/head-405", State.OK, 200),
        ],
    )
    def test_tells_what_was_answered(self, site, path, state, status):
        answer = ask(site.url(path))
        assert (answer.state, answer.status) == (state, status)

    def test_asks_for_the_head_first_and_for_the_page_only_where_that_is_refused(self, site):
        ask(site.url("/200"))
        ask(site.url("/head-405"))
        assert [method for method, _path, _agent in site.asked] == ["HEAD", "HEAD", "GET"]

    def test_says_who_asks(self, site):
        ask(site.url("/200"))
        assert "mailto:errores@example.pe" in site.asked[0][2]

    def test_tells_where_a_page_moved_for_good(self, site):
        assert ask(site.url("/301/200")).detail == f"se mudó a {site.url('/200')}"
        assert ask(site.url("/302/200")).detail == ""

    def test_a_circle_of_redirects_ends(self, site):
        # The server leads /302/302 to /302, which leads nowhere.
        assert ask(site.url("/302" + "/302" * 12)).state == State.FAILING

    def test_silence_ends(self, site, monkeypatch):
        monkeypatch.setattr(link_checker, "TIMEOUT_S", 0.2)
        answer = ask(site.url("/slow"))
        assert (answer.state, answer.detail) == (State.FAILING, "no respondió en 0.2 segundos")

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://nada.invalid/", "http://[::1/", "http://a b/"])
    def test_no_server_and_no_address_are_told(self, url):
        answer = ask(url)
        assert answer.state == State.FAILING
        assert answer.detail

    def test_the_banks_own_network_is_not_asked(self, site):
        assert ask(site.url("/200"), allow_inside=False).state == State.SKIPPED
        assert site.asked == []


class TestPoliteness:
    def test_a_host_is_asked_once_in_its_delay(self, site):
        now, slept = [100.0], []

        def sleep(seconds: float) -> None:
            slept.append(round(seconds, 3))
            now[0] += seconds

        with link_checker.make_client("x@example.pe", allow_inside=True) as web:
            asker = LinkChecker(web, delay_s=2.0, sleep=sleep, clock=lambda: now[0])
            list(asker.check_all([site.url("/200"), site.url("/head-405"), site.url("/200?b")]))
        # Three questions and one GET after a refused HEAD: three waits between four requests.
        assert len(site.asked) == 4
        assert slept == [2.0, 2.0, 2.0]

    def test_a_host_that_asks_to_wait_is_left_alone(self, site):
        with link_checker.make_client("x@example.pe", allow_inside=True) as web:
            asker = LinkChecker(web, delay_s=0.0)
            answers = list(asker.check_all([site.url("/429"), site.url("/200"), site.url("/404")]))
        assert [url for url, _answer in answers] == [site.url("/429")]


@pytest.mark.django_db
class TestKeeping:
    def test_one_silence_is_not_death_and_two_are(self):
        for failures, is_dead in ((1, False), (2, True)):
            check = link_checker.save_answer("https://example.org/a", LinkAnswer(State.FAILING, 503))
            assert check.failures == failures
            assert LinkCheck.objects.filter(link_checker.dead_link_condition()).exists() == is_dead

    def test_what_the_server_calls_gone_is_dead_at_once(self):
        link_checker.save_answer("https://example.org/a", LinkAnswer(State.DEAD, 404))
        assert LinkCheck.objects.filter(link_checker.dead_link_condition()).exists()

    def test_since_when_it_fails_is_kept_until_it_answers(self):
        first = timezone.now() - timedelta(days=40)
        link_checker.save_answer("https://example.org/a", LinkAnswer(State.DEAD, 404), now=first)
        assert link_checker.save_answer("https://example.org/a", LinkAnswer(State.FAILING, 500)).failing_since == first
        healed = link_checker.save_answer("https://example.org/a", LinkAnswer(State.OK, 200))
        assert (healed.failures, healed.failing_since) == (0, None)

    def test_the_longest_address_is_kept(self):
        url = "https://example.org/" + "ñ" * 1_980
        assert link_checker.save_answer(url, LinkAnswer(State.OK, 200)).url == url

    def test_due_are_those_never_asked_then_the_oldest_and_none_of_withdrawn_studies(self, empty_bank):
        make_study(url="https://example.org/0", sources=tuple(source(f"https://example.org/{n}") for n in (1, 2, 3)))
        now = timezone.now()
        link_checker.save_answer("https://example.org/1", LinkAnswer(State.OK, 200), now=now - timedelta(days=40))
        link_checker.save_answer("https://example.org/2", LinkAnswer(State.OK, 200), now=now - timedelta(days=50))
        link_checker.save_answer("https://example.org/3", LinkAnswer(State.OK, 200), now=now - timedelta(days=5))
        due = link_checker.list_due(older_than=timedelta(days=30))
        assert due == [f"https://example.org/{n}" for n in (0, 2, 1)]


@pytest.mark.django_db
class TestTheCommand:
    def test_asks_keeps_and_tells(self, site, empty_bank):
        make_study(url=site.url("/200"), sources=(source(site.url("/404")),))
        told = StringIO()
        call_command("check_links", "--delay=0", "--inside", stdout=told)
        assert f"dead: {site.url('/404')} 404" in told.getvalue()
        assert "asked 2 of 2" in told.getvalue()
        assert dict(LinkCheck.objects.values_list("url", "state")) == {site.url("/200"): "ok", site.url("/404"): "dead"}

    def test_is_bounded(self, site, empty_bank):
        make_study(url=site.url("/200"), sources=(source(site.url("/404")),))
        call_command("check_links", "--delay=0", "--inside", "--limit=1", stdout=StringIO())
        assert LinkCheck.objects.count() == 1

    def test_asks_nobody_without_a_contact(self, settings):
        settings.CONTACT_EMAIL = ""
        with pytest.raises(CommandError, match="CONTACT_EMAIL"):
            call_command("check_links")


@pytest.mark.django_db
class TestTheList:
    PATH = reverse("admin:studies_linkcheck_changelist")

    def client(self, role: str | None = "Curaduría") -> Client:
        client = Client()
        client.force_login(user_with_role(role))
        return client

    def test_is_for_the_team(self, client):
        assert client.get(self.PATH).status_code == 302
        assert self.client(None).get(self.PATH).status_code == 403

    def test_shows_dead_links_with_the_studies_that_name_them(self):
        study = make_study(sources=(source("https://example.org/gone"),))
        link_checker.save_answer("https://example.org/gone", LinkAnswer(State.DEAD, 404))
        link_checker.save_answer("https://example.org/here", LinkAnswer(State.OK, 200))
        page = self.client().get(self.PATH, {"answer": "broken"}).content.decode()
        assert reverse("admin:studies_study_change", args=[study.pk]) in page
        assert "https://example.org/here" not in page

    def test_is_read_only(self):
        check = link_checker.save_answer("https://example.org/gone", LinkAnswer(State.DEAD, 404))
        client = self.client("Administración")
        assert client.get(reverse("admin:studies_linkcheck_add")).status_code == 403
        address = reverse("admin:studies_linkcheck_change", args=[check.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, {"url": "x"}).status_code == 403

    @pytest.mark.parametrize("query", ["answer=x", "q=%00", "p=x"])
    def test_odd_queries_get_an_answer(self, query):
        assert self.client().get(f"{self.PATH}?{query}", follow=True).status_code == 200

    def test_asks_the_same_number_of_questions_for_any_number_of_links(self, django_assert_num_queries):
        client = self.client()
        for count in (2, 30):
            for number in range(count):
                link_checker.save_answer(f"https://example.org/{count}/{number}", LinkAnswer(State.OK, 200))
            with django_assert_num_queries(9):
                client.get(self.PATH)
