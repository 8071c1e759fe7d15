"""A list of references in a style: sorted, disambiguated, each entry with its citation in the text. Pure.

Of a list that must be sorted, only the keys are held in memory: the references wait in a temporary file.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from studies.citations.reference import Reference
from studies.citations.runs import TextRuns, to_plain_text
from studies.citations.styles.registry import CitationStyle
from studies.records.study import AuthorRecord

_SPOOL_IN_MEMORY_BYTES = 1_000_000
_ARTICLES = {"es": ("el ", "la ", "los ", "las ", "un ", "una "), "en": ("a ", "an ", "the ")}
# The last code point of Unicode: sorts behind every year.
_LAST = "\U0010ffff"
# Bounds the keys, which are held in memory for the whole list.
_MOST_SORTED_BY = 20


class BibliographyEntry(NamedTuple):
    """An entry of a list. `number` counts from 1; `in_text` is how a text cites it; `language` is that of the work."""

    key: str
    number: int
    runs: TextRuns
    in_text: TextRuns
    language: str


def cite_single(reference: Reference, style: CitationStyle, language: str) -> BibliographyEntry:
    """Return the entry of one work without a list around it."""
    in_text = (
        style.cite_in_text(reference, language)
        if style.cite_in_text
        else _cite_by_number(style, reference, language, 1)
    )
    return BibliographyEntry(reference.key, 1, style.cite(reference, language, ""), in_text, reference.language)


def iterate_entries(
    references: Iterable[Reference], style: CitationStyle, language: str
) -> Iterator[BibliographyEntry]:
    """Yield the entries of a list: in its own order where the style numbers them, else by author and date.

    A list that is sorted is read to its end before the first entry is yielded.
    """
    if style.cite_in_text is None:
        for number, reference in enumerate(references, start=1):
            in_text = _cite_by_number(style, reference, language, number)
            entry = style.cite(reference, language, "")
            yield BibliographyEntry(reference.key, number, entry, in_text, reference.language)
        return
    with _ReferenceSpool() as spool:
        ordered = sorted(
            _prepare_for_sorting(reference, spool.put(reference), style, language) for reference in references
        )
        marks = _Disambiguation(ordered, spool, style)
        for index, place in enumerate(ordered):
            reference = spool.take(place.offset)
            letter, least = marks.by_index.get(index, ("", 1))
            initials = place.first_family in marks.shared_families
            in_text = style.cite_in_text(reference, language, letter, least=least, with_initials=initials)
            entry = style.cite(reference, language, letter)
            yield BibliographyEntry(reference.key, index + 1, entry, in_text, reference.language)


def _cite_by_number(style: CitationStyle, reference: Reference, language: str, number: int) -> TextRuns:
    assert style.cite_by_number is not None, style.code
    return style.cite_by_number(reference, language, number)


class _SortedReference(NamedTuple):
    """What sorting and disambiguation need of a reference.

    `cited` is its citation in the text before disambiguation, `offset` its place in the spool.
    """

    sort_key: str
    cited: str
    first_family: str
    first_initial: str
    offset: int


def _prepare_for_sorting(reference: Reference, offset: int, style: CitationStyle, language: str) -> _SortedReference:
    assert style.cite_in_text is not None
    cited = to_plain_text(style.cite_in_text(reference, language))
    first = reference.authors[0] if reference.authors else AuthorRecord(literal="")
    initial = fold_for_sorting(first.given or "", language)[:1]
    return _SortedReference(_make_sort_key(reference, style, language), cited, first.family or "", initial, offset)


def _make_sort_key(reference: Reference, style: CitationStyle, language: str) -> str:
    """Return a key that sorts by author, year and title.

    Names are compared one by one, and a shorter list of names comes first: "nothing precedes something" (APA 9.44).
    """
    title = _without_article(reference.title, reference.language or language)
    names = [style.invert_name(author) for author in reference.authors[:_MOST_SORTED_BY]] or [title]
    undated = "" if style.sorts_undated_first else _LAST
    year = f"{reference.year:04}" if reference.year is not None else undated
    # Control characters sort before all letters, so that each separator ends its part.
    by_name = "\x01".join("\x02".join(fold_for_sorting(part, language) for part in name.split(", ")) for name in names)
    return f"{by_name}\x00{year}\x00{fold_for_sorting(title, language)}"


def fold_for_sorting(text: str, language: str) -> str:
    """Return a text as it is sorted: small letters and digits without accents; ñ follows n, except in English."""
    text = text.casefold()
    if language != "en":
        text = text.replace("ñ", "n~")
    bare = unicodedata.normalize("NFKD", text)
    return "".join(char for char in bare if char.isalnum() or char == "~")


def _without_article(title: str, language: str) -> str:
    small = title.casefold()
    for article in _ARTICLES.get(language, ()):
        if small.startswith(article):
            return title[len(article) :]
    return title


class _Disambiguation:
    """Tells apart works whose citations in the text would be equal.

    `by_index` holds a letter and the number of authors to name, by the index in `ordered`; `shared_families` the family
    names that need initials.
    """

    def __init__(self, ordered: Sequence[_SortedReference], spool: _ReferenceSpool, style: CitationStyle) -> None:
        self.by_index: dict[int, tuple[str, int]] = {}
        self.shared_families: frozenset[str] = frozenset()
        self._spool, self._ordered, self._style = spool, ordered, style
        equal: dict[str, list[int]] = defaultdict(list)
        for index, place in enumerate(ordered):
            equal[place.cited].append(index)
        for indices in equal.values():
            if len(indices) > 1:
                self._tell_apart(indices)
        if style.disambiguates_names:
            self.shared_families = self._find_shared_families()

    def _tell_apart(self, indices: Sequence[int]) -> None:
        """Assign letters to works of the same authors and year (APA 8.19, CMOS 15.20), more names to the others."""
        if not self._style.disambiguates_names:
            for place, index in enumerate(indices):
                self.by_index[index] = (format_year_letter(place), 1)
            return
        teams: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for index in indices:
            reference = self._spool.take(self._ordered[index].offset)
            teams[tuple(self._style.invert_name(author) for author in reference.authors)].append(index)
        for team, members in teams.items():
            least = 1 if len(teams) == 1 else _count_telling_names(team, teams)
            for place, index in enumerate(members):
                self.by_index[index] = (format_year_letter(place) if len(members) > 1 else "", least)

    def _find_shared_families(self) -> frozenset[str]:
        """Return family names that first authors with different initials share (APA 8.20, CMOS 15.22).

        Only the first initial counts: "Lorna" and "Lorna J." are one person more often than two.
        """
        initials_of: dict[str, set[str]] = defaultdict(set)
        for place in self._ordered:
            if place.first_family:
                initials_of[place.first_family].add(place.first_initial)
        return frozenset(family for family, initials in initials_of.items() if len(initials - {""}) > 1)


def _count_telling_names(team: tuple[str, ...], teams: Iterable[tuple[str, ...]]) -> int:
    """Return how many names tell a team from the others: up to the first that differs (APA 8.18, CMOS 15.29)."""
    others = [other for other in teams if other != team]
    return next(
        (least for least in range(1, len(team)) if all(other[:least] != team[:least] for other in others)),
        len(team),
    )


def format_year_letter(place: int) -> str:
    """Return the letter of a place that counts from 0: a to z, then aa, ab."""
    written = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        written = chr(ord("a") + rest) + written
    return written


class _ReferenceSpool:
    """References in a temporary file, which stays in memory up to _SPOOL_IN_MEMORY_BYTES. Used in a `with`."""

    def __enter__(self) -> Self:
        self._file = tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY_BYTES)
        self._end = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, reference: Reference) -> int:
        """Store what styles print of a reference and return its offset."""
        fields = dataclasses.asdict(dataclasses.replace(reference, abstract="", note="", keywords=()))
        fields["accessed"] = reference.accessed.isoformat() if reference.accessed else None
        line = json.dumps(fields, ensure_ascii=False).encode() + b"\n"
        offset, self._end = self._end, self._end + len(line)
        self._file.write(line)
        return offset

    def take(self, offset: int) -> Reference:
        """Return the reference at `offset`. Nothing may be put after the first is taken, as both move one position."""
        self._file.seek(offset)
        fields = json.loads(self._file.readline())
        authors = tuple(AuthorRecord(**author) for author in fields.pop("authors"))
        accessed = fields.pop("accessed")
        day = datetime.date.fromisoformat(accessed) if accessed else None
        return Reference(**{**fields, "authors": authors, "keywords": (), "accessed": day})
