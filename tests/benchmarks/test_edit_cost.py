"""What one edit costs on account of the index: the short form of benchmarks/edit_cost.py (I3).

It holds that the measuring measures, and how many segments an index comes to; milliseconds are for a quiet machine.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import building, edit_cost
from search.engines.whoosh import merging

pytestmark = pytest.mark.django_db


class TestEdits:
    def test_segments_are_merged_whenever_there_is_one_too_many(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(building, "FOLDER", tmp_path / "built")
        monkeypatch.setattr(merging, "_replace_segments", merging._replace_segments)
        report = edit_cost.measure(30, 12, tmp_path)
        assert report["most_segments"] == merging.MOST_SEGMENTS + 1
        assert all(report[kind]["median"] > 0 for kind in edit_cost.KINDS)
