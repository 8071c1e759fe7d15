"""The queries that are measured, chosen by rule."""

from __future__ import annotations

import pytest

from benchmarks.corpus import make_studies
from benchmarks.questions import KINDS, Frequencies, Question, choose_questions, draw_stream
from studies.store import vocabularies

pytestmark = pytest.mark.django_db


@pytest.fixture
def found() -> Frequencies:
    known = vocabularies.current()
    return Frequencies(make_studies(200, known), known)


class TestChoice:
    def test_every_kind_is_asked_and_the_same_ones_each_time(self, found: Frequencies):
        chosen = choose_questions(found)
        assert {question.kind for question in chosen} == set(KINDS)
        assert choose_questions(found) == chosen

    def test_words_stand_in_the_share_of_studies_that_their_kind_names(self, found: Frequencies):
        broad = next(question for question in choose_questions(found) if question.kind == "broad")
        assert found.words[0][broad.words[0]] / found.size == pytest.approx(0.3, abs=0.05)


class TestQuestion:
    def test_it_is_typed_as_a_reader_would(self):
        assert Question("phrase", ("de", "pareja"), is_phrase=True).typed == '"de pareja"'
        assert Question("prefix", ("viole",), is_prefix=True).typed == "viole*"
        assert Question("two words", ("dos", "palabras")).typed == "dos palabras"


class TestStream:
    def test_no_query_comes_twice(self):
        asked = list(draw_stream(list(make_studies(50, vocabularies.current())), 100))
        assert len({str(question) for question in asked}) == 100
