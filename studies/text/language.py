"""The language of the page that is being rendered."""

from __future__ import annotations

from django.utils.translation import get_language


def page_language() -> str:
    """Return "es" or "en" by the active translation; "es" for any other language, or for none."""
    return "en" if get_language() == "en" else "es"
