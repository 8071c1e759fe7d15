"""The server for assistants, asked by the SDK's own client: in this process, over standard input, over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest
from asgiref.sync import async_to_sync
from django.core.cache import caches
from mcp import Client, StdioServerParameters

from search.assistants import asking
from search.assistants.server import build_server
from studies.models import Stage, Study
from tests.bank_server import ROOT, environment
from tests.factories import make_study, merge_studies, withdraw

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SASA = "abramsky-2014-sasa"
TOOLS = {"search_studies", "get_study", "list_interventions", "get_intervention_answer", "cite_studies"}


def talk(dialogue: Callable[[Client], Awaitable[Any]]) -> Any:
    """Run a dialogue with the server in this process, where the rows of the test are seen."""

    async def run() -> Any:
        async with Client(build_server()) as client:
            return await dialogue(client)

    return async_to_sync(run)()


@pytest.fixture(autouse=True, scope="module")
def _no_running_loop() -> Iterator[None]:
    """Hide the loop that Playwright leaves running in the thread of the tests, before a test has its connection.

    Under a loop the same thread has another connection, which sees no row of the test.
    """
    left_running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(left_running)


def call(tool: str, **arguments: Any) -> Any:
    result = talk(lambda client: client.call_tool(tool, arguments))
    text = result.content[0].text
    return text if result.is_error else json.loads(text)


@pytest.mark.django_db
class TestTools:
    def test_only_read_and_say_so(self):
        listed = talk(lambda client: client.list_tools()).tools
        assert {tool.name for tool in listed} == TOOLS
        assert all(tool.annotations.read_only_hint and tool.description for tool in listed)

    def test_search_as_the_api_does(self, client, memory_engine):
        found = call("search_studies", query="transferencias monetarias", country=["EC"])
        listed = json.loads(client.get("/api/v1/studies/?q=transferencias+monetarias&country=EC").content)
        assert [each["id"] for each in found["results"]] == [each["id"] for each in listed["results"]]
        assert found["total"] == listed["total"]
        assert found["results"][0]["links"]["html"]["en"].endswith(f"/en/studies/{listed['results'][0]['id']}/")

    def test_give_a_study_whole_with_its_addresses(self):
        study = call("get_study", id=SASA)
        assert study["record"]["findings"]
        assert study["links"]["html"]["es"].endswith(f"/estudios/{SASA}/")

    def test_give_the_answer_on_an_intervention(self):
        listed = call("list_interventions")["results"]
        code = max(listed, key=lambda each: each["record"]["evaluations"])["id"]
        answer = call("get_intervention_answer", code=code)
        assert answer["record"]["comparisons"]
        assert answer["links"]["html"]["es"].endswith(f"/intervenciones/{code}/")

    def test_cite_published_studies_alone(self):
        draft = make_study(title="Zarzaparrilla")
        cited = call("cite_studies", ids=[SASA, draft.slug], style="vancouver", language="en")
        assert "Abramsky" in cited["citations"]
        assert "Zarzaparrilla" not in cited["citations"]
        assert "/en/selection/?id=" in cited["links"]["html"]

    def test_show_nothing_that_is_not_published_and_say_why(self):
        draft, gone = make_study(title="Zarzaparrilla"), withdraw(make_study(stage=Stage.PUBLISHED))
        assert "Zarzaparrilla" not in json.dumps(call("search_studies", query="zarzaparrilla"))
        assert "No hay nada en esta dirección" in call("get_study", id=draft.slug)
        assert "Los autores retiraron el artículo." in call("get_study", id=gone.slug)

    def test_lead_from_a_merged_study_to_the_other(self):
        merged = merge_studies(make_study(stage=Stage.PUBLISHED), Study.objects.get(slug=SASA))
        assert call("get_study", id=merged.slug)["id"] == SASA

    @pytest.mark.parametrize(
        ("tool", "arguments"),
        [
            ("get_study", {"id": "../../admin/"}),
            ("get_study", {}),
            ("search_studies", {"page": 0}),
            ("search_studies", {"query": "a" * 301}),
            ("search_studies", {"country": ["PE"] * 101}),
            ("search_studies", {"page": 999_999}),
            ("cite_studies", {"ids": []}),
            ("cite_studies", {"ids": ["a"] * 51}),
            ("get_intervention_answer", {"code": "nada"}),
        ],
    )
    def test_refuse_what_makes_no_sense_in_words(self, memory_engine, tool, arguments):
        told = call(tool, **arguments)
        assert isinstance(told, str)
        assert "Traceback" not in told

    def test_have_the_limits_of_the_api(self, settings):
        caches["throttle"].clear()
        settings.API_REQUESTS_PER_MINUTE = 2
        told = [call("get_study", id=SASA) for _ in range(3)]
        caches["throttle"].clear()
        assert [isinstance(each, str) for each in told] == [False, False, True]
        assert "Demasiados pedidos" in told[2]

    def test_count_the_limit_by_the_address_of_the_caller(self, settings):
        caches["throttle"].clear()
        settings.API_REQUESTS_PER_MINUTE = 1
        for address in ("192.0.2.1", "192.0.2.2"):
            asking.ask_json("/api/v1/", address=address)
        with pytest.raises(asking.AskingFailed):
            asking.ask_json("/api/v1/", address="192.0.2.1")
        caches["throttle"].clear()


@pytest.mark.thorough
class TestTransports:
    def test_over_standard_input(self, set_up_bank):
        command = StdioServerParameters(
            command=sys.executable, args=[str(ROOT / "manage.py"), "mcp"], env=environment(set_up_bank), cwd=str(ROOT)
        )

        async def run() -> Any:
            async with Client(command) as client:
                return await client.call_tool("get_study", {"id": SASA})

        assert json.loads(anyio.run(run).content[0].text)["id"] == SASA

    def test_over_http_to_its_own_host_alone(self, set_up_bank):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, str(ROOT / "manage.py"), "mcp", "--http", "--port", str(port)]
        server = subprocess.Popen(command, env=environment(set_up_bank), cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)

            async def run() -> Any:
                async with Client(f"http://127.0.0.1:{port}/mcp") as client:
                    return await client.call_tool("get_study", {"id": SASA})

            assert json.loads(anyio.run(run).content[0].text)["id"] == SASA
            # A page that somebody's browser shows may not reach it under another name (DNS rebinding).
            refused = subprocess.run(
                [sys.executable, "-c", FOREIGN_HOST, str(port)], capture_output=True, text=True, env=dict(os.environ)
            )
            assert refused.stdout.split() == ["421", "405"]
        finally:
            server.terminate()
            server.wait(timeout=20)


FOREIGN_HOST = """
import http.client, sys
asked = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
asked.request("POST", "/mcp", "{}", {"Host": "evil.example", "Content-Type": "application/json"})
print(asked.getresponse().status)
# A stream that stays open would be kept for everybody who asks.
asked = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
asked.request("GET", "/mcp", headers={"Accept": "text/event-stream"})
print(asked.getresponse().status)
"""


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError("The server does not listen.")
