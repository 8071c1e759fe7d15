"""The files for containers, compared with the tree and with the packages of Debian; building them needs a registry."""

import re
from pathlib import Path

import yaml

from benchmarks.walk_container import read_instructions

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


class TestWalk:
    def test_every_line_of_the_file_is_of_a_kind_that_the_walk_follows(self):
        kinds = [kind for kind, _argument in read_instructions(CONTAINERFILE)]
        assert kinds[:2] == ["ARG", "FROM"]
        assert set(kinds) <= {"ARG", "FROM", "RUN", "COPY", "WORKDIR", "USER", "ENV", "VOLUME", "EXPOSE", "CMD"}

    def test_lines_that_go_on_are_one(self):
        (run, user) = read_instructions("# a\nRUN a \\\n && b\nUSER bank\n")
        assert (run[1].split(), user) == (["a", "&&", "b"], ("USER", "bank"))
