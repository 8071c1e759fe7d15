"""The box of an option: what it prints, and that no label breaks out of it."""

from __future__ import annotations

from search.templatetags.facets import check_box
from search.web.shared.view_models import FacetOption


class TestCheckBox:
    def test_has_name_value_label_and_count(self):
        html = check_box(FacetOption("theme", "attention", "Atención", 1234))
        assert html == (
            '<label class="check"><input type="checkbox" name="theme" value="attention"> Atención'
            ' <span class="check__count">1\u202f234</span></label>'
        )

    def test_shows_no_count_where_nothing_is_counted(self):
        assert "check__count" not in check_box(FacetOption("theme", "attention", "Atención", None))

    def test_is_checked_disabled_or_indented_as_the_option_says(self):
        assert " checked>" in check_box(FacetOption("theme", "a", "A", 0, selected=True))
        assert " disabled>" in check_box(FacetOption("theme", "a", "A", 0, disabled=True))
        assert 'class="check check--indent"' in check_box(FacetOption("country", "PE", "Perú", 3, indent=1))

    def test_escapes_every_text(self):
        html = check_box(FacetOption('"><b>', "\"'<i>", "<script>&", 1))
        assert "<b>" not in html
        assert "<i>" not in html
        assert "&lt;script&gt;&amp;" in html
