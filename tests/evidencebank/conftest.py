"""What tests of the whole site take from those of the search."""

from tests.search.conftest import memory_engine

__all__ = ["memory_engine"]
