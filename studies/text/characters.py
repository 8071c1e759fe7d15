"""Finds and replaces characters that the database or XML cannot hold, and those that break a line. Pure.

What becomes of those that the database cannot hold: in what a reader asks or writes they count as spaces, for the
parameters of an address in `evidencebank.middleware`; a field of the workplace and a record refuse them; an imported
file that holds NUL is no text, and texts that JSON or XML escape lose them in `studies.imports.formats.plain_text`.
"""

from __future__ import annotations

import re

# PostgreSQL refuses the first, UTF-8 the surrogates.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# XML 1.0 cannot even hold them as escapes.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BREAKS_AND_CONTROLS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")


def is_storable(text: str) -> bool:
    """Whether the database can hold a text and take it as a parameter of a query."""
    return _UNSTORABLE.search(text) is None


def replace_unstorable(text: str) -> str:
    """Return a text with spaces in place of what the database cannot hold."""
    return _UNSTORABLE.sub(" ", text)


def replace_non_xml(text: str, *, instead: str = "") -> str:
    """Return a text with `instead` in place of each character that XML cannot hold."""
    return _NOT_IN_XML.sub(instead, text)


def collapse_whitespace(text: str | None) -> str:
    """Return a text with single spaces in place of white space, line breaks and control characters; "" for None."""
    return _BREAKS_AND_CONTROLS.sub(" ", text or "").strip()
