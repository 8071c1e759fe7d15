"""The lock files and the page that gives the reason for each dependency."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")


def names(file: str) -> list[str]:
    """Return the packages that `file` asks for, as the lock spells them."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [re.split(r"[\[<>=]", line)[0].lower() for line in lines if line and line[0] not in "-#"]


def versions(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9.-]+)==([^ ]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


class TestLocks:
    def test_development_has_what_an_installation_has_in_the_same_versions(self):
        run, dev = versions("requirements.lock"), versions("requirements-dev.lock")
        assert {name: dev.get(name) for name in run} == run

    @pytest.mark.parametrize(
        "lock", ["requirements.lock", "requirements-dev.lock", "requirements-mcp.lock", "benchmarks/requirements.lock"]
    )
    def test_they_name_no_address(self, lock):
        assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


class TestDocument:
    @pytest.mark.parametrize("name", names("requirements.in"))
    def test_each_dependency_of_an_installation_has_its_reason_and_version(self, name):
        self.assert_described(name)

    @pytest.mark.parametrize("name", names("requirements-dev.in"))
    def test_each_dependency_of_development_has_its_reason_and_version(self, name):
        self.assert_described(name)

    @pytest.mark.parametrize("name", names("requirements-mcp.in"))
    def test_each_extra_has_its_reason_and_version(self, name):
        self.assert_described(name, lock="requirements-mcp.lock")

    @pytest.mark.parametrize("name", names("benchmarks/requirements.in"))
    def test_each_peer_that_is_measured_has_its_reason_and_version(self, name):
        self.assert_described(name, lock="benchmarks/requirements.lock")

    def assert_described(self, name, lock="requirements-dev.lock"):
        row = re.search(rf"^\| `{name}` \| ([^|]+) \|", DOCUMENT, re.MULTILINE | re.IGNORECASE)
        assert row, f"{name} has no row"
        assert set(row[1].strip().split(", ")) == versions(lock)[name]
