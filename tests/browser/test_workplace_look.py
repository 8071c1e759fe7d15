"""The workplace in every light and width: no fault of accessibility, nothing beyond the edge, focus to be seen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.bank_server import ADMINISTRATOR, ROOT, BankServer, environment, serving
from tests.browser.conftest import PHONE, WIDE, sign_in
from tests.browser.test_pages import AXE, overflow, violations
from tests.thorough import mainly

PAGES = (
    "index", "studies_study_changelist", "studies_study_add", "studies_study_change", "studies_study_history",
    "studies_study_queue", "studies_study_duplicates", "studies_study_pair", "studies_importbatch_add",
    "studies_importbatch_change", "studies_proposal_change", "select-studies", "bank-health", "studies_term_changelist",
    "studies_term_change", "studies_concept_changelist", "studies_concept_change", "studies_programme_change",
    "studies_evaluation_change", "auth_user_change", "auth_group_change", "password_change",
    "own-sessions", "own-factors", "confirm-password",
)  # fmt: skip
"""Addresses by name; those that need a row are given one by `workplace.make_rows`."""
OPEN = ("/admin/login/", "/admin/contrasena/", "/admin/contrasena/lista/", "/admin/contrasena/enviado/")
_MAKE = (
    "import json; from tests.evidencebank.workplace import addresses, make_rows; "
    "print(json.dumps({each.name: each.sample for each in addresses(make_rows())}))"
)


@pytest.fixture(scope="module")
def filled_bank(set_up_bank: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    """A bank with a row of each kind."""
    with serving(set_up_bank, tmp_path_factory.mktemp("workplace") / "var") as server:
        yield server


@pytest.fixture(scope="module")
def where(filled_bank: BankServer) -> dict[str, str]:
    """Make the rows, and give the path of every page of the workplace by its name."""
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", _MAKE],
        cwd=ROOT,
        env=environment(filled_bank.var),
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, str] = json.loads(made.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def desk(browser: Browser, filled_bank: BankServer) -> Iterator[Page]:
    """A page of somebody who has signed in: once for all tests, which only look."""
    # The policy for scripts lets nothing of ours in, and axe is put into each page.
    with browser.new_context(base_url=filled_bank.url, locale="es-PE", bypass_csp=True) as context:
        page = context.new_page()
        sign_in(page, ADMINISTRATOR, filled_bank.password)
        yield page


def faults(page: Page, path: str) -> list[str]:
    """Return what is wrong with the page at `path`, as `faults_here` does."""
    page.set_viewport_size({"width": PHONE, "height": 800})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    return faults_here(page)


def faults_here(page: Page) -> list[str]:
    """Return what is wrong with a page that is open, on a phone in the dark and at a desk in the light."""
    page.set_viewport_size({"width": PHONE, "height": 800})
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate(AXE)
    found = [f"dark {each}" for each in violations(page)]
    if wide := overflow(page):
        found.append(f"{wide} pixels beyond the edge")
    page.set_viewport_size({"width": WIDE, "height": 800})
    page.emulate_media(color_scheme="light")
    return found + [f"light {each}" for each in violations(page)]


class TestEveryPageOfTheWorkplace:
    @pytest.mark.thorough
    @pytest.mark.parametrize("name", PAGES)
    def test_has_no_fault_in_any_light_or_width(self, desk: Page, where: dict[str, str], name: str) -> None:
        assert faults(desk, where[name]) == []

    @pytest.mark.parametrize("path", mainly(1, OPEN))
    def test_the_sign_in_has_none_either(self, browser: Browser, filled_bank: BankServer, path: str) -> None:
        with browser.new_context(base_url=filled_bank.url, locale="es-PE", bypass_csp=True) as context:
            assert faults(context.new_page(), path) == []

    @pytest.mark.thorough
    def test_what_has_the_focus_is_framed(self, desk: Page, where: dict[str, str]) -> None:
        desk.goto(where["studies_study_changelist"])
        for _ in range(12):
            desk.keyboard.press("Tab")
            width = desk.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
            assert width >= 2, desk.evaluate("document.activeElement.outerHTML")
