"""The language of the page that is being made."""

from __future__ import annotations

from django.utils.translation import get_language


def page_language() -> str:
    """Return "es" or "en": any other language that a program may have set is answered in Spanish."""
    return "en" if get_language() == "en" else "es"
