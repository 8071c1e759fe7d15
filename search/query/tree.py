"""The tree that a query is read into: what an engine evaluates. Pure values; `parser` makes them.

A word of the reader has no language: it carries its token under both rule sets of `text`, and the codes whose
names hold it. It matches a study in which any of these occurs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Code = tuple[str, str]
"""A parameter of the criteria and a code of it: ("country", "PE"), ("programme", "sasa")."""


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every study: a query without words."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its token under the Spanish and under the English rules, and the codes whose names hold it.

    `field`, one of `contract.FIELDS`, is where it has to stand; "" is anywhere. So in a phrase and a prefix.
    """

    es: str
    en: str
    codes: frozenset[Code] = frozenset()
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that stand side by side in one text, under either rule set, or codes whose names hold them so."""

    es: tuple[str, ...]
    en: tuple[str, ...]
    codes: frozenset[Code] = frozenset()
    field: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word: tokens that begin with the folded `letters`, or are the token of `letters` itself.

    Of each rule set only the shortest `MOST_PREFIX_TOKENS` that stand in the bank are sought; an answer tells a cut.
    """

    letters: str
    es: str
    en: str
    codes: frozenset[Code] = frozenset()
    field: str = ""


MOST_PREFIX_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Doi:
    """A DOI, bare and in lower case: it is compared, not analysed."""

    value: str


@dataclass(frozen=True, slots=True)
class Coded:
    """Studies that carry one of the codes: a country or programme asked for by its field. It adds no score."""

    codes: frozenset[Code]


@dataclass(frozen=True, slots=True)
class Years:
    """Studies of a range of years, both ends included, None for an open end. It adds no score."""

    first: int | None
    last: int | None


class Expansion:
    """What the thesaurus adds to words of the reader: words and phrases, and codes. Equal to one with the same.

    It may hold dozens of leaves, so its hash is computed once.
    """

    __slots__ = ("_hash", "codes", "leaves")

    def __init__(self, leaves: tuple[Word | Phrase, ...] = (), codes: frozenset[Code] = frozenset()) -> None:
        self.leaves = leaves
        self.codes = codes
        self._hash = hash((leaves, codes))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Expansion) and (self.leaves, self.codes) == (other.leaves, other.codes)

    def __repr__(self) -> str:
        return f"Expansion({self.leaves!r}, {self.codes!r})"


@dataclass(frozen=True, slots=True)
class Widened:
    """The reader's `own` words and what the thesaurus added to them: either matches, the own words rank first."""

    own: Node
    added: Expansion


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


Worded = Word | Phrase | Prefix
Leaf = Worded | Doi | Coded | Years
Node = Everything | Leaf | Widened | All | Any | Not


def sought_leaves(node: Node) -> Iterator[Worded | Doi]:
    """Yield the words, phrases, prefixes and DOIs that a reader hopes to find: all leaves but those below a `Not`.

    What the thesaurus added comes with them, each after the reader's own.
    """
    match node:
        case Word() | Phrase() | Prefix() | Doi():
            yield node
        case All(parts) | Any(parts):
            for part in parts:
                yield from sought_leaves(part)
        case Widened(own, added):
            yield from sought_leaves(own)
            yield from added.leaves
        case _:
            return


def prefixes(node: Node) -> Iterator[Prefix]:
    """Yield every prefix of the tree, excluded ones too."""
    match node:
        case Prefix():
            yield node
        case All(parts) | Any(parts):
            for part in parts:
                yield from prefixes(part)
        case Widened(part, _) | Not(part):
            yield from prefixes(part)
        case _:
            return


def joined(nodes: Iterable[Node]) -> Node:
    """Join nodes so that each must match: flat, each once, with something for a `Not` to take away from."""
    flat: dict[Node, None] = {}
    for node in nodes:
        flat.update(dict.fromkeys(node.parts if isinstance(node, All) else (node,)))
    flat.pop(Everything(), None)
    if all(isinstance(node, Not) for node in flat):
        flat = {Everything(): None, **flat}
    return All(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def either(nodes: Iterable[Node]) -> Node:
    """Join nodes so that one is enough: flat, each once; an exclusion among them is all studies without it."""
    flat: dict[Node, None] = {}
    for node in nodes:
        safe = joined([node]) if isinstance(node, Not) else node
        flat.update(dict.fromkeys(safe.parts if isinstance(safe, Any) else (safe,)))
    return Any(tuple(flat)) if len(flat) > 1 else next(iter(flat))
