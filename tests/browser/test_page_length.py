"""Pages of answers are short: on a desk, on a phone, and on paper, where long lists give way to the page's address."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, WIDE, Open
from tests.thorough import some_of

MOST_SCREENS = {(WIDE, 800): 5, (PHONE, 740): 10}
MOST_SHEETS = {"intervention": 5, "theme": 6, "evidence": 6}

CONTENTS = {"es": ("/intervenciones/", "/"), "en": ("/en/interventions/", "/en/")}
OF_INTERVENTIONS = re.compile(r"/(?:intervenciones|en/interventions)/[a-z0-9-]+/$")
OF_THEMES = re.compile(r"/(?:temas|en/themes)/[a-z0-9-]+/$")
OF_ANY_CRITERIA = {"es": "/evidencia/", "en": "/en/evidence/"}

AT_RANDOM = 5
"""Interventions of each language that are measured but in a thorough run, which measures all."""


def paths_on(page: Page, contents: str, wanted: re.Pattern[str]) -> list[str]:
    page.goto(contents)
    paths = page.evaluate("[...document.querySelectorAll('main a[href]')].map(each => each.getAttribute('href'))")
    return sorted({path for path in paths if wanted.fullmatch(path)})


def screens(page: Page, width: int, height: int) -> float:
    page.set_viewport_size({"width": width, "height": height})
    tall: int = page.evaluate("document.documentElement.scrollHeight")
    return round(tall / height, 2)


def sheets(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("language", CONTENTS)
class TestPagesOfAnswers:
    def test_are_short_on_a_desk_on_a_phone_and_on_paper(self, open_page: Open, language: str) -> None:
        page = open_page()
        interventions, themes = CONTENTS[language]
        all_interventions = paths_on(page, interventions, OF_INTERVENTIONS)
        all_themes = paths_on(page, themes, OF_THEMES)
        assert all_interventions
        assert all_themes
        kinds = dict.fromkeys(some_of(all_interventions, AT_RANDOM, random.Random(14)), "intervention")
        kinds |= dict.fromkeys(all_themes, "theme") | {OF_ANY_CRITERIA[language]: "evidence"}
        too_long = {}
        for path, kind in kinds.items():
            page.goto(path)
            for (width, height), most in MOST_SCREENS.items():
                if (tall := screens(page, width, height)) > most:
                    too_long[path, width] = tall
            if (printed := sheets(page)) > MOST_SHEETS[kind]:
                too_long[path, "paper"] = printed
        assert too_long == {}


class TestPaperOfAnAnswer:
    def test_tells_which_lists_it_leaves_out_and_where_they_are(self, open_page: Open) -> None:
        page = open_page()
        for path in ("/intervenciones/economic-plus/", "/temas/prevention/"):
            page.goto(path)
            left_out = page.locator(".paper-only:not(.no-print *)", has_text="solo en la página web")
            assert left_out.count()
            assert not left_out.first.is_visible()
            page.emulate_media(media="print")
            assert all(each.is_visible() for each in left_out.all())
            assert page.get_by_text(page.url).is_visible()
            assert page.locator("details.no-print:visible").count() == 0
            page.emulate_media(media="screen")

    def test_has_the_parts_of_the_answer_that_a_screen_folds(self, open_page: Open) -> None:
        page = open_page()
        page.goto("/temas/prevention/")
        assert not page.locator(".ladder").is_visible()
        page.emulate_media(media="print")
        for part in (".answer", ".sof", ".conclusion", ".sure", ".ladder"):
            assert page.locator(part).first.is_visible(), part
