"""The page of figures."""

from __future__ import annotations

from benchmarks import report


class TestPage:
    def test_it_is_what_the_figures_give(self):
        assert report.PAGE.read_text(encoding="utf-8") == report.render_page(), "python -m benchmarks report"
