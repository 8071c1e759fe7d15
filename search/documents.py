"""What an engine stores of a study: tokens, codes and sort keys. Codes, never labels (I2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search.text.analysis import FieldTokens

FIELDS = ("title", "authors", "summary", "findings", "publication")
"""The fields of text. Two more, "terms" and "programme", are codes that a query reaches through their names."""


@dataclass(frozen=True, slots=True)
class Document:
    """A published study as the engines see it.

    `codes`: for every parameter of `facets.PARAMETERS` the study's codes, {"none"} where the record states none.
    `findings`: pairs (outcome, effect) of its findings; (outcome, "none") for an outcome named without a finding.
    `effect` in `codes` holds the effects of its findings, {"none"} without any.
    `fingerprint`: a hash of the record; `added`: microseconds since 1970 of its first publication;
    `title_key`: the folded original title; `nearness`: 0 is Peru, larger is farther.
    """

    study_id: int
    slug: str
    fingerprint: str
    texts: Mapping[str, FieldTokens]
    codes: Mapping[str, frozenset[str]]
    findings: frozenset[tuple[str, str]]
    doi: str
    year: int
    added: int
    title_key: str
    nearness: int
