import json
import re
from html import unescape
from pathlib import Path

import nh3
import pytest
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from studies.text.richtext import LONGEST_INPUT, PROTOCOLS, TAGS, clean_html

ROOT = Path(__file__).parents[3]


class TestCleaning:
    def test_what_is_allowed_stays(self):
        html = (
            "<p>Uno <em>dos</em> <strong>tres</strong> H<sub>2</sub>O</p><ul><li>a</li></ul><blockquote>b</blockquote>"
        )
        assert clean_html(html) == html
        assert isinstance(clean_html(html), SafeString)

    @pytest.mark.parametrize(
        ("html", "cleaned"),
        [
            ("<p onclick=x()>a</p>", "<p>a</p>"),
            ("<p style='color:red' class=x>a</p>", "<p>a</p>"),
            ("<p><b>a</b><img src=x onerror=y>c</p>", "<p>ac</p>"),
            ("<p>a<!-- b --></p>", "<p>a</p>"),
            ("<h1>a</h1>", "a"),
        ],
    )
    def test_everything_else_goes_and_its_text_stays(self, html, cleaned):
        assert clean_html(html) == cleaned

    @pytest.mark.parametrize("href", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "jav&#x09;ascript:x"])
    def test_links_that_run_something_lose_their_address(self, href):
        assert "href" not in clean_html(f'<a href="{href}">a</a>')

    @pytest.mark.parametrize("href", ["https://www.gob.pe/", "http://x.pe", "mailto:a@x.pe"])
    def test_links_tell_their_target_nothing(self, href):
        link = clean_html(f'<a href="{href}" target=_blank rel=opener>a</a>')
        assert f'href="{href}"' in link
        assert 'rel="noopener noreferrer"' in link
        assert "target" not in link

    def test_cleaning_twice_changes_nothing(self):
        once = clean_html("uno\n\n<script>dos</script> & tres <a href='https://x.pe'>x</a>")
        assert clean_html(once) == once

    def test_long_input_is_cut_before_it_can_take_long(self):
        assert len(clean_html("a<b " * 100_000)) < LONGEST_INPUT * 5

    @given(st.text(alphabet=st.sampled_from("<>/&;\"'= \n\x00aphrefscitonlj:-!é"), max_size=80))
    def test_only_allowed_tags_come_out(self, text):
        tags = re.findall(r"<\s*/?\s*([^\s>/]*)", clean_html(text))
        assert set(tags) <= TAGS


class TestPlainText:
    def test_blank_lines_part_paragraphs_and_line_ends_break_lines(self):
        assert clean_html("uno\r\ndos\n \ntres\n") == "<p>uno<br>dos</p><p>tres</p>"

    def test_signs_of_plain_text_are_text(self):
        assert clean_html("p < 0,05 & n > 3") == "<p>p &lt; 0,05 &amp; n &gt; 3</p>"

    @pytest.mark.parametrize("nothing", ["", "  \n\n "])
    def test_nothing_is_nothing(self, nothing):
        assert clean_html(nothing) == ""


def clean_by_nh3(html: str) -> str:
    """Clean with the same allow-list by the library that would take the place of bleach."""
    cleaned: str = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags=set(),
        attributes={"a": {"href"}},
        url_schemes=set(PROTOCOLS),
        link_rel="noopener noreferrer",
    )
    return cleaned


def meaning(html: str) -> str:
    """Return tags, links and text, however signs are escaped; bleach leaves a line end where it drops a block."""
    return re.sub(r"\s+", "", unescape(html))


class TestSecondCleaner:
    """docs/decisions/0020: bleach has had its final release; nh3 gives the same where the bank needs it."""

    def test_descriptions_of_all_programmes_come_out_alike(self):
        programmes = json.loads((ROOT / "fixtures" / "programmes.json").read_text(encoding="utf-8"))
        texts = [row[name] for row in programmes for name in ("description_es", "description_en") if row[name]]
        assert len(texts) > 200
        # As this function makes paragraphs of plain text, both are given its result.
        assert [each for each in texts if meaning(clean_by_nh3(clean_html(each))) != meaning(clean_html(each))] == []

    @pytest.mark.parametrize(
        "html",
        [
            "<p>Uno <em>dos</em> H<sub>2</sub>O<br>tres</p><ul><li>a</li></ul><blockquote>b</blockquote>",
            "<p onclick=x() style='color:red'>a</p>",
            "<p><b>a</b><img src=x onerror=y>c<!-- d --></p>",
            "<script>a</script><style>b</style><h1>c</h1> & d",
            "<a href='https://x.pe' target=_blank rel=opener>a</a><a href=mailto:a@x.pe>b</a><a href=/x>c</a>",
            "<a href=javascript:x>a</a><a href=' JAVASCRIPT:x'>b</a><a href='data:text/html,x'>c</a>",
            "<ul><li>a<li>b</ul><p>c<p>d",
            "<svg><p>a</p></svg>",
            "<table><tr><td>b</td></tr></table>",
            "<p>«a» &lt;b&gt; &amp; ñ</p>",
        ],
    )
    def test_what_is_typed_and_what_is_hostile_come_out_alike(self, html):
        assert meaning(clean_by_nh3(html)) == meaning(clean_html(html))
