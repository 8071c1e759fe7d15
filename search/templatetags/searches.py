"""Recorded searches in words and numbers, for templates of `studies`, which know only their query strings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import template
from django.http import QueryDict

from search.criteria.filters import read_criteria
from search.lists.stored_counts import count_lists
from search.web.shared.criteria_text import describe_criteria
from search.web.shared.subscribe_links import canonical_list_url, record_url
from studies.text.language import page_language

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from search.criteria.criteria import Criteria
    from studies.models import QuestionSearch

register = template.Library()


@register.filter
def search_in_words(query_string: str) -> str:
    """Return the criteria of a search in words, in the page's language: no query."""
    language = page_language()
    return describe_criteria(read_criteria(QueryDict(query_string)), language)


@dataclass(frozen=True, slots=True)
class ListToday:
    """How many studies a recorded search finds today, and the address of its list or of what changed in it."""

    found: int
    url: str


@register.simple_tag
def with_today(searches: QuerySet[QuestionSearch]) -> tuple[tuple[QuestionSearch, ListToday | None], ...]:
    """Return each search with its list of today: no query while the index is up to date.

    The list is None if it has as many studies as then, or cannot be counted. If the versions of then are known, its
    address shows what changed since.
    """
    lists = [read_criteria(QueryDict(made.criteria)) for made in searches]
    counts = count_lists(lists) if lists else None
    if counts is None:
        return tuple((made, None) for made in searches)
    return tuple(map(_pair_with_today, searches, lists, counts))


def _pair_with_today(made: QuestionSearch, criteria: Criteria, count: int) -> tuple[QuestionSearch, ListToday | None]:
    if made.elsewhere or count == made.found:
        return made, None
    if made.change_no is None:
        return made, ListToday(count, canonical_list_url(criteria))
    return made, ListToday(count, record_url(criteria, since=made.change_no, words=made.vocabulary_no))
