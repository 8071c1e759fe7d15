"""What readers left with the bank on purpose. Studies are rows of `studies`; nothing here points at them by key."""

from search.models.alerts import Alert
from search.models.lists import FrozenList

__all__ = ["Alert", "FrozenList"]
