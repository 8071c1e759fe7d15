"""A kept search in words, for pages of `studies`, which know its query string only."""

from __future__ import annotations

from django import template
from django.http import QueryDict

from search.filters import criteria_of
from search.web.in_words import in_words
from studies.web.language import page_language

register = template.Library()


@register.filter
def search_in_words(query_string: str) -> str:
    """Say what a search asked for, in the page's language: no query."""
    language = page_language()
    return in_words(criteria_of(QueryDict(query_string)), language)
