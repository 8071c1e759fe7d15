"""The query tree, which `parser` makes and engines evaluate: nodes as immutable values, and functions over them. Pure.

A word of the reader has no language: it carries its tokens under both rule sets of `text.analysis`, and the codes
whose names contain it. It matches a study that has any of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Code = tuple[str, str]
"""A parameter of the criteria and one of its codes: ("country", "PE"), ("programme", "sasa")."""


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every study: a query without words."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its token under the Spanish and under the English rules, and the codes whose names contain it.

    `field`, one of `contract.FIELDS`, restricts where it may match; "" is anywhere. The same in `Phrase` and `Prefix`.
    """

    es: str
    en: str
    codes: frozenset[Code] = frozenset()
    field: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens side by side in one text, under either rule set, or codes whose names contain them side by side."""

    es: tuple[str, ...]
    en: tuple[str, ...]
    codes: frozenset[Code] = frozenset()
    field: str = ""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a word: matches tokens that begin with the folded `letters`, and the token of `letters` itself.

    An engine looks for the shortest `MOST_PREFIX_TOKENS` of each rule set only; its result says if it left any out.
    """

    letters: str
    es: str
    en: str
    codes: frozenset[Code] = frozenset()
    field: str = ""


MOST_PREFIX_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Doi:
    """A DOI in lower case, without a resolver's address: compared as a whole, not tokenized."""

    value: str


@dataclass(frozen=True, slots=True)
class CodeMatch:
    """Matches studies with one of the codes: a country or programme named in its field. Adds no score."""

    codes: frozenset[Code]


@dataclass(frozen=True, slots=True)
class YearRange:
    """Matches studies of a range of years, both ends included, None for an open end. Adds no score."""

    first: int | None
    last: int | None


class Expansion:
    """Words, phrases and codes that the thesaurus adds to words of the reader. A value, compared by its content.

    It may have dozens of leaves and is hashed often, so its hash is computed once: that is why it is no dataclass.
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
class WithExpansion:
    """The reader's `own` words and what the thesaurus added to them: either matches, own words rank first."""

    own: Node
    added: Expansion


@dataclass(frozen=True, slots=True)
class AllOf:
    """Matches if every part does. A `Not` among the parts removes studies and adds no score."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Matches if at least one part does; adds the scores of all that do."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MostOf:
    """Matches if the parts that match weigh at least half of what all parts weigh: for long queries in plain words.

    A part weighs its rarity times its number in `weights`. The scores of the parts that match, each times its number,
    are summed, and count in proportion to what these parts weigh of all (`engines.scoring`).
    """

    parts: tuple[Node, ...]
    weights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Matches if the part does not."""

    part: Node


TextLeaf = Word | Phrase | Prefix
Leaf = TextLeaf | Doi | CodeMatch | YearRange
Node = Everything | Leaf | WithExpansion | AllOf | AnyOf | MostOf | Not


def iterate_sought_leaves(node: Node) -> Iterator[TextLeaf | Doi]:
    """Yield the words, phrases, prefixes and DOIs to highlight: all leaves but those below a `Not`.

    What the thesaurus added comes after the words to which it was added.
    """
    match node:
        case Word() | Phrase() | Prefix() | Doi():
            yield node
        case AllOf(parts) | AnyOf(parts) | MostOf(parts):
            for part in parts:
                yield from iterate_sought_leaves(part)
        case WithExpansion(own, added):
            yield from iterate_sought_leaves(own)
            yield from added.leaves
        case _:
            return


def iterate_prefixes(node: Node) -> Iterator[Prefix]:
    """Yield every prefix of the tree, including excluded ones."""
    match node:
        case Prefix():
            yield node
        case AllOf(parts) | AnyOf(parts) | MostOf(parts):
            for part in parts:
                yield from iterate_prefixes(part)
        case WithExpansion(part, _) | Not(part):
            yield from iterate_prefixes(part)
        case _:
            return


def combine_all(nodes: Iterable[Node]) -> Node:
    """Combine nodes so that each must match, flat and without repetition.

    Exclusions alone are combined with `Everything`, as an engine needs something to remove studies from.
    """
    flat: dict[Node, None] = {}
    for node in nodes:
        flat.update(dict.fromkeys(node.parts if isinstance(node, AllOf) else (node,)))
    flat.pop(Everything(), None)
    if all(isinstance(node, Not) for node in flat):
        flat = {Everything(): None, **flat}
    return AllOf(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def combine_any(nodes: Iterable[Node]) -> Node:
    """Combine nodes so that one is enough, flat and without repetition. An exclusion is everything without it."""
    flat: dict[Node, None] = {}
    for node in nodes:
        safe = combine_all([node]) if isinstance(node, Not) else node
        flat.update(dict.fromkeys(safe.parts if isinstance(safe, AnyOf) else (safe,)))
    return AnyOf(tuple(flat)) if len(flat) > 1 else next(iter(flat))
