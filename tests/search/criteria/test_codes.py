"""Between codes and names."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from search.contract import NOT_STATED
from search.criteria import codes
from search.criteria.criteria import Criteria
from search.criteria.facets import PARAMETERS
from search.engines.memory.engine import MemoryEngine
from studies.curation import terms
from studies.models import Concept, Programme, Stage, Term
from studies.store import vocabularies
from studies.store.changes import vocabulary_change
from studies.store.vocabularies import Vocabularies
from tests.factories import make_study, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def vocabulary() -> Vocabularies:
    return vocabularies.current()


class TestResolving:
    def resolve(self, vocabulary: Vocabularies, **chosen: str) -> codes.ResolvedCodes:
        given = {parameter: tuple(values.split()) for parameter, values in chosen.items()}
        return codes.resolve_codes(Criteria(chosen=given, year_from=2000, year_to=2020), vocabulary)

    def test_known_codes_and_years_are_kept(self, vocabulary: Vocabularies):
        resolved = self.resolve(vocabulary, country="PE BR", effect="mixed none", open_access="unknown")
        assert resolved.unknown == ()
        assert resolved.filters.chosen == {
            "country": frozenset({"PE", "BR"}),
            "effect": frozenset({"mixed", "none"}),
            "open_access": frozenset({"unknown"}),
        }
        assert (resolved.filters.year_from, resolved.filters.year_to) == (2000, 2020)

    def test_an_unknown_code_beside_a_known_one_is_named_and_left_out(self, vocabulary: Vocabularies):
        resolved = self.resolve(vocabulary, country="PE XX")
        assert resolved.filters.chosen == {"country": frozenset({"PE"})}
        assert resolved.unknown == (("country", "XX"),)

    def test_beside_means_in_the_same_facet(self, vocabulary: Vocabularies):
        resolved = self.resolve(vocabulary, country="XX", region="andean", theme="autonomy")
        assert resolved.filters.chosen == {"region": frozenset({"andean"}), "theme": frozenset({"autonomy"})}

    def test_an_unknown_code_alone_stays_and_matches_nothing(self, vocabulary: Vocabularies):
        resolved = self.resolve(vocabulary, country="XX", theme="autonomy")
        assert resolved.filters.chosen == {"country": frozenset({"XX"}), "theme": frozenset({"autonomy"})}
        assert resolved.unknown == (("country", "XX"),)

    def test_not_stated_is_known_only_where_a_field_may_be_missing(self, vocabulary: Vocabularies):
        for parameter in PARAMETERS:
            known = PARAMETERS[parameter].current_code(NOT_STATED, vocabulary)
            assert (known is None) == (parameter in ("open_access", "risk_of_bias")), parameter

    def test_a_code_of_another_vocabulary_is_unknown(self, vocabulary: Vocabularies):
        assert self.resolve(vocabulary, theme="rct").unknown == (("theme", "rct"),)


class TestNames:
    @pytest.mark.parametrize(
        ("parameter", "code", "spanish", "english"),
        [
            ("country", "PE", "Perú", "Peru"),
            ("theme", "attention", "Atención de la violencia", "Response services"),
            ("country", "XX", "XX", "XX"),
            ("programme", "no-such", "no-such", "no-such"),
        ],
    )
    def test_a_code_is_told_in_the_language_of_the_page(
        self, vocabulary: Vocabularies, parameter: str, code: str, spanish: str, english: str
    ):
        assert PARAMETERS[parameter].label(code, vocabulary, "es") == spanish
        assert PARAMETERS[parameter].label(code, vocabulary, "en") == english

    def test_what_is_not_stated_has_a_name(self, vocabulary: Vocabularies):
        with translation.override("es"):
            assert PARAMETERS["open_access"].label("unknown", vocabulary, "es") == "Sin dato"
            assert PARAMETERS["type"].label(NOT_STATED, vocabulary, "es") == "Sin dato"
            assert PARAMETERS["country"].label(NOT_STATED, vocabulary, "es") == "Varios países o sin dato"

    def test_every_code_that_may_be_offered_has_a_name(self, vocabulary: Vocabularies):
        for parameter in PARAMETERS:
            offered = PARAMETERS[parameter].codes(vocabulary)
            assert len(set(offered)) == len(offered)
            for code in offered:
                assert PARAMETERS[parameter].current_code(code, vocabulary) == code
                assert PARAMETERS[parameter].label(code, vocabulary, "es") not in ("", code) or parameter == "programme"

    def test_a_retired_term_is_not_offered_but_still_read(self):
        retired = Term(vocabulary="settings", code="camp", label_es="Campamento", label_en="Camp")
        terms.edit(retired, by=None)
        terms.retire(retired)
        assert "camp" not in PARAMETERS["setting"].codes(vocabularies.current())
        assert PARAMETERS["setting"].current_code("camp", vocabularies.current()) == "camp"

    def test_names_in_both_languages_lead_to_codes(self, vocabulary: Vocabularies):
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for name in codes.iter_names(vocabulary):
            found[name.parameter, name.code] = (*found.get((name.parameter, name.code), ()), *name.texts)
        assert found["country", "BR"] == ("Brasil", "Brazil")
        assert {"Perú", "Peru"} <= set(found["region", "peru"])
        assert "ACTV" in found["programme", "actv"]

    def test_latin_america_is_peru_the_andes_and_the_rest(self, vocabulary: Vocabularies):
        named = {
            name.code for name in codes.iter_names(vocabulary) if {"América Latina", "Latin America"} <= set(name.texts)
        }
        assert named == {"peru", "andean", "latin-america-caribbean"}

    def test_a_new_label_is_a_name_at_once(self):
        with vocabulary_change():
            Programme.objects.filter(slug="actv").update(aliases=["Nuevo alias"])
        found = {
            name.code: name.texts for name in codes.iter_names(vocabularies.current()) if name.parameter == "programme"
        }
        assert "Nuevo alias" in found["actv"]

    def test_every_facet_of_the_taxonomy_names_its_vocabulary(self, vocabulary: Vocabularies):
        for parameter in PARAMETERS.values():
            assert not parameter.vocabulary or vocabulary.terms(parameter.vocabulary), parameter.name


class TestConcepts:
    @pytest.mark.parametrize(
        ("kind", "code", "parameter"),
        [
            ("interventions", "helpline", "intervention"),
            ("exposures", "lockdown", "exposure"),
            ("data_sources", "police-records", "data_source"),
            ("reporters", "men", "reporter"),
        ],
    )
    def test_lead_to_terms_of_every_vocabulary_that_a_facet_has(self, kind: str, code: str, parameter: str):
        with vocabulary_change():
            concept = Concept.objects.create(slug="xilofonia", words_es=["xilofonía"])
            concept.terms.add(Term.objects.get(vocabulary=kind, code=code))
        (found,) = (each for each in codes.iter_concepts(vocabularies.current()) if each.slug == "xilofonia")
        assert found.codes == {(parameter, code)}


class TestProgrammesThatAreNotPublished:
    """Their names are nobody's to read until a published study carries them."""

    ADDRESSES = (
        "/estudios/?programme=xilofonia",
        "/en/studies/?q=proyecto+xilofon%C3%ADa",
        "/feeds/estudios.atom?programme=xilofonia",
        "/registro-de-busqueda/?programme=xilofonia",
        "/mapa/?programme=xilofonia",
        "/api/v1/studies/?programme=xilofonia&facets=programme",
        "/estudios/sugerencias.json?q=xilof",
    )

    @pytest.fixture(autouse=True)
    def _unpublished(self, memory_engine: MemoryEngine) -> None:
        with vocabulary_change():
            Programme.objects.create(
                slug="xilofonia", name="Proyecto Xilofonía", name_es="Proyecto Xilofonía", name_en="Xylophony Project"
            )

    def telling(self, client: Client) -> list[str]:
        answers = {address: client.get(address) for address in self.ADDRESSES}
        assert {answer.status_code for answer in answers.values()} <= {200, 400}
        return [
            address
            for address, answer in answers.items()
            if re.search("Proyecto Xilofon|Xylophony", unescape(answer.content.decode()))
        ]

    def test_are_named_nowhere(self, client: Client):
        assert self.telling(client) == []
        make_study(programme="Proyecto Xilofonía")
        assert self.telling(client) == []

    def test_are_named_while_a_published_study_carries_them(self, client: Client):
        study = make_study(programme="Proyecto Xilofonía", stage=Stage.PUBLISHED)
        assert "/estudios/?programme=xilofonia" in self.telling(client)
        withdraw(study)
        assert self.telling(client) == []
