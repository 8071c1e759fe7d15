"""Writers that are killed in every phase: the short form of benchmarks/kills.py (I4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.running import run

# It uses a database of its own, of the kind that the tests run on.
pytestmark = pytest.mark.django_db


class TestKilledInEveryPhase:
    def test_the_site_answers_no_lock_stays_and_the_index_comes_to_equal_the_database(
        self, set_up_bank: Path, tmp_path: Path
    ):
        report = run("kills", "--kills", "6", bank=set_up_bank, unused=tmp_path)
        assert report["faults"] == []
        assert report["kills"] == 6
        assert report["exit"] == 0
