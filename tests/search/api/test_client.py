"""The OpenAPI document in the hands of others: a validator of OpenAPI, and a client that a program made from it."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from search.api.schema import openapi_document
from tests.bank_server import BankServer
from tests.studies.records_factory import fixture_studies

SASA = "abramsky-2014-sasa"
NAME = "generated_bank_client"


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_document_is_valid(language: str) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(openapi_document(language)).iter_errors()] == []


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package that openapi-python-client makes of our document."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "schema.json").write_text(json.dumps(openapi_document("es")), encoding="utf-8")
    # Its last step, tidying what it wrote, needs ruff on the PATH.
    (folder / "config.yml").write_text(f"package_name_override: {NAME}\npost_hooks: []\n", encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"),
            *("--path", "schema.json", "--config", "config.yml", "--output-path", NAME),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(NAME)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
            del sys.modules[name]


class TestGeneratedClient:
    """Asks a bank that serves, as a program of others would."""

    def ask(self, generated: ModuleType, bank: BankServer, operation: str, *arguments: str, **criteria: Any) -> Any:
        call = importlib.import_module(f"{NAME}.api.api.{operation}")
        with generated.Client(base_url=bank.url) as client:
            return call.sync(*arguments, client=client, **criteria)

    def test_reads_a_study_as_the_bank_has_it(self, generated, bank_server):
        answer = self.ask(generated, bank_server, "study", SASA)
        (wanted,) = (record for record in fixture_studies() if record.id == SASA)
        assert (answer.id, answer.record.year, answer.record.title) == (SASA, wanted.year, wanted.title)
        assert [finding.value for finding in answer.record.findings if finding.value] == [
            finding.value for finding in wanted.findings if finding.value
        ]

    def test_reads_a_list_and_the_counts_of_its_facets(self, generated, bank_server):
        facets = importlib.import_module(f"{NAME}.models").StudiesFacetsItem
        answer = self.ask(generated, bank_server, "studies", theme=["autonomy"], facets=[facets.COUNTRY])
        assert answer.total == sum("autonomy" in record.themes for record in fixture_studies())
        assert len(answer.results) == 20
        assert answer.facets.country.options

    def test_reads_the_entry_and_the_vocabularies(self, generated, bank_server):
        assert self.ask(generated, bank_server, "entry").name == "Banco de Evidencias"
        vocabularies = self.ask(generated, bank_server, "taxonomy").vocabularies
        (themes,) = (each for each in vocabularies if each.code == "themes")
        assert {each.term.code for each in themes.terms} >= {"autonomy", "attention", "prevention"}

    def test_is_told_of_a_problem(self, generated, bank_server):
        assert self.ask(generated, bank_server, "study", "nada").status == 404
