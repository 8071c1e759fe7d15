"""Compares two records: are they one publication, two versions of one work, or neither, and why? Pure.

The score is a weighted sum of title, authors and year, from 0 to 100; the weights were set on the training seeds of
`benchmarks/duplicates.py`, which measures precision and recall on others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA

from studies.duplicates.matching import wording
from studies.duplicates.matching.names import NameSimilarity, compare_names
from studies.duplicates.matching.record_profile import RecordProfile
from studies.duplicates.matching.titles import TitleSimilarity, compare_titles


class MatchKind(StrEnum):
    """What two records may be: one publication, or two versions of one work."""

    DUPLICATE = "duplicate"
    SAME_WORK = "same_work"


@dataclass(frozen=True, slots=True)
class RecordMatch:
    """The kind of match of two records, its score from 0 to 100, and the reasons as sentences for the curator."""

    kind: MatchKind
    score: int
    reasons: tuple[str, ...]


TITLE, AUTHORS, YEAR = 0.60, 0.30, 0.10
ENOUGH = 0.78
ENOUGH_WITHOUT_AUTHORS = 0.83
LEAST_TITLE = 0.60
"""The similarity of titles that have nothing in common but their letters."""
COST_OF_REPLACED = {MatchKind.DUPLICATE: 0.25, MatchKind.SAME_WORK: 0.20}
ALIKE_WITH_ALL_ELSE = LEAST_TITLE + (1 - LEAST_TITLE) * (ENOUGH - AUTHORS - YEAR) / TITLE
"""The least similarity of two titles with the same authors and year: nothing makes up for less."""
SAME_LONG_TITLE = 0.97
TELLING_TITLE = 7
"""A title of so many words is hardly ever given twice."""
LONGEST_WAY = 6
"""The most years between a working paper and its article."""

_TWO_PLACES = "Cada uno salió en otro volumen y otras páginas"
_FAMILIES = {"article-journal": "journal", "chapter": "chapter", "thesis": "thesis"}
_LANGUAGES = {"es": "español", "en": "inglés", "pt": "portugués", "fr": "francés", "it": "italiano", "de": "alemán"}


def compare_records(
    one: RecordProfile, other: RecordProfile, places: frozenset[str] = frozenset()
) -> RecordMatch | None:
    """Compare two records. Return None if they are two different works.

    `places` are the normalized words of countries and regions: titles that name different ones are of different
    studies.
    """
    if one.doi and one.doi == other.doi:
        return _match_by_doi(one, other, compare_titles(one, other, places, least=0.75))
    same_place = bool(one.volume and one.page) and (one.volume, one.page) == (other.volume, other.page)
    titles = compare_titles(one, other, places, least=ALIKE_WITH_ALL_ELSE)
    if titles is None and not same_place:
        return None
    names = compare_names(one.names, other.names)
    if same_place and names is not None and names.has_first and wording.is_same_journal(one.journal, other.journal):
        return _match_by_place(one, other, names, titles)
    if titles is None or titles.is_apart:
        return None
    kind = _classify(one, other, titles, same_place)
    score = _score(one, other, titles, names, kind)
    if score < (ENOUGH if names is not None else ENOUGH_WITHOUT_AUTHORS):
        return None
    reasons = [*_explain_titles(titles), *_explain_names(names), *_explain_years(one, other)]
    if wording.is_same_journal(one.journal, other.journal):
        reasons.append("La misma revista")
    reasons += _explain_versions(one, other) if kind == MatchKind.SAME_WORK else ()
    return RecordMatch(kind, min(99, round(100 * score)), tuple(reasons))


def _match_by_place(
    one: RecordProfile, other: RecordProfile, names: NameSimilarity, titles: TitleSimilarity | None
) -> RecordMatch:
    """Match two records with the same volume and page of a journal, whose titles may be in different languages."""
    reasons = [*_explain_titles(titles), *_explain_names(names), "La misma revista, volumen y página"]
    return RecordMatch(MatchKind.DUPLICATE, 98 if titles else 90, (*reasons, *_explain_years(one, other)))


def _match_by_doi(one: RecordProfile, other: RecordProfile, titles: TitleSimilarity | None) -> RecordMatch | None:
    """Match two records with one DOI; two abstracts of a supplement share its DOI, and are two works."""
    if titles is None:
        names = compare_names(one.names, other.names)
        if _has_other_page(one, other) or (names is not None and not names.shared):
            return None
        return RecordMatch(MatchKind.DUPLICATE, 90, ("El mismo DOI", "Pero los títulos son distintos: revise el DOI"))
    return RecordMatch(
        MatchKind.DUPLICATE, 100, ("El mismo DOI", *_explain_titles(titles), *_explain_years(one, other))
    )


def _classify(one: RecordProfile, other: RecordProfile, titles: TitleSimilarity, same_place: bool) -> MatchKind:
    if same_place:
        return MatchKind.DUPLICATE
    if one.doi and other.doi:
        is_typo = OSA.distance(one.doi, other.doi, score_cutoff=2) <= 1 and titles.alike > 0.95 and not titles.is_apart
        return MatchKind.DUPLICATE if is_typo else MatchKind.SAME_WORK
    if _is_in_two_places(one, other) or one.is_update != other.is_update:
        return MatchKind.SAME_WORK
    is_other_type = bool(one.type and other.type) and _get_type_family(one) != _get_type_family(other)
    is_other_language = bool(one.language and other.language) and one.language != other.language
    years = _count_years_between(one, other)
    if is_other_type or is_other_language or (years is not None and years > 2):
        return MatchKind.SAME_WORK
    return MatchKind.DUPLICATE


def _has_other_page(one: RecordProfile, other: RecordProfile) -> bool:
    """Return True if both say on which page they begin, and it is not the same; letters around it do not count."""
    pages = [page.strip("abcdefghijklmnopqrstuvwxyz").lstrip("0") for page in (one.page, other.page)]
    return all(pages) and pages[0] != pages[1]


def _is_in_two_places(one: RecordProfile, other: RecordProfile) -> bool:
    """Return True if they stand in two places of print, as an abstract and its paper do, or a text and its update."""
    volumes = [re.sub(r"\D.*", "", each.volume) for each in (one, other)]
    is_other_volume = all(volumes) and volumes[0] != volumes[1]
    if one.is_abstract != other.is_abstract:
        return is_other_volume or _has_other_page(one, other)
    is_other_journal = bool(one.journal and other.journal) and not wording.is_same_journal(one.journal, other.journal)
    return _has_other_page(one, other) and (is_other_volume or is_other_journal)


def _score(
    one: RecordProfile, other: RecordProfile, titles: TitleSimilarity, names: NameSimilarity | None, kind: MatchKind
) -> float:
    alike = titles.alike
    if kind == MatchKind.SAME_WORK and titles.same_head and _get_type_family(one) != _get_type_family(other):
        # A working paper often gets another subtitle when it becomes an article.
        alike = max(alike, 0.9)
        replaced = 0
    else:
        replaced = titles.replaced
    title = max(0.0, (alike - LEAST_TITLE) / (1 - LEAST_TITLE)) - COST_OF_REPLACED[kind] * replaced
    year = _score_year(_count_years_between(one, other), kind)
    if names is None:
        return (TITLE * title + YEAR * year) / (TITLE + YEAR)
    score = TITLE * title + AUTHORS * names.share + YEAR * year
    if names.share == 0 and alike >= SAME_LONG_TITLE and titles.words >= TELLING_TITLE and year >= 0.9:
        # An institution where the other has persons: a long title is hardly given twice in one year.
        return max(score, ENOUGH)
    return score if names.share > 0 else min(score, ENOUGH - 0.01)


def _score_year(years: int | None, kind: MatchKind) -> float:
    if years is None:
        return 0.6
    if kind == MatchKind.SAME_WORK:
        return 1.0 if years <= 3 else 0.6 if years <= LONGEST_WAY else -2.0
    return {0: 1.0, 1: 0.9, 2: 0.4}.get(years, -2.0)


def _count_years_between(one: RecordProfile, other: RecordProfile) -> int | None:
    return abs(one.year - other.year) if one.year and other.year else None


def _get_type_family(profile: RecordProfile) -> str:
    """Return the family of a type: exporting programs call a report a book, a document or a page."""
    return _FAMILIES.get(profile.type, "document") if profile.type else ""


def _explain_titles(titles: TitleSimilarity | None) -> list[str]:
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


def _explain_names(names: NameSimilarity | None) -> list[str]:
    if names is None:
        return ["Uno de los dos no dice su autoría"]
    if not names.shared:
        return ["Pero la autoría es otra"]
    if names.shared == names.most:
        return ["La misma autoría"]
    return [f"Nombres en común: {names.shared} de {names.most}"]


def _explain_years(one: RecordProfile, other: RecordProfile) -> list[str]:
    years = _count_years_between(one, other)
    if years is None:
        return ["Uno de los dos no dice su año"]
    if years == 0:
        return ["El mismo año"]
    return [f"Años {'vecinos' if years == 1 else 'distintos'}: {one.year} y {other.year}"]


def _explain_versions(one: RecordProfile, other: RecordProfile) -> list[str]:
    reasons = []
    if one.doi and other.doi:
        reasons.append("Cada uno tiene su propio DOI")
    if one.is_update != other.is_update:
        reasons.append("Uno es la actualización del otro")
    elif _is_in_two_places(one, other):
        reasons.append("Un resumen de congreso y su artículo" if one.is_abstract != other.is_abstract else _TWO_PLACES)
    if one.type and other.type and _get_type_family(one) != _get_type_family(other):
        pair = {one.type, other.type}
        is_paper = "article-journal" in pair and pair & {"article", "report"}
        reasons.append("Documento de trabajo y artículo" if is_paper else "Tipos de publicación distintos")
    if one.language and other.language and one.language != other.language:
        first, second = (_LANGUAGES.get(code, code) for code in (one.language, other.language))
        reasons.append(f"Idiomas distintos: {first} y {second}")
    return reasons
