"""Engines over the real bank, for tests of what stands above the engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search import indexing
from search.documenting import document
from search.documents import Document
from search.engines import Engine
from search.engines.memory import MemoryEngine
from search.engines.whoosh import WhooshEngine
from search.text import ANALYSIS_VERSION
from studies.models import BankCounter, Study

_documents: list[tuple[BankCounter, list[Document]]] = []


@pytest.fixture
def memory_engine(db: None, monkeypatch: pytest.MonkeyPatch) -> MemoryEngine:
    """The naive engine, holding the real bank, as the engine of this process."""
    engine = MemoryEngine()
    _use(engine, monkeypatch)
    return engine


@pytest.fixture
def whoosh_engine(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WhooshEngine:
    """The Whoosh engine on an index of its own, holding the real bank, as the engine of this process."""
    engine = WhooshEngine(tmp_path / "index", analysis_version=ANALYSIS_VERSION)
    _use(engine, monkeypatch)
    return engine


def _use(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "engine", lambda: engine)
    counter = BankCounter.current()
    held = [documents for made_at, documents in _documents if _is_same(made_at, counter)]
    if not held:
        # Describing 315 studies costs most of a second: once per state of the bank is enough.
        held = [list(_of_the_bank())]
        _documents.append((counter, held[0]))
    engine.rebuild(held[0], indexing.wanted_position())


def _is_same(first: BankCounter, second: BankCounter) -> bool:
    """Whether two readings tell of one state; a number given twice, after a rollback, has another time."""
    return all(getattr(first, name) == getattr(second, name) for name in ("bank_id", "changed_at", "vocabulary_at"))


def _of_the_bank() -> Iterator[Document]:
    for study in Study.objects.published().for_indexing():
        yield document(study)
