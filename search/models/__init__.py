"""What readers left with the bank on purpose. Studies are rows of `studies`; nothing here points at them by key."""

from search.models.lists import FrozenList

__all__ = ["FrozenList"]
