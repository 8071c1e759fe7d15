"""The plots of a synthesis at any width: heads do not run into one another, and nothing is cut off beside a menu."""

from __future__ import annotations

import pytest

from studies.synthesis.evidence import ESTIMATED
from tests.browser.conftest import PHONE, WIDE, Open

# Boxes are a little larger than their letters.
_HEADS = """[...document.querySelectorAll('.plot__head')].map(head => head.getBoundingClientRect())
    .every((box, at, all) => at === 0 || all[at - 1].right <= box.left + 1)"""
_CUT_OFF = "[...document.querySelectorAll('.scroller')].filter(each => each.scrollWidth > each.clientWidth).length"


class TestPlots:
    @pytest.mark.parametrize("path", ["/intervenciones/economic-plus/", "/en/interventions/economic-plus/"])
    def test_have_heads_apart_and_no_end_cut_off(self, open_page: Open, path: str) -> None:
        page = open_page()
        page.goto(path)
        assert page.locator(".plot__head").count() == len(ESTIMATED)
        for width in (PHONE, 768, 960, 1000, 1060, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(_HEADS), width
            # On a phone the estimates scroll to the side, in their own region.
            assert width == PHONE or page.evaluate(_CUT_OFF) == 0, width
