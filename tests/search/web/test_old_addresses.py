"""Addresses of earlier versions lead to those of today."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from search.engines.memory.engine import MemoryEngine
from search.web.shared.old_addresses import redirect_old_addresses
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

    @pytest.mark.parametrize(
        ("path", "target"),
        [
            ("//example.org/", "/%2Fexample.org/"),
            ("//example.org/%2e%2e", "/%2Fexample.org/.."),
            ("/estudios/%3Fq%23b/", "/estudios/%3Fq%23b/"),
            ("/estudios/%0d%0aX-Y: z", "/estudios/%0D%0AX-Y:%20z"),
        ],
    )
    def test_stay_on_the_site_and_on_the_path(self, path: str, target: str):
        # As a server passes it on: the path is decoded, and may begin with two slashes.
        request = RequestFactory().get("/", {"certainty": "low"})
        request.path = unquote(path)
        response = redirect_old_addresses(lambda _request: HttpResponse())(request)
        assert response["Location"] == f"{target}?risk_of_bias=low"

    @pytest.mark.parametrize(
        "query",
        [
            "certainty=low&appraisal=low&risk_of_bias=some",
            "intervention=economic-context&intervention=economic-context&certainty=%00",
            "intervention=economic-context&intervention=helpline&retired=economic-context",
            "intervention=economic-context&exposure=income-shock&exposure=none&retired=x",
            "appraisal=&certainty=%ff%fe&intervention=",
            "certainty=not-appraised&role=evaluated&intervention=economic-context%20",
            "appraisal=" + "low&appraisal=" * 200 + "low",
        ],
    )
    @pytest.mark.parametrize("path", ["/estudios/", "/mapa/", "/en/studies/", "/api/v1/studies/"])
    def test_in_odd_company_end_after_one_step(
        self, client: Client, memory_engine: MemoryEngine, path: str, query: str
    ):
        response = client.get(f"{path}?{query}")
        assert response.status_code == 301
        assert client.get(response["Location"]).status_code in (200, 400)


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
