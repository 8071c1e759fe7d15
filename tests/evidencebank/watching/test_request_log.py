"""One line for each request: who, from where, what, how long, and never what was searched for."""

from __future__ import annotations

import itertools
import json
import logging
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection
from django.http import HttpResponse
from django.test import Client

from evidencebank.middleware import ForwardedRequests
from evidencebank.watching import logs, slow_queries
from evidencebank.watching.request_log import RequestLog

SECRET_WORDS = "/avisos/baja/una-llave-secreta/"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """Return the lines of requests so far, as the log prints them."""
    caplog.set_level(logging.INFO)
    formatter = logs.LineFormatter()
    return lambda: [formatter.format(each) for each in caplog.records if each.name == "evidencebank.requests"]


class TestALine:
    def test_says_method_path_status_duration_and_address_but_not_the_query(self, client, lines):
        client.get("/robots.txt?q=refugio", REMOTE_ADDR="192.0.2.7")
        (line,) = lines()
        assert "INFO evidencebank.requests: GET /robots.txt 200 " in line
        assert " address=192.0.2.7" in line
        assert "refugio" not in line

    def test_begins_with_a_time_that_has_its_zone(self, client, lines):
        client.get("/robots.txt")
        assert lines()[0].split(" ")[0][-6] in "+-"

    @pytest.mark.django_db
    def test_names_the_person_if_it_is_one_of_the_staff(self, client, lines):
        client.force_login(User.objects.create_user("rosa", is_staff=True, is_superuser=True))
        client.get("/admin/sucesos/")
        assert " person=rosa" in lines()[-1]

    @pytest.mark.django_db
    def test_does_not_hold_the_key_of_an_address_that_opens_something(self, client, lines):
        client.get(SECRET_WORDS)
        assert "una-llave-secreta" not in "".join(lines())
        assert "/avisos/baja/…/" in lines()[0]

    def test_is_left_out_for_a_health_check_that_is_well(self, client, lines):
        client.get("/healthz")
        assert lines() == []

    def test_of_a_slow_page_is_a_warning(self, client, settings, lines, monkeypatch):
        settings.SLOW_PAGE_MS = 1
        monkeypatch.setattr("evidencebank.watching.request_log.time.monotonic", itertools.count(1).__next__)
        client.get("/robots.txt")
        assert "WARNING evidencebank.requests: slow page: GET /robots.txt 200 " in lines()[0]

    def test_is_a_json_object_by_setting(self, client, caplog):
        caplog.set_level(logging.INFO)
        client.get("/robots.txt?q=refugio", REMOTE_ADDR="192.0.2.7")
        record = next(each for each in caplog.records if each.name == "evidencebank.requests")
        told = json.loads(logs.JsonFormatter().format(record))
        assert (told["method"], told["path"], told["status"], told["view"]) == ("GET", "/robots.txt", 200, "robots")
        assert told["address"] == "192.0.2.7"


FORGED = "2026-11-30T17:45:47.595-05:00 INFO evidencebank.security: sign-in: name=rosa"
TYPED = "refugio en Ayacucho"


class TestNobody:
    """Forges a line, or leaves in the log what was typed."""

    @pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
    def test_forges_a_line_by_its_path(self, client, db, lines, end):
        client.get(f"/no-hay/{quote(end + FORGED)}")
        assert len("".join(lines()).splitlines()) == 1
        assert "\\" in lines()[0]

    def test_moves_the_cursor_of_a_terminal(self, client, db, lines):
        client.get("/no-hay/\x1b[2Jx\u202ey")
        assert lines()[0].isprintable()

    def test_forges_a_line_by_what_an_error_quotes(self, rf):
        text = format_error(ValueError(f"no number: 1\n{FORGED}"), rf.get("/x"))
        assert not any(line.startswith("2026-11-30T17:45") for line in text.splitlines())

    def test_forges_a_line_by_a_user_name(self, rf):
        request = rf.get("/x")
        request._cached_user = User(username=f"rosa\n{FORGED}", is_staff=True)
        record = logging.LogRecord("x", logging.INFO, "", 0, "uno", (), None)
        record.request = request
        assert len(logs.LineFormatter().format(record).splitlines()) == 1

    def test_forges_a_field_by_an_address_with_a_zone(self, rf, settings):
        settings.TRUSTED_PROXY = ["10.0.0.1"]
        seen = []
        middleware = ForwardedRequests(lambda request: seen.append(request.META["REMOTE_ADDR"]) or HttpResponse())
        middleware(rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="fe80::1%x person=rosa"))
        assert seen == ["10.0.0.1"]

    def test_finds_a_search_that_an_error_quotes(self, rf):
        assert TYPED not in format_error(ValueError(f"cannot read {TYPED!r}"), rf.get("/estudios/", {"q": TYPED}))

    @pytest.mark.parametrize("typed", ["tortuga-lámpara", "línea una\nlínea dos"])
    def test_finds_what_a_form_held_that_an_error_quotes(self, rf, typed):
        request = rf.post("/x", {"password": typed})
        assert request.POST
        text = format_error(ValueError(typed), request)
        assert not any(part in text for part in typed.splitlines())

    def test_finds_a_session_or_a_token_that_an_error_quotes(self, rf):
        request = rf.get("/metrics", headers={"authorization": "Bearer un-token-secreto"})
        request.COOKIES["sessionid"] = "una-llave-de-sesion"
        text = format_error(KeyError("un-token-secreto", "una-llave-de-sesion"), request)
        assert "secreto" not in text
        assert "llave" not in text

    def test_finds_the_row_that_postgresql_refused(self, rf):
        error = IntegrityError("null value violates\nDETAIL:  Failing row contains (1, rosa, argon2$...).")
        assert "argon2" not in format_error(error, rf.get("/x"))

    @pytest.mark.parametrize("path", ["/avisos/baja/una-llave-secreta", "/en/alerts/unsubscribe/una-llave-secreta"])
    def test_finds_the_key_of_a_letter_whose_address_lost_its_last_slash(self, client, db, lines, path):
        client.get(path)
        assert "una-llave-secreta" not in "".join(lines())

    def test_finds_the_query_of_a_request_that_gunicorn_could_not_serve(self):
        record = logging.LogRecord(
            "gunicorn.error", logging.ERROR, "", 0, "Error handling request %s", ("/estudios/?q=refugio",), None
        )
        assert "refugio" not in logs.LineFormatter().format(record)

    def test_finds_the_key_that_djangos_own_line_on_an_error_names(self, rf):
        request = rf.get(SECRET_WORDS)
        record = logging.LogRecord("django.security.csrf", logging.WARNING, "", 0, "%s: %s", ("x", request.path), None)
        record.request = request
        assert "una-llave-secreta" not in logs.LineFormatter().format(record)


def format_error(error: Exception, request: Any) -> str:
    """Return what the log prints of an error of this request."""
    try:
        raise error
    except Exception as raised:
        record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Internal Server Error: %s", ("/x",), None)
        record.exc_info = (type(raised), raised, raised.__traceback__)
    record.request = request
    return logs.LineFormatter().format(record)


class TestRequestId:
    def test_goes_back_in_the_answer_and_stands_in_the_log(self, client, lines):
        answer = client.get("/robots.txt")
        assert f"request={answer['X-Request-ID']}" in lines()[0]

    def test_is_that_of_a_named_proxy(self, rf, settings):
        settings.TRUSTED_PROXY = ["10.0.0.1"]
        assert self.ask(rf, "10.0.0.1", "abc-12345678") == "abc-12345678"

    def test_is_not_a_strangers(self, rf, settings):
        settings.TRUSTED_PROXY = ["10.0.0.1"]
        assert self.ask(rf, "192.0.2.7", "abc-12345678") != "abc-12345678"

    @pytest.mark.parametrize("given", ["x", "a" * 65, "una id con espacios", "id\nINFO falsa línea"])
    def test_is_a_new_one_where_the_proxys_is_malformed(self, rf, settings, given):
        settings.TRUSTED_PROXY = ["10.0.0.1"]
        assert self.ask(rf, "10.0.0.1", given) != given

    def ask(self, rf: Any, sender: str, given: str) -> str:
        request = rf.get("/", REMOTE_ADDR=sender, HTTP_X_REQUEST_ID=given)
        return str(ForwardedRequests(RequestLog(lambda request: HttpResponse()))(request)["X-Request-ID"])


@pytest.mark.django_db
class TestASlowQuery:
    def test_is_told_without_its_values(self, settings, caplog, monkeypatch):
        settings.SLOW_QUERY_MS = 1
        monkeypatch.setattr("evidencebank.watching.slow_queries.time.monotonic", itertools.count(1).__next__)
        with connection.execute_wrapper(slow_queries._timed):
            User.objects.filter(username="la-que-denunció").exists()
        assert "slow query: " in caplog.text
        assert " ms: SELECT" in caplog.text
        assert "la-que-denunció" not in caplog.text

    def test_is_not_told_where_the_setting_is_0(self, settings, caplog):
        settings.SLOW_QUERY_MS = 0
        with connection.execute_wrapper(slow_queries._timed):
            User.objects.exists()
        assert "slow query" not in caplog.text


class TestGunicorn:
    def test_writes_its_own_lines_in_the_same_format(self, tmp_path, monkeypatch):
        monkeypatch.delenv("LOG_FORMAT", raising=False)
        assert logs.gunicorn_config(tmp_path)["formatters"]["bank"]["()"].endswith("LineFormatter")
        (tmp_path / "env").write_text("LOG_FORMAT=json\n")
        assert logs.gunicorn_config(tmp_path)["formatters"]["bank"]["()"].endswith("JsonFormatter")


def test_a_streamed_file_has_its_line_when_it_was_sent(lines, rf, db):
    from django.http import StreamingHttpResponse

    response = RequestLog(lambda request: StreamingHttpResponse(iter([b"a"])))(rf.get("/x.csv"))
    assert lines() == []
    response.close()
    assert len(lines()) == 1


def test_a_client_that_is_nobody_is_not_looked_up(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        Client().get("/robots.txt")
