"""How well duplicates are found: the short form of benchmarks/duplicates.py, on a seed that set no weight."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bank_server import ROOT


def test_precision_and_recall_are_at_least_98_in_a_hundred():
    done = subprocess.run(
        [sys.executable, "benchmarks/duplicates.py", "--seeds", "301"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["cases"] > 700
    assert report["precision"] >= 0.98
    assert report["recall"] >= 0.98
    assert report["right_kind"] >= 0.98
