"""The clients that docs/interfaces.md shows, run as they stand there against a bank that is served."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bank_server import ROOT, BankServer, serving

DOCUMENT = (ROOT / "docs" / "interfaces.md").read_text(encoding="utf-8")
WRITTEN = "http://127.0.0.1:8000"
pytestmark = pytest.mark.thorough


def snippet(language: str, server: BankServer) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.S)
    assert WRITTEN in code
    return str(code).replace(WRITTEN, server.url)


@pytest.fixture
def bank(set_up_bank: Path, tmp_path: Path) -> Iterator[BankServer]:
    with serving(set_up_bank, tmp_path / "var") as server:
        yield server


def test_the_client_in_python_prints_every_study_of_the_list(bank: BankServer):
    told = subprocess.check_output([sys.executable, "-c", snippet("python", bank)], text=True)
    lines = told.splitlines()
    assert len(lines) > 10
    assert all(re.search(r"/en/studies/[a-z0-9-]+/$", line) for line in lines)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_snippet_in_r_reads_numbers(bank: BankServer):
    told = subprocess.check_output(["Rscript", "-e", snippet("r", bank)], text=True)
    assert re.search(r"Min\.\s+1st Qu\.", told)
