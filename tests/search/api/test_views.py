"""The API as a program meets it: lists, records, vocabularies, problems, limits. Its schema: `test_api_schema.py`."""

from __future__ import annotations

import fcntl
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from search.api import throttling
from search.api.problems import PROBLEM_KINDS
from search.api.throttling import WINDOW_S, AddressThrottle
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from studies.models import Stage, Study
from studies.publishing.opendata.fields import UNPUBLISHED
from studies.records.study import StudyRecord, fingerprint
from tests.bank_server import ROOT, environment
from tests.factories import edit, make_study, merge_studies, withdraw
from tests.studies.records_factory import fixture_json, fixture_studies

STUDIES = "/api/v1/studies/"
SASA = "abramsky-2014-sasa"


def body(client: Client, path: str, **headers: str) -> dict[str, Any]:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)


def problem(response: Any) -> dict[str, Any]:
    """Read a problem, which says what every problem must."""
    assert response["Content-Type"] == "application/problem+json"
    read: dict[str, Any] = json.loads(response.content)
    assert read["status"] == response.status_code
    assert read["title"]
    assert read["detail"]
    code = re.fullmatch(r"(?:http://testserver)?/datos/api/#problema-([a-z-]+)", read["type"])
    assert code, read["type"]
    return {**read, "code": code[1]}


@pytest.mark.django_db
class TestList:
    def test_has_the_studies_of_the_search_page_in_its_order(self, client, memory_engine):
        query = "q=transferencias+monetarias&country=EC&sort=oldest"
        listed = body(client, f"{STUDIES}?{query}")
        page = client.get(f"/estudios/?{query}").content.decode()
        page, _, _ = page.partition("Otros estudios, con parte de sus palabras")
        assert [each["id"] for each in listed["results"]] == re.findall(
            r'class="card__title"><a href="/estudios/([a-z0-9-]+)/"', page
        )
        assert listed["total"] == len(listed["results"]) > 1

    def test_gives_each_record_whole_in_the_exchange_format(self, client, memory_engine):
        records = {record.id: record for record in fixture_studies()}
        for each in body(client, f"{STUDIES}?page_size=50")["results"]:
            assert fingerprint(StudyRecord.from_json(each["record"])) == fingerprint(records[each["id"]])

    def test_is_walked_to_the_end_by_its_links_and_holds_each_study_once(self, client, memory_engine):
        found, path, pages = [], f"{STUDIES}?page_size=50", 0
        while path:
            listed = body(client, path)
            found += [each["id"] for each in listed["results"]]
            pages += 1
            path = listed["links"]["next"]
        assert pages == listed["page_count"] == listed["page"]
        assert len(found) == len(set(found)) == listed["total"] == Study.objects.published().count()

    def test_tells_the_same_links_in_its_header(self, client, memory_engine):
        response = client.get(f"{STUDIES}?page=2&theme=prevention")
        links = json.loads(response.content)["links"]
        told = {rel: url for url, rel in re.findall(r'<([^>]+)>; rel="([a-z]+)"', response["Link"])}
        assert told["prev"] == links["previous"] == f"http://testserver{STUDIES}?theme=prevention"
        assert told["next"] == links["next"]
        assert told["license"] == "https://creativecommons.org/licenses/by/4.0/"

    def test_keeps_the_facets_from_page_to_page(self, client, memory_engine):
        assert body(client, f"{STUDIES}?facets=effect&facets=years")["links"]["next"].endswith(
            "?page=2&facets=effect&facets=years"
        )

    def test_leads_to_the_pages_for_people(self, client, memory_engine):
        links = body(client, f"{STUDIES}?theme=autonomy")["links"]["html"]
        assert links["es"] == "http://testserver/estudios/?theme=autonomy"
        assert links["en"] == "http://testserver/en/studies/?theme=autonomy"

    def test_counts_the_facets_that_are_asked_for_and_no_other(self, client, memory_engine):
        assert "facets" not in body(client, STUDIES)
        facets = body(client, f"{STUDIES}?facets=theme&facets=years&country=PE")["facets"]
        assert set(facets) == {"theme", "years"}
        for option in facets["theme"]["options"]:
            only = body(client, f"{STUDIES}?country=PE&{option['parameter']}={option['code']}")
            assert only["total"] == option["count"]
        assert facets["theme"]["es"] == "Tema"
        assert facets["theme"]["en"] == "Theme"
        assert sum(year["count"] for year in facets["years"]) == body(client, f"{STUDIES}?country=PE")["total"]

    def test_names_what_it_did_not_take(self, client, memory_engine):
        listed = body(client, f"{STUDIES}?theme=autonomy&theme=nada&contry=PE&q=%22violencia")
        assert listed["unknown_codes"] == [{"parameter": "theme", "code": "nada"}]
        assert listed["ignored_parameters"] == ["contry"]
        assert listed["understood"]["notes"] == ["Falta una comilla: las palabras se buscaron sueltas."]

    def test_names_what_the_thesaurus_added(self, client, memory_engine):
        added = body(client, f"{STUDIES}?q=transferencias+monetarias")["understood"]["concepts"]
        assert {"text": "cash transfer", "language": "en"} in [word for each in added for word in each["words"]]

    def test_costs_twelve_queries_whatever_its_size(self, client, memory_engine):
        for size in (20, 50):
            with CaptureQueriesContext(connection) as queries:
                body(client, f"{STUDIES}?page_size={size}&facets=country&facets=years")
            assert len(queries) == 12, [query["sql"][:80] for query in queries]

    def test_without_an_index_counts_nothing_and_still_lists(self, client, monkeypatch):
        engine = MemoryEngine(FACET_PARAMETERS)
        monkeypatch.setattr(indexing, "get_engine", lambda: engine)
        listed = body(client, f"{STUDIES}?facets=theme&country=PE")
        assert (listed["total"], listed["facets"], listed["page_count"]) == (None, None, None)
        assert listed["links"]["last"] is None
        assert len(listed["results"]) == 20
        following = body(client, listed["links"]["next"])
        assert not {each["id"] for each in following["results"]} & {each["id"] for each in listed["results"]}


@pytest.mark.django_db
class TestStudy:
    def test_is_the_record_as_the_fixtures_have_it(self, client):
        (record,) = (each for each in fixture_studies() if each.id == SASA)
        study = body(client, f"{STUDIES}{SASA}/")
        assert fingerprint(StudyRecord.from_json(study["record"])) == fingerprint(record)
        assert study["links"]["html"]["en"] == f"http://testserver/en/studies/{SASA}/"

    def test_costs_thirteen_queries_and_two_when_the_caller_has_it(self, client):
        client.get(STUDIES)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"{STUDIES}{SASA}/")
        assert len(queries) == 13, [query["sql"][:80] for query in queries]
        with CaptureQueriesContext(connection) as queries:
            again = client.get(f"{STUDIES}{SASA}/", headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304
        assert len(queries) == 2, [query["sql"][:80] for query in queries]

    def test_that_was_merged_leads_to_the_other_which_may_be_undone(self, client):
        merged = merge_studies(make_study(stage=Stage.PUBLISHED), Study.objects.get(slug=SASA))
        response = client.get(f"{STUDIES}{merged.slug}/")
        assert response.status_code == 301
        assert response["Location"] == f"http://testserver{STUDIES}{SASA}/"
        assert response["Cache-Control"] == "no-cache"

    def test_that_was_withdrawn_is_gone_and_says_why(self, client):
        study = withdraw(make_study(stage=Stage.PUBLISHED))
        told = problem(client.get(f"{STUDIES}{study.slug}/"))
        assert (told["code"], told["status"]) == ("withdrawn", 410)
        assert told["reason"] == "Los autores retiraron el artículo."

    @pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.IN_REVIEW])
    def test_that_was_never_public_is_not_found(self, client, stage):
        study = make_study(stage=stage)
        assert problem(client.get(f"{STUDIES}{study.slug}/"))["code"] == "not-found"

    def test_of_a_review_names_only_studies_that_are_published(self, client, memory_engine):
        shown, gone = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        slugs = tuple(sorted((shown.slug, gone.slug)))
        review = make_study(title="Zarzaparrilla", includes=slugs, stage=Stage.PUBLISHED)
        path = f"{STUDIES}{review.slug}/"
        first = client.get(path)
        assert json.loads(first.content)["record"]["includes"] == list(slugs)
        withdraw(gone)
        again = client.get(path, headers={"If-None-Match": first["ETag"]})
        assert json.loads(again.content)["record"]["includes"] == [shown.slug]
        (listed,) = body(client, f"{STUDIES}?q=zarzaparrilla")["results"]
        assert listed["record"] == json.loads(again.content)["record"]

    def test_that_was_merged_as_a_draft_is_not_found(self, client):
        merged = merge_studies(make_study(), Study.objects.get(slug=SASA))
        assert problem(client.get(f"{STUDIES}{merged.slug}/"))["code"] == "not-found"


@pytest.mark.django_db
class TestTaxonomyAndEntry:
    def test_the_taxonomy_holds_every_term_with_its_criterion(self, client):
        taxonomy = body(client, "/api/v1/taxonomy/")
        by_code = {each["code"]: each for each in taxonomy["vocabularies"]}
        assert by_code["interventions"]["parameter"] == "intervention"
        assert by_code["measures"]["parameter"] is None
        for code, terms in fixture_json("taxonomy").items():
            public = [{name: value for name, value in term.items() if name not in UNPUBLISHED} for term in terms]
            assert [each["term"] for each in by_code[code]["terms"]] == public

    def test_the_entry_leads_everywhere(self, client):
        links = body(client, "/api/v1/")["links"]
        for link in (links["studies"], links["taxonomy"], links["schema"], *links["documentation"].values()):
            assert client.get(link).status_code == 200

    def test_costs_one_query_each(self, client):
        client.get("/api/v1/taxonomy/")
        for path in ("/api/v1/", "/api/v1/taxonomy/"):
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            assert len(queries) == 1, path


@pytest.mark.django_db
class TestAskingAgain:
    PATHS = (f"{STUDIES}?theme=autonomy&facets=country", f"{STUDIES}{SASA}/", "/api/v1/taxonomy/", "/api/v1/schema/")

    @pytest.mark.parametrize("path", PATHS)
    def test_costs_no_body_while_nothing_changed(self, client, memory_engine, path):
        first = client.get(path)
        for known in (first["ETag"], f"W/{first['ETag']}", f'"x", {first["ETag"]}', "*"):
            again = client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again["ETag"] == first["ETag"]
        assert client.get(path, headers={"If-None-Match": '"another"'}).status_code == 200

    def test_gives_the_new_record_after_a_change(self, client, memory_engine):
        study = make_study(stage=Stage.PUBLISHED)
        for path in (f"{STUDIES}{study.slug}/", STUDIES):
            first = client.get(path)
            edit(study, title_es=f"Otro título, visto en {path}")
            again = client.get(path, headers={"If-None-Match": first["ETag"]})
            assert again.status_code == 200
            assert again["ETag"] != first["ETag"]

    def test_another_language_is_another_answer(self, client, memory_engine):
        spanish = client.get(STUDIES)
        english = client.get(STUDIES, headers={"Accept-Language": "en"})
        assert spanish["ETag"] != english["ETag"]
        assert (spanish["Content-Language"], english["Content-Language"]) == ("es", "en")
        assert "Accept-Language" in spanish["Vary"]

    def test_an_index_that_is_behind_gives_another_answer_than_one_in_step(self, client, memory_engine, monkeypatch):
        monkeypatch.setattr("search.index.sync.update_index", lambda: None)
        make_study(stage=Stage.PUBLISHED)
        behind = client.get(STUDIES)
        indexing.catch_up()
        assert client.get(STUDIES)["ETag"] != behind["ETag"]

    def test_is_refused_where_the_answer_is_no_longer_what_the_caller_takes_it_for(self, client):
        path = f"{STUDIES}{SASA}/"
        assert client.get(path, headers={"If-Match": client.get(path)["ETag"]}).status_code == 200
        assert problem(client.get(path, headers={"If-Match": '"another"'}))["code"] == "precondition-failed"


@pytest.mark.django_db
class TestProblems:
    @pytest.mark.parametrize(
        ("query", "parameters"),
        [
            ("year_from=hoy", ["year_from"]),
            ("year_from=20.0", ["year_from"]),
            ("year_to=99999", ["year_to"]),
            ("page=0", ["page"]),
            ("page=dos&page_size=700&sort=nada", ["page", "page_size", "sort"]),
            ("exact=yes", ["exact"]),
            ("q=a&q=b", ["q"]),
            (f"q={'a' * 301}", ["q"]),
            (f"theme={'a' * 121}", ["theme"]),
            ("&".join(f"country={number}" for number in range(101)), ["country"]),
            ("facets=nada", ["facets"]),
        ],
    )
    def test_what_cannot_be_read_is_refused_all_at_once(self, client, query, parameters):
        told = problem(client.get(f"{STUDIES}?{query}"))
        assert (told["code"], told["status"]) == ("bad-parameters", 400)
        assert sorted(fault["parameter"] for fault in told["errors"]) == parameters

    def test_a_page_past_the_end_is_not_found(self, client, memory_engine):
        for query in ("page=999", "q=xyzzyx&page=2"):
            assert problem(client.get(f"{STUDIES}?{query}"))["code"] == "past-the-end"

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
    def test_another_method_is_not_allowed(self, client, method):
        for path in (STUDIES, f"{STUDIES}{SASA}/", "/api/v1/", "/api/v1/taxonomy/", "/api/v1/schema/"):
            response = getattr(client, method)(path)
            assert problem(response)["code"] == "method-not-allowed"
            assert response["Allow"] == "GET, HEAD, OPTIONS"

    @pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/png"])
    def test_another_form_than_json_is_not_acceptable(self, client, accept):
        assert problem(client.get(STUDIES, headers={"Accept": accept}))["code"] == "not-acceptable"

    def test_a_browser_gets_json(self, client, memory_engine):
        body(client, STUDIES, Accept="text/html,application/xhtml+xml,*/*;q=0.8")

    @pytest.mark.parametrize("path", ["/api/v1/nada/", "/api/", "/api/v2/studies/", "/api/v1/studies/a%00/"])
    def test_an_address_that_does_not_exist_is_a_problem_too(self, client, path):
        response = client.get(path)
        assert problem(response)["code"] == "not-found"
        assert response["Access-Control-Allow-Origin"] == "*"

    def test_a_lost_slash_leads_on(self, client):
        response = client.get("/api/v1/studies")
        assert (response.status_code, response["Location"]) == (301, STUDIES)

    def test_a_foreign_host_is_a_bad_request(self, client):
        assert problem(client.get(STUDIES, headers={"Host": "evil.example"}))["code"] == "bad-request"

    def test_a_failure_of_the_program_is_a_problem_without_its_inside(self, client, monkeypatch):
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("zarzaparrilla")

        monkeypatch.setattr("search.services.public_search.search", fail)
        client.raise_request_exception = False
        response = client.get(STUDIES)
        assert problem(response)["code"] == "server-error"
        assert b"zarzaparrilla" not in response.content

    def test_comes_in_the_language_of_the_caller(self, client):
        response = client.get(f"{STUDIES}?page=0", headers={"Accept-Language": "en-GB,en;q=0.9"})
        assert problem(response)["title"] == "Some parameters cannot be read"
        assert problem(client.get("/api/v1/nada/", headers={"Accept-Language": "en"}))["title"] != str(
            PROBLEM_KINDS["not-found"].title
        )

    def test_each_kind_stands_on_the_page_of_documentation(self, client):
        for path in ("/datos/api/", "/en/data/api/"):
            html = client.get(path).content.decode()
            assert [kind.code for kind in PROBLEM_KINDS.values() if f'id="{kind.anchor}"' not in html] == []


@pytest.mark.django_db
class TestFromOtherSites:
    def test_any_page_may_read(self, client, memory_engine):
        response = client.get(STUDIES, headers={"Origin": "https://otro.example"})
        assert response["Access-Control-Allow-Origin"] == "*"
        assert {"ETag", "Link", "Retry-After"} <= set(response["Access-Control-Expose-Headers"].split(", "))
        assert "set-cookie" not in response.headers

    def test_a_browser_may_ask_first_with_what_makes_asking_again_cheap(self, client, settings):
        settings.API_REQUESTS_PER_MINUTE = 1
        for _ in range(3):
            response = client.options(
                STUDIES, headers={"Origin": "https://otro.example", "Access-Control-Request-Headers": "if-none-match"}
            )
            assert (response.status_code, response.content) == (204, b"")
            assert "If-None-Match" in response["Access-Control-Allow-Headers"]
            assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.fixture
def nothing_counted() -> Iterator[None]:
    caches["throttle"].clear()
    yield
    caches["throttle"].clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("nothing_counted")
class TestLimit:
    @pytest.fixture(autouse=True)
    def _three_a_minute(self, settings):
        settings.API_REQUESTS_PER_MINUTE = 3

    def test_holds_for_each_address_and_says_when_to_come_again(self, client):
        answers = [client.get("/api/v1/") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert problem(answers[3])["code"] == "too-many-requests"
        assert 1 <= int(answers[3]["Retry-After"]) <= WINDOW_S
        assert [re.search(r"r=(\d+)", answer["RateLimit"])[1] for answer in answers] == ["2", "1", "0", "0", "0"]
        assert answers[0]["RateLimit-Policy"] == '"address";q=3;w=60'
        assert client.get("/api/v1/", REMOTE_ADDR="192.0.2.7").status_code == 200

    def test_holds_for_whatever_is_asked(self, client):
        for path in ("/api/v1/taxonomy/", f"{STUDIES}?page=0", f"{STUDIES}nada/"):
            client.get(path)
        assert client.get("/api/v1/schema/").status_code == 429

    @pytest.mark.parametrize(
        ("query", "left"), [("", 29), ("page_size=20", 29), ("page_size=21", 28), ("page_size=200&format=csv", 10)]
    )
    def test_a_large_page_counts_as_what_it_costs(self, client, memory_engine, settings, query, left):
        settings.API_REQUESTS_PER_MINUTE = 30
        assert f";r={left};" in client.get(f"{STUDIES}?{query}")["RateLimit"]

    @pytest.mark.parametrize("size", ["0", "-1", "9999", "x", "²", "00000000000000200"])
    def test_a_size_that_is_none_counts_once(self, client, memory_engine, settings, size):
        settings.API_REQUESTS_PER_MINUTE = 30
        assert ";r=29;" in client.get(STUDIES, {"page_size": size})["RateLimit"]

    def test_leaves_pages_for_people_alone(self, client, memory_engine):
        assert [client.get("/estudios/").status_code for _ in range(5)] == [200] * 5

    def test_does_not_keep_readers_out_where_nothing_can_be_counted(self, client, settings, tmp_path, caplog):
        settings.VAR_DIR = tmp_path / "nowhere"  # like a full disk, no file can be written there
        answer = client.get("/api/v1/")
        assert (answer.status_code, "RateLimit" in answer) == (200, False)
        assert "not counted" in caplog.text

    def test_does_not_keep_readers_out_while_a_stuck_process_holds_the_lock(self, client, monkeypatch, caplog):
        monkeypatch.setattr(throttling, "LOCK_TIMEOUT_S", 0)
        with (settings.VAR_DIR / "throttle.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            answers = [client.get("/api/v1/") for _ in range(5)]
        assert [(answer.status_code, "RateLimit" in answer) for answer in answers] == [(200, False)] * 5
        assert "not counted" in caplog.text
        assert "throttle.lock is locked" in caplog.text

    def test_counts_again_once_the_lock_is_free(self, client, monkeypatch):
        # The holder ends while the request pauses between its first two attempts.
        held = (settings.VAR_DIR / "throttle.lock").open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
        clock = SimpleNamespace(monotonic=lambda: 0, sleep=lambda _s: held.close())
        monkeypatch.setattr(throttling, "time", clock)
        assert "r=2;" in client.get("/api/v1/")["RateLimit"]

    def test_is_none_where_the_setting_is_0(self, client, settings):
        settings.API_REQUESTS_PER_MINUTE = 0
        answers = [client.get("/api/v1/") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 5
        assert not any("RateLimit" in answer for answer in answers)


def ask(address: str = "192.0.2.7") -> tuple[bool, str]:
    """Ask once. Return whether the throttle allows it, and what it tells the caller."""
    throttle = AddressThrottle()
    is_allowed = throttle.allow_request(RequestFactory().get("/", REMOTE_ADDR=address), None)
    return is_allowed, throttle.headers()["RateLimit"]


@pytest.mark.usefixtures("nothing_counted")
class TestAddressThrottle:
    @pytest.fixture(autouse=True)
    def _two_a_minute(self, settings):
        settings.API_REQUESTS_PER_MINUTE = 2

    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        now = [time.time()]
        monkeypatch.setattr(AddressThrottle, "timer", lambda _: now[0])
        return now

    def test_allows_so_many_in_any_minute(self, clock):
        assert ask() == (True, '"address";r=1;t=60')
        clock[0] += 30
        assert ask() == (True, '"address";r=0;t=30')
        clock[0] += 29
        assert ask() == (False, '"address";r=0;t=1')
        clock[0] += 1
        assert ask() == (True, '"address";r=0;t=30')

    def test_does_not_count_what_it_refuses(self, clock):
        for _ in range(9):
            ask()
        clock[0] += WINDOW_S
        assert ask() == (True, '"address";r=1;t=60')

    def test_counts_requests_that_come_at_the_same_time(self, settings):
        settings.API_REQUESTS_PER_MINUTE = 20
        with ThreadPoolExecutor(8) as threads:
            allowed = [is_allowed for is_allowed, _ in threads.map(lambda _: ask(), range(100))]
        assert allowed.count(True) == 20

    def test_is_shared_by_the_processes_of_a_host(self, tmp_path):
        code = "import django; django.setup(); from tests.search.api.test_views import ask; print(ask())"
        own = {"DJANGO_SETTINGS_MODULE": "evidencebank.settings", "API_REQUESTS_PER_MINUTE": "2"}
        command, environ = [sys.executable, "-c", code], environment(tmp_path) | own
        told = [subprocess.check_output(command, cwd=ROOT, env=environ, text=True) for _ in range(3)]
        assert [re.search(r"\w+", each)[0] for each in told] == ["True", "True", "False"]

    def test_keeps_no_address_and_lets_nobody_else_read_what_it_keeps(self):
        ask("192.0.2.7")
        (file,) = Path(settings.VAR_DIR / "throttle").iterdir()
        assert b"192.0.2.7" not in file.read_bytes()
        assert "192.0.2.7" not in file.name
        assert (file.stat().st_mode & 0o077, file.parent.stat().st_mode & 0o077) == (0, 0)

    def test_does_not_fill_the_disk_with_many_addresses(self):
        for number in range(250):
            ask(f"10.0.0.{number}")
        assert len([*Path(settings.VAR_DIR / "throttle").iterdir()]) <= 100

    @pytest.mark.parametrize(
        ("one", "other", "together"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
            ("192.0.2.7", "192.0.2.8", False),
            ("", "", True),
        ],
    )
    def test_counts_one_subscriber_as_one_address(self, one, other, together):
        for address in (one, one):
            ask(address)
        assert ask(other)[0] is not together
