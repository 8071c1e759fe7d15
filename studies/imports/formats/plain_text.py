"""Turns values of files into plain text: no tags, entities, invisible characters, or words that say "no value"."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from studies.text.characters import collapse_whitespace

_BLOCK_TAG = re.compile(r"</?(?:jats:)?(?:p|sec|title|br|list|list-item)\b[^<>]{0,200}>", re.IGNORECASE)
_INLINE_TAG = re.compile(
    r"</?(?:jats:)?(?:i|b|u|em|strong|sub|sup|scp|sc|italic|bold|span)\b[^<>]{0,200}>", re.IGNORECASE
)
# Invisible characters, marks of direction, and surrogates, which cannot be stored.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
_FOREIGN_RUN = re.compile("[^\x00-\u02ff]{31,}")
_MOST_MARKS = 30
_NO_VALUE = frozenset(
    ("na", "n/a", "#n/a", "nan", "null", "none", "nil", "undefined", "<na>", "-", "--", "—", "?", "[]", "not available")
)
"""What programs write for a value that they do not have, in small letters."""


def plain_text(text: object) -> str:
    """Return a value as plain text on one line, without tags, entities and control characters; "" for None."""
    if not isinstance(text, str | int | float) or isinstance(text, bool):
        return ""
    unescaped = html.unescape(_INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", str(text))))
    seen = _FOREIGN_RUN.sub(_limit_marks, drop_invisible(unescaped))
    return collapse_whitespace(unicodedata.normalize("NFC", seen))


def known_text(text: object) -> str:
    """Return a value as plain text; "" also for "NA", "nan", "NULL" and their like."""
    written = plain_text(text)
    return "" if written.lower() in _NO_VALUE else written


def first_text(values: Mapping[str, Any], *keys: str) -> str:
    """Return the first of these values that is known, as plain text; of a list its first entry."""
    for key in keys:
        value = values.get(key)
        written = known_text(value[0] if isinstance(value, list) and value else value)
        if written:
            return written
    return ""


def drop_invisible(text: str) -> str:
    """Remove characters that are invisible, turn the direction of a text, or cannot be stored."""
    return _INVISIBLE.sub("", text)


def _limit_marks(run: re.Match[str]) -> str:
    """Keep thirty combining marks on a letter, as UAX #15 does (stream-safe): ordering 50,000 takes ten seconds."""
    kept, marks = [], 0
    for char in run[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)
