"""Several processes that write and search on one SQLite bank: the short form of benchmarks/concurrent_saves.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bank_server import ROOT, environment


@pytest.fixture(scope="module")
def report(set_up_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "benchmarks/concurrent_saves.py", "--seconds", "3", "--bank", str(set_up_bank)],
        cwd=ROOT,
        env=environment(tmp_path_factory.mktemp("unused")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    told["exit"] = done.returncode
    return told


class TestFourProcessesAtOnce:
    def test_no_save_fails(self, report):
        assert report["failures"] == []
        assert report["exit"] == 0

    def test_every_process_saves_and_searches(self, report):
        assert len(report["processes"]) == 4
        assert all(each["saves"] > 0 and each["searches"] > 0 for each in report["processes"])

    def test_no_save_is_lost(self, report):
        assert report["saves"] == report["changes"] == report["revisions"]

    def test_the_index_catches_up_to_the_last_change(self, report):
        assert report["index"] == "ready"
        assert report["index_change"] == report["change"]
