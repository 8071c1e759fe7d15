"""Two records side by side: are they one publication, two versions of one work, or neither, and why. Pure.

The score is a weighted sum of title, authors and year, from 0 to 100; the weights were set on the training seeds of
`benchmarks/duplicates.py`, which measures precision and recall on others.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA

from studies.duplicates.matching import wording
from studies.duplicates.matching.names import NameLikeness, compare_names
from studies.duplicates.matching.portrait import Portrait
from studies.duplicates.matching.titles import TitleLikeness, compare_titles


class Kind(StrEnum):
    """What two records may be to one another."""

    DUPLICATE = "duplicate"
    SAME_WORK = "same_work"


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two records may be, how sure that is (0 to 100), and why, in sentences for the curator."""

    kind: Kind
    score: int
    reasons: tuple[str, ...]


TITLE, AUTHORS, YEAR = 0.60, 0.30, 0.10
ENOUGH = 0.78
ENOUGH_WITHOUT_AUTHORS = 0.83
LEAST_TITLE = 0.60
"""Likeness of titles that have nothing in common but their letters."""
COST_OF_REPLACED = {Kind.DUPLICATE: 0.25, Kind.SAME_WORK: 0.20}
ALIKE_WITH_ALL_ELSE = LEAST_TITLE + (1 - LEAST_TITLE) * (ENOUGH - AUTHORS - YEAR) / TITLE
"""How alike two titles must be where authors and year are the same: nothing makes up for less."""
SAME_LONG_TITLE = 0.97
TELLING_TITLE = 7
"""Words of a title that is hardly given twice."""
LONGEST_WAY = 6
"""Years from a working paper to its article."""

_FAMILIES = {"article-journal": "journal", "chapter": "chapter", "thesis": "thesis"}
_LANGUAGES = {"es": "español", "en": "inglés", "pt": "portugués", "fr": "francés", "it": "italiano", "de": "alemán"}


def compare(one: Portrait, other: Portrait, places: frozenset[str] = frozenset()) -> Likeness | None:
    """Tell what two records are to one another; None where they are two different works.

    `places` are folded words of countries and regions: titles that name different ones are of different studies.
    """
    if one.doi and one.doi == other.doi:
        return _same_doi(one, other, compare_titles(one, other, places, least=0.75))
    same_place = bool(one.volume and one.page) and (one.volume, one.page) == (other.volume, other.page)
    titles = compare_titles(one, other, places, least=ALIKE_WITH_ALL_ELSE)
    if titles is None and not same_place:
        return None
    names = compare_names(one.names, other.names)
    if same_place and names is not None and names.has_first and wording.is_same_journal(one.journal, other.journal):
        return _same_place(one, other, names, titles)
    if titles is None or titles.is_apart:
        return None
    kind = _kind(one, other, titles, same_place)
    score = _score(one, other, titles, names, kind)
    if score < (ENOUGH if names is not None else ENOUGH_WITHOUT_AUTHORS):
        return None
    reasons = [*_title_reasons(titles), *_name_reasons(names), *_year_reasons(one, other)]
    if wording.is_same_journal(one.journal, other.journal):
        reasons.append("La misma revista")
    reasons += _version_reasons(one, other) if kind == Kind.SAME_WORK else ()
    return Likeness(kind, min(99, round(100 * score)), tuple(reasons))


def _same_place(one: Portrait, other: Portrait, names: NameLikeness, titles: TitleLikeness | None) -> Likeness:
    """One place in one journal: the title may stand there in another language than the bank knows."""
    reasons = [*_title_reasons(titles), *_name_reasons(names), "La misma revista, volumen y página"]
    return Likeness(Kind.DUPLICATE, 98 if titles else 90, (*reasons, *_year_reasons(one, other)))


def _same_doi(one: Portrait, other: Portrait, titles: TitleLikeness | None) -> Likeness:
    if titles is None:
        return Likeness(Kind.DUPLICATE, 90, ("El mismo DOI", "Pero los títulos son distintos: revise el DOI"))
    return Likeness(Kind.DUPLICATE, 100, ("El mismo DOI", *_title_reasons(titles), *_year_reasons(one, other)))


def _kind(one: Portrait, other: Portrait, titles: TitleLikeness, same_place: bool) -> Kind:
    if same_place:
        return Kind.DUPLICATE
    if one.doi and other.doi:
        is_slip = OSA.distance(one.doi, other.doi, score_cutoff=2) <= 1 and titles.alike > 0.95 and not titles.is_apart
        return Kind.DUPLICATE if is_slip else Kind.SAME_WORK
    is_other_type = bool(one.type and other.type) and _family(one) != _family(other)
    is_other_language = bool(one.language and other.language) and one.language != other.language
    years = _years_between(one, other)
    if is_other_type or is_other_language or (years is not None and years > 2):
        return Kind.SAME_WORK
    return Kind.DUPLICATE


def _score(one: Portrait, other: Portrait, titles: TitleLikeness, names: NameLikeness | None, kind: Kind) -> float:
    alike = titles.alike
    if kind == Kind.SAME_WORK and titles.same_head and _family(one) != _family(other):
        # A working paper often gets another subtitle when it becomes an article.
        alike = max(alike, 0.9)
        replaced = 0
    else:
        replaced = titles.replaced
    title = max(0.0, (alike - LEAST_TITLE) / (1 - LEAST_TITLE)) - COST_OF_REPLACED[kind] * replaced
    year = _year(_years_between(one, other), kind)
    if names is None:
        return (TITLE * title + YEAR * year) / (TITLE + YEAR)
    score = TITLE * title + AUTHORS * names.share + YEAR * year
    if names.share == 0 and alike >= SAME_LONG_TITLE and titles.words >= TELLING_TITLE and year >= 0.9:
        # An institution where the other has persons: a long title is hardly given twice in one year.
        return max(score, ENOUGH)
    return score if names.share > 0 else min(score, ENOUGH - 0.01)


def _year(years: int | None, kind: Kind) -> float:
    if years is None:
        return 0.6
    if kind == Kind.SAME_WORK:
        return 1.0 if years <= 3 else 0.6 if years <= LONGEST_WAY else -2.0
    return {0: 1.0, 1: 0.9, 2: 0.4}.get(years, -2.0)


def _years_between(one: Portrait, other: Portrait) -> int | None:
    return abs(one.year - other.year) if one.year and other.year else None


def _family(portrait: Portrait) -> str:
    """Return the family of a type: whoever exports a report calls it a book, a document or a page."""
    return _FAMILIES.get(portrait.type, "document") if portrait.type else ""


def _title_reasons(titles: TitleLikeness | None) -> list[str]:
    if titles is None:
        return []
    if titles.is_part:
        reason = "El título de uno es el del otro sin el subtítulo o cortado"
    elif titles.alike == 1 and not titles.replaced:
        reason = "El mismo título"
    elif titles.alike >= 0.75:
        reason = f"Títulos casi iguales ({int(titles.alike * 100)} %)"
    elif titles.same_head:
        reason = "El mismo título con otro subtítulo"
    else:
        return []
    return [f"{reason}, en su traducción" if titles.is_translated else reason]


def _name_reasons(names: NameLikeness | None) -> list[str]:
    if names is None:
        return ["Uno de los dos no dice su autoría"]
    if not names.shared:
        return ["Pero la autoría es otra"]
    if names.shared == names.most:
        return ["La misma autoría"]
    return [f"Nombres en común: {names.shared} de {names.most}"]


def _year_reasons(one: Portrait, other: Portrait) -> list[str]:
    years = _years_between(one, other)
    if years is None:
        return ["Uno de los dos no dice su año"]
    if years == 0:
        return ["El mismo año"]
    return [f"Años {'vecinos' if years == 1 else 'distintos'}: {one.year} y {other.year}"]


def _version_reasons(one: Portrait, other: Portrait) -> list[str]:
    reasons = []
    if one.doi and other.doi:
        reasons.append("Cada uno tiene su propio DOI")
    if one.type and other.type and _family(one) != _family(other):
        pair = {one.type, other.type}
        is_paper = "article-journal" in pair and pair & {"article", "report"}
        reasons.append("Documento de trabajo y artículo" if is_paper else "Tipos de publicación distintos")
    if one.language and other.language and one.language != other.language:
        first, second = (_LANGUAGES.get(code, code) for code in (one.language, other.language))
        reasons.append(f"Idiomas distintos: {first} y {second}")
    return reasons
