"""Rows that readers asked the bank to store: alerts and frozen lists. They refer to studies by slug, never by key."""

from search.models.alerts import Alert
from search.models.lists import FrozenList

__all__ = ["Alert", "FrozenList"]
