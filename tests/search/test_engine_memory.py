from pathlib import Path

from search.engines.memory.engine import MemoryEngine
from tests.search.engine_contract import EngineContract


class TestMemoryEngine(EngineContract):
    def make_engine(self, folder: Path) -> MemoryEngine:
        return MemoryEngine()
