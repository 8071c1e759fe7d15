"""Folds case and accents, to compare words where there is no index and to sort titles. Pure.

The index has rules of its own, in `search.text`.
"""

from __future__ import annotations

import unicodedata


def fold_text(*texts: str) -> str:
    """Return the texts joined by spaces, in lower case and without accents, with single spaces. Also ñ becomes n."""
    text = " ".join(texts).casefold()
    if text.isascii():
        return " ".join(text.split())
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def lower_first(label: str) -> str:
    """Return a label as it stands within a sentence. One that begins with an acronym (VIH, IPV) keeps its capital."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
