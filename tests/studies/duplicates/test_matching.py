"""Candidates among records: what is found, of which kind, and for which reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studies.duplicates.matching.comparing import MatchKind
from studies.duplicates.matching.matcher import DuplicateCandidate, DuplicateMatcher, KnownRecord
from studies.records.study import StudyRecord
from tests.studies.records_factory import author, fixture_studies, institution

# Made up, all of them.
HELD = StudyRecord(
    id="huaman-2019-escuelas",
    title="Escuelas que cuidan: un ensayo aleatorizado para prevenir la violencia en el noviazgo en Ayacucho",
    title_en="Schools that care: a randomised trial to prevent dating violence in Ayacucho",
    language="es",
    authors=(author("Huamán Rojas", "Lucía"), author("Vilca", "Teodoro"), author("de la Cruz", "Ana")),
    year=2019,
    type="article-journal",
    container_title="Revista Peruana de Medicina Experimental y Salud Pública",
    volume="36",
    pages="45-57",
    doi="10.1234/rp.2019.36",
)


def found(record: StudyRecord, *known: StudyRecord) -> list[DuplicateCandidate]:
    matcher = DuplicateMatcher(
        (KnownRecord(number, one) for number, one in enumerate(known or (HELD,), start=1)), frozenset({"peru"})
    )
    return matcher.candidates(record)


def without_doi(**changes: Any) -> StudyRecord:
    return replace(HELD, **{"doi": None, **changes})


class TestDuplicates:
    def test_the_same_doi_is_certain_in_whatever_form_it_comes(self):
        (candidate,) = found(StudyRecord(id="x", title=HELD.title, doi="https://doi.org/10.1234/RP.2019.36"))
        assert (candidate.study_id, candidate.kind, candidate.score) == (1, MatchKind.DUPLICATE, 100)
        assert candidate.reasons[0] == "El mismo DOI"

    def test_two_abstracts_that_share_the_doi_of_their_supplement_are_two(self):
        other = replace(HELD, title="Minería y agua en Espinar", pages="58", volume="36")
        assert found(other) == []
        assert found(replace(other, pages=None, authors=(author("Paredes", "Rosa"),))) == []

    def test_the_same_doi_under_another_title_says_so(self):
        (candidate,) = found(StudyRecord(id="x", title="Minería y agua en Espinar", doi=HELD.doi))
        assert candidate.score < 100
        assert "los títulos son distintos" in candidate.reasons[1]

    @pytest.mark.parametrize(
        "changes",
        [
            {"title": HELD.title.upper()},
            {"title": HELD.title.replace("á", "a").replace("prevenir", "prevenr").replace("noviazgo", "novaizgo")},
            {"title": "Escuelas que cuidan"},
            {"title": HELD.title[:60]},
            {"title": ": ".join(reversed(HELD.title.split(": ")))},
            {"title": HELD.title_en, "language": None},
            {"year": 2020},
            {"year": None},
            {"authors": ()},
            {"authors": (author("Huaman", "L."),)},
            {"authors": (author("Huaman-Rojas", "L"), author("Vilca", "T"), author("Cruz", "A"))},
            {"authors": (institution("Huamán Rojas L"), institution("Vilca T"), institution("Cruz A"))},
            {"container_title": "Rev Peru Med Exp Salud Publica"},
        ],
        ids=lambda changes: str(changes)[:60],
    )
    def test_a_damaged_record_of_the_same_publication_is_a_duplicate(self, changes: dict[str, Any]):
        assert [candidate.kind for candidate in found(without_doi(**changes))] == [MatchKind.DUPLICATE]

    def test_the_place_in_the_journal_finds_a_title_in_a_language_that_the_bank_does_not_know(self):
        held = replace(HELD, title_en=None, doi=None)
        english = replace(held, title="Caring schools and dating violence", language="en")
        (candidate,) = found(english, held)
        assert candidate.kind == MatchKind.DUPLICATE
        assert "La misma revista, volumen y página" in candidate.reasons

    def test_reasons_are_told_in_words(self):
        (candidate,) = found(without_doi(title=HELD.title.replace("cuidan", "cudian"), year=2020))
        assert candidate.reasons[0].startswith("Títulos casi iguales (9")
        assert "La misma autoría" in candidate.reasons
        assert "Años vecinos: 2020 y 2019" in candidate.reasons


class TestVersionsOfOneWork:
    def test_a_working_paper_and_its_article_are_one_work(self):
        paper = without_doi(type="report", year=2016, container_title=None, volume=None, pages=None)
        (candidate,) = found(paper)
        assert candidate.kind == MatchKind.SAME_WORK
        assert "Documento de trabajo y artículo" in candidate.reasons

    def test_two_dois_of_one_title_are_two_versions(self):
        (candidate,) = found(replace(HELD, doi="10.9999/wp.77", volume=None, pages=None))
        assert candidate.kind == MatchKind.SAME_WORK
        assert "Cada uno tiene su propio DOI" in candidate.reasons

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"volume": "35 (Suppl 1)", "pages": "S12", "year": 2018}, "Un resumen de congreso y su artículo"),
            ({"container_title": "Memorias. Conference: Congreso de prueba", "volume": "3"}, "Un resumen de congreso"),
            ({"volume": "34", "pages": "101-110", "year": 2017}, "Cada uno salió en otro volumen y otras páginas"),
            ({"title": f"{HELD.title}: actualización", "volume": None}, "Uno es la actualización del otro"),
        ],
    )
    def test_an_abstract_and_its_paper_or_a_text_and_its_update_are_one_work(self, changes, reason):
        (candidate,) = found(without_doi(**changes))
        assert candidate.kind == MatchKind.SAME_WORK
        assert any(reason in each for each in candidate.reasons)

    def test_one_abstract_told_in_two_ways_is_a_duplicate(self):
        abstract = without_doi(volume="36", pages="45")
        assert [each.kind for each in found(replace(abstract, volume="36 (Suppl 1)", pages="S45"), abstract)] == [
            MatchKind.DUPLICATE
        ]

    def test_the_edition_in_the_other_language_is_the_same_work(self):
        english = without_doi(title=HELD.title_en, language="en", container_title=None, volume=None, pages=None)
        (candidate,) = found(english)
        assert candidate.kind == MatchKind.SAME_WORK
        assert "Idiomas distintos: inglés y español" in candidate.reasons


class TestDifferentStudies:
    @pytest.mark.parametrize(
        "changes",
        [
            {"title": HELD.title.replace("Ayacucho", "Tarapoto")},
            {"title": HELD.title + ": protocolo"},
            {"title": "Escuelas que cuidan: lo que cuentan las maestras"},
            {"authors": (author("Paredes", "Rosa"),), "title": "Escuelas que cuidan"},
            {"year": 2003},
        ],
        ids=lambda changes: str(changes)[:60],
    )
    def test_a_sibling_is_not_a_candidate(self, changes: dict[str, Any]):
        assert found(without_doi(**{"volume": None, "pages": None, **changes})) == []

    def test_the_years_of_a_survey_are_different_studies(self):
        survey = StudyRecord(
            id="inei", title="Perú: Encuesta Demográfica y de Salud Familiar 2022", year=2023, authors=(institution(),)
        )
        assert found(replace(survey, title=survey.title.replace("2022", "2023"), year=2024), survey) == []

    def test_countries_tell_apart_what_else_is_the_same(self):
        title = "Transferencias monetarias y violencia en los hogares rurales: evidencia de Perú"
        here = without_doi(title=title, title_en=None, volume=None)
        there = replace(here, title=here.title.replace("Perú", "Mali"))
        matcher = DuplicateMatcher([KnownRecord(1, here)], frozenset({"peru", "mali"}))
        assert matcher.candidates(there) == []

    def test_no_two_studies_of_the_real_bank_are_taken_for_one(self):
        matcher = DuplicateMatcher(KnownRecord(number, record) for number, record in enumerate(fixture_studies()))
        assert list(matcher.pairs()) == []


class TestMatcher:
    def test_each_study_of_the_bank_finds_itself_first(self):
        matcher = DuplicateMatcher(KnownRecord(number, record) for number, record in enumerate(fixture_studies()))
        assert [matcher.candidates(record)[0].study_id for record in fixture_studies()] == list(range(len(matcher)))

    def test_a_study_that_holds_several_records_is_told_once(self):
        matcher = DuplicateMatcher([KnownRecord(7, HELD), KnownRecord(7, without_doi(title=HELD.title_en))])
        assert [candidate.study_id for candidate in matcher.candidates(HELD)] == [7]

    def test_two_records_find_each_other_however_much_more_one_of_them_says(self):
        full = fixture_studies()[0]
        poor = StudyRecord(id="poor", title=full.title.partition(":")[0], authors=full.authors[:2], year=full.year)
        bank = [KnownRecord(number, record) for number, record in enumerate(fixture_studies()[1:], start=2)]
        for known, asked in ((full, poor), (poor, full)):
            (candidate,) = DuplicateMatcher([KnownRecord(1, known), *bank]).candidates(asked)
            assert candidate.study_id == 1

    def test_pairs_among_the_known_are_told_once_each(self):
        matcher = DuplicateMatcher([KnownRecord(5, HELD), KnownRecord(3, without_doi())])
        (pair,) = matcher.pairs()
        assert (pair.first, pair.second, pair.kind) == (3, 5, MatchKind.DUPLICATE)

    @pytest.mark.parametrize("title", ["?", "…", "a", "的", "x" * 5_000, "and or the"])
    def test_any_title_gives_an_answer(self, title: str):
        assert found(StudyRecord(id="x", title=title)) == []
        assert found(StudyRecord(id="x", title=title), StudyRecord(id="y", title=title)) in (
            [],
            found(StudyRecord(id="x", title=title), StudyRecord(id="y", title=title)),
        )
