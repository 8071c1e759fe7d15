"""The result of parsing a query: the tree for engines, and what to tell the reader. Pure; `parser` makes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from search.query.names import NO_CODES
from search.query.thesaurus import AddedConcept, WordMeaning
from search.query.tokenizer import QueryNote
from search.query.tree import AnyOf, Code, CodeMatch, Everything, Expansion, Node, WithExpansion, combine_all
from search.text.analysis import fold, iterate_words
from search.text.lexicon import SUBJECT_WORDS, UNTELLING_WORDS

QueryPartKind = Literal[
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
class QueryPart:
    """A part of the query as it was read; all parts of one level must match.

    `text` is what was typed, `source[start:end]`. "excluded" has one part, "alternatives" one for each branch, "group"
    those of a branch or an exclusion, "title" and "authors" what is searched there; "name" is a whole name typed
    without quotation marks. Only a country or a programme has `codes`.
    """

    kind: QueryPartKind
    text: str
    parts: tuple[QueryPart, ...] = ()
    codes: frozenset[Code] = NO_CODES
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def is_subject(self) -> bool:
        """Whether all that these words say is what the whole bank is about."""
        words = {fold(word) for word in self._words} - UNTELLING_WORDS
        return self.kind in ("word", "name") and bool(words) and words <= SUBJECT_WORDS

    @property
    def subject_words(self) -> tuple[str, ...]:
        """The words, as typed, of what the whole bank is about."""
        return tuple(word for word in self._words if fold(word) in SUBJECT_WORDS)

    @property
    def _words(self) -> list[str]:
        return [self.text[start:end] for start, end, _ in iterate_words(self.text)]


@dataclass(frozen=True, slots=True)
class AmbiguousWord:
    """An ambiguous word as typed, to which nothing was added: its meanings, each with the query that asks for it."""

    text: str
    meanings: tuple[tuple[WordMeaning, str], ...]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as an engine evaluates it, and what to tell the reader about it.

    `source` is the normalized query as far as it was read. `added` has, for each concept, what the thesaurus added;
    `switched_off` the slugs of concepts that would have added something, had the reader not switched them off;
    `preferred` the codes of studies that answer this kind of question (`intents`).
    """

    node: Node
    notes: tuple[QueryNote, ...] = ()
    parts: tuple[QueryPart, ...] = ()
    source: str = field(default="", compare=False)
    added: tuple[AddedConcept, ...] = ()
    switched_off: tuple[str, ...] = ()
    ambiguous_words: tuple[AmbiguousWord, ...] = ()
    preferred: tuple[frozenset[Code], ...] = ()

    def rank(self, node: Node) -> Node:
        """Return a tree that matches what `node` does, with studies of `preferred` codes higher."""
        if not self.preferred:
            return node
        wanted = (WithExpansion(CodeMatch(codes), Expansion((), codes)) for codes in self.preferred)
        return combine_all([node, AnyOf((Everything(), *wanted))])

    @property
    def is_plain(self) -> bool:
        """Whether the query needs no explanation: plain words, names and DOIs that all must match."""
        return not self.notes and all(part.kind in ("word", "name", "doi") for part in self.parts)

    def without_part(self, part: QueryPart) -> str:
        """Return the source without one of `parts`."""
        return self.with_part(part, "")

    def with_part(self, part: QueryPart, text: str) -> str:
        """Return the source with `text` in the place of one of `parts`."""
        return " ".join(f"{self.source[: part.start]} {text} {self.source[part.end :]}".split())
