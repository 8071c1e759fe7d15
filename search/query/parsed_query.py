"""A query as it was read: the tree for the engines, and what is told to the reader. Pure; `parser` makes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from search.query.names import NO_CODES
from search.query.thesaurus import Added, Meaning
from search.query.tokenizer import Note
from search.query.tree import Code, Node

PartKind = Literal[
    "word",
    "phrase",
    "prefix",
    "name",
    "doi",
    "title",
    "authors",
    "country",
    "programme",
    "years",
    "excluded",
    "alternatives",
    "group",
]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the query as it was understood; all pieces of one level must match.

    `text` is what was typed. "excluded" has one part, "alternatives" one a branch, "group" those that stand together
    in a branch or an exclusion, "title" and "authors" what is sought there; "name" is a whole name typed without
    quotation marks. A country or programme has its `codes`. It stands in the source from `start` to `end`.
    """

    kind: PartKind
    text: str
    parts: tuple[Part, ...] = ()
    codes: frozenset[Code] = NO_CODES
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """An ambiguous word as typed, to which nothing was added. Each meaning comes with the query that means it."""

    text: str
    meanings: tuple[tuple[Meaning, str], ...]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as an engine evaluates it, and how to tell the reader about it.

    `source` is the query as far as it was read. `added` tells concept by concept what the thesaurus added;
    `switched_off` are those that would have added something but for the reader's wish.
    """

    node: Node
    notes: tuple[Note, ...] = ()
    understood: tuple[Part, ...] = ()
    source: str = field(default="", compare=False)
    added: tuple[Added, ...] = ()
    switched_off: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the query needs no explanation: plain words, names and DOIs that all must match."""
        return not self.notes and all(part.kind in ("word", "name", "doi") for part in self.understood)

    def without_part(self, part: Part) -> str:
        """Return the query without a part of `understood`."""
        return self.with_part(part, "")

    def with_part(self, part: Part, text: str) -> str:
        """Return the query with `text` in the place of a part of `understood`."""
        return " ".join(f"{self.source[: part.start]} {text} {self.source[part.end :]}".split())
