"""What summaries need of a study beside its findings: people, harms, costs, delivery, registers, appraisals. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from studies.records.study import CostRecord


@dataclass(frozen=True, slots=True)
class StudyDetails:
    """Fields of a study's record as they are.

    `author_names` has the authors as a card names them, in Spanish and in English; `authors` are keys that are equal
    for the same person. `includes` may name studies that are not published.
    """

    id: str
    author_names: tuple[str, str] = ("", "")
    sample_size: int | None = None
    sample_unit: str | None = None
    harms: str | None = None
    harms_es: str | None = None
    harms_en: str | None = None
    harms_about: tuple[str, ...] = ()
    costs: tuple[CostRecord, ...] = ()
    registration: tuple[str, ...] = ()
    delivery_es: str | None = None
    delivery_en: str | None = None
    published_appraisals: int = 0
    own_appraisals: int = 0
    includes: tuple[str, ...] = ()
    authors: frozenset[str] = frozenset()


def author_key(family: str | None, given: str | None, literal: str | None) -> str:
    """Return what tells an author from others: the family name with the first initial, or the institution's name."""
    return f"{family}, {(given or '')[:1]}".casefold() if family else (literal or "").casefold()
