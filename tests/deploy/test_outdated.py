"""The check of dependencies: what the lock names beside what pip finds, and no failure without a way out."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def outdated():
    spec = importlib.util.spec_from_file_location("outdated", ROOT / "deploy" / "outdated.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestReading:
    def test_names_are_those_of_the_lock(self, outdated):
        direct = outdated.read_direct((ROOT / "requirements.in").read_text())
        locked = outdated.read_locked((ROOT / "requirements.lock").read_text())
        assert direct
        assert set(direct) <= set(locked)

    def test_extras_versions_and_comments_are_left_out(self, outdated):
        assert outdated.read_direct("# why\nDjango>=5.2,<5.3\npsycopg[binary,pool]\n-r other.in\n") == [
            "django",
            "psycopg",
        ]


class TestReport:
    def test_what_is_newer_is_told_with_both_versions(self, outdated):
        lines = outdated.compare({"django": ["5.2.1"]}, ["django"], {"django": "5.2.2"}.get)
        assert lines == ["django: 5.2.1 is locked, 5.2.2 is the newest"]

    def test_a_version_for_one_python_alone_counts_too(self, outdated):
        lines = outdated.compare({"numpy": ["2.4", "2.5"]}, ["numpy"], {"numpy": "2.5"}.get)
        assert lines == ["every direct dependency is the newest"]

    def test_without_an_index_it_says_so_after_three_tries(self, outdated):
        asked = []
        lines = outdated.compare({}, ["a", "b", "c", "d"], asked.append)
        assert lines == ["the package index does not answer: nothing was compared"]
        assert asked == ["a", "b", "c"]
