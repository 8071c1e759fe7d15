"""What the workplace needs the search for: frozen lists, policy questions, choosing studies, the health of the bank."""

from search.admin import frozen_lists, questions

__all__ = ["frozen_lists", "questions"]
