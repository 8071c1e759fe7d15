"""The files at the root that tell about the project: one version, a valid citation, hooks that name tasks of make."""

import datetime
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CITATION_KEYS = {
    "cff-version",
    "message",
    "type",
    "title",
    "abstract",
    "authors",
    "version",
    "date-released",
    "license",
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def project() -> dict[str, Any]:
    """What pyproject.toml says of the project: the place of the version."""
    found: dict[str, Any] = tomllib.loads(read("pyproject.toml"))["project"]
    return found


@pytest.fixture
def citation() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(read("CITATION.cff"))
    return found


def releases() -> list[tuple[str, str]]:
    """Return version and day of each heading of the changelog, newest first; an "Unreleased" one is none."""
    headings = re.findall(r"^## (.+)$", read("CHANGELOG.md"), re.MULTILINE)
    return [tuple(re.fullmatch(r"\[(.+)\] - (.+)", each).groups()) for each in headings if each != "[Unreleased]"]


class TestVersion:
    def test_the_newest_release_of_the_changelog_is_that_of_the_program(self, project):
        assert releases()[0][0] == project["version"]

    def test_the_citation_names_the_newest_release_and_its_day(self, citation):
        assert (citation["version"], citation["date-released"].isoformat()) == releases()[0]


class TestChangelog:
    def test_releases_are_dated_the_newest_first(self):
        days = [datetime.date.fromisoformat(day) for _version, day in releases()]
        assert days == sorted(days, reverse=True)

    def test_changes_stand_under_the_headings_of_the_format_and_upgrading(self):
        kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Upgrading"}
        assert set(re.findall(r"^### (.+)$", read("CHANGELOG.md"), re.MULTILINE)) <= kinds


class TestCitation:
    def test_it_has_the_keys_that_the_format_wants_and_none_that_it_does_not_know(self, citation):
        assert citation["cff-version"] == "1.2.0"
        assert citation.keys() - {"keywords", "url", "repository-code", "doi"} == CITATION_KEYS
        assert citation["authors"]

    def test_it_names_the_licence_of_the_program(self, citation, project):
        assert citation["license"] == project["license"]


class TestHooks:
    def test_they_fetch_nothing_and_name_tasks_of_the_makefile(self):
        repositories = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
        assert [each["repo"] for each in repositories] == ["local"]
        hooks = repositories[0]["hooks"]
        assert {hook["language"] for hook in hooks} == {"system"}
        named = {task for hook in hooks for task in hook["entry"].removeprefix("make ").split()}
        assert named <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
