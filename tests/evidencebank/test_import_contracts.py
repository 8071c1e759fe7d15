"""The import contracts of pyproject.toml: each finds what it is there to find.

That the tree keeps them is checked by `make check-imports`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("accounts", "evidencebank", "jobs", "search", "studies")
PLANTED = {
    # A module imports its caller, or what its caller knows.
    "studies/text/dates.py": "import search.query.tree",
    "studies/store/changes.py": "import studies.curation.stages",
    "studies/web/shared/numbers_in_words.py": "import studies.web.study.page",
    "studies/admin/shared/base.py": "import studies.admin.study.admin",
    "search/services/public_search.py": "import search.web.results.page",
    "search/web/shared/cards.py": "import search.web.results.page",
    "search/text/analysis.py": "import search.criteria.facets",
    # A module that has no place in the map.
    "studies/leftovers.py": "",
    "search/leftovers.py": "",
    # Two modules of one package import each other.
    "studies/records/rules.py": "import studies.records.plausibility",
    "studies/records/plausibility.py": "import studies.records.rules",
    # Libraries that one place knows.
    "studies/records/study.py": "import django",
    "search/engines/memory/engine.py": "import whoosh",
    "search/contract.py": "import django",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    """What lint-imports says of a copy of the tree with all of PLANTED in it."""
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for path, line in PLANTED.items():
        planted = copy / path
        planted.write_text(f"{planted.read_text() if planted.exists() else ''}\n{line}\n")
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint, "--no-logo", "--no-cache"], cwd=copy, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    return re.sub(r"\s+", " ", run.stdout)


@pytest.mark.parametrize(
    "told",
    [
        "studies is not allowed to import search:",
        "studies.store is not allowed to import studies.curation:",
        "studies.web.shared is not allowed to import studies.web.study:",
        "studies.admin.shared is not allowed to import studies.admin.study:",
        "search.services is not allowed to import search.web:",
        "search.web.shared is not allowed to import search.web.results:",
        "search.text is not allowed to import search.criteria:",
    ],
)
def test_a_caller_is_not_imported(report, told):
    assert told in report


@pytest.mark.parametrize("module", ["studies.leftovers", "search.leftovers"])
def test_each_module_has_a_place(report, module):
    assert f"The following modules are not listed as layers: - {module}" in report


def test_siblings_form_no_circle(report):
    assert "No cycles are allowed in studies.records." in report


@pytest.mark.parametrize(
    "told",
    [
        "studies.records is not allowed to import django",
        "search.engines is not allowed to import django",
        "search.engines.memory.engine -> whoosh",
    ],
)
def test_a_library_is_known_in_one_place(report, told):
    assert told in report
