"""How long an import takes: the short form of benchmarks/imports.py. Seconds are for a quiet machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import imports
from tests.benchmarks import running


def told(**changes: Any) -> dict[str, Any]:
    part = {"s": 1.0, "cpu": 1.0, "memory_mb": 90.0}
    counts = {"references": 9, "counts": {"new": 9}, "written": 9, "made": 9, "left": 0}
    return {"preview": part, "write": part, "memory_grown_mb": 10.0, **counts, **changes}


class TestMeasuring:
    @pytest.mark.parametrize("ext", ["ris", "xlsx"])
    def test_every_reference_becomes_a_draft_and_goes_again(self, ext: str, set_up_bank: Path, tmp_path: Path):
        found = running.run("imports", "--references", "60", "--format", ext, bank=set_up_bank, unused=tmp_path)
        assert (found["counts"]["new"], found["written"], found["made"], found["left"]) == (60, 60, 60, 0)
        assert all(found[part]["memory_mb"] > 0 for part in ("upload", "preview", "write", "undo"))
        assert (found["faults"], found["exit"]) == ([], 0)


class TestFaults:
    def test_a_sound_measurement_has_none(self):
        assert imports.find_faults(told()) == []

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"preview": {"s": 20.1}}, "preview"),
            ({"write": {"s": 60.1}}, "write"),
            ({"memory_grown_mb": 128.1}, "memory"),
            ({"made": 8}, "draft"),
            ({"left": 1}, "left"),
        ],
    )
    def test_each_bound_is_told(self, changes: dict[str, Any], words: str):
        (fault,) = imports.find_faults(told(**changes))
        assert words in fault
