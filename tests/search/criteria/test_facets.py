"""The registry of facets: what stands in it is filtered, counted, offered and described, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from search.api.parameters import YEARS
from search.api.schema import openapi_document as openapi
from search.contract import SearchRequest
from search.criteria.facet import CodedStudy
from search.criteria.facets import FACET_OF, FACETS, PARAMETERS
from search.criteria.filters import CodesFilter, StudyFilterSet
from search.engines.memory.engine import MemoryEngine
from studies.records.study import StudyRecord
from studies.store import vocabularies
from tests.html_pages import page_of

FACET_NAMES = [facet.name for facet in FACETS]


def parameters_in_the_api(language: str) -> dict[str, dict[str, Any]]:
    operation = openapi(language)["paths"]["/api/v1/studies/"]["get"]
    return {each["name"]: each for each in operation["parameters"]}


class TestRegistry:
    def test_each_facet_has_a_name_and_parameters_of_its_own(self):
        assert len(set(FACET_NAMES)) == len(FACETS)
        assert len(PARAMETERS) == sum(len(facet.parameters) for facet in FACETS)

    def test_each_parameter_is_a_filter_of_codes(self):
        filters = {name for name, each in StudyFilterSet.base_filters.items() if isinstance(each, CodesFilter)}
        assert filters == {*PARAMETERS, "without"}

    @pytest.mark.django_db
    def test_each_parameter_is_counted(self, memory_engine: MemoryEngine):
        counts = memory_engine.search(SearchRequest()).facets
        assert list(counts) == list(PARAMETERS)
        assert all(counts.values())

    @pytest.mark.django_db
    def test_each_parameter_is_offered_on_the_search_page(self, client: Client, memory_engine: MemoryEngine):
        page = page_of(client, "/estudios/?" + "&".join(f"all={name}" for name in FACET_NAMES))
        offered = page.xpath(".//label[contains(@class, 'check')]/input[@type='checkbox']/@name")
        assert set(offered) == set(PARAMETERS)

    @pytest.mark.parametrize("language", ["es", "en"])
    def test_each_parameter_is_described_in_the_api(self, language: str):
        described = parameters_in_the_api(language)
        assert {name for name, each in described.items() if each["schema"]["type"] == "array"} == {
            *PARAMETERS, "without", "facets", "fields"
        }  # fmt: skip
        with override(language):
            for name, facet in FACET_OF.items():
                # Regions are told in the facet of countries, families in that of designs: they say what they are.
                if name not in ("region", "design_family"):
                    assert described[name]["description"].startswith(f"{facet.label}: ")
                assert "{" not in described[name]["description"]

    def test_each_facet_can_be_counted_by_the_api(self):
        assert parameters_in_the_api("es")["facets"]["schema"]["items"]["enum"] == [*FACET_NAMES, YEARS]
        answer = openapi("es")["components"]["schemas"]["StudyList"]["properties"]["facets"]
        (shape,) = [each["$ref"].rpartition("/")[2] for each in answer.get("oneOf", [answer]) if "$ref" in each]
        assert set(openapi("es")["components"]["schemas"][shape]["properties"]) == {*FACET_NAMES, YEARS}


@pytest.mark.django_db
class TestWiderAndNarrowerParameters:
    def test_a_home_is_the_only_code_of_its_wider_code(self):
        vocabulary = vocabularies.current()
        homes = [facet for facet in FACETS if any(facet.home)]
        assert homes
        for facet in homes:
            wider, home = facet.home
            narrower = facet.code_parameters[1].vocabulary
            assert [term.code for term in vocabulary.children(narrower, wider)] == [home]

    def test_options_stand_under_the_parents_of_their_terms(self):
        vocabulary = vocabularies.current()
        for facet in FACETS:
            if facet.grouped_by:
                for term in vocabulary.terms(facet.code_parameters[0].vocabulary):
                    assert term.parent is None or vocabulary.find(facet.grouped_by, term.parent), term.code


@pytest.mark.django_db
class TestDocumentCodes:
    def test_a_study_has_a_code_in_each_parameter_even_where_it_states_nothing(self):
        record = StudyRecord(id="nothing-stated", title="Nada")
        study = CodedStudy(record, None, vocabularies.current())
        for parameter in PARAMETERS.values():
            assert parameter.document_codes(study) == {parameter.not_stated}, parameter.name
            assert parameter.not_stated in parameter.codes(study.vocabularies), parameter.name
