"""Searches unpublished studies by the words of a query, as published ones are searched. Only for curators.

They are in no index (I5): a document is built when it is first needed, and kept in the memory of the process until
its study has another change number.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from search.contract import Document, Position, SearchRequest
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index.builder import build_document_of_record
from studies.models import Study
from studies.store import vocabularies
from studies.store.exchange.study import to_record

if TYPE_CHECKING:
    from search.query.tree import Node
    from studies.store.vocabularies import Vocabularies

MOST_READ = 1_000
"""Studies that one search reads, and documents that are kept: 11 MB; two or three seconds at first, one later."""

_cache: dict[int, tuple[int, Document]] = {}
_lock = threading.Lock()


def search_unpublished(query: Node, sort: str, versions: Iterable[tuple[int, int]]) -> list[int]:
    """Return the keys of the studies that a query finds, in the order `sort`.

    `versions` are the keys and change numbers of at most MOST_READ unpublished studies. Eight queries for those that
    have changed since they were last read, none for the others.
    """
    engine = MemoryEngine(FACET_PARAMETERS)
    engine.rebuild(_load_documents(dict(versions)), Position("", 0))
    return [hit.study_id for hit in engine.search(SearchRequest(query, sort=sort, limit=None, count=False)).hits]


def forget() -> None:
    """Drop all documents: for tests, in which change numbers are rolled back and given again."""
    _cache.clear()


def _load_documents(versions: dict[int, int]) -> list[Document]:
    with _lock:
        old = {key for key, number in versions.items() if key not in _cache or _cache[key][0] != number}
        if len(_cache) + len(old) > MOST_READ:
            for key in _cache.keys() - versions.keys():
                del _cache[key]
        if old:
            studies = list(Study.objects.for_indexing().filter(pk__in=old))
            vocabulary = vocabularies.current()
            _cache.update({study.pk: (study.changed_no, _build_document(study, vocabulary)) for study in studies})
        return [_cache[key][1] for key in versions if key in _cache]


def _build_document(study: Study, vocabulary: Vocabularies) -> Document:
    record = to_record(study, vocabulary)
    return build_document_of_record(
        # A draft may have no year yet: no range of years holds it then.
        replace(record, year=record.year or 0),
        study_id=study.pk,
        added=0,
        programme=study.programme.slug if study.programme else None,
        vocabulary=vocabulary,
    )
