"""How a reader keeps an eye on a list: the addresses of its feed and what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from search.pages import Follow
from search.web.in_words import in_words

if TYPE_CHECKING:
    from search.criteria import Criteria


def follow(criteria: Criteria, language: str) -> Follow:
    """Give what a page of the list offers."""
    return Follow(
        feed_url=feed_url(criteria, language),
        feed_title=feed_title(criteria, language),
        record_url=_with_query(reverse("search-record"), criteria.with_page(1).query_string),
    )


def feed_url(criteria: Criteria, language: str) -> str:
    """Return the address of the feed of a list."""
    return _with_query(reverse("feed-en" if language == "en" else "feed-es"), criteria.as_set().query_string)


def feed_title(criteria: Criteria, language: str) -> str:
    """Name the feed of a list."""
    return _("Banco de Evidencias: %(criteria)s") % {"criteria": in_words(criteria, language)}


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
