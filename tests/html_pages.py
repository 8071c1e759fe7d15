"""Pages read back: a page as a tree, and its parts by class, as a style sheet would name them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from lxml import html


def page_of(client: Client, address: str) -> Any:
    """Return a page that answers 200, as a tree."""
    response = client.get(address)
    assert response.status_code == 200, address
    return html.fromstring(response.content)


def parts(tree: Any, class_name: str) -> list[Any]:
    """Return what carries a class, in the order of the page."""
    found: list[Any] = tree.xpath(f".//*[contains(concat(' ', normalize-space(@class), ' '), ' {class_name} ')]")
    return found


def text_of(element: Any) -> str:
    """Return the text of an element, white space as a reader sees it."""
    return " ".join(element.text_content().split())
