"""Queries as people in Peru typed them, and queries to which no study is an answer (tests/data), on the whole bank."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from search.criteria.criteria import Criteria
from search.engines.whoosh.engine import WhooshEngine
from search.help import known_words
from search.help.did_you_mean import find_correction
from search.index import indexing
from search.index.builder import build_document
from search.services import public_search
from search.services.query_reader import get_query_reader
from search.text.analysis import fold, iterate_words
from studies.models import Study
from studies.store import vocabularies
from tests.bank_server import ROOT

DATA = ROOT / "tests" / "data"


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))


@pytest.fixture
def bank(db: None, whoosh_engine: WhooshEngine) -> None:
    documents = [build_document(study) for study in Study.objects.published().for_indexing()]
    whoosh_engine.rebuild(documents, indexing.read_wanted_position())


@pytest.mark.usefixtures("bank")
class TestTypedQueries:
    def test_none_is_corrected_to_another_word(self) -> None:
        """ "Puno" is not "uno", "vicaria" not "Victoria"; only words that are mistyped get a correction."""
        spelled = get_query_reader(vocabularies.current()).thesaurus.known_words
        corrected = {}
        for row in read_rows(DATA / "queries-peru.tsv"):
            criteria = Criteria(q=row["query"])
            total = public_search.count(criteria)
            found = find_correction(criteria, total, known_words.get_wordlist(), public_search.count, spelled)
            if found:
                corrected[row["query"]] = found.criteria.q
        assert corrected == {} or set(corrected) == {"violensia de pareja"}

    def test_words_of_daily_speech_find_what_the_codes_of_their_concept_find(self) -> None:
        for q, parameter, code in (
            ("noviazgo", "outcome", "dating-violence"),
            ("me pega mi marido", "outcome", "ipv-physical"),
        ):
            coded = public_search.count(Criteria(chosen={parameter: (code,)}))
            both = public_search.count(Criteria(q=q, chosen={parameter: (code,)}))
            assert both == coded, q


@pytest.mark.usefixtures("bank")
class TestQueriesWithoutAnAnswer:
    def test_find_at_most_a_mention(self) -> None:
        for row in read_rows(DATA / "queries-none.tsv"):
            assert public_search.count(Criteria(q=row["query"])) <= 1, row["query"]

    def test_are_spelled_in_words_that_the_thesaurus_knows(self) -> None:
        known = get_query_reader(vocabularies.current()).thesaurus.known_words
        terms = [term for row in read_rows(DATA / "no-content.tsv") for term in row["terms"].split("; ")]
        words = {fold(term[start:end]) for term in terms for start, end, _ in iterate_words(term)}
        assert words <= known
