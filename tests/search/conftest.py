"""Engines over the real bank, for tests of what stands above the engines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.contract import Document
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.engines.whoosh.engine import WhooshEngine
from search.index import indexing
from search.index.builder import build_document
from search.text.analysis import ANALYSIS_VERSION
from studies.models import BankCounter, Study

# Describing all studies and writing their index costs a second: once per state of the bank is enough.
_documents: list[tuple[BankCounter, list[Document]]] = []
_indexes: list[tuple[BankCounter, Path]] = []


@pytest.fixture
def memory_engine(db: None, monkeypatch: pytest.MonkeyPatch) -> MemoryEngine:
    """The naive engine, holding the real bank, as the engine of this process."""
    engine = MemoryEngine(FACET_PARAMETERS)
    monkeypatch.setattr(indexing, "get_engine", lambda: engine)
    engine.rebuild(_documents_now(), indexing.read_wanted_position())
    return engine


@pytest.fixture
def whoosh_engine(
    db: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> WhooshEngine:
    """The Whoosh engine on an index of its own, holding the real bank, as the engine of this process."""
    counter = BankCounter.current()
    held = [folder for made_at, folder in _indexes if _is_same(made_at, counter)]
    if not held:
        held = [tmp_path_factory.mktemp("whoosh") / "index"]
        built = WhooshEngine(held[0], FACET_PARAMETERS, analysis_version=ANALYSIS_VERSION)
        built.rebuild(_documents_now(), indexing.read_wanted_position())
        _indexes.append((counter, held[0]))
    shutil.copytree(held[0], tmp_path / "index")
    engine = WhooshEngine(tmp_path / "index", FACET_PARAMETERS, analysis_version=ANALYSIS_VERSION)
    monkeypatch.setattr(indexing, "get_engine", lambda: engine)
    return engine


def _documents_now() -> list[Document]:
    counter = BankCounter.current()
    held = [documents for made_at, documents in _documents if _is_same(made_at, counter)]
    if not held:
        held = [list(_of_the_bank())]
        _documents.append((counter, held[0]))
    return held[0]


def _is_same(first: BankCounter, second: BankCounter) -> bool:
    """Whether two readings tell of one state; a number given twice, after a rollback, has another time."""
    return all(getattr(first, name) == getattr(second, name) for name in ("bank_id", "changed_at", "vocabulary_at"))


def _of_the_bank() -> Iterator[Document]:
    for study in Study.objects.published().for_indexing():
        yield build_document(study)
