"""Pages of the workplace that need the search: frozen lists, policy questions, choosing studies, the bank's health."""

from search.admin import frozen_lists, questions

__all__ = ["frozen_lists", "questions"]
