"""Addresses of earlier versions lead to those of today."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from search.engines.memory.engine import MemoryEngine
from studies.models import Stage
from tests.factories import make_study

pytestmark = pytest.mark.django_db

EXPOSURES = ["income-shock", "unemployment", "women-work"]


def led_to(client: Client, address: str) -> tuple[str, dict[str, list[str]]]:
    response = client.get(address)
    assert response.status_code == 301
    target = urlsplit(response["Location"])
    return target.path, parse_qs(target.query)


class TestOldParameters:
    @pytest.mark.parametrize("old", ["appraisal", "certainty"])
    @pytest.mark.parametrize("path", ["/estudios/", "/en/studies/", "/mapa/", "/api/v1/studies/"])
    def test_lead_to_the_same_page_under_the_name_of_today(self, client: Client, path: str, old: str):
        assert led_to(client, f"{path}?q=a&{old}=low&{old}=some") == (
            path,
            {"q": ["a"], "risk_of_bias": ["low", "some"]},
        )

    def test_of_today_lead_nowhere(self, client: Client, memory_engine: MemoryEngine):
        assert client.get("/estudios/?risk_of_bias=low").status_code == 200

    def test_a_form_that_is_sent_is_not_led_on(self, client: Client):
        assert client.post("/estudios/?certainty=low").status_code == 405


class TestRetiredInterventions:
    def test_lead_to_the_exposures_that_took_their_place(self, client: Client):
        path, parameters = led_to(client, "/estudios/?intervention=economic-context&country=PE")
        assert path == "/estudios/"
        assert parameters == {"country": ["PE"], "exposure": EXPOSURES, "retired": ["economic-context"]}

    def test_lead_programs_there_without_a_parameter_that_means_nothing_to_them(self, client: Client):
        _path, parameters = led_to(client, "/api/v1/studies/?intervention=economic-context")
        assert parameters == {"exposure": EXPOSURES}

    @pytest.mark.parametrize(
        ("page", "path"),
        [
            ("/intervenciones/economic-context/", "/estudios/"),
            ("/en/interventions/economic-context/", "/en/studies/"),
        ],
    )
    def test_lead_from_their_own_page_to_the_list(self, client: Client, page: str, path: str):
        assert led_to(client, page) == (path, {"exposure": EXPOSURES, "retired": ["economic-context"]})

    def test_are_told_to_the_reader_in_the_list(self, client: Client, memory_engine: MemoryEngine):
        make_study(stage=Stage.PUBLISHED, exposures=("women-work",))
        response = client.get("/estudios/?intervention=economic-context", follow=True)
        assert response.status_code == 200
        assert "«Contexto económico» ya no es una intervención" in response.content.decode()

    def test_are_told_to_nobody_else(self, client: Client, memory_engine: MemoryEngine):
        for address in ("/estudios/?exposure=women-work", "/estudios/?retired=helpline"):
            assert "ya no es una intervención" not in client.get(address).content.decode()
