"""The plots under an answer at any width: nothing is cut off beside a menu, and a script draws their PNG."""

from __future__ import annotations

import pytest

from tests.browser.conftest import PHONE, WIDE, Open

_CUT_OFF = "[...document.querySelectorAll('.scroller')].filter(each => each.scrollWidth > each.clientWidth).length"
_UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"


class TestPlots:
    @pytest.mark.parametrize("path", ["/intervenciones/economic-plus/", "/en/interventions/economic-plus/"])
    def test_have_no_end_cut_off(self, open_page: Open, path: str) -> None:
        page = open_page()
        page.goto(path)
        page.evaluate(_UNFOLD)
        for width in (PHONE, 768, 960, 1000, 1060, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(_CUT_OFF) == 0, width

    def test_have_the_line_of_no_difference_in_sight_on_a_phone(self, open_page: Open) -> None:
        page = open_page(PHONE)
        page.goto("/intervenciones/economic-plus/")
        page.evaluate(_UNFOLD)
        lines = page.locator(".plot__null")
        assert lines.count()
        for box in (line.bounding_box() for line in lines.all()):
            assert box is not None
            assert 0 <= box["x"] <= PHONE

    def test_are_offered_as_png_where_a_script_can_draw_it(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/intervenciones/economic-plus/")
        page.evaluate(_UNFOLD)
        with page.expect_download() as saved:
            page.get_by_role("link", name="Descargar la figura (PNG)").last.click()
        assert saved.value.suggested_filename == "estimaciones.png"
        head = saved.value.path().read_bytes()[:24]
        assert head.startswith(b"\x89PNG")
        width = int.from_bytes(head[16:20])
        assert width == 2 * 784
        without = open_page(script=False)
        without.goto("/intervenciones/economic-plus/")
        without.evaluate(_UNFOLD)
        assert not without.get_by_text("Descargar la figura (PNG)").first.is_visible()
        assert without.get_by_text("Descargar la figura (SVG)").first.is_visible()
