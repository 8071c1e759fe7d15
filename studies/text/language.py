"""The language of the page that is being rendered."""

from __future__ import annotations

from django.utils.translation import get_language, override


def page_language() -> str:
    """Return "es" or "en" by the active translation; "es" for any other language, or for none."""
    return "en" if get_language() == "en" else "es"


def in_both_languages(text: object) -> tuple[str, str]:
    """Return a lazily translated text in Spanish and in English, whatever the language of the page."""
    with override("es"):
        spanish = str(text)
    with override("en"):
        return spanish, str(text)
