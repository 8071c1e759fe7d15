"""The view model of pages beside the studies: interventions, programmes, questions, terms and help for the words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.text import Truncator

from search.help.did_you_mean import FEW_STUDIES
from search.pages.finding import find_pages
from search.pages.registry import KINDS
from search.web.shared.view_models import OtherPage
from studies.text.bilingual import LocalizedText

if TYPE_CHECKING:
    from search.pages.page import Page
    from search.services.public_search import SearchPage

LONGEST_NOTE = 140
"""Letters of what stands below a title."""


def other_pages(found: SearchPage, language: str) -> tuple[OtherPage, ...]:
    """Return the pages above a list of studies: on its first page, for words without filters, or if it is empty.

    A list of few studies also leads to what is next to the words.
    """
    criteria = found.criteria
    if not criteria.q or criteria.page > 1 or (criteria.has_filters and found.studies):
        return ()
    is_short = found.total is not None and found.total <= FEW_STUDIES
    return view_pages((each.page for each in find_pages(found.query, with_nearest=is_short)), language)


def view_pages(pages: Iterable[Page], language: str) -> tuple[OtherPage, ...]:
    """Return pages as they are printed: their kind, title, address, and a line on each."""
    return tuple(
        OtherPage(str(KINDS[page.kind].label), page.title(language), page_url(page), _shorten(page.note(language)))
        for page in pages
    )


def page_url(page: Page) -> str:
    """Return the address of a page in the language of this one."""
    path = reverse(page.route, kwargs=dict(page.arguments))
    return f"{path}#{page.anchor}" if page.anchor else path


def _shorten(note: LocalizedText | None) -> LocalizedText | None:
    if note is None or len(note.text) <= LONGEST_NOTE:
        return note
    return LocalizedText(Truncator(note.text).chars(LONGEST_NOTE), note.language, note.is_fallback)
