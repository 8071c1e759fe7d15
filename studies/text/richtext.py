"""Sanitises rich text by the one allow-list of HTML; no other module may import bleach.

Only programme descriptions, policy answers, long definitions and method pages are rich. Titles, summaries and findings
are plain text, which templates escape (R6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner
from django.utils.html import escape
from django.utils.safestring import SafeString

TAGS = frozenset({"p", "br", "em", "strong", "sub", "sup", "ul", "ol", "li", "a", "blockquote"})
PROTOCOLS = frozenset({"http", "https", "mailto"})
LONGEST_INPUT = 20_000
"""Bleach is quadratic on some input: 400 kB of "a<b " took it 18 seconds (November 2026)."""

_LOOKS_LIKE_HTML = re.compile(r"</?[a-zA-Z!]")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


class _AddLinkRel(Filter):  # type: ignore[misc]  # bleach has no types
    """Adds `rel` to links while bleach still has tokens, since a cleaned string must not be edited."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token["type"] == "StartTag" and token["name"] == "a":
                token["data"][(None, "rel")] = "noopener noreferrer"
            yield token


def clean_html(text: str) -> SafeString:
    """Return HTML that is safe to print. Plain text becomes paragraphs; only LONGEST_INPUT characters are kept."""
    html = text[:LONGEST_INPUT].replace("\r\n", "\n").replace("\r", "\n")
    if not _LOOKS_LIKE_HTML.search(html):
        html = _paragraphs(html)
    # A new one for each call: a Cleaner must not be shared between threads, as the documentation of bleach warns.
    cleaner = Cleaner(
        tags=TAGS,
        attributes={"a": ["href"]},
        protocols=PROTOCOLS,
        strip=True,
        strip_comments=True,
        filters=[_AddLinkRel],
    )
    return SafeString(cleaner.clean(html))  # nosec B703


def _paragraphs(text: str) -> str:
    paragraphs = (paragraph.strip() for paragraph in _BLANK_LINES.split(text))
    return "".join(f"<p>{escape(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph)
