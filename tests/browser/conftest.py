"""Readers in a real Chromium: pages that are watched for faults nobody sees, in any width, language and light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.bank_server import BankServer

WIDE, PHONE, NARROWEST = 1280, 360, 320
"""Widths in CSS pixels: a desk, a common phone, and what reflow asks for (WCAG 1.4.10)."""


@dataclass
class Watch:
    """What went wrong behind the page: foreign requests, messages of the console, errors of scripts, dead answers."""

    host: str
    faults: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("request", self._ask)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("requestfailed", self._fail)

    def _ask(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.host:
            self.faults.append(f"foreign request: {request.url}")

    def _hear(self, message: ConsoleMessage) -> None:
        # A page that is not found, asked for as such, is told by Chromium as an error of the page.
        is_own_status = (
            message.text.startswith("Failed to load resource") and message.location.get("url") in self.expected
        )
        if message.type in ("error", "warning") and not is_own_status:
            self.faults.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _fail(self, request: Request) -> None:
        # A download ends the navigation that began it.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} {request.failure}")

    expected: set[str] = field(default_factory=set)
    """Addresses whose answer is an error, and should be."""


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, bank_server: BankServer) -> Iterator[Open]:
    """Make a reader's page: `open_page(width=…, script=…, language=…)`. What went wrong behind it fails the test."""
    yield from _readers(browser, bank_server)


@pytest.fixture
def open_own_page(browser: Browser, own_bank: BankServer) -> Iterator[Open]:
    """The same on a bank that the test may change."""
    yield from _readers(browser, own_bank)


def _readers(browser: Browser, server: BankServer) -> Iterator[Open]:
    contexts: list[BrowserContext] = []
    watch = Watch(urlsplit(server.url).netloc)

    def open_one(
        width: int = WIDE, *, script: bool = True, expected: tuple[str, ...] = (), watched: bool = True, **options: Any
    ) -> Page:
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": 800},
            java_script_enabled=script,
            has_touch=width <= PHONE,
            **{"locale": "es-PE", "reduced_motion": "no-preference", **options},
        )
        contexts.append(context)
        watch.expected |= {server.url + path for path in expected}
        page = context.new_page()
        page.set_default_timeout(10_000)
        if watched:
            watch.follow(page)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert watch.faults == []


def sign_in(page: Page, name: str, password: str) -> None:
    """Sign in at the workplace, as people do."""
    page.goto("/admin/")
    page.get_by_label("Nombre de usuario").fill(name)
    page.get_by_label("Contraseña").fill(password)
    page.get_by_role("button", name="Iniciar sesión").click()
    expect(page.locator("#user-tools")).to_be_visible()
