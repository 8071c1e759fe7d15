"""The comparison on paper and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, Open

# Those of the bank whose records have most to print.
STUDIES = (
    "abramsky-2014-sasa",
    "aguero-2018-sumaq-warmi",
    "gibbs-2020-afghanistan-wfwi",
    "ogum-alangea-2020-rrs-ghana",
    "gibbs-2020-stepping-stones-creating-futures",
    "doyle-2023-bandebereho-six-years",
)
INTERVENTIONS = (
    "cash-transfer", "economic-plus", "engaging-men", "helpline", "police-response", "community-mobilisation",
)  # fmt: skip

PROGRAMMES = ("sasa", "maisha", "oportunidades", "indashyikirwa", "hablemos-entre-patas", "iris")


def count_sheets(page: Page) -> int:
    """Return how many landscape sheets of A4 the comparison of six that is open takes."""
    assert page.locator(".compare thead a").count() == 6
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4", landscape=True)))


class TestOnPaper:
    def test_six_studies_fit_on_one_landscape_sheet(self, open_page: Open) -> None:
        page = open_page()
        page.goto(f"/comparar/?{'&'.join(f'id={slug}' for slug in STUDIES)}")
        assert count_sheets(page) == 1

    @pytest.mark.parametrize("path", ["/comparar/", "/en/compare/"])
    def test_six_interventions_which_tell_more_fit_on_two(self, open_page: Open, path: str) -> None:
        page = open_page()
        page.goto(f"{path}?{'&'.join(f'intervention={code}' for code in INTERVENTIONS)}")
        assert count_sheets(page) <= 2

    def test_six_programmes_which_tell_more_fit_on_two(self, open_page: Open) -> None:
        page = open_page()
        page.goto(f"/comparar/?{'&'.join(f'programme={slug}' for slug in PROGRAMMES)}")
        assert count_sheets(page) <= 2


class TestOnAPhone:
    def test_the_names_of_rows_stay_in_sight(self, open_page: Open) -> None:
        page = open_page(PHONE)
        page.goto("/comparar/?id=abramsky-2014-sasa&id=hidrobo-2016-ecuador-transfers")
        page.locator(".scroller").evaluate("region => region.scrollTo(300, 0)")
        left = page.locator(".compare tbody th").first.evaluate("head => head.getBoundingClientRect().left")
        assert 0 <= left < 40
