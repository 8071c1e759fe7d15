"""What Prometheus reads, and who may."""

from __future__ import annotations

import pytest

from tests.factories import make_proposal, make_study

TOKEN = "un-secreto-de-veinticuatro-letras"

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client, settings, memory_engine):
    settings.METRICS_TOKEN = TOKEN
    return lambda: client.get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}").content.decode()


class TestWhoMayRead:
    def test_nobody_by_default(self, client):
        assert client.get("/metrics").status_code == 404

    def test_not_a_stranger_nor_a_wrong_token(self, client, settings):
        settings.METRICS_TOKEN, settings.METRICS_NETWORKS = TOKEN, ["10.0.0.0/8"]
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer otro").status_code == 404
        assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ñ").status_code == 404

    def test_whoever_comes_from_a_named_network(self, client, settings, memory_engine):
        settings.METRICS_NETWORKS = ["10.0.0.0/8"]
        assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200


class TestWhatIsTold:
    def test_requests_by_view_and_status_with_their_durations(self, client, read):
        client.get("/robots.txt")
        client.get("/no-hay-nada-aqui/")
        told = read()
        assert 'bank_requests_total{method="GET",status="200",view="robots"}' in told
        assert 'bank_requests_total{method="GET",status="404",view="none"}' in told
        assert 'bank_request_seconds_count{view="robots"}' in told

    def test_change_number_index_state_and_queues(self, read):
        make_study(stage="in-review")
        make_proposal(make_study(stage="published"))
        told = read()
        assert "bank_database_up 1.0" in told
        assert "bank_change_number " in told
        assert 'bank_index_state{state="' in told
        assert 'bank_queue_length{queue="studies-in-review"}' in told
        assert 'bank_queue_length{queue="proposals"}' in told

    def test_that_the_database_is_away(self, read, monkeypatch):
        from django.db import OperationalError

        def away() -> None:
            raise OperationalError("connection refused")

        monkeypatch.setattr("evidencebank.watching.metrics.indexing.check_health", away)
        assert "bank_database_up 0.0" in read()
