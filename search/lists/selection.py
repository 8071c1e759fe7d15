"""A reader's selection: studies in the reader's order, with notes, as a value and as a signed text.

The reader's browser stores that text in a cookie; the bank stores nothing. Nothing here knows of requests or rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Self

from django.core import signing

from studies.text.characters import replace_unstorable

MOST_STUDIES = 100
MOST_SHARED = 60
"""Studies in the address of a shared selection: so many of the longest slugs fit into a request line."""

MOST_IN_BRIEF = 50
"""Studies of a brief of picked studies: their slugs, and the place of a number, fit into a request line."""

LONGEST_NOTE = 500
MOST_BYTES = 3_500
"""Of the packed form. Browsers store 4,096 bytes a cookie, and the server reads 8,190 bytes of all: two fit."""

_SALT = "search.selection"


class SelectionTooLarge(Exception):
    """A selection has more studies or longer notes than fit into it; `bound` says which."""

    def __init__(self, bound: Literal["studies", "bytes"]) -> None:
        super().__init__(bound)
        self.bound = bound


@dataclass(frozen=True, slots=True)
class Pick:
    """A study by its slug, with the reader's note."""

    slug: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Picks in the reader's order, each study once."""

    picks: tuple[Pick, ...] = ()

    @classmethod
    def from_slugs(cls, slugs: Iterable[str]) -> Self:
        """Make a selection without notes; repeated slugs are left out."""
        return cls(tuple(Pick(slug) for slug in dict.fromkeys(slugs)))

    @classmethod
    def unpack(cls, text: str) -> Self:
        """Read the packed form. A text that this bank has not signed gives an empty selection."""
        try:
            pairs = signing.loads(text, salt=_SALT)
        except signing.BadSignature:
            return cls()
        return cls(tuple(Pick(slug, note) for slug, note in pairs))

    def pack(self) -> str:
        """Write the selection for a cookie. Raises SelectionTooLarge."""
        if len(self) > MOST_STUDIES:
            raise SelectionTooLarge("studies")
        text = signing.dumps([[pick.slug, pick.note] for pick in self.picks], salt=_SALT, compress=True)
        if len(text) > MOST_BYTES:
            raise SelectionTooLarge("bytes")
        return text

    def __contains__(self, slug: object) -> bool:
        return any(pick.slug == slug for pick in self.picks)

    def __len__(self) -> int:
        return len(self.picks)

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(pick.slug for pick in self.picks)

    def with_studies(self, slugs: Iterable[str]) -> Self:
        """Return the selection with these studies appended; those that it already has keep their places."""
        new = (Pick(slug) for slug in dict.fromkeys(slugs) if slug not in self)
        return replace(self, picks=(*self.picks, *new))

    def without(self, slug: str) -> Self:
        return replace(self, picks=tuple(pick for pick in self.picks if pick.slug != slug))

    def with_moved(self, slug: str, steps: int) -> Self:
        """Return the selection with a study moved by `steps` places (up if negative), at most to either end."""
        at = next((place for place, pick in enumerate(self.picks) if pick.slug == slug), None)
        if at is None:
            return self
        rest = [pick for pick in self.picks if pick.slug != slug]
        to = min(max(at + steps, 0), len(rest))
        return replace(self, picks=(*rest[:to], self.picks[at], *rest[to:]))

    def with_notes(self, notes: Mapping[str, str]) -> Self:
        """Return the selection with these notes, by slug; studies that are not named keep theirs."""
        noted = (Pick(pick.slug, clean_note(notes.get(pick.slug, pick.note))) for pick in self.picks)
        return replace(self, picks=tuple(noted))


def clean_note(text: str) -> str:
    """Return a note without characters that the database cannot store, with LF line ends, cut at LONGEST_NOTE."""
    plain = replace_unstorable(text).replace("\r\n", "\n").replace("\r", "\n")
    return plain.strip()[:LONGEST_NOTE]
