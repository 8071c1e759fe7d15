"""A bank that serves, and what a researcher downloads from it: the files that programs of others are given here.

Where a program is missing, its tests are left out and say how to get it; in CI they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from studies.records.study import StudyRecord
from tests.bank_server import ROOT, BankServer, environment, serving
from tests.studies.records_factory import fixture_studies

LISTS = ("ris", "bib", "json", "csv", "xlsx", "docx")


class Download(NamedTuple):
    """The folder with a list of every study in each format (`estudios.ris`), and that of the newest open data."""

    lists: Path
    edition: Path


def find_program(name: str, package: str) -> str:
    """Return the path of a program; without it the test is skipped on a laptop, and fails in CI."""
    if found := shutil.which(name):
        return found
    reason = f"there is no {name}: sudo apt install {package}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a program printed. A failure shows the end of it."""
    # LaTeX breaks its lines between the bytes of a letter.
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
    return done.stdout


Tell = Callable[[str], None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Takes the figures of a test, which are printed when all is done."""
    return lambda figures: record_property("figures", figures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = terminalreporter.stats.get("passed", [])
    told = [value for report in passed for name, value in report.user_properties if name == "figures"]
    if told:
        terminalreporter.section("what programs of others read")
        for line in sorted(told):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def bank(set_up_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    """A bank with an edition of open data, which answers any number of requests."""
    folder = tmp_path_factory.mktemp("readers")
    template = folder / "template"
    shutil.copytree(set_up_bank, template)
    with (template / "env").open("a") as file:
        file.write("API_REQUESTS_PER_MINUTE=0\n")
    command = [sys.executable, "manage.py", "publish_data"]
    subprocess.run(command, cwd=ROOT, env=environment(template), check=True, capture_output=True)
    with serving(template, folder / "var") as server:
        yield server


@pytest.fixture(scope="session")
def download(bank: BankServer, tmp_path_factory: pytest.TempPathFactory) -> Download:
    folder = tmp_path_factory.mktemp("download")
    for ext in LISTS:
        answer = bank.get(f"/estudios/exportar.{ext}")
        assert answer.status == 200
        (folder / f"estudios.{ext}").write_bytes(answer.body)
    (day,) = [path.name for path in (bank.var / "open-data").iterdir() if path.is_dir()]
    name = f"banco-de-evidencias-{day}"
    (folder / "edition.zip").write_bytes(bank.get(f"/datos/archivos/{day}/{name}.zip").body)
    with zipfile.ZipFile(folder / "edition.zip") as archive:
        archive.extractall(folder)
    return Download(folder, folder / name)


@pytest.fixture(scope="session")
def records() -> list[StudyRecord]:
    """What the bank was filled with."""
    return list(fixture_studies())
