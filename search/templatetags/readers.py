"""What readers left for staff, for the first page of the workplace."""

from __future__ import annotations

from django import template

from search.lists.frozen import lists_to_read
from search.lists.reports import count_waiting_reports

register = template.Library()


@register.simple_tag
def waiting_reports() -> int:
    """Return how many reports of readers nobody has settled: one query."""
    return count_waiting_reports()


@register.simple_tag
def lists_with_words_to_read() -> int:
    """Return of how many frozen lists somebody has to read what their makers wrote: one query."""
    return lists_to_read().count()
