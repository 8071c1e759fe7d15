"""What CSL-JSON allows of the variables that we write, as a JSON schema: stricter than the published one.

Written after the specification of citationstyles.org (csl-data.json, version 1.0.2, November 2026): an array; each item
with `type` and `id` and nothing that the specification does not name; dates as parts; names in their parts.
"""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_DATE = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
            "minItems": 1,
            "maxItems": 1,
        }
    },
    "required": ["date-parts"],
    "additionalProperties": False,
}
_PERSON = ("family", "given", "non-dropping-particle", "dropping-particle", "suffix")
_NAME = {
    "oneOf": [
        {
            "type": "object",
            "properties": dict.fromkeys(_PERSON, _TEXT),
            "required": ["family"],
            "additionalProperties": False,
        },
        {"type": "object", "properties": {"literal": _TEXT}, "required": ["literal"], "additionalProperties": False},
    ]
}
_TEXTS = (
    *("id", "title", "genre", "container-title", "collection-title", "volume", "issue", "page", "publisher"),
    *("number", "DOI", "URL", "language", "abstract", "keyword", "annote"),
)

CSL_SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "type": {"enum": ["article", "article-journal", "book", "chapter", "report", "thesis", "webpage"]},
            "author": {"type": "array", "items": _NAME, "minItems": 1},
            "issued": _DATE,
            "accessed": _DATE,
            **dict.fromkeys(_TEXTS, _TEXT),
        },
        "required": ["type", "id"],
        "additionalProperties": False,
    },
}
