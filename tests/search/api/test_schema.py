"""What the API says of itself: the OpenAPI document, its examples, and a fuzzer that holds the API to it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from benchmarks.fuzz_api import fuzz
from search.api import examples
from search.api.collections import COLLECTIONS
from search.api.schema import MEDIA_TYPE, OPENAPI, openapi_document
from search.criteria.filters import StudyFilterSet
from studies.models import Stage
from studies.records.appraisal import AppraisalRecord, JudgementRecord
from studies.records.finding import FindingRecord
from studies.records.json_record import fields_of
from studies.records.study import STUDY_FIELDS, AuthorRecord, SourceRecord
from tests.bank_server import BankServer, serving
from tests.factories import make_study, withdraw
from tests.studies.records_factory import fixture_studies

SHAPES = {
    "entry": "Entry",
    "studies": "StudyList",
    "study": "Study",
    "taxonomy": "Taxonomy",
    "findings": "FindingList",
    "changes": "ChangeList",
    **{each.name: f"{each.singular.title()}List" for each in COLLECTIONS.values()},
    **{each.singular: f"{each.singular.title()}Entry" for each in COLLECTIONS.values()},
}


def validator(name: str) -> Any:
    schema = openapi_document("es")
    whole = {"$ref": f"#/components/schemas/{name}", "components": schema["components"]}
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())


@pytest.mark.django_db
class TestDocument:
    def test_is_openapi_3_1_in_both_languages(self, client):
        for language, title, vocabularies in (
            ("es", "API del Banco de Evidencias", "Los vocabularios"),
            ("en", "API of the Banco de Evidencias", "The vocabularies"),
        ):
            response = client.get(f"/api/v1/schema/?lang={language}")
            assert response["Content-Type"] == MEDIA_TYPE
            schema = json.loads(response.content)
            assert schema["openapi"] == OPENAPI
            assert schema["info"]["title"] == title
            assert schema["paths"]["/api/v1/taxonomy/"]["get"]["summary"] == vocabularies

    def test_names_parameters_of_one_facet_apart(self, client):
        given = client.get("/api/v1/schema/?lang=es").json()["paths"]["/api/v1/studies/"]["get"]["parameters"]
        told = {each["name"]: each["description"].split(":")[0] for each in given if "description" in each}
        names = [told[name] for name in ("region", "country", "design_family", "design")]
        assert names == ["Región", "País", "Tipo de diseño", "Diseño"]

    def test_comes_as_plain_json_too(self, client):
        response = client.get("/api/v1/schema/", headers={"Accept": "application/json"})
        assert response["Content-Type"] == "application/json"

    def test_its_shapes_are_json_schema(self):
        for shape in openapi_document("es")["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(shape)

    def test_refers_to_nothing_that_it_does_not_hold(self):
        schema = openapi_document("es")
        names = re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(schema))
        assert set(names) == set(schema["components"]["schemas"])

    def test_allows_nothing_beside_what_it_tells_but_in_a_term(self):
        open_ones = {
            name
            for name, shape in openapi_document("es")["components"]["schemas"].items()
            if shape["additionalProperties"]
        }
        assert open_ones == {"TermRecord"}

    def test_promises_a_shape_of_each_answer(self):
        operations = [path["get"] for path in openapi_document("es")["paths"].values()]
        promised = {
            each["operationId"]: each["responses"]["200"]["content"]["application/json"]["schema"]
            for each in operations
        }
        assert promised == {name: {"$ref": f"#/components/schemas/{shape}"} for name, shape in SHAPES.items()}

    def test_names_every_criterion_and_every_field_of_a_record(self):
        schema = openapi_document("es")
        parameters = [each["name"] for each in schema["paths"]["/api/v1/studies/"]["get"]["parameters"]]
        assert set(StudyFilterSet.base_filters) | {"facets"} <= set(parameters)
        shapes = schema["components"]["schemas"]
        assert tuple(shapes["StudyRecord"]["properties"]) == STUDY_FIELDS
        for record in (AuthorRecord, FindingRecord, SourceRecord, AppraisalRecord, JudgementRecord):
            assert set(shapes[record.__name__]["properties"]) == set(fields_of(record))

    def test_holds_no_vocabulary_that_a_curator_may_change(self):
        """It is made once for the life of a process."""
        assert "community-mobilisation" not in json.dumps(openapi_document("es")["components"])

    @pytest.mark.parametrize("name", list(SHAPES))
    def test_its_examples_have_the_shape_that_it_promises(self, name):
        validator(SHAPES[name]).validate(examples.ANSWERS[name])
        validator("Problem").validate(examples.PROBLEM)

    def test_its_example_of_a_record_is_of_the_bank(self):
        (record,) = (each.to_json() for each in fixture_studies() if each.id == examples.RECORD["id"])
        for field, value in examples.RECORD.items():
            if field == "findings":
                assert value[0].items() <= record[field][0].items()
            elif isinstance(value, list):
                assert value == record[field][: len(value)]
            else:
                assert value == record[field]

    @pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/studies/?page_size=50&facets=country&q=violencia",
                                      "/api/v1/studies/abramsky-2014-sasa/", "/api/v1/taxonomy/"])  # fmt: skip
    def test_the_answers_have_the_shape_that_it_promises(self, client, memory_engine, path):
        name = {"": "Entry", "studies": "StudyList", "taxonomy": "Taxonomy"}.get(path.split("/")[3], "")
        if "abramsky" in path:
            name = "Study"
        validator(name).validate(json.loads(client.get(path).content))


@pytest.fixture
def unlimited_bank(set_up_bank: Path, tmp_path: Path) -> Iterator[BankServer]:
    """A bank that takes any number of requests."""
    template = tmp_path / "template"
    shutil.copytree(set_up_bank, template)
    with (template / "env").open("a") as file:
        file.write("API_REQUESTS_PER_MINUTE=0\n")
    with serving(template, tmp_path / "var") as server:
        yield server


@pytest.mark.thorough
class TestFuzzer:
    def test_finds_no_undocumented_answer_and_no_failure(self, unlimited_bank):
        """The short form of `python -m benchmarks.fuzz_api`: the edges of every parameter, and the same random ones."""
        done = fuzz(unlimited_bank.url, examples=30, seed=7)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"Tested: {len(SHAPES)}" in done.stdout


@pytest.mark.django_db
class TestProblemsOfStudies:
    def test_have_the_shape_of_a_problem(self, client):
        gone = withdraw(make_study(stage=Stage.PUBLISHED))
        for slug in (gone.slug, make_study().slug, "nada"):
            validator("Problem").validate(json.loads(client.get(f"/api/v1/studies/{slug}/").content))
