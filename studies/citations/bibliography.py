"""A list of references in a style: sorted, told apart, each entry with its citation in the text.

Of a list that must be sorted only the keys are held in memory; the references wait on a shelf, a temporary file.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from studies.citations.reference import Reference
from studies.citations.runs import Runs, plain
from studies.citations.styles.registry import InText, Style
from studies.records.study import AuthorRecord

_SHELF_IN_MEMORY_BYTES = 1_000_000
_ARTICLES = {"es": ("el ", "la ", "los ", "las ", "un ", "una "), "en": ("a ", "an ", "the ")}
_LAST = "\U0010ffff"
_MOST_SORTED_BY = 20


class Entry(NamedTuple):
    """An entry of a list: its place, the reference, and how a text cites it. `language` is that of the work."""

    key: str
    number: int
    runs: Runs
    in_text: Runs
    language: str


def single(reference: Reference, style: Style, language: str) -> Entry:
    """Cite one work that stands alone."""
    in_text = style.in_text(reference, language) if style.in_text else _numbered(style, reference, language, 1)
    return Entry(reference.key, 1, style.cite(reference, language, ""), in_text, reference.language)


def entries(references: Iterable[Reference], style: Style, language: str) -> Iterator[Entry]:
    """Yield the entries of a list: in its own order where the style numbers them, else by author and date.

    A sorted list is read to its end before the first entry comes.
    """
    if style.in_text is None:
        for number, reference in enumerate(references, start=1):
            in_text = _numbered(style, reference, language, number)
            yield Entry(reference.key, number, style.cite(reference, language, ""), in_text, reference.language)
        return
    with _Shelf() as shelf:
        placed = [_placed(reference, shelf.put(reference), style, language) for reference in references]
        placed.sort()
        marks = _Marks(placed, shelf, style, style.in_text, language)
        for number, place in enumerate(placed):
            reference = shelf.take(place.at)
            letter, least = marks.of.get(number, ("", 1))
            initials = place.first_family in marks.shared_families
            cited = style.in_text(reference, language, letter, least=least, with_initials=initials)
            yield Entry(reference.key, number + 1, style.cite(reference, language, letter), cited, reference.language)


def _numbered(style: Style, reference: Reference, language: str, number: int) -> Runs:
    assert style.numbered is not None, style.code
    return style.numbered(reference, language, number)


class _Place(NamedTuple):
    """Where a reference stands in the list, and on the shelf. `mention` is its plain citation in the text."""

    sorted_by: str
    mention: str
    first_family: str
    first_initial: str
    at: int


def _placed(reference: Reference, at: int, style: Style, language: str) -> _Place:
    assert style.in_text is not None
    mention = plain(style.in_text(reference, language))
    first = reference.authors[0] if reference.authors else AuthorRecord(literal="")
    initial = letters(first.given or "", language)[:1]
    return _Place(_sorted_by(reference, style, language), mention, first.family or "", initial, at)


def _sorted_by(reference: Reference, style: Style, language: str) -> str:
    """Give the key: names one by one, so that nothing precedes something (APA 9.44); then the year; then the title."""
    title = _without_article(reference.title, reference.language or language)
    names = [style.listed(author) for author in reference.authors[:_MOST_SORTED_BY]] or [title]
    undated = "" if style.undated_first else _LAST
    year = f"{reference.year:04}" if reference.year is not None else undated
    by_name = "\x01".join("\x02".join(letters(part, language) for part in name.split(", ")) for name in names)
    return f"{by_name}\x00{year}\x00{letters(title, language)}"


def letters(text: str, language: str) -> str:
    """Reduce a text to what it is sorted by: small letters and figures without accents; in Spanish ñ follows n."""
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


class _Marks:
    """What tells citations apart that would look alike in the text: `of` by place, a letter and a number of names."""

    def __init__(self, placed: Sequence[_Place], shelf: _Shelf, style: Style, in_text: InText, language: str) -> None:
        self.of: dict[int, tuple[str, int]] = {}
        self.shared_families: frozenset[str] = frozenset()
        self._shelf, self._placed, self._style = shelf, placed, style
        self._in_text, self._language = in_text, language
        alike: dict[str, list[int]] = defaultdict(list)
        for number, place in enumerate(placed):
            alike[place.mention].append(number)
        for numbers in alike.values():
            if len(numbers) > 1:
                self._tell_apart(numbers)
        if style.tells_names_apart:
            self.shared_families = self._families_of_several()

    def _tell_apart(self, numbers: Sequence[int]) -> None:
        """Give letters to works of the same authors and year (APA 8.19, CMOS 15.20), more names to the others."""
        if not self._style.tells_names_apart:
            for place, number in enumerate(numbers):
                self.of[number] = (letter(place), 1)
            return
        teams: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number in numbers:
            reference = self._shelf.take(self._placed[number].at)
            teams[tuple(self._style.listed(author) for author in reference.authors)].append(number)
        for team, members in teams.items():
            least = 1 if len(teams) == 1 else self._least_names(members[0], team, teams)
            for place, number in enumerate(members):
                self.of[number] = (letter(place) if len(members) > 1 else "", least)

    def _least_names(self, number: int, team: tuple[str, ...], teams: Mapping[tuple[str, ...], object]) -> int:
        """Say how many names tell this team from the others: up to the first that differs (APA 8.18, CMOS 15.29)."""
        others = [other for other in teams if other != team]
        return next(
            (least for least in range(1, len(team)) if all(other[:least] != team[:least] for other in others)),
            len(team),
        )

    def _families_of_several(self) -> frozenset[str]:
        """Give the family names that first authors with different initials bear (APA 8.20, CMOS 15.22).

        The first initial alone counts: "Lorna" and "Lorna J." are one person more often than two.
        """
        bearers: dict[str, set[str]] = defaultdict(set)
        for place in self._placed:
            if place.first_family:
                bearers[place.first_family].add(place.first_initial)
        return frozenset(family for family, initials in bearers.items() if len(initials - {""}) > 1)


def letter(place: int) -> str:
    """Give the letter of a place: a to z, then aa, ab."""
    written = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        written = chr(ord("a") + rest) + written
    return written


class _Shelf:
    """References in a temporary file, which is a file only from a megabyte on. Used in a `with`."""

    def __enter__(self) -> Self:
        self._file = tempfile.SpooledTemporaryFile(max_size=_SHELF_IN_MEMORY_BYTES)
        self._end = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, reference: Reference) -> int:
        """Keep what styles print of a reference, and return where."""
        fields = dataclasses.asdict(dataclasses.replace(reference, abstract="", note="", keywords=()))
        fields["accessed"] = reference.accessed.isoformat() if reference.accessed else None
        line = json.dumps(fields, ensure_ascii=False).encode() + b"\n"
        at, self._end = self._end, self._end + len(line)
        self._file.write(line)
        return at

    def take(self, at: int) -> Reference:
        """Return the reference that was put there. Nothing is put after the first is taken."""
        self._file.seek(at)
        fields = json.loads(self._file.readline())
        authors = tuple(AuthorRecord(**author) for author in fields.pop("authors"))
        accessed = fields.pop("accessed")
        day = datetime.date.fromisoformat(accessed) if accessed else None
        return Reference(**{**fields, "authors": authors, "keywords": (), "accessed": day})
