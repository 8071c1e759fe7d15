"""Lists that are walked by a cursor, the collections beside studies, and what one may ask of any list."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from search.api.collections import COLLECTIONS
from studies.models import Evaluation, EvaluationStudy, PolicyQuestion, Programme, Stage, Study
from studies.publishing.opendata.evidence import iterate_evaluations
from studies.records.finding import FindingRecord
from studies.records.json_record import fields_of
from tests.factories import edit, make_study, merge_studies, withdraw
from tests.search.api.test_schema import validator
from tests.search.api.test_views import SASA, STUDIES, body, problem
from tests.studies.records_factory import finding, fixture_studies

TODAY = timezone.localdate()
FINDINGS, CHANGES = "/api/v1/findings/", "/api/v1/changes/"
LISTS = (STUDIES, FINDINGS, CHANGES, *(f"/api/v1/{name}/" for name in COLLECTIONS))
WALKED = (f"{STUDIES}?cursor=*&", *(f"{path}?" for path in LISTS[1:]))


def walk(client: Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while path:
        listed = body(client, path)
        found += listed["results"]
        path = listed["links"]["next"]
    assert len(found) == listed["total"]
    return found


def table(client: Client, path: str, **headers: str) -> list[dict[str, str]]:
    response = client.get(path, headers=headers)
    assert response["Content-Type"] == "text/csv; charset=utf-8", response.content
    return list(csv.DictReader(io.StringIO(response.content.decode())))


@pytest.mark.django_db
class TestWalking:
    @pytest.mark.parametrize("path", WALKED)
    def test_gives_everything_once_whatever_the_size_of_a_page(self, client, memory_engine, path):
        whole = walk(client, f"{path}page_size=200")
        by_fewer = walk(client, f"{path}page_size=97")
        assert by_fewer == whole
        assert len({json.dumps(each, sort_keys=True) for each in whole}) == len(whole)
        # The bank has no published question: one of its own is in the test of collections.
        assert bool(whole) is ("questions" not in path)

    def test_of_studies_has_the_list_of_the_criteria_with_whole_records(self, client, memory_engine):
        walked = walk(client, f"{STUDIES}?cursor=*&q=transferencias&country=EC")
        listed = body(client, f"{STUDIES}?q=transferencias&country=EC")["results"]
        assert {each["id"]: each for each in walked} == {each["id"]: each for each in listed}
        assert walked == sorted(walked, key=lambda each: (each["change"], each["id"]))

    def test_of_studies_names_what_says_nothing_of_it(self, client, memory_engine):
        listed = body(client, f"{STUDIES}?cursor=*&page=2&sort=title&facets=effect&nada=1")
        assert listed["ignored_parameters"] == ["page", "sort", "facets", "nada"]

    def test_gives_a_study_that_changes_meanwhile_again_at_the_end(self, client, memory_engine):
        first = body(client, f"{STUDIES}?cursor=*&page_size=200")
        edit(Study.objects.get(slug=first["results"][0]["id"]), title_es="Otro título")
        walked = walk_on(client, first["links"]["next"])
        assert [each["id"] for each in walked][-1] == first["results"][0]["id"]

    def test_since_a_time_gives_what_changed_since(self, client, memory_engine):
        moment = timezone.now()
        study = make_study(stage=Stage.PUBLISHED, findings=(finding(),))
        since = moment.isoformat().replace("+", "%2B")
        assert [each["id"] for each in walk(client, f"{STUDIES}?updated_since={since}")] == [study.slug]
        assert [each["study"] for each in walk(client, f"{FINDINGS}?updated_since={since}")] == [study.slug]
        assert [each["id"] for each in walk(client, f"{CHANGES}?updated_since={since}")] == [study.slug]
        assert walk(client, f"{STUDIES}?updated_since=2999-01-01") == []

    @pytest.mark.parametrize("since", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
    def test_reads_the_first_and_the_last_time_that_there_is(self, client, memory_engine, since):
        body(client, f"{STUDIES}?updated_since={since}")

    def test_reads_a_time_with_a_plus_sign_that_nobody_escaped(self, client, memory_engine):
        assert walk(client, f"{STUDIES}?updated_since=2999-01-01T00:00:00+00:00") == []

    @pytest.mark.parametrize("path", [f"{STUDIES}?cursor=*", f"{FINDINGS}?x=1", f"{CHANGES}?x=1"])
    def test_costs_fourteen_queries_at_most(self, client, memory_engine, path):
        for size in (5, 150):
            with CaptureQueriesContext(connection) as queries:
                body(client, f"{path}&page_size={size}")
            assert len(queries) <= 14, [query["sql"][:80] for query in queries]


def walk_on(client: Client, path: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while path:
        listed = body(client, path)
        found += listed["results"]
        path = listed["links"]["next"]
    return found


@pytest.mark.django_db
class TestFindings:
    def test_are_those_of_the_records_in_their_places(self, client, memory_engine):
        records = {record.id: record for record in fixture_studies()}
        for each in body(client, f"{FINDINGS}?page_size=200")["results"]:
            assert FindingRecord.from_json(each["record"]) == records[each["study"]].findings[each["position"] - 1]
            assert each["links"]["self"].endswith(f"{STUDIES}{each['study']}/")

    def test_of_an_outcome_and_an_effect_are_on_these_alone(self, client, memory_engine):
        found = walk(client, f"{FINDINGS}?outcome=ipv-physical&effect=favourable&effect=mixed")
        assert {each["record"]["outcome"] for each in found} == {"ipv-physical"}
        assert {each["record"]["effect"] for each in found} <= {"favourable", "mixed"}

    def test_in_a_table_have_numbers_as_numbers(self, client, memory_engine):
        rows = table(client, f"{FINDINGS}?page_size=200&format=csv")
        numbers = [row["value"] for row in rows if row["value"]]
        assert min(map(float, numbers)) < 0
        assert list(rows[0])[:2] == ["study", "position"]


@pytest.mark.django_db
class TestChanges:
    def test_tell_what_became_of_studies_that_were_public(self, client):
        gone = withdraw(make_study(stage=Stage.PUBLISHED))
        merged = merge_studies(make_study(stage=Stage.PUBLISHED), Study.objects.get(slug=SASA))
        draft = make_study()
        told = {each["id"]: each for each in walk(client, f"{CHANGES}?page_size=200")}
        assert told[gone.slug]["state"] == "withdrawn"
        assert (told[merged.slug]["state"], told[merged.slug]["merged_into"]) == ("merged", SASA)
        assert draft.slug not in told

    def test_hold_no_content_of_what_is_gone(self, client):
        withdraw(make_study(title="Zarzaparrilla", stage=Stage.PUBLISHED))
        assert b"Zarzaparrilla" not in client.get(f"{CHANGES}?page_size=200").content


@pytest.mark.django_db
class TestCollections:
    @pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=COLLECTIONS)
    def test_give_each_entry_at_an_address_of_its_own(self, client, collection):
        if collection.name == "questions":
            made = {"answer_es": "<p>Poco.</p>", "answer_en": "<p>Little.</p>", "question_en": "What works?"}
            PolicyQuestion.objects.create(
                slug="prueba",
                question_es="¿Qué funciona?",
                is_published=True,
                reviewed_by="Ana",
                reviewed_on=TODAY,
                sources=["https://example.org"],
                **made,
            )
        for each in body(client, f"/api/v1/{collection.name}/?page_size=3")["results"]:
            entry = body(client, each["links"]["self"])
            assert entry["id"] == each["id"]
            assert entry["record"].items() >= each["record"].items()
            for address in (each["links"]["html"] or {}).values():
                assert client.get(address).status_code == 200

    def test_say_nothing_of_what_is_not_public(self, client):
        hidden = make_study()
        programme = Programme.objects.create(slug="xilo", name="Xilo", name_es="Xilo", name_en="Xilo")
        evaluation = Evaluation.objects.create(
            slug="xilo-trial", kind="trial", name_es="X", name_en="X", programme=programme
        )
        EvaluationStudy.objects.create(evaluation=evaluation, study=hidden)
        PolicyQuestion.objects.create(slug="xilo-question", question_es="¿Xilo?")
        for path in ("programmes/xilo", "evaluations/xilo-trial", "questions/xilo-question", "interventions/xilo"):
            assert problem(client.get(f"/api/v1/{path}/"))["code"] == "not-found"
        for name in COLLECTIONS:
            assert b"xilo" not in client.get(f"/api/v1/{name}/?page_size=200").content

    def test_an_evaluation_does_not_name_a_programme_that_is_not_public(self):
        programme = Programme.objects.create(slug="xilo", name="Xilo", name_es="Xilo", name_en="Xilo")
        evaluation = Evaluation.objects.create(
            slug="xilo-trial", kind="trial", name_es="X", name_en="X", programme=programme
        )
        EvaluationStudy.objects.create(evaluation=evaluation, study=Study.objects.get(slug=SASA))
        (record,) = (each for each in iterate_evaluations() if each.id == "xilo-trial")
        assert record.programme is None

    def test_cost_as_many_queries_for_many_entries_as_for_few(self, client):
        for name in COLLECTIONS:
            client.get(f"/api/v1/{name}/")
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/api/v1/{name}/?page_size=200")
            assert len(queries) <= 9, name

    def test_the_answer_on_an_intervention_counts_as_its_page_does(self, client):
        answer = body(client, "/api/v1/interventions/cash-transfer/")["record"]
        listed = {each["id"]: each["record"] for each in walk(client, "/api/v1/interventions/?page_size=200")}
        assert answer["evaluations"] == listed["cash-transfer"]["evaluations"] > 1
        rows = [row for each in answer["comparisons"] for row in each["outcomes"]]
        for row in rows:
            assert sum(each["evaluations"] for each in row["directions"]) == row["evaluations"]
            assert {each["evaluation"] for each in row["estimates"]} >= {row["estimates"][0]["evaluation"]}
        assert any(row["is_priority"] for row in rows)

    @pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=COLLECTIONS)
    def test_have_the_shape_that_the_schema_promises(self, client, collection):
        kind = collection.singular.title()
        listed = body(client, f"/api/v1/{collection.name}/?page_size=200")
        validator(f"{kind}List").validate(listed)
        for each in listed["results"][::40]:
            validator(f"{kind}Entry").validate(body(client, each["links"]["self"]))


@pytest.mark.django_db
class TestAnyList:
    @pytest.mark.parametrize("path", WALKED)
    def test_gives_the_fields_that_are_wanted(self, client, memory_engine, path):
        if path.startswith(CHANGES):
            return
        for entry in body(client, f"{path}fields={known_field(path)}")["results"]:
            assert set(entry["record"]) <= {known_field(path)}

    def test_one_study_too_and_its_table(self, client, memory_engine):
        assert body(client, f"{STUDIES}{SASA}/?fields=year,doi")["record"].keys() == {"year", "doi"}
        assert list(table(client, f"{STUDIES}?fields=title,year&format=csv")[0]) == ["title", "year"]

    def test_keeps_fields_and_form_from_page_to_page(self, client, memory_engine):
        links = body(client, f"{STUDIES}?fields=title&page_size=200&format=json")["links"]
        assert links["next"].endswith("?page=2&page_size=200&fields=title&format=json")
        assert "page_size=200" not in links["html"]["es"]

    @pytest.mark.parametrize("path", LISTS)
    def test_comes_as_a_table_by_parameter_or_header_with_the_same_links(self, client, memory_engine, path):
        asked = f"{path}?page_size=2"
        rows = table(client, f"{asked}&format=csv")
        assert rows == table(client, asked, Accept="text/csv")
        listed = client.get(f"{asked}&format=csv")
        assert len(rows) == len(body(client, asked)["results"])
        assert 'rel="license"' in listed["Link"]
        assert listed["ETag"] != client.get(asked)["ETag"]
        again = client.get(asked, headers={"Accept": "text/csv", "If-None-Match": client.get(asked)["ETag"]})
        assert again.status_code == 200

    @pytest.mark.parametrize(
        ("query", "parameters"),
        [
            ("cursor=nada", ["cursor"]),
            ("cursor=1.a&cursor=2.b", ["cursor"]),
            ("cursor=99999999999999999999.a", ["cursor"]),
            ("cursor=%00", ["cursor"]),
            ("updated_since=ayer", ["updated_since"]),
            ("updated_since=2026-02-30", ["updated_since"]),
            ("fields=nada,title", ["fields"]),
            ("fields=title,", ["fields"]),
            ("fields=" + ",".join(["title"] * 101), ["fields"]),
            ("format=", ["format"]),
            ("page_size=201&format=json", ["page_size"]),
            ("page_size=0", ["page_size"]),
            ("page_size=%D9%A3", ["page_size"]),
        ],
    )
    def test_refuses_what_it_cannot_read(self, client, query, parameters):
        told = problem(client.get(f"{STUDIES}?{query}"))
        assert [fault["parameter"] for fault in told["errors"]] == parameters

    def test_refuses_a_form_that_it_has_not(self, client):
        for path in (f"{STUDIES}?format=xml", "/api/v1/taxonomy/?format=csv", f"{STUDIES}{SASA}/?format=csv"):
            told = problem(client.get(path))
            assert [fault["parameter"] for fault in told["errors"]] == ["format"]

    def test_a_problem_comes_as_one_where_a_table_was_asked_for(self, client):
        assert problem(client.get(f"{STUDIES}?format=csv&page=0"))["code"] == "bad-parameters"

    def test_a_problem_leads_to_the_page_that_explains_it(self, client):
        told = problem(client.get(f"{STUDIES}?page=0"))
        address, _, anchor = told["type"].partition("#")
        assert f'id="{anchor}"' in client.get(address).content.decode()


def known_field(path: str) -> str:
    if path.startswith(STUDIES):
        return "title"
    if path.startswith(FINDINGS):
        return "value"
    (collection,) = (each for name, each in COLLECTIONS.items() if path.startswith(f"/api/v1/{name}/"))
    return list(fields_of(collection.record))[1]
