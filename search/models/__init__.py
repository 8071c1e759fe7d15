"""Rows that readers left: alerts, frozen lists, reports, counts. They name studies by slug, never by key."""

from search.models.alerts import Alert
from search.models.lists import FrozenList
from search.models.rate_counts import RateCount
from search.models.reports import PageReport

__all__ = ["Alert", "FrozenList", "PageReport", "RateCount"]
