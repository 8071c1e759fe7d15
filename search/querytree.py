"""The tree that a query is read into: what an engine evaluates. Pure values; `querylang` makes them.

A word of the reader has no language: it carries its token under both rule sets of `text`, and the codes whose
names hold it. It matches a study in which any of these occurs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Code = tuple[str, str]
"""A parameter of the criteria and a code of it: ("country", "PE"), ("programme", "sasa")."""


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every study: a query without words."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its token under the Spanish and under the English rules, and the codes whose names hold it."""

    es: str
    en: str
    codes: frozenset[Code] = frozenset()


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that stand side by side in one text, under either rule set, or codes whose names hold them so."""

    es: tuple[str, ...]
    en: tuple[str, ...]
    codes: frozenset[Code] = frozenset()


@dataclass(frozen=True, slots=True)
class Doi:
    """A DOI, bare and in lower case: it is compared, not analysed."""

    value: str


@dataclass(frozen=True, slots=True)
class All:
    """Every part matches. A `Not` among the parts takes studies away and adds no score."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part matches; the scores of those that do are added."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not match."""

    part: Node


Node = Everything | Word | Phrase | Doi | All | Any | Not
Leaf = Word | Phrase | Doi


def sought_leaves(node: Node) -> Iterator[Leaf]:
    """Yield the words, phrases and DOIs that a reader hopes to find: all leaves but those below a `Not`."""
    match node:
        case Word() | Phrase() | Doi():
            yield node
        case All(parts) | Any(parts):
            for part in parts:
                yield from sought_leaves(part)
        case _:
            return
