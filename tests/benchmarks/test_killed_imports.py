"""Workers that are killed in the middle of an import: the short form of benchmarks/killed_imports.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.running import run

# It uses a database of its own, of the kind that the tests run on.
pytestmark = pytest.mark.django_db


class TestKilledWorkers:
    def test_another_finishes_with_every_reference_exactly_once_and_ends_when_it_is_told_to(
        self, set_up_bank: Path, tmp_path: Path
    ):
        report = run("killed_imports", "--references", "150", "--kills", "2", bank=set_up_bank, unused=tmp_path)
        assert report["faults"] == []
        assert len(report["killed_at"]) == 2
        assert report["exit"] == 0
