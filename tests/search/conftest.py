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
from studies.models import Study

_documents: list[tuple[str, int, list[Document]]] = []


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
    position = indexing.wanted_position()
    held = [docs for bank_id, number, docs in _documents if (bank_id, number) == (position.bank_id, position.change_no)]
    if not held:
        # Describing 315 studies costs most of a second: once per loaded bank is enough.
        held = [list(_of_the_bank())]
        _documents.append((position.bank_id, position.change_no, held[0]))
    engine.rebuild(held[0], position)


def _of_the_bank() -> Iterator[Document]:
    for study in Study.objects.published().for_indexing():
        yield document(study)
