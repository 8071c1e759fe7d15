"""What the workplace needs the search for: frozen lists of readers, and policy questions with their searches."""

from search.admin import frozen_lists, questions

__all__ = ["frozen_lists", "questions"]
