"""Which changes are tried on a module, and what is told of those that its tests do not notice: on a made-up module."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.mutations import RULES, find_mutations
from tests.bank_server import ROOT

MODULE = """
def grade(points: int, *, is_late: bool = False) -> str:
    if points >= 10 and not is_late:
        return "passed"
    return "failed"
"""
TESTS = """
from made_up import grade

def test_enough_points_in_time_pass():
    assert (grade(12), grade(3), grade(12, is_late=True)) == ("passed", "failed", "failed")
"""


def changed(source: str) -> list[str]:
    """The module after each change of it alone."""
    made = []
    for place in range(len(list(find_mutations(ast.parse(source))))):
        tree = ast.parse(source)
        list(find_mutations(tree))[place].make()
        made.append(ast.unparse(tree))
    return made


class TestMutations:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("a < b", ["a <= b"]),
            ("0 < a <= b", ["0 <= a <= b", "0 < a < b", "1 < a <= b"]),
            ("a in b", ["a not in b"]),
            ("a and b", ["a or b", "b", "a"]),
            ("a or b or c", ["a and b and c", "b or c", "a or c", "a or b"]),
            ("not a", ["a"]),
            ("a + b * 2", ["a - b * 2", "a + b / 2", "a + b * 3"]),
            ("a = True", ["a = False"]),
            ("[a for a in b if c]", ["[a for a in b if not c]"]),
            ("a if b else c", ["a if not b else c"]),
            ("f('a', b)", []),
        ],
    )
    def test_each_changes_one_thing(self, source: str, expected: list[str]):
        assert sorted(changed(source)) == sorted(expected)

    def test_types_and_decorators_are_left_alone(self):
        assert changed("@cache(maxsize=2)\ndef f(a: Literal[1]) -> Literal[2]: ...") == []


class TestSurvivors:
    def told(self, folder: Path, module: str) -> subprocess.CompletedProcess[str]:
        (folder / "made_up.py").write_text(module)
        (folder / "test_made_up.py").write_text(TESTS)
        return subprocess.run(
            [sys.executable, "-m", "benchmarks.mutations", "made_up.py", "test_made_up.py"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_are_told_by_place_and_change(self, tmp_path: Path):
        done = self.told(tmp_path, MODULE)
        assert done.stdout.splitlines() == [
            "made_up.py:3  points >= 10  ->  points > 10",
            "made_up.py:3  10  ->  11",
            "made_up.py: 2 of 7 changes survive",
        ]
        assert (tmp_path / "made_up.py").read_text() == MODULE

    def test_nothing_is_told_of_tests_that_fail_anyhow(self, tmp_path: Path):
        done = self.told(tmp_path, MODULE.replace(">=", "<"))
        assert (done.stdout, done.returncode) == ("", 1)
        assert "test_made_up.py: fails without a change too" in done.stderr


def test_every_module_of_the_rules_has_its_tests():
    assert [path for path in (*RULES, *RULES.values()) if not (ROOT / path).is_file()] == []
