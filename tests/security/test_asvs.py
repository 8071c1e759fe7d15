"""docs/security.md names every requirement of ASVS 5.0, levels 1 and 2, once, and what it points to is there."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATES = ("holds", "partly", "does not hold", "does not apply")
_NUMBER = r"\d+\.\d+\.\d+"
_PLACE = re.compile(r"`([\w./-]+/[\w./-]+|\w+\.(?:md|toml|lock))(::[\w:]+)?`")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


class Requirement(NamedTuple):
    number: str
    level: int


class Row(NamedTuple):
    """A line of the page: one requirement, or a whole range of them."""

    first: str
    last: str
    levels: str
    state: str
    shown_by: str

    def __str__(self) -> str:
        return self.first


def read_requirements() -> list[Requirement]:
    lines = (ROOT / "tests" / "data" / "asvs-5.0.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(number, int(level)) for number, level in (line.split() for line in lines)]


def read_page() -> str:
    return (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def read_rows(page: str) -> list[Row]:
    found = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if number := re.fullmatch(rf"({_NUMBER})(?:–({_NUMBER}))?", cells[0]):
            assert len(cells) == 5, line
            found.append(Row(number[1], number[2] or number[1], cells[1], *cells[3:]))
    return found


def numbers_of(row: Row) -> list[str]:
    """Return the requirements that a line names. A range holds those of the list between its ends."""
    numbers = [requirement.number for requirement in REQUIREMENTS]
    return numbers[numbers.index(row.first) : numbers.index(row.last) + 1]


def places_of(row: Row) -> list[tuple[str, str]]:
    """Return the files that a line names, each with the test in it, or with ""."""
    marked = [(path, test.removeprefix("::")) for path, test in _PLACE.findall(row.shown_by)]
    return marked + [(f"docs/{path}", "") for path in _LINK.findall(row.shown_by)]


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of classes, functions and methods of a module, as pytest writes them."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return frozenset(found)


REQUIREMENTS = read_requirements()
ROWS = read_rows(read_page())


def missing_places(row: Row) -> list[str]:
    """Return the files and tests that a line names and that are not there."""
    return [
        f"{path}::{test}".removesuffix("::")
        for path, test in places_of(row)
        if not (ROOT / path).exists() or (test and test not in names_in(path))
    ]


def test_every_requirement_is_named_once():
    named = Counter(number for row in ROWS for number in numbers_of(row))
    assert [each.number for each in REQUIREMENTS if named[each.number] != 1] == []


class TestEachLine:
    def test_has_one_of_four_states(self):
        assert [row.first for row in ROWS if row.state not in STATES] == []

    def test_has_the_level_of_the_standard(self):
        levels = {each.number: str(each.level) for each in REQUIREMENTS}
        told = {row.first: row.levels for row in ROWS}
        assert told == {row.first: ", ".join(sorted({levels[number] for number in numbers_of(row)})) for row in ROWS}

    def test_points_to_what_is_there(self):
        assert [place for row in ROWS for place in missing_places(row)] == []

    def test_names_a_test_or_a_place_if_it_holds_and_a_reason_otherwise(self):
        without_place = [row.first for row in ROWS if row.state == "holds" and not places_of(row)]
        without_reason = [row.first for row in ROWS if row.state != "holds" and len(row.shown_by) < 10]
        assert without_place + without_reason == []

    def test_of_a_range_is_for_what_does_not_apply(self):
        assert {row.state for row in ROWS if row.first != row.last} <= {"does not apply"}


def test_the_counts_of_the_summary_are_those_of_the_table():
    levels = {each.number: each.level for each in REQUIREMENTS}
    counted = Counter((row.state, levels[number]) for row in ROWS for number in numbers_of(row))
    told = {
        state: [int(count) for count in counts]
        for state, *counts in re.findall(r"^\| ([a-z ]+) \| (\d+) \| (\d+) \| (\d+) \|$", read_page(), re.MULTILINE)
    }
    computed = {state: [counted[state, 1], counted[state, 2]] for state in STATES}
    assert told == {
        **{state: [*counts, sum(counts)] for state, counts in computed.items()},
        "all": [*map(sum, zip(*computed.values(), strict=True)), len(REQUIREMENTS)],
    }


class TestTheChecksThemselves:
    @pytest.mark.parametrize(
        "shown_by", ["`tests/security/test_uploads.py::TestNobody`", "`accounts/nada.py`", "[x](nada.md#a)"]
    )
    def test_what_is_not_there_is_found(self, shown_by: str):
        assert missing_places(Row("1.1.1", "1.1.1", "2", "holds", shown_by))

    def test_what_is_there_is_not(self):
        shown_by = "`tests/security/test_uploads.py::TestHarmfulFiles`, `accounts/limits.py`, [x](../SECURITY.md)"
        assert not missing_places(Row("1.1.1", "1.1.1", "2", "holds", shown_by))
