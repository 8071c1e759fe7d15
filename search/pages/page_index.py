"""An index of pages by their names and by the concepts of the thesaurus. Pure: `finding` builds and keeps it.

Words are compared as tokens of `search.text.analysis`, under either rule set, without stop words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from search.query.names import NameIndex
from search.text.analysis import Stems, fold, iterate_words

if TYPE_CHECKING:
    from search.pages.page import Page
    from search.query.thesaurus import Thesaurus, ThesaurusConcept
    from search.query.tree import Code

MOST_WORDS = 16
"""Words of a query that are read."""
_LEAST_SHARE = 1 / 3
"""A single word finds a name that is to this part made of it."""
_COMMON = 20
"""A single word that is in the names of so many pages finds none of them: "violencia", "programa"."""
_LEAST_COVERED = 1 / 2
"""The part of a query's words that a name within it must be."""


class Closeness(IntEnum):
    """How a page answers to a query, the closest first."""

    NAMED = 0
    """The query is one of its names."""
    CONCEPT = 1
    """The words mean what the page is about."""
    WORDS = 2
    """Its names have all the words, or mean them."""
    WITHIN = 3
    """One of its names stands within the query."""
    PART = 4
    """It is about a part of what the words mean."""
    NEAREST = 5
    """It is about what is next to that of which the bank has no page."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """What to show for a concept of which the bank has no study: pages of programmes, and concepts next to it."""

    programmes: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page and how it answers to the query."""

    page: Page
    closeness: Closeness


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word of a query, or words that lead to concepts together."""

    stems: tuple[Stems, ...]
    concepts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Held:
    """A page, with the folded words and the tokens of each of its names."""

    page: Page
    folded: list[tuple[str, ...]] = field(default_factory=list)
    tokens: list[frozenset[str]] = field(default_factory=list)


class PageIndex:
    """Finds pages by words. Building it takes some ten milliseconds: build it once for a version of the bank."""

    def __init__(
        self,
        pages: Iterable[Page],
        thesaurus: Thesaurus,
        concepts: Iterable[ThesaurusConcept] = (),
        nearest: Mapping[str, Nearest] | None = None,
    ) -> None:
        self._thesaurus = thesaurus
        self._concepts = {concept.slug: concept for concept in concepts}
        self._nearest = nearest or {}
        self._held: list[_Held] = []
        self._by_token: tuple[_Postings, _Postings] = (defaultdict(set), defaultdict(set))
        self._by_name: tuple[_ByName, _ByName] = (defaultdict(set), defaultdict(set))
        self._by_code: defaultdict[Code, set[int]] = defaultdict(set)
        self._about: defaultdict[str, set[int]] = defaultdict(set)
        self._mentions: defaultdict[str, set[int]] = defaultdict(set)
        self._programmes: dict[str, int] = {}
        for page in pages:
            self._add(page)
        for concept in self._concepts.values():
            for code in concept.codes:
                self._about[concept.slug] |= self._by_code.get(code, set())

    def __len__(self) -> int:
        return len(self._held)

    def find(self, text: str, *, with_nearest: bool = False) -> list[FoundPage]:
        """Return the pages that answer to the words of `text`, the closest first.

        Those next to what the words mean come if asked for, or if there is no other.
        """
        stems = _telling(_stems_of(text)[:MOST_WORDS])
        if not stems:
            return []
        units = list(self._iterate_units(text))
        found: dict[int, Closeness] = {}
        self._keep(found, self._find_named(stems), Closeness.NAMED)
        if units and all(unit.concepts for unit in units):
            about = (self._union(self._about, unit.concepts) for unit in units)
            self._keep(found, set.intersection(*about), Closeness.CONCEPT)
            for unit in units if len(units) == 1 else ():
                self._keep(found, set(self._iterate_programmes(unit.concepts)), Closeness.CONCEPT)
        self._keep(found, self._find_covering(units, stems), Closeness.WORDS)
        self._keep(found, self._find_within(stems), Closeness.WITHIN)
        for unit in units if len(units) > 1 else ():
            self._keep(found, self._without_small_kinds(self._union(self._about, unit.concepts)), Closeness.PART)
        if with_nearest or not found:
            for concept in dict.fromkeys(slug for unit in units for slug in unit.concepts):
                near = {*self._iterate_programmes([concept]), *self._union(self._about, self._next_to(concept))}
                self._keep(found, near, Closeness.NEAREST)
        ranked = sorted(found, key=lambda number: (found[number], -self._share(number, stems), number))
        return [FoundPage(self._held[number].page, found[number]) for number in ranked]

    def find_beginnings(self, typed: str) -> list[Page]:
        """Return the pages with a name in which every word of `typed` begins a word, whole names first."""
        sought = tuple(fold(typed[start:end]) for start, end, _ in iterate_words(typed))[:MOST_WORDS]
        if not sought:
            return []
        ranked: list[tuple[int, int]] = []
        for number, held in enumerate(self._held):
            ranks = [rank for name in held.folded if (rank := _rank_beginning(sought, name)) is not None]
            if ranks:
                ranked.append((min(ranks), number))
        return [self._held[number].page for _rank, number in sorted(ranked)]

    def find_nearest_codes(self, text: str) -> list[Code]:
        """Return the codes next to concepts in `text` that have none, to list the studies that carry them."""
        slugs = dict.fromkeys(slug for unit in self._iterate_units(text) for slug in unit.concepts)
        near = dict.fromkeys(each for slug in slugs for each in self._next_to(slug))
        return [code for slug in near for code in sorted(self._concepts[slug].codes)]

    def find_next_to(self, text: str) -> tuple[str, ...]:
        """Return the concepts next to what `text` means, if it is the words of concepts and nothing else."""
        units = list(self._iterate_units(text))
        if len(units) != 1:
            return ()
        return tuple(dict.fromkeys(near for slug in units[0].concepts for near in self._next_to(slug)))

    def _add(self, page: Page) -> None:
        number = len(self._held)
        held = _Held(page)
        self._held.append(held)
        if page.kind == "programme":
            self._programmes[page.arguments["slug"]] = number
        for code in page.codes:
            self._by_code[code].add(number)
        for name in page.names:
            stems = _stems_of(name)
            held.folded.append(tuple(fold(name[start:end]) for start, end, _ in iterate_words(name)))
            for whole in (stems, _stems_of(_without_brackets(name))):
                telling = _telling(whole) or whole
                for side in (0, 1):
                    self._by_name[side][tuple(each[side] for each in telling)].add(number)
            held.tokens.append(frozenset(each.es for each in _telling(stems)))
            for each in _telling(stems):
                for side in (0, 1):
                    self._by_token[side][each[side]].add(number)
            for slug in self._thesaurus.find_concepts(stems, name):
                self._about[slug].add(number)
            if page.is_sentence:
                for unit in self._iterate_units(name):
                    for slug in unit.concepts:
                        self._mentions[slug].add(number)

    def _iterate_units(self, text: str) -> Iterator[_Unit]:
        """Yield what the words of `text` are read as: the longest words with a concept first, else word by word."""
        words = [(text[start:end], stems, start, end) for start, end, stems in iterate_words(text)][:MOST_WORDS]
        at = 0
        while at < len(words):
            most = min(self._thesaurus.count_longest_from(words[at][1]), len(words) - at)
            for length in range(most, 0, -1):
                run = words[at : at + length]
                stems = tuple(each[1] for each in run)
                slugs = self._thesaurus.find_concepts(stems, text[run[0][2] : run[-1][3]])
                if slugs:
                    yield _Unit(_telling(stems) or stems, slugs)
                    at += length
                    break
            else:
                if telling := _telling((words[at][1],)):
                    yield _Unit(telling)
                at += 1

    def _find_named(self, stems: Sequence[Stems]) -> set[int]:
        return set().union(*(self._by_name[side].get(tuple(each[side] for each in stems), set()) for side in (0, 1)))

    def _find_covering(self, units: Sequence[_Unit], stems: Sequence[Stems]) -> set[int]:
        """Return the pages whose names have every unit in words, or as a concept."""
        if not units:
            return set()
        found = set.intersection(*(self._cover(unit) for unit in units))
        if len(stems) > 1:
            return found
        if len(found) >= _COMMON:
            return set()
        return {number for number in found if self._share(number, stems) >= _LEAST_SHARE or self._is_sentence(number)}

    def _cover(self, unit: _Unit) -> set[int]:
        in_words = (
            set.intersection(*(self._by_token[side].get(each[side], set()) for each in unit.stems)) for side in (0, 1)
        )
        meant = self._union(self._about, unit.concepts) | self._union(self._mentions, unit.concepts)
        return set().union(*in_words, meant)

    def _is_sentence(self, number: int) -> bool:
        return self._held[number].page.is_sentence

    def _without_small_kinds(self, numbers: Iterable[int]) -> set[int]:
        """Return pages without terms and help: those say little where they are only a part of what is sought."""
        return {number for number in numbers if self._held[number].page.kind not in _SMALL_KINDS}

    def _find_within(self, stems: Sequence[Stems]) -> set[int]:
        """Return the pages of which a whole name, at least half of the query, stands within it."""
        least = max(1, round(len(stems) * _LEAST_COVERED))
        found: set[int] = set()
        for length in range(len(stems) - 1, least - 1, -1):
            for at in range(len(stems) - length + 1):
                found |= self._find_named(stems[at : at + length])
        return self._without_small_kinds(found)

    def _iterate_programmes(self, concepts: Iterable[str]) -> Iterator[int]:
        for concept in concepts:
            for slug in self._nearest.get(concept, _NOTHING_NEAR).programmes:
                if slug in self._programmes:
                    yield self._programmes[slug]

    def _next_to(self, slug: str) -> Iterator[str]:
        """Yield the concepts next to one: those that somebody named, else the next wider one with a code."""
        named = [near for near in self._nearest.get(slug, _NOTHING_NEAR).concepts if near in self._concepts]
        if named:
            yield from named
            return
        seen = {slug}
        wider = self._concepts[slug].broader if slug in self._concepts else None
        while wider in self._concepts and wider not in seen:
            seen.add(wider)
            if self._concepts[wider].codes:
                yield wider
                return
            wider = self._concepts[wider].broader

    def _share(self, number: int, stems: Sequence[Stems]) -> float:
        """Return which part of the page's closest name the words of a query are."""
        sought = {each.es for each in stems}
        return max((len(name & sought) / len(name) for name in self._held[number].tokens if name), default=0.0)

    @staticmethod
    def _union(postings: Mapping[str, set[int]], slugs: Iterable[str]) -> set[int]:
        return set().union(*(postings.get(slug, set()) for slug in slugs))

    @staticmethod
    def _keep(found: dict[int, Closeness], numbers: Iterable[int], closeness: Closeness) -> None:
        for number in numbers:
            found.setdefault(number, closeness)


_Postings = defaultdict[str, set[int]]
_ByName = defaultdict[tuple[str, ...], set[int]]
_NOTHING_NEAR = Nearest()
_SMALL_KINDS = ("glossary", "help")


def _stems_of(text: str) -> list[Stems]:
    return [stems for _, _, stems in iterate_words(text)]


def _telling(stems: Sequence[Stems]) -> tuple[Stems, ...]:
    return tuple(each for each in stems if not NameIndex.is_stop_word(each))


def _without_brackets(name: str) -> str:
    return name.partition("(")[0]


def _rank_beginning(sought: tuple[str, ...], name: tuple[str, ...]) -> int | None:
    """Return 0 for the whole name, 1 for its beginning, 2 for words anywhere in it; None where one is missing."""
    if not all(any(word.startswith(beginning) for word in name) for beginning in sought):
        return None
    if sought == name:
        return 0
    return 1 if name[0].startswith(sought[0]) else 2
