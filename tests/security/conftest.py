"""What attacks need: the real bank in memory."""

from tests.search.conftest import memory_engine

__all__ = ["memory_engine"]
