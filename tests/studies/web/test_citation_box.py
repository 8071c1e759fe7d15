"""The box that says how to cite a study: style and language by address, without script."""

from __future__ import annotations

import re

import pytest
from django.http import QueryDict
from django.utils.translation import override
from lxml import html

from studies.citations.runs import to_plain_text
from studies.citations.styles.registry import STYLES
from studies.exports.registry import EXPORTS
from studies.web.study.citation_box import citation_box
from tests.studies.records_factory import complete_record

SASA = "/estudios/abramsky-2014-sasa/"


def box(query="", language="es", **changes):
    with override(language):
        return citation_box(complete_record(**changes), language, QueryDict(query))


class TestCitationBox:
    def test_cites_in_apa_in_the_language_of_the_page(self):
        assert to_plain_text(box().runs).startswith("Quispe, A. M. (2021).")
        assert to_plain_text(box(language="en", year=None).in_text) == "(Quispe, n.d.)"

    @pytest.mark.parametrize("style", STYLES)
    def test_takes_any_style_and_says_which(self, style):
        chosen = box(f"style={style}")
        assert [choice.label for choice in chosen.styles if choice.current] == [STYLES[style].label("es")]
        assert len(chosen.styles) == len(STYLES)

    def test_takes_the_other_language(self):
        chosen = box("cite_in=en", type="thesis", publisher="PUCP", container_title=None)
        assert "[Thesis, PUCP]" in to_plain_text(chosen.runs)
        assert [choice.label for choice in chosen.languages if choice.current] == ["English"]

    @pytest.mark.parametrize("query", ["style=nada", "cite_in=qu", "style=&cite_in=", "style=apa&style=x"])
    def test_what_is_unknown_counts_as_not_said(self, query):
        assert box(query).runs == box().runs

    def test_its_choices_lead_to_one_another(self):
        chosen = box("style=chicago&cite_in=en")
        assert [choice.url for choice in chosen.styles] == [
            "?cite_in=en#citar",
            "?style=vancouver&cite_in=en#citar",
            "?style=chicago&cite_in=en#citar",
            "?style=iso690&cite_in=en#citar",
        ]
        assert [choice.url for choice in chosen.languages] == [
            "?style=chicago#citar",
            "?style=chicago&cite_in=en#citar",
        ]

    def test_its_files_are_in_the_same_style_and_language(self):
        files = {file.label: file.url for file in box("style=chicago&cite_in=en").files}
        assert list(files) == [export.label for export in EXPORTS.values()]
        assert files["Word"] == "/en/studies/quispe-2021-hogares/citation.docx?style=chicago"
        assert files["RIS"] == "/en/studies/quispe-2021-hogares/citation.ris"


@pytest.mark.django_db
class TestOnThePage:
    def test_shows_entry_and_citation_in_the_text(self, client):
        page = html.fromstring(client.get(f"{SASA}?style=chicago").content.decode())
        (cite,) = page.xpath("//div[@class='cite']")
        text = re.sub(r"\s+", " ", cite.text_content())
        assert "Abramsky, Tanya, Karen Devries" in text
        assert "En el texto: (Abramsky et al. 2014)" in text
        assert [italic.text for italic in cite.xpath(".//i")] == ["BMC Medicine"]

    def test_the_file_of_a_style_is_that_entry(self, client):
        text = b"".join(client.get(f"{SASA}cita.txt?style=vancouver").streaming_content).decode()
        assert "1. Abramsky T, Devries K, Kiss L, Nakuti J, Kyegombe N, Starmann E, et al. Findings" in text

    def test_costs_no_query_more_in_another_style(self, client, django_assert_max_num_queries):
        client.get(SASA)
        with django_assert_max_num_queries(40) as apa:
            client.get(SASA)
        with django_assert_max_num_queries(len(apa.captured_queries)):
            client.get(f"{SASA}?style=iso690&cite_in=en")
