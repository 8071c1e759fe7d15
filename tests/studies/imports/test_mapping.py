"""What the bank makes of a parsed reference: codes, language, keywords, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from studies.imports.formats.base import ParsedReference
from studies.imports.formats.errors import RowInvalid
from studies.imports.keywords import KeywordIndex, propose_terms
from studies.imports.language_detection import detect_language
from studies.imports.mapping import Mapper
from studies.models import Study
from studies.store.vocabularies import current
from tests.studies.appraisals_factory import appraisal_record

pytestmark = pytest.mark.django_db


def mapped_from(told: str = "", keywords: tuple[str, ...] = (), *, is_exact: bool = True, **fields: Any) -> Any:
    parsed = ParsedReference({"title": "Los telares", **fields}, keywords, is_exact=is_exact)
    return Mapper(current(), told).map(parsed)


class TestMapping:
    def test_a_title_is_all_that_is_needed(self):
        assert mapped_from(told="es").record == {
            "title": "Los telares",
            "title_es": "Los telares",
            "language": "es",
            **{name: [] for name in ("authors", "themes", "interventions", "outcomes", "populations", "settings")},
            **{name: [] for name in ("exposures", "data_sources", "designs", "countries", "findings", "sources")},
        }

    def test_appraisals_stay_behind_and_it_is_told(self):
        """Two people judge a study in this bank, and agree: a file says neither who nor how."""
        mapped = mapped_from(own_appraisals=[appraisal_record().to_json()])
        assert "own_appraisals" not in mapped.record
        assert any("no se importan" in note for note in mapped.notes)

    def test_an_intervention_without_a_role_gets_none_and_it_is_told(self):
        rows = [{"code": "engaging-men", "role": "evaluated"}, {"code": "Líneas de ayuda y emergencia"}]
        mapped = mapped_from(interventions=rows)
        assert mapped.record["interventions"] == [{"code": "engaging-men", "role": "evaluated"}, {"code": "helpline"}]
        (note,) = [note for note in mapped.notes if "Falta elegir" in note]
        assert note.endswith("Líneas de ayuda y emergencia.")

    def test_roles_are_read_by_their_names(self):
        mapped = mapped_from(interventions=[{"code": "helpline", "role": "Descrita"}])
        assert mapped.record["interventions"] == [{"code": "helpline", "role": "described"}]

    @pytest.mark.parametrize("role", ["evaluada por otros", "x"])
    def test_a_role_that_is_none_refuses_the_row(self, role: str):
        with pytest.raises(RowInvalid, match="Papeles"):
            mapped_from(interventions=[{"code": "helpline", "role": role}])

    def test_a_judgement_that_others_published_comes_in(self):
        judged = {"instrument": "RoB 1", "judges": "bias", "risk_of_bias": "Riesgo de sesgo bajo", "by": "Cochrane"}
        (kept,) = mapped_from(appraisals=[judged]).record["appraisals"]
        assert kept == {**judged, "risk_of_bias": "low"}

    @pytest.mark.parametrize(
        "fields",
        [
            {"appraisals": [{"instrument": "X", "judges": "effect", "risk_of_bias": "low"}]},
            {"appraisals": [{"instrument": "X", "judges": "todo"}]},
            {"costs": [{"amount": 3, "currency": "sol"}]},
            {"findings": [{"outcome": "ipv-any", "effect": "mixed", "higher_is": "mejor"}]},
            {"findings": [{"outcome": "ipv-any", "effect": "mixed", "p": 0.1, "p_below": 0.2}]},
        ],
    )
    def test_what_no_row_could_hold_is_refused(self, fields: dict[str, Any]):
        with pytest.raises(RowInvalid):
            mapped_from(**fields)

    def test_names_of_terms_become_their_codes(self):
        mapped = mapped_from(themes=["Prevención"], countries=["Perú", "BO", "Brazil"], type="Journal Article")
        assert (mapped.record["themes"], mapped.record["type"]) == (["prevention"], "article-journal")
        assert mapped.record["countries"] == ["PE", "BO", "BR"]

    def test_the_code_of_a_working_paper_is_not_taken_for_an_article(self):
        assert (mapped_from(type="article").record["type"], mapped_from(type="Article").record["type"]) == (
            "article",
            "article-journal",
        )

    def test_keywords_set_no_term_and_are_kept(self):
        words = ("transferencias monetarias", "Perú", "tejido en telar")
        mapped = mapped_from(keywords=words)
        assert (mapped.record["countries"], mapped.record["interventions"]) == ([], [])
        assert mapped.suggested_words == words

    @pytest.mark.parametrize(
        ("fields", "url"),
        [
            ({"doi": "10.5555/a", "url": "https://example.org/a"}, "https://doi.org/10.5555/a"),
            ({"url": "https://example.org/a"}, "https://example.org/a"),
        ],
    )
    def test_the_doi_or_else_the_address_is_the_source(self, fields, url):
        mapped = mapped_from(is_exact=False, **fields)
        assert mapped.record["sources"] == [{"url": url, "supports": ["bibliography"]}]

    def test_a_source_that_the_file_names_is_the_only_one(self):
        sources = [{"url": "https://example.org/b", "supports": []}]
        assert mapped_from(is_exact=False, doi="10.5555/a", sources=sources).record["sources"] == sources

    def test_the_language_is_told_by_the_file_then_by_the_curator_then_by_the_text(self):
        assert mapped_from(told="en", language="pt").record["language"] == "pt"
        assert mapped_from(told="en").record["language"] == "en"
        assert mapped_from(title="La violencia contra las mujeres en el Perú").record["language"] == "es"
        assert mapped_from(title="Violence against women and the law").record["language"] == "en"

    def test_a_language_that_cannot_be_told_is_left_open_and_said(self):
        mapped = mapped_from(title="Wasi")
        assert "language" not in mapped.record
        assert "elíjalo" in mapped.notes[0]

    def test_the_title_goes_into_the_field_of_its_language_too(self):
        assert mapped_from(told="en").record["title_en"] == "Los telares"
        assert "title_es" not in mapped_from(told="en").record

    @pytest.mark.parametrize(
        ("fields", "field", "words"),
        [
            ({"title": ""}, "title", "Falta"),
            ({"themes": ["astronomía"]}, "themes", "vocabulario"),
            ({"programme": "Programa que no hay"}, "programme", "programa"),
            ({"volume": "9" * 51}, "volume", "50"),
            ({"year": 1600}, "year", "verosímil"),
            ({"sample_unit": "women"}, "sample_unit", "tamaño"),
            ({"doi": "10.1/x y"}, "doi", "DOI"),
            ({"url": "a.org"}, "url", "dirección"),
            ({"year": "2001"}, "year", "número"),
            ({"colour": "red"}, "colour", "campo"),
            ({"authors": [{"given": "Ana"}]}, "authors[0]", "institución"),
        ],
    )
    def test_what_cannot_be_held_is_refused_with_its_field_in_spanish(self, fields, field, words):
        with pytest.raises(RowInvalid, match=words) as caught:
            mapped_from(**fields)
        assert caught.value.field == field

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"themes": ["astronomía"]}, "Temas"),
            ({"type": "audio"}, "Tipo: «audio»"),
            ({"programme": "Programa que no hay"}, "Programa: "),
            ({"sample_unit": "women"}, "Unidad de la muestra: "),
            ({"sample_size": "muchas"}, "Tamaño de la muestra: "),
            ({"open_access": "quizá"}, "Acceso libre: "),
            ({"period": "hace mucho"}, "Periodo: "),
            ({"interventions": [{"code": "helpline", "role": "x"}]}, "Intervenciones: "),
        ],
    )
    def test_what_another_program_says_and_cannot_be_held_is_left_out_and_told(self, fields, words):
        mapped = mapped_from(is_exact=False, told="es", **fields)
        assert not mapped.record.get(next(iter(fields)))
        assert any(words in note and "No se tomó" in note for note in mapped.notes)

    @pytest.mark.parametrize(
        "fields", [{"findings": [{"outcome": "x"}]}, {"costs": [{"amount": 3, "currency": "sol"}]}]
    )
    def test_a_row_of_numbers_is_never_left_out(self, fields):
        with pytest.raises(RowInvalid):
            mapped_from(is_exact=False, **fields)

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("Article; Early Access", "article-journal"),
            ("inproceedings", "chapter"),
            ("journalArticle", "article-journal"),
            ("Dissertation/Thesis", "thesis"),
            ("preprint", "article"),
        ],
    )
    def test_types_are_known_by_the_names_of_other_programs(self, written, code):
        assert mapped_from(type=written).record["type"] == code

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"title": "a" * 2_001}, "title"),
            ({"publisher": "a" * 1_001}, "publisher"),
            ({"summary_es": "a" * 20_001}, "summary_es"),
            ({"authors": [{"literal": "a" * 20_001}]}, "authors"),
            ({"language": "\u0301\u0327" * 9_000}, "language"),
            ({"programme": "\u0301\u0327" * 9_000}, "programme"),
        ],
    )
    def test_a_text_that_is_none_of_its_field_is_refused_at_once(self, fields, field):
        with pytest.raises(RowInvalid) as caught:
            mapped_from(**fields)
        assert (caught.value.field, len(caught.value.reason) < 200) == (field, True)


class TestLanguage:
    @pytest.mark.parametrize(
        ("language", "text"),
        [
            ("es", "Efectos de un programa de ahorro sobre la violencia de pareja"),
            ("es", "Violencia y niñez"),
            ("en", "Effects of a savings programme on intimate partner violence"),
            ("pt", "Violência contra a mulher e os serviços de saúde no Brasil"),
            (None, "SASA!"),
            (None, ""),
        ],
    )
    def test_it_is_told_by_small_words_and_signs(self, language: str | None, text: str):
        assert detect_language(text) == language

    def test_most_titles_of_the_bank_are_told_and_hardly_one_wrongly(self):
        found = [(study.language.code, detect_language(study.title)) for study in _with_language()]
        assert sum(known == told for known, told in found) / len(found) > 0.9
        assert sum(told is not None and known != told for known, told in found) <= 3


def _with_language() -> list[Study]:
    return list(Study.objects.exclude(language=None).select_related("language"))


class TestKeywords:
    def test_they_propose_terms_and_the_rest_is_told(self):
        found = propose_terms(("transferencias monetarias", "Perú", "tejido en telar"), "Los telares", current())
        assert len(found.names) == 2
        assert "Perú" in found.names
        assert found.other_words == ("tejido en telar",)

    @pytest.mark.parametrize("keywords", [("prevention", "gambling"), ("Prevención", "perros")])
    def test_a_theme_needs_a_word_of_violence_or_autonomy(self, keywords: tuple[str, ...]):
        theme = current().label("themes", "prevention", "es")
        assert theme not in propose_terms(keywords, "Los telares", current()).names
        assert theme in propose_terms(keywords, "Violencia de pareja y telares", current()).names
        assert theme in propose_terms((*keywords, "women's autonomy"), "Los telares", current()).names

    def test_an_ambiguous_concept_leads_nowhere(self):
        held = current()
        index = KeywordIndex(held)
        own = {name.lower() for term in held.by_id.values() for name in (term.es, term.en)}
        words = [word for concept in held.concepts if concept.is_ambiguous for word in concept.es]
        elsewhere = {
            word for concept in held.concepts if not concept.is_ambiguous for word in (*concept.es, *concept.en)
        }
        lone = [word for word in words if word.lower() not in own and word not in elsewhere]
        assert index.map_keywords(lone) == ({}, lone)
