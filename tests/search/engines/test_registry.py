import subprocess
import sys
from pathlib import Path

import pytest

from search.contract import EngineOptions, SearchRequest
from search.criteria.facets import FACET_PARAMETERS
from search.engines import ENGINES, make_engine
from tests.search.corpora import at, titled


class TestRegistry:
    @pytest.mark.parametrize("name", ENGINES)
    def test_each_engine_is_made_by_its_name(self, name: str, tmp_path: Path):
        engine = make_engine(name, EngineOptions(tmp_path, FACET_PARAMETERS, analysis_version=1, cache_bytes=1000))
        assert engine.rebuild([titled(1, "sol")], at(1))
        assert engine.search(SearchRequest()).total == 1

    def test_each_package_of_engines_is_registered(self):
        folder = Path(sys.modules[make_engine.__module__].__file__ or "").parent
        packages = {path.parent.name for path in folder.glob("*/engine.py")}
        assert packages == {package.rpartition(".")[2] for package in ENGINES.values()}

    @pytest.mark.parametrize("package", ENGINES.values())
    def test_no_engine_needs_django(self, package: str):
        script = f"import sys, {package}; print(*sys.modules)"
        loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
        assert not {"django", "studies"} & set(loaded.stdout.split())

    def test_the_settings_read_the_names_without_importing_django_or_an_engine(self):
        script = "import sys, search.engines; print(*sys.modules)"
        loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
        names = set(loaded.stdout.split())
        assert "search.contract" in names
        assert not names & {"django", "whoosh", "numpy", *ENGINES.values()}
