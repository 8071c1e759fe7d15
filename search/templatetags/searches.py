"""A kept search in words, for pages of `studies`, which know its query string only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import template
from django.http import QueryDict

from search.criteria.filters import criteria_of
from search.lists.stored_counts import count_today
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
    """Say what a search asked for, in the page's language: no query."""
    language = page_language()
    return describe_criteria(criteria_of(QueryDict(query_string)), language)


@dataclass(frozen=True, slots=True)
class ListToday:
    """How many studies a kept search finds today, and where to see what became of its list."""

    found: int
    url: str


@register.simple_tag
def with_today(searches: QuerySet[QuestionSearch]) -> tuple[tuple[QuestionSearch, ListToday | None], ...]:
    """Give each search with its list of today: no query while the index is in step.

    None beside one that finds as many as then, or that cannot be counted. Where the versions of then are known the
    address tells what changed since.
    """
    lists = [criteria_of(QueryDict(made.criteria)) for made in searches]
    counts = count_today(lists) if lists else None
    if counts is None:
        return tuple((made, None) for made in searches)
    return tuple(map(_beside, searches, lists, counts))


def _beside(made: QuestionSearch, criteria: Criteria, count: int) -> tuple[QuestionSearch, ListToday | None]:
    if made.elsewhere or count == made.found:
        return made, None
    if made.change_no is None:
        return made, ListToday(count, canonical_list_url(criteria))
    return made, ListToday(count, record_url(criteria, since=made.change_no, words=made.vocabulary_no))
