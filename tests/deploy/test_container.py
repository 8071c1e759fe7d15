"""The files for containers, compared with the tree and with the packages of Debian; building them needs a registry."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = (ROOT / "deploy" / "container" / "Containerfile").read_text()
IGNORED = (ROOT / ".containerignore").read_text().splitlines()
NOT_INSIDE = {"postgresql", "nginx"}
"""What runs beside the bank in containers of its own."""


def copied() -> set[str]:
    return {name for line in re.findall(r"^COPY (.+) \S+$", CONTAINERFILE, re.MULTILINE) for name in line.split()}


class TestContainerfile:
    def test_what_is_copied_is_there_and_let_in(self):
        assert all((ROOT / name).exists() for name in copied())
        assert {f"!{name}" for name in copied()} == {line for line in IGNORED if line.startswith("!")}

    def test_every_package_of_the_program_is_copied(self):
        packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
        assert packages <= copied()

    def test_debian_packages_are_those_of_a_server(self):
        listed = (ROOT / "deploy" / "debian-packages.txt").read_text().splitlines()
        needed = {line for line in listed if line and not line.startswith("#")} - NOT_INSIDE
        assert needed <= set(re.findall(r"[a-z0-9.+-]+", CONTAINERFILE))

    def test_the_bank_does_not_run_as_root(self):
        assert CONTAINERFILE.index("USER bank") < CONTAINERFILE.index("CMD")


class TestCompose:
    def test_the_site_waits_for_the_tables_and_holds_no_secret(self):
        text = (ROOT / "deploy" / "container" / "compose.yaml").read_text()
        services = yaml.safe_load(text)["services"]
        assert services["web"]["depends_on"]["setup"]["condition"] == "service_completed_successfully"
        assert services["web"]["read_only"]
        assert services["worker"]["command"][-2:] == ["manage.py", "work"]
        assert services["worker"]["hostname"]
        assert not re.search(r"PASSWORD: |SECRET_KEY", text)
