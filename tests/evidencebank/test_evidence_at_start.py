"""What a server reads before its first request: no page waits for it, and no failure keeps the server from starting."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError
from pytest_django import DjangoAssertNumQueries

from evidencebank import evidence_at_start
from studies.store import bank_state, evidence_snapshot


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
def test_the_evidence_is_there_for_the_first_page(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    evidence_snapshot.forget()
    evidence_at_start.work_out()
    with bank_state.cached_counter():
        bank_state.current()
        with django_assert_num_queries(0):
            assert evidence_snapshot.current().studies


def test_a_failure_is_told_and_stops_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise DatabaseError("no such table")

    monkeypatch.setattr(evidence_at_start, "work_out", fail)
    evidence_at_start.read_at_start()
    assert caplog.text.count("could not be read at the start (no such table)") == 1


def test_what_takes_long_goes_on_beside_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over, has_ended = threading.Event(), threading.Event()

    def take_long() -> None:
        is_over.wait(60)
        has_ended.set()

    monkeypatch.setattr(evidence_at_start, "work_out", take_long)
    evidence_at_start.read_at_start(limit_s=0.01)
    assert not has_ended.is_set()
    is_over.set()
    assert has_ended.wait(60)
