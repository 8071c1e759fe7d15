"""The thesaurus as a reader's words meet it: which concepts they lead to, and what these add to a search (S3). Pure.

`codes` makes the concepts from the vocabularies, `parser` asks here when it reads a query. Words go to the same or
to a narrower meaning, never upward.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from search.query.tree import Code, Expansion, Phrase, Word
from search.text.analysis import Stems, fold, words

Expand = Literal["yes", "one-level", "own-words-only", "no"]
Language = Literal["es", "en"]


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept: its words in both languages, the most usual first, and the codes that it stands for.

    `typed` lead to it but are never searched for. `expand` says what a word of it adds: the words and codes of the
    concept and of all narrower ones, of those one level below, of itself alone, or nothing.
    """

    slug: str
    es: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    broader: str | None = None
    expand: Expand = "yes"
    only_in_capitals: bool = False
    is_ambiguous: bool = False
    codes: frozenset[Code] = frozenset()


@dataclass(frozen=True, slots=True)
class AddedWord:
    """A word that was searched for on the reader's behalf."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class Added:
    """A concept whose words and codes were added. `words` leave out what the reader typed, and may be empty."""

    slug: str
    words: tuple[AddedWord, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One of the concepts that an ambiguous word may mean, by a word of its own that is not ambiguous."""

    slug: str
    word: AddedWord


class Thesaurus:
    """Finds concepts by their words. Build it once for a state of the vocabularies: some hundred take some 20 ms."""

    def __init__(self, concepts: Iterable[Concept] = ()) -> None:
        self._concepts = {concept.slug: concept for concept in concepts}
        self._narrower: dict[str, list[str]] = defaultdict(list)
        self._leading: tuple[_Leading, _Leading] = (defaultdict(list), defaultdict(list))
        self._longest: dict[str, int] = {}
        for slug in sorted(self._concepts):
            concept = self._concepts[slug]
            if concept.broader in self._concepts:
                self._narrower[concept.broader].append(slug)
            for text, written in _leading_words(concept):
                self._add(slug, text, written)
        self._searched = {slug: self._searched_words(concept) for slug, concept in self._concepts.items()}
        # What is told of a concept: each word once, with the keys that it has when it is typed.
        self._told = {
            slug: tuple((word, _keys(_stems_of(word.text))) for word in dict.fromkeys(word for word, _ in searched))
            for slug, searched in self._searched.items()
        }
        self.spelled = frozenset(
            fold(text[start:end])
            for concept in self._concepts.values()
            for text in (*concept.es, *concept.en)
            for start, end, _ in words(text)
        )
        """The single words of all concepts, folded: no slips, even where no study has them."""
        # The same few concepts are asked for again and again; `without` makes the rest of the key.
        self._expansion = lru_cache(maxsize=2048)(self._expand)

    def __bool__(self) -> bool:
        return bool(self._concepts)

    def longest_from(self, first: Stems) -> int:
        """Return how many words the longest phrase has that begins with the word `first`, or 0."""
        return max(self._longest.get(token, 0) for token in (*_key([first], 0), *_key([first], 1)))

    def concepts_of(self, run: Sequence[Stems], typed: str) -> tuple[str, ...]:
        """Return the concepts to which `run` as a whole leads, in either language. `typed` is how it was written."""
        found: set[str] = set()
        for side in (0, 1):
            for slug, written in self._leading[side].get(_key(run, side), ()):
                if written is None or written == _plain(typed):
                    found.add(slug)
        return tuple(sorted(found))

    def is_ambiguous(self, slugs: Sequence[str]) -> bool:
        """Say whether a word that leads to all these concepts needs the reader's choice."""
        return len(slugs) > 1 and any(self._concepts[slug].is_ambiguous for slug in slugs)

    def expansion(self, slugs: tuple[str, ...], without: frozenset[str] = frozenset()) -> Expansion:
        """Return what these concepts add, less those of `without` with all that is narrower."""
        return self._expansion(slugs, without.intersection(self._concepts))

    def reached(self, slugs: Iterable[str], without: frozenset[str] = frozenset()) -> Iterator[str]:
        """Yield the concepts whose words and codes are added, from the wider to the narrower, each once."""
        seen: set[str] = set()
        for slug in slugs:
            levels = {"yes": len(self._concepts), "one-level": 1, "own-words-only": 0, "no": -1}[
                self._concepts[slug].expand
            ]
            level = [slug]
            while level and levels >= 0:
                level = [each for each in level if each not in seen and each not in without]
                seen.update(level)
                yield from level
                level = [each for wider in level for each in self._narrower.get(wider, ())]
                levels -= 1

    def added(
        self, slugs: Iterable[str], typed: Sequence[Stems], without: frozenset[str] = frozenset()
    ) -> tuple[Added, ...]:
        """Tell what `expansion` adds, concept by concept, to the words that the reader typed."""
        own = _keys(typed)
        return tuple(
            Added(slug, tuple(word for word, keys in self._told[slug] if not own & keys))
            for slug in self.reached(slugs, without)
        )

    def words_of(self, slug: str) -> Expansion:
        """Return the words and codes of one concept alone."""
        return self._of((slug,))

    def meanings(self, slugs: Iterable[str], typed: Sequence[Stems]) -> tuple[Meaning, ...]:
        """Return a word of each concept that says which of them is meant, in the language of what was typed."""
        return tuple(
            Meaning(slug, word) for slug in slugs if (word := self._telling_word(slug, self._language_of(slug, typed)))
        )

    def label(self, slug: str, language: str) -> AddedWord | None:
        """Return the most usual word of a concept, in this language if it has one. None for an unknown concept."""
        return self._telling_word(slug, language) if slug in self._concepts else None

    def _add(self, slug: str, text: str, written: str | None) -> None:
        stems = _stems_of(text)
        for side in (0, 1):
            run = _key(stems, side)
            if run and (slug, written) not in self._leading[side][run]:
                self._leading[side][run].append((slug, written))
                self._longest[run[0]] = max(self._longest.get(run[0], 0), len(run))

    def _searched_words(self, concept: Concept) -> tuple[tuple[AddedWord, Word | Phrase], ...]:
        """Return the words that are searched for on a reader's behalf: those that mean this concept alone."""
        found: dict[Word | Phrase, AddedWord] = {}
        for language, texts in _by_language(concept):
            for text in texts:
                stems = _stems_of(text)
                if stems and not self.is_ambiguous(self.concepts_of(stems, text)):
                    for form in dict.fromkeys((tuple(stems), _in_other_number(stems))):
                        found.setdefault(_leaf(form), AddedWord(text, language))
        return tuple((word, leaf) for leaf, word in found.items())

    def _expand(self, slugs: tuple[str, ...], without: frozenset[str]) -> Expansion:
        return self._of(self.reached(slugs, without))

    def _of(self, slugs: Iterable[str]) -> Expansion:
        leaves: dict[Word | Phrase, None] = {}
        codes: set[Code] = set()
        for slug in slugs:
            leaves.update((leaf, None) for _, leaf in self._searched[slug])
            codes |= self._concepts[slug].codes
        return Expansion(tuple(leaves), frozenset(codes))

    def _language_of(self, slug: str, typed: Sequence[Stems]) -> Language:
        own = _keys(typed)
        return "en" if any(own & _keys(_stems_of(text)) for text in self._concepts[slug].en) else "es"

    def _telling_word(self, slug: str, language: str) -> AddedWord | None:
        own = [word for word, _ in self._searched[slug]]
        return next((word for word in own if word.language == language), own[0] if own else None)


_Leading = defaultdict[tuple[str, ...], list[tuple[str, str | None]]]


def _by_language(concept: Concept) -> tuple[tuple[Language, tuple[str, ...]], ...]:
    return (("es", concept.es), ("en", concept.en))


def _leading_words(concept: Concept) -> Iterator[tuple[str, str | None]]:
    """Yield the words that lead to a concept, each with the one way it has to be written, if there is one."""
    for text in (*concept.es, *concept.en):
        yield text, None
    for text in concept.typed:
        if any(map(str.isupper, text)):
            yield text, _plain(text)
        elif concept.only_in_capitals and " " not in text.strip():
            yield text, _plain(text.upper())
        else:
            yield text, None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _stems_of(text: str) -> list[Stems]:
    return [stems for _, _, stems in words(text)]


# "La mujer" and "las mujeres" differ in a word that the stemmer leaves alone.
_OTHER_NUMBER = {"la": "las", "las": "la", "el": "los", "los": "el"}


def _key(run: Sequence[Stems], side: int) -> tuple[str, ...]:
    """Return the tokens by which a phrase is looked up: one for all articles."""
    return tuple("la" if stems[side] in _OTHER_NUMBER else stems[side] for stems in run)


def _keys(run: Sequence[Stems]) -> frozenset[tuple[str, ...]]:
    return frozenset((_key(run, 0), _key(run, 1)))


def _in_other_number(run: Sequence[Stems]) -> tuple[Stems, ...]:
    return tuple(Stems(*(_OTHER_NUMBER.get(token, token) for token in stems)) for stems in run)


def _leaf(run: Sequence[Stems]) -> Word | Phrase:
    if len(run) == 1:
        return Word(run[0].es, run[0].en)
    return Phrase(tuple(stems.es for stems in run), tuple(stems.en for stems in run))
