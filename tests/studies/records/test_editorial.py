"""What a record says in a way that misleads, or leaves out: which remarks are made, and which are not."""

from __future__ import annotations

from typing import Any

import pytest

from studies.records.editorial import COMPARED_FAMILIES, REVIEW, Coding, find_remarks
from studies.records.study import InterventionRecord
from studies.synthesis import evaluations
from tests.studies.records_factory import complete_record, finding, source

CODING = Coding(
    family_of_design={"rct": "randomised", "before-after": "observational", "systematic-review": "synthesis"},
    group_of_outcome={
        "ipv-physical": "partner-violence",
        "harassment": "other-violence",
        "attitudes-norms": "attitudes",
    },
)
PLAIN = {
    "doi": "10.1016/j.prueba.2021.1",
    "url": "https://doi.org/10.1016/j.prueba.2021.1",
    "summary_es": "palabra " * 60,
    "summary_en": "word " * 60,
    "sources": (source("https://www.gob.pe/estudio"),),
}


def remarks(**changes: Any) -> list[tuple[str, str]]:
    record = complete_record(**{**PLAIN, **changes})
    return [(one.field, one.code) for one in find_remarks(record, CODING)]


def test_a_plain_record_has_none():
    assert remarks() == []


def test_the_families_of_designs_are_those_that_counting_knows():
    assert (COMPARED_FAMILIES, REVIEW) == (evaluations.COUNTED_FAMILIES, evaluations.REVIEW_FAMILY)


class TestWhatAFindingIsAbout:
    TWO = (InterventionRecord("engaging-men", "evaluated"), InterventionRecord("helpline", "described"))

    def test_an_intervention_that_the_study_only_describes_is_not_tested(self):
        found = remarks(interventions=self.TWO, findings=(finding(about=("engaging-men", "helpline")),))
        assert found == [("findings[0].about[1]", "about-not-tested")]

    def test_a_component_is_tested(self):
        package = (InterventionRecord("engaging-men", "component"),)
        assert remarks(interventions=package, findings=(finding(about=("engaging-men",)),)) == []

    def test_a_review_is_about_what_it_reviews(self):
        both = (InterventionRecord("engaging-men", "reviewed"), InterventionRecord("helpline", "described"))
        findings = (finding(about=("engaging-men",)), finding(about=("helpline",)))
        found = remarks(designs=("systematic-review",), interventions=both, findings=findings)
        assert found == [("findings[1].about[0]", "about-not-tested")]

    def test_what_has_no_role_or_is_not_of_the_study_is_for_the_rules(self):
        nobody_knows = (InterventionRecord("engaging-men"),)
        assert remarks(interventions=nobody_knows, findings=(finding(about=("engaging-men", "other")),)) == []

    def test_a_finding_that_tests_nothing_is_no_fault(self):
        assert remarks(interventions=self.TWO, findings=(finding(about=()), finding())) == []


class TestViolenceThatWasMeasured:
    BOTH = ("ipv-physical", "harassment", "attitudes-norms")

    def test_each_outcome_of_violence_without_a_finding_is_named(self):
        found = remarks(outcomes=self.BOTH, findings=(finding(outcome="ipv-physical"),))
        assert found == [("outcomes[1]", "violence-without-finding")]

    def test_a_note_of_the_bank_may_say_why(self):
        assert remarks(outcomes=self.BOTH, note_es="El artículo no da el resultado.", note_en="Not given.") == []

    def test_a_study_without_comparison_owes_no_result(self):
        assert remarks(designs=("before-after",), outcomes=self.BOTH, findings=()) == []


class TestARandomisedStudy:
    def test_names_intervention_and_country(self):
        found = remarks(interventions=(), countries=())
        assert found == [("interventions", "trial-without-intervention"), ("countries", "trial-without-country")]

    def test_another_may_lack_both(self):
        assert remarks(designs=("before-after",), interventions=(), countries=()) == []


class TestWordsOfRank:
    @pytest.mark.parametrize(
        "claim",
        [
            "Es la primera evaluación de impacto del programa",
            "Fue el primer gran ensayo en zonas rurales",
            "Es uno de los estudios más citados",
            "El ensayo más grande de la región",
            "La única evaluación con sorteo",
            "Un estudio pionero en el Perú",
            "This is the first quantitative impact evaluation of the programme",
            "The first randomised trial in Peru",
            "One of the most cited papers",
            "The largest study so far",
            "The only trial with men",
            "A landmark study",
        ],
    )
    def test_is_pointed_out(self, claim: str):
        assert remarks(key_finding_es=claim, key_finding_en=None) == [("key_finding_es", "rank-word")]

    def test_is_pointed_out_wherever_the_bank_speaks(self):
        claim = "Fue el primer ensayo de su clase"
        assert remarks(note_es=claim, delivery_en="The first trial of its kind") == [
            ("delivery_en", "rank-word"),
            ("note_es", "rank-word"),
        ]

    @pytest.mark.parametrize(
        "claim",
        [
            "En el primer año tras el parto hay más violencia",
            "Los hombres detenidos por primera vez reincidieron menos",
            "En la primera evaluación el efecto era mayor que en la segunda",
            "Las mujeres con mayor ingreso tienen más riesgo",
            "En los estudios más grandes el efecto fue menor",
            "First responders were trained",
            "Violence fell in the first year",
            "A review found only one study",
            "Staff was the largest cost",
        ],
    )
    def test_and_an_order_in_time_or_size_is_none(self, claim: str):
        assert remarks(key_finding_es=claim, key_finding_en=None) == []


class TestTexts:
    @pytest.mark.parametrize(("words", "is_found"), [(49, True), (50, False), (140, False), (141, True), (0, False)])
    def test_a_summary_has_50_to_140_words(self, words: int, is_found: bool):
        assert remarks(summary_es="palabra " * words or None) == [("summary_es", "summary-length")] * is_found

    def test_delivery_has_at_most_50_words(self):
        assert remarks(delivery_es="palabra " * 50, delivery_en="word " * 51) == [("delivery_en", "delivery-long")]

    def test_a_key_finding_has_no_full_stop(self):
        assert remarks(key_finding_es="Bajó la violencia.") == [("key_finding_es", "full-stop")]
        assert remarks(key_finding_es="Las mujeres dijeron «ya no.»") == [("key_finding_es", "full-stop")]
        assert remarks(key_finding_es="Bajó la violencia en los EE. UU.") == []
        assert remarks(key_finding_es="Bajó la violencia (en los EE. UU.)") == []


class TestAddresses:
    @pytest.mark.parametrize("host", ["es.scribd.com", "www.slideshare.net", "docslib.org"])
    def test_a_main_link_to_a_copy_is_pointed_out(self, host: str):
        assert remarks(url=f"https://{host}/documento") == [("url", "copy-as-main-link")]

    def test_a_copy_among_the_sources_is_only_where_it_was_read(self):
        assert remarks(sources=(source("https://es.scribd.com/documento"),)) == []

    @pytest.mark.parametrize(
        "address", ["https://example.org/a", "https://www.example.com", "http://a.test/", "https://doi.org/10.5555/a"]
    )
    def test_an_example_is_no_source(self, address: str):
        assert remarks(sources=(source("https://www.gob.pe/a"), source(address))) == [
            ("sources[1].url", "example-source")
        ]

    def test_nor_is_a_doi_for_tests(self):
        assert remarks(doi="10.5555/12345678") == [("doi", "example-source")]


class TestSingleValues:
    def test_a_doi_with_a_comma(self):
        assert remarks(doi="10.1016/j.a,2021") == [("doi", "doi-comma")]

    @pytest.mark.parametrize(
        ("pages", "is_found"), [("pp. 1-9", True), ("p. 12", True), ("45-67", False), ("e45", False)]
    )
    def test_pages_are_numbers_alone(self, pages: str, is_found: bool):
        assert remarks(pages=pages) == [("pages", "pages-prefix")] * is_found

    def test_a_size_says_of_what(self):
        assert remarks(sample_unit=None) == [("sample_size", "sample-without-unit")]
