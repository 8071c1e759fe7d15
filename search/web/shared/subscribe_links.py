"""Addresses by which a reader follows a list: the list itself, its feed, its record and its alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from search.lists import alerts
from search.web.shared.criteria_text import describe_criteria
from search.web.shared.view_models import FollowLinks

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria


def follow_links(criteria: Criteria, language: str) -> FollowLinks:
    """Return the addresses that a page of the list offers to follow it; no alerts where the bank sends no mail."""
    return FollowLinks(
        feed_url=feed_url(criteria, language),
        feed_title=feed_title(criteria, language),
        record_url=record_url(criteria),
        alert_url=_with_query(reverse("alerts"), criteria.as_set().query_string) if alerts.are_offered() else "",
    )


def canonical_list_url(criteria: Criteria) -> str:
    """Return the address of the list without page and order: the same for all who see the same studies."""
    return _with_query(reverse("search"), criteria.as_set().query_string)


def feed_url(criteria: Criteria, language: str) -> str:
    """Return the address of the feed of a list."""
    return _with_query(reverse("feed-en" if language == "en" else "feed-es"), criteria.as_set().query_string)


def feed_title(criteria: Criteria, language: str) -> str:
    """Return the title of the feed of a list."""
    return _("Banco de Evidencias: %(criteria)s") % {"criteria": describe_criteria(criteria, language)}


def record_url(criteria: Criteria, *, since: int | None = None, words: int | None = None) -> str:
    """Return the address of the record of a search, and with `since` of what changed after that change of the bank.

    `words` is the version of vocabularies and thesaurus of then, by which the same words may have found something else.
    """
    query = criteria.with_page(1).query_string
    versions = [f"{name}={value}" for name, value in (("since", since), ("words", words)) if value is not None]
    return _with_query(reverse("search-record"), "&".join(filter(None, [query, *versions])))


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
