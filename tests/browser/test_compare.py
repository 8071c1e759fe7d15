"""The comparison on paper and on a phone."""

from __future__ import annotations

import re

import pytest

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


class TestOnPaper:
    @pytest.mark.parametrize(
        "address",
        [
            f"/comparar/?{'&'.join(f'id={slug}' for slug in STUDIES)}",
            f"/en/compare/?{'&'.join(f'intervention={code}' for code in INTERVENTIONS)}",
        ],
        ids=["studies", "interventions"],
    )
    def test_six_fit_on_one_landscape_sheet(self, open_page: Open, address: str) -> None:
        page = open_page()
        page.goto(address)
        assert page.locator(".compare thead a").count() == 6
        sheets = page.pdf(format="A4", landscape=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", sheets)) == 1


class TestOnAPhone:
    def test_the_names_of_rows_stay_in_sight(self, open_page: Open) -> None:
        page = open_page(PHONE)
        page.goto("/comparar/?id=abramsky-2014-sasa&id=hidrobo-2016-ecuador-transfers")
        page.locator(".scroller").evaluate("region => region.scrollTo(300, 0)")
        left = page.locator(".compare tbody th").first.evaluate("head => head.getBoundingClientRect().left")
        assert 0 <= left < 40
