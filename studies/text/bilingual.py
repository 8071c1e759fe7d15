"""Chooses between the Spanish and the English column of a text (R6). A fallback is marked, never silent. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A text for a page. If `is_fallback`, the template adds `lang="{language}"` and a small label."""

    text: str
    language: str
    is_fallback: bool

    def __str__(self) -> str:
        return self.text


def choose_text(
    es: str | None,
    en: str | None,
    page_language: str,
    *,
    original: str | None = None,
    original_language: str | None = None,
) -> LocalizedText | None:
    """Return the text that a page in `page_language` ("es", "es-pe", "en", …) shows; None if all are empty or blank.

    The language of the page comes first, then the original (a title as published), then the other column.
    """
    page = page_language.split("-")[0].lower()
    other = "es" if page == "en" else "en"
    columns = {"es": es, "en": en}
    for text, language in (
        (columns.get(page), page),
        (original, original_language or ""),
        (columns[other], other),
        # Only a page in a third language gets here; its other column was English.
        (columns["es"], "es"),
    ):
        if text and text.strip():
            return LocalizedText(text, language, is_fallback=language != page)
    return None
