"""Errors reach an administrator by mail or Sentry, without anything that a person typed or is known by."""

from __future__ import annotations

import logging
import sys
import threading
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from evidencebank.watching import reports

TYPED = "la sobreviviente M.Q. de Ayacucho"
COOKIE = "sessionid-de-rosa"


def fail() -> None:
    raise ValueError(f"no number: {TYPED}")


def error_record(request: Any = None) -> logging.LogRecord:
    try:
        fail()
    except ValueError:
        record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Internal Server Error", (), sys.exc_info())
    record.request = request
    return record


@pytest.fixture
def failing_request(rf):
    rf.cookies["sessionid"] = COOKIE
    request = rf.post("/admin/studies/study/add/?q=privado", {"note": TYPED}, REMOTE_ADDR="192.0.2.7")
    request.request_id = "abc12345"
    return request


def wait_for_mail() -> None:
    for thread in threading.enumerate():
        if thread.name == "error-mail":
            thread.join(5)


class TestMail:
    def test_says_what_failed_where_and_the_number_of_the_request_and_nothing_else(
        self, settings, mailoutbox, failing_request
    ):
        settings.ERROR_MAIL_TO = ["turno@example.pe"]
        reports.ErrorMailHandler().emit(error_record(failing_request))
        wait_for_mail()
        (letter,) = mailoutbox
        whole = letter.message().as_string()
        assert letter.to == ["turno@example.pe"]
        assert "ValueError in fail" in letter.subject
        assert "request: abc12345" in letter.body
        for private in (TYPED, COOKIE, "privado", "192.0.2.7", "Ayacucho"):
            assert private not in whole

    def test_of_the_same_error_is_sent_once(self, settings, mailoutbox):
        settings.ERROR_MAIL_TO = ["turno@example.pe"]
        handler = reports.ErrorMailHandler()
        for _time in range(5):
            handler.emit(error_record())
        wait_for_mail()
        assert len(mailoutbox) == 1

    def test_is_not_sent_without_the_setting(self, mailoutbox):
        reports.ErrorMailHandler().emit(error_record())
        assert mailoutbox == []


class FakeTransport(Transport):
    """Keeps what would go over the wire."""

    sent: list[bytes] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.sent.append(envelope.serialize())


class TestSentry:
    def test_gets_kind_and_place_of_an_error_and_nothing_that_was_typed(self, settings, failing_request):
        settings.SENTRY_DSN = "https://key@sentry.example.pe/2"
        FakeTransport.sent = []
        assert reports.start_sentry(transport=FakeTransport, default_integrations=False)
        try:
            sentry_sdk.set_user({"username": "rosa"})
            sentry_sdk.add_breadcrumb(message=TYPED)
            try:
                fail()
            except ValueError as error:
                sentry_sdk.capture_exception(error)
            sentry_sdk.flush()
        finally:
            sentry_sdk.get_client().close()
            # Without its integrations, which would stay in Django for all tests after this one.
            sentry_sdk.init(default_integrations=False)
        (sent,) = FakeTransport.sent
        assert b"ValueError" in sent
        assert b'"fail"' in sent
        for private in (TYPED, "Ayacucho", "rosa"):
            assert private.encode() not in sent

    def test_is_not_asked_without_the_setting(self):
        assert not reports.start_sentry()

    def test_is_told_to_be_missing_where_it_is_not_installed(self, settings, monkeypatch, caplog):
        settings.SENTRY_DSN = "https://key@sentry.example.pe/2"
        monkeypatch.setitem(sys.modules, "sentry_sdk", None)
        assert not reports.start_sentry()
        assert "not installed" in caplog.text

    def test_a_scrubbed_event_has_no_request_user_or_variables(self, failing_request):
        event = {
            "event_id": "1",
            "request": {"data": TYPED, "cookies": COOKIE},
            "user": {"username": "rosa"},
            "breadcrumbs": {"values": [{"message": TYPED}]},
            "logentry": {"message": "Failed: %s", "params": [TYPED], "formatted": TYPED},
            "exception": {
                "values": [{"type": "E", "value": TYPED, "stacktrace": {"frames": [{"vars": TYPED, "lineno": 3}]}}]
            },
        }
        scrubbed = reports.scrub(event, {"log_record": error_record(failing_request)})
        assert TYPED not in str(scrubbed)
        assert {"request", "user", "breadcrumbs"} & set(scrubbed) == set()
        assert scrubbed["tags"] == {"request": "abc12345"}
