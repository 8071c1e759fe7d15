from pathlib import Path

from search.criteria.facets import FACET_PARAMETERS
from tests.search.dict_engine import DictEngine
from tests.search.engine_contract import AnswersAsMemory, EngineContract


class TestArrays(EngineContract, AnswersAsMemory):
    """What any engine gets that gives its postings to the arrays."""

    def make_engine(self, folder: Path) -> DictEngine:
        return DictEngine(FACET_PARAMETERS)
