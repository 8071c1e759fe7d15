"""How the bank is described to catalogues: schema.org on pages, DCAT for portals; DataCite and schemas in editions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from frictionless import Package, Resource
from pytest_django import DjangoDbBlocker

from studies.publishing.opendata import editions, publishing
from studies.publishing.opendata.contents import FILES
from studies.publishing.opendata.table_schemas import build_schema

pytestmark = pytest.mark.django_db
TABLES = [name for name in FILES if name.endswith(".csv")]


@pytest.fixture(scope="module")
def var(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an edition of the real bank: making one takes seconds."""
    folder = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), override_settings(VAR_DIR=folder):
        publishing.publish(keep=5)
    return folder


@pytest.fixture
def edition(var: Path, settings: Any) -> Path:
    """The folder of that edition, which the pages offer."""
    settings.VAR_DIR = var
    return editions.editions_folder() / editions.list_days()[0]


def package_of(edition: Path) -> Package:
    # By its text: frictionless does not close a manifest that it opens itself.
    return Package(json.loads((edition / "datapackage.json").read_text()), basepath=str(edition))


@pytest.fixture
def no_edition(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def linked_data(client: Client, path: str) -> dict[str, Any]:
    html = client.get(path).content.decode()
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    read: dict[str, Any] = json.loads(found)
    return read


def is_there(client: Client, address: str) -> bool:
    response = client.get(address)
    if response.streaming:
        # A file is open until it is sent. To close the answer would close the connection of the test on PostgreSQL.
        b"".join(response.streaming_content)
    return bool(response.status_code == 200)


class TestTables:
    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    @pytest.mark.parametrize("name", TABLES)
    def test_are_valid_by_their_schemas(self, edition, name):
        # In its package, so that references to other tables are looked up.
        report = package_of(edition).get_resource(name.replace(".", "-")).validate()
        assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])[:5]

    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_hold_numbers_as_numbers(self, edition):
        resource: Resource = package_of(edition).get_resource("findings-csv")
        values = [row["value"] for row in resource.read_rows() if row["value"] is not None]
        assert min(values) < 0 < max(values)

    def test_all_have_a_schema_that_tells_each_column_and_no_other_file_has_one(self, edition):
        manifest = json.loads((edition / "datapackage.json").read_text())
        for resource in manifest["resources"]:
            assert ("schema" in resource) == (resource["path"] in TABLES)
            if "schema" in resource:
                header = (edition / resource["path"]).read_text(encoding="utf-8-sig").splitlines()[0]
                assert [field["name"] for field in resource["schema"]["fields"]] == header.split(",")

    def test_of_studies_has_types_of_its_own(self):
        schema = build_schema("studies.csv")
        assert schema is not None
        types = {field["name"]: field["type"] for field in schema["fields"]}
        assert (types["year"], types["open_access"], types["title"]) == ("integer", "boolean", "string")


class TestDataset:
    def test_the_page_of_data_has_the_files_of_the_newest_edition(self, client, edition):
        for path, name in (("/datos/", "estudios"), ("/en/data/", "studies")):
            described = linked_data(client, path)
            assert described["@type"] == "Dataset"
            assert name in described["name"]
            assert 50 <= len(described["description"]) <= 5000
            assert described["license"] == "https://creativecommons.org/licenses/by/4.0/"
            assert described["url"].endswith(path)
            for each in described["distribution"]:
                assert is_there(client, each["contentUrl"])
            assert {each["name"] for each in described["distribution"]} >= set(FILES)

    def test_is_on_the_first_page_without_what_changes_with_an_edition(self, client, edition):
        described = linked_data(client, "/")
        assert (described["@type"], described["@id"]) == ("Dataset", linked_data(client, "/datos/")["@id"])
        assert "distribution" not in described

    def test_is_there_before_the_first_edition(self, client, no_edition):
        assert "distribution" not in linked_data(client, "/datos/")


class TestDataJson:
    def test_has_what_project_open_data_asks_of_a_dataset(self, client, edition):
        response = client.get("/data.json")
        assert response["Access-Control-Allow-Origin"] == "*"
        catalogue = json.loads(response.content)
        assert catalogue["conformsTo"] == "https://project-open-data.cio.gov/v1.1/schema"
        (dataset,) = catalogue["dataset"]
        for field in (
            "title",
            "description",
            "keyword",
            "modified",
            "publisher",
            "identifier",
            "accessLevel",
            "license",
        ):
            assert dataset[field], field
        assert dataset["contactPoint"] == {
            "@type": "vcard:Contact",
            "fn": "Banco de Evidencias",
            "hasEmail": "mailto:errores@example.pe",
        }
        for each in dataset["distribution"]:
            address = each.get("downloadURL") or each["accessURL"]
            assert ("mediaType" in each) == ("downloadURL" in each)
            assert is_there(client, address)

    def test_names_services_alone_before_the_first_edition(self, client, no_edition):
        (dataset,) = json.loads(client.get("/data.json").content)["dataset"]
        assert [each["title"] for each in dataset["distribution"]] == ["OAI-PMH", "SKOS"]


class TestDataCite:
    def test_has_every_field_that_is_mandatory_for_a_doi_but_the_doi(self, edition):
        written = json.loads((edition / "datacite.json").read_text())
        assert written["identifiers"] == []
        for field in ("creators", "titles", "publisher", "publicationYear", "types", "schemaVersion"):
            assert written[field], field
        assert written["types"]["resourceTypeGeneral"] == "Dataset"
        assert written["version"] == json.loads((edition / "datapackage.json").read_text())["version"]
