"""Text without case and accents, for comparing words where there is no index and for sorting titles. Pure."""

from __future__ import annotations

import unicodedata


def fold_text(*texts: str) -> str:
    """Return the texts joined by spaces, in lower case and without accents, white space made single."""
    text = " ".join(texts).casefold()
    if text.isascii():
        return " ".join(text.split())
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())
