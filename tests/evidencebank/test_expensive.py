"""What is expensive is limited by network and at once; ordinary pages never are."""

from __future__ import annotations

import gc
import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.http import HttpRequest

from evidencebank import expensive
from evidencebank.middleware import ForwardedRequests
from search.rate_limits import HOUSE_FACTOR, RateLimit

FEED = "/feeds/estudios.atom"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(expensive, "_count_again_at", 0.0)


def asked_from(address: str) -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    return request


@pytest.mark.django_db
class TestANetwork:
    def test_that_asks_too_often_is_told_in_words_for_how_long(self, client, settings, memory_engine):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 2
        answers = [client.get("/mapa/datos.csv") for _time in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert 0 < int(answers[2]["Retry-After"]) <= 60
        assert "Desde su red se pidieron muchos archivos" in answers[2].content.decode()

    def test_is_told_in_english_on_english_addresses(self, client, settings, memory_engine):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 1
        client.get("/en/map/data.csv")
        assert "Many files were asked for from your network" in client.get("/en/map/data.csv").content.decode()

    def test_still_reads_every_ordinary_page(self, client, settings, memory_engine):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 1
        for _time in range(2):
            client.get("/mapa/datos.csv")
        assert [client.get(path).status_code for path in ("/", "/estudios/", "/mapa/", "/ayuda/")] == [200] * 4

    @pytest.mark.parametrize("path", ["/estudios/exportar.csv", "/mapa/figura.svg", FEED, "/oai/", "/ficha/"])
    def test_has_one_count_for_all_that_is_expensive(self, client, settings, memory_engine, path):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 1
        client.get("/mapa/datos.csv")
        assert client.get(path).status_code == 429

    def test_does_not_use_up_what_another_may_ask(self, settings):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 1
        assert [expensive.count(asked_from(each)) for each in ("192.0.2.7", "198.51.100.7")] == [0, 0]
        assert expensive.count(asked_from("192.0.2.7")) > 0

    def test_of_ipv6_is_a_whole_64(self, settings):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 1
        assert expensive.count(asked_from("2001:db8::1")) == 0
        assert expensive.count(asked_from("2001:db8::2")) > 0

    def test_of_the_house_may_ask_ten_times_as_often(self, settings):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE, settings.HOUSE_NETWORKS = 1, ["192.0.2.0/24"]
        refused = [expensive.count(asked_from("192.0.2.7")) > 0 for _time in range(HOUSE_FACTOR + 1)]
        assert refused == [False] * HOUSE_FACTOR + [True]

    def test_cannot_be_chosen_by_a_forged_header(self, client, settings, memory_engine):
        """Another made-up address in each request changes nothing, with a proxy before the bank or without one."""
        settings.EXPENSIVE_REQUESTS_PER_MINUTE, settings.TRUSTED_PROXY = 2, ["127.0.0.1"]
        direct = [
            client.get(FEED, REMOTE_ADDR="203.0.113.5", headers={"x-forwarded-for": f"192.0.2.{number}"}).status_code
            for number in range(3)
        ]
        assert direct == [200, 200, 429]

    def test_behind_the_proxy_is_the_last_address_that_the_proxy_added(self, rf, settings):
        settings.TRUSTED_PROXY = ["127.0.0.1"]
        seen = []
        middleware = ForwardedRequests(lambda request: seen.append(request.META["REMOTE_ADDR"]))  # type: ignore[arg-type,func-returns-value]
        for number in range(2):
            forged = f"192.0.2.{number}, 127.0.0.1, 203.0.113.5"
            middleware(rf.get(FEED, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forged))
        assert seen == ["203.0.113.5"] * 2


@pytest.mark.django_db
class TestStaff:
    def test_behind_an_address_that_a_stranger_used_up_are_still_served(self, client, settings, memory_engine):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 1
        client.get(FEED)
        assert client.get(FEED).status_code == 429
        client.force_login(User.objects.create_user("rosa", is_staff=True))
        assert [client.get(FEED).status_code for _time in range(2)] == [200, 429]

    def test_are_known_by_their_session_not_by_a_cookie_of_its_name(self, client, settings, memory_engine):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 1
        client.get(FEED)
        client.cookies[settings.SESSION_COOKIE_NAME] = "made-up"
        assert client.get(FEED).status_code == 429


class TestAReader:
    def test_is_refused_nothing_where_nothing_can_be_counted(self, settings, monkeypatch, caplog):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 1
        tries = []

        def refuse(self: RateLimit, address: str) -> int:
            tries.append(address)
            raise OperationalError("database is locked")

        monkeypatch.setattr(RateLimit, "consume_from", refuse)
        assert [expensive.count(asked_from("192.0.2.7")) for _time in range(3)] == [0, 0, 0]
        assert len(tries) == 1, "each try may wait for the lock"
        assert "not counted" in caplog.text


class TestAtOnce:
    def test_no_more_than_so_many_are_made(self, settings):
        settings.EXPENSIVE_AT_ONCE = 2
        held = [expensive.take_slot(each) for each in ("192.0.2.7", "198.51.100.7")]
        assert expensive.take_slot("203.0.113.5") is None
        release(held[0])
        held[0] = expensive.take_slot("203.0.113.5")
        assert held[0] is not None
        release(*held)

    def test_one_network_holds_half_of_them_at_most(self, settings):
        settings.EXPENSIVE_AT_ONCE = 4
        held = [expensive.take_slot("192.0.2.7"), expensive.take_slot("192.0.2.7")]
        assert expensive.take_slot("192.0.2.7") is None
        held.append(expensive.take_slot("198.51.100.7"))
        assert held[2] is not None
        release(held[0])
        held[0] = expensive.take_slot("192.0.2.7")
        assert held[0] is not None
        release(*held)

    def test_the_house_may_hold_all_of_them(self, settings):
        settings.EXPENSIVE_AT_ONCE, settings.HOUSE_NETWORKS = 2, ["192.0.2.0/24"]
        held = [expensive.take_slot("192.0.2.7"), expensive.take_slot("192.0.2.7")]
        assert None not in held
        release(*held)

    def test_no_file_names_an_address(self, settings, tmp_path):
        release(expensive.take_slot("192.0.2.7"))
        assert b"192.0.2" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())

    def test_whoever_is_one_too_many_hears_in_words_when_to_come_back(self, client, db, settings):
        settings.EXPENSIVE_AT_ONCE = 1
        held = expensive.take_slot("192.0.2.7")
        answer = client.get("/mapa/datos.csv")
        assert (answer.status_code, answer["Retry-After"]) == (429, str(expensive.BUSY_RETRY_S))
        release(held)

    def test_a_streamed_file_counts_until_it_was_sent(self, client, db, settings, memory_engine):
        settings.EXPENSIVE_AT_ONCE = 1
        answer = client.get("/estudios/exportar.csv")
        assert expensive.take_slot("192.0.2.7") is None
        b"".join(answer.streaming_content)
        answer.close()
        held = expensive.take_slot("192.0.2.7")
        assert held is not None
        release(held)

    def test_is_free_again_where_nobody_closed_the_answer(self, client, db, settings, memory_engine):
        settings.EXPENSIVE_AT_ONCE = 1
        client.get("/estudios/exportar.csv")
        gc.collect()
        held = expensive.take_slot("192.0.2.7")
        assert held is not None
        release(held)

    def test_is_free_again_after_an_error(self, settings, rf):
        settings.EXPENSIVE_AT_ONCE = 1

        @expensive.limit_expensive
        def broken(request: HttpRequest) -> Any:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            broken(rf.get("/x"))
        held = expensive.take_slot("192.0.2.7")
        assert held is not None
        release(held)

    def test_nobody_is_refused_where_the_folder_is_not_there(self, settings, tmp_path, caplog):
        settings.EXPENSIVE_AT_ONCE, settings.VAR_DIR = 1, tmp_path / "nowhere"
        assert None not in [expensive.take_slot("192.0.2.7") for _time in range(2)]
        assert "not limited" in caplog.text


def release(*slots: expensive.Slot | None) -> None:
    for each in slots:
        assert each is not None
        each.release()


class TestFilesAndPages:
    """A file that is being written waits for the pages of its process."""

    def test_a_file_waits_while_a_page_is_made(self, monkeypatch: pytest.MonkeyPatch):
        readers = expensive.Readers()
        monkeypatch.setattr(expensive, "readers", readers)
        monkeypatch.setattr(expensive, "LEAST_SHARE", 1e-6)
        page = asked_from("192.0.2.7")
        readers.enter(page)
        seen: list[bytes] = []
        writing = threading.Thread(target=lambda: seen.extend(expensive.give_way([b"a", b"b"])), daemon=True)
        writing.start()
        writing.join(0.05)
        assert seen == [b"a"]
        readers.leave(page)
        writing.join(10)
        assert seen == [b"a", b"b"]

    def test_it_is_finished_also_where_pages_never_end(self, monkeypatch: pytest.MonkeyPatch):
        readers = expensive.Readers()
        monkeypatch.setattr(expensive, "readers", readers)
        readers.enter(asked_from("192.0.2.7"))
        assert list(expensive.give_way([b"a", b"b", b"c"])) == [b"a", b"b", b"c"]

    def test_a_request_counts_until_it_is_answered_or_fails(self, monkeypatch: pytest.MonkeyPatch):
        readers = expensive.Readers()
        monkeypatch.setattr(expensive, "readers", readers)

        def fail(request: HttpRequest) -> Any:
            assert not is_quiet(readers)
            raise ValueError("refused")

        with pytest.raises(ValueError, match="refused"):
            expensive.count_readers(fail)(asked_from("192.0.2.7"))
        assert is_quiet(readers)

    @pytest.mark.django_db
    def test_what_is_asked_for_a_file_waits_for_nobody_of_its_kind(self, client, memory_engine, monkeypatch):
        readers = expensive.Readers()
        monkeypatch.setattr(expensive, "readers", readers)
        quiet = []
        monkeypatch.setattr("search.web.map.views.text_response", lambda *_: quiet.append(is_quiet(readers)))
        with pytest.raises(AttributeError):
            client.get("/mapa/datos.csv")
        assert quiet == [True]


def is_quiet(readers: expensive.Readers) -> bool:
    return not readers._under_way
