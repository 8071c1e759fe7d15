"""Writes a brief as PDF with WeasyPrint, which only this module knows.

WeasyPrint is imported on first use: it needs the library pango of the system, without which all else works.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from search.web.brief.content import Brief

MEDIA_TYPE = "application/pdf"

_SHEETS = ("tokens", "base", "layout", "components", "evidence", "print", "brief")


# Python does not remember that an import failed: each page with a brief would try again.
@lru_cache(maxsize=1)
def is_available() -> bool:
    """Return True if this machine can make a PDF: importing WeasyPrint fails where pango is missing."""
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


def write(brief: Brief, root: str, language: str) -> bytes:
    """Return the document. `root` is the whole address of the site, which completes its links."""
    from weasyprint import HTML

    sheets = {f"{root}css/{name}.css": name for name in _SHEETS}
    html = render_to_string("brief/pdf.html", {"brief": brief, "sheets": list(sheets)})
    document = HTML(string=html, base_url=root, url_fetcher=_stylesheet_fetcher(sheets))
    # PDF/UA, the accessible kind: headings, tables and links are tagged.
    written: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return written


def _stylesheet_fetcher(sheets: dict[str, str]) -> Any:
    """Return a URL fetcher that reads our own style sheets and refuses all else: no network, no files, no data."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlySheets(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in sheets:
                raise ValueError(f"Not a style sheet of the bank: {url}")
            path = finders.find(f"css/{sheets[url]}.css")
            assert isinstance(path, str), url
            return URLFetcherResponse(url, Path(path).read_bytes(), {"Content-Type": "text/css; charset=utf-8"})

    return OnlySheets()
