"""The engines of the search's own tests, for measurements of the search."""

from tests.search.conftest import memory_engine, whoosh_engine

__all__ = ["memory_engine", "whoosh_engine"]
