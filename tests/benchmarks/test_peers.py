"""The page job: every engine that is measured does it, and all count alike where no analysis of words is in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.corpus import MadeUpStudy, make_studies
from benchmarks.peers import PAGE, Peer, PeerPage
from benchmarks.questions import Question
from search.criteria.facets import PARAMETERS
from studies.store import vocabularies

pytestmark = pytest.mark.django_db

SIZE = 60
WOMEN = {"population": ("women",)}


@pytest.fixture(scope="module")
def corpus(django_db_setup: None, django_db_blocker) -> list[MadeUpStudy]:
    with django_db_blocker.unblock():
        return list(make_studies(SIZE, vocabularies.current()))


@pytest.fixture(params=["ours.Ours", "plain_whoosh.PlainWhoosh", "sqlite_fts5.SqliteFts5", "tantivy_py.TantivyPy"])
def peer(request: pytest.FixtureRequest, corpus: list[MadeUpStudy], tmp_path: Path) -> Iterator[Peer]:
    module, name = request.param.split(".")
    if module == "tantivy_py":
        pytest.importorskip("tantivy", reason="benchmarks/requirements.lock is not installed")
    made: Peer = getattr(import_module(f"benchmarks.peers.{module}"), name)(tmp_path, SIZE, vocabularies.current())
    made.build(corpus)
    made.open()
    yield made
    made.close()


def counted(corpus: list[MadeUpStudy], parameter: str) -> dict[str, int]:
    codes = [code for study in corpus for code in study.codes(vocabularies.current())[parameter]]
    return {code: codes.count(code) for code in set(codes)}


def carrying(corpus: list[MadeUpStudy], parameter: str, code: str) -> list[MadeUpStudy]:
    return [study for study in corpus if code in study.codes(vocabularies.current())[parameter]]


class TestPageJob:
    def test_without_words_all_studies_are_found_and_counted_newest_first(self, peer: Peer, corpus: list[MadeUpStudy]):
        page = peer.page(Question("all"))
        assert page.total == SIZE
        assert page.counts.keys() == {*PARAMETERS, "year"}
        assert {name: page.counts[name] for name in PARAMETERS} == {name: counted(corpus, name) for name in PARAMETERS}
        years = sorted((study.record.year or 0 for study in corpus), reverse=True)
        assert [corpus[number - 1].record.year for number in page.numbers] == years[:PAGE]

    def test_a_filter_narrows_all_but_its_own_facet(self, peer: Peer, corpus: list[MadeUpStudy]):
        women = carrying(corpus, "population", "women")
        page = peer.page(Question("filters only", chosen=WOMEN))
        assert page.total == len(women)
        assert page.counts["population"] == counted(corpus, "population")
        assert page.counts["country"] == counted(women, "country")

    def test_texts_of_the_page_are_marked(self, peer: Peer):
        page = peer.page(Question("broad", ("violencia",)))
        assert len(page.marked) == len(page.numbers) == PAGE
        assert any("violencia</" in title + summary for title, summary in page.marked)

    def test_words_in_no_study_find_nothing(self, peer: Peer):
        assert peer.page(Question("none", ("xyquozl",))) == PeerPage(
            0, (), {name: {} for name in (*PARAMETERS, "year")}, ()
        )

    def test_a_changed_study_is_found_by_its_new_words(self, peer: Peer, corpus: list[MadeUpStudy]):
        record = replace(corpus[6].record, title_es="Xyquozl", title_en="Xyquozl")
        peer.change(replace(corpus[6], record=record))
        assert peer.page(Question("narrow", ("xyquozl",))).numbers == (7,)
        assert peer.page(Question("all")).total == SIZE
