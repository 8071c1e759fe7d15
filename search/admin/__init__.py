"""Pages of the workplace that need the search: readers' lists and reports, questions, choosing studies, health."""

from search.admin import frozen_lists, page_reports, questions

__all__ = ["frozen_lists", "page_reports", "questions"]
