"""Processes that write and search at once on two hosts: the short form of benchmarks/followers.py (I2, I3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.running import run

# It uses a database of its own, of the kind that the tests run on.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def report(set_up_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    # How late a change is found is the long form's business: here other tests keep the machine busy.
    options = ("--seconds", "3", "--hosts", "2", "--away", "25", "--late", "60")
    return run("followers", *options, bank=set_up_bank, unused=tmp_path_factory.mktemp("unused"))


class TestFourProcessesOnTwoHosts:
    def test_nothing_fails_and_both_hosts_end_with_what_the_database_holds(self, report: dict[str, Any]):
        assert report["faults"] == []
        assert report["exit"] == 0

    def test_every_process_saves_and_searches(self, report: dict[str, Any]):
        assert len(report["processes"]) == 4
        assert all(each["saves"] > 0 and each["searches"] > 0 for each in report["processes"])

    def test_no_save_is_lost(self, report: dict[str, Any]):
        assert report["saves"] == report["changes"] == report["revisions"]

    def test_a_host_that_was_away_answers_at_once_and_catches_up(self, report: dict[str, Any]):
        assert report["away"]["changes"] == 25
        assert report["away"]["found"] > 0
