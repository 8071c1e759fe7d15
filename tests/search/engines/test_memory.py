from pathlib import Path

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from tests.search.engine_contract import EngineContract


class TestMemoryEngine(EngineContract):
    def make_engine(self, folder: Path) -> MemoryEngine:
        return MemoryEngine(FACET_PARAMETERS)
