"""Query expansion: finds the concepts of a reader's words, and what these add to a search (S3). Pure.

`criteria.codes` makes the concepts from the vocabularies; `resolver` looks words up here when a query is read. Words
are expanded to the same or to narrower meanings, never to broader ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Literal

from search.query.tree import Code, Expansion, Phrase, Word
from search.text.analysis import Stems, fold, iterate_words
from search.text.lexicon import UNTELLING_WORDS, WEAK_WORDS

ExpandMode = Literal["yes", "one-level", "own-words-only", "no"]
Language = Literal["es", "en"]


@dataclass(frozen=True, slots=True)
class ThesaurusConcept:
    """A concept: its words in both languages, the most usual first, and the codes that it stands for.

    Words of `typed` lead to the concept but are never searched for. `expand` says whose words and codes it adds: its
    own and those of all narrower concepts, of those one level below, its own alone, or none.
    """

    slug: str
    es: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    broader: str | None = None
    expand: ExpandMode = "yes"
    only_in_capitals: bool = False
    is_ambiguous: bool = False
    codes: frozenset[Code] = frozenset()


@dataclass(frozen=True, slots=True)
class ThesaurusWord:
    """A word of a concept, in its own language."""

    text: str
    language: Language


@dataclass(frozen=True, slots=True)
class AddedConcept:
    """A concept whose words and codes were added. `words` are without what the reader typed, and may be empty."""

    slug: str
    words: tuple[ThesaurusWord, ...]


@dataclass(frozen=True, slots=True)
class WordMeaning:
    """A concept that an ambiguous word may mean, with one of its words that is not ambiguous."""

    slug: str
    word: ThesaurusWord


class Thesaurus:
    """An index of concepts by their words. Building it takes some 20 ms: build it once for a vocabulary version."""

    def __init__(self, concepts: Iterable[ThesaurusConcept] = ()) -> None:
        self._concepts = {concept.slug: concept for concept in concepts}
        self._narrower: dict[str, list[str]] = defaultdict(list)
        self._leading: tuple[_LeadingWords, _LeadingWords] = (defaultdict(list), defaultdict(list))
        self._longest: dict[str, int] = {}
        self._apart: dict[frozenset[str], set[str]] = {}
        self._apart_by_root: dict[str, list[frozenset[str]]] = {}
        for slug in sorted(self._concepts):
            concept = self._concepts[slug]
            if concept.broader in self._concepts:
                self._narrower[concept.broader].append(slug)
            for text, written in _leading_words(concept):
                self._add(slug, text, written)
        self._searched_leaves = {slug: self._list_searched_leaves(concept) for slug, concept in self._concepts.items()}
        # Each word that readers are shown of a concept, once, with the keys by which it is recognised when typed.
        self._display_words = {
            slug: tuple(
                (word, _lookup_keys(_stems_of(word.text))) for word in dict.fromkeys(word for word, _ in searched)
            )
            for slug, searched in self._searched_leaves.items()
        }
        self.known_words = frozenset(
            fold(text[start:end])
            for concept in self._concepts.values()
            for text in (*concept.es, *concept.en, *concept.typed)
            for start, end, _ in iterate_words(text)
        )
        """The single words of all concepts, folded: spelled correctly, even where no study has them."""
        # The same few concepts are expanded again and again, and each expansion walks the tree below them.
        self._cached_expansion = lru_cache(maxsize=2048)(self._expand_uncached)

    def __bool__(self) -> bool:
        return bool(self._concepts)

    def count_longest_from(self, first: Stems) -> int:
        """Return the number of words of the longest phrase that begins with the word `first`, or 0."""
        return max(self._longest.get(token, 0) for token in (*_lookup_key([first], 0), *_lookup_key([first], 1)))

    def find_concepts(self, run: Sequence[Stems], typed: str) -> tuple[str, ...]:
        """Return the slugs of the concepts to which `run` as a whole leads, in either language, sorted.

        `typed` is how it was written: some words lead to their concept only in capitals.
        """
        found: set[str] = set()
        for side in (0, 1):
            for slug, written in self._leading[side].get(_lookup_key(run, side), ()):
                if written is None or written == _normalize_spaces(typed):
                    found.add(slug)
        return tuple(sorted(found))

    def find_apart(self, run: Sequence[tuple[str, Stems]]) -> list[tuple[frozenset[int], tuple[str, ...]]]:
        """Return the concepts of which a phrase has all its telling words in `run`, in any order and inflection.

        A word is given as typed and by its tokens. Each result has the places of the words, at most WIDEST_PHRASE
        apart, and the slugs; the longest phrases come first.
        """
        places: dict[str, list[int]] = defaultdict(list)
        telling = [(at, stems) for at, (typed, stems) in enumerate(run) if fold(typed) not in UNTELLING_WORDS]
        for nth, (_, stems) in enumerate(telling):
            for root in _roots(stems):
                places[root].append(nth)
        found: dict[frozenset[int], set[str]] = defaultdict(set)
        for root in places:
            for phrase in self._apart_by_root.get(root, ()):
                if phrase <= places.keys():
                    span = _closest_places([places[each] for each in sorted(phrase)])
                    if span is not None:
                        found[span] |= self._apart[phrase]
        ranked = sorted(found.items(), key=lambda item: (-len(item[0]), max(item[0]) - min(item[0]), sorted(item[0])))
        return [(frozenset(telling[nth][0] for nth in span), tuple(sorted(slugs))) for span, slugs in ranked]

    def is_ambiguous(self, slugs: Sequence[str]) -> bool:
        """Return True if the reader has to choose which of these concepts a word means."""
        return len(slugs) > 1 and any(self._concepts[slug].is_ambiguous for slug in slugs)

    def is_only_typed(self, slugs: Iterable[str], run: Sequence[Stems]) -> bool:
        """Return True if none of these concepts searches for `run`: it only leads to them."""
        own = _lookup_keys(run)
        return not any(own & keys for slug in slugs for _, keys in self._display_words[slug])

    def is_only_written(self, slugs: Iterable[str], run: Sequence[Stems]) -> bool:
        """Return True if `run` leads to these concepts only as it is written, with its capital letters."""
        found = {
            (slug, written) for side in (0, 1) for slug, written in self._leading[side].get(_lookup_key(run, side), ())
        }
        return bool(found) and all(written is not None for slug, written in found if slug in set(slugs))

    def expand(self, slugs: tuple[str, ...], without: frozenset[str] = frozenset()) -> Expansion:
        """Return the words and codes that these concepts add, without those of `without` and of what is narrower."""
        return self._cached_expansion(slugs, without.intersection(self._concepts))

    def iterate_reached(self, slugs: Iterable[str], without: frozenset[str] = frozenset()) -> Iterator[str]:
        """Yield the slugs of the concepts whose words and codes are added, each once, broader ones first."""
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

    def list_added(
        self, slugs: Iterable[str], typed: Sequence[Stems], without: frozenset[str] = frozenset()
    ) -> tuple[AddedConcept, ...]:
        """Return, for each concept, the words that `expand` adds to those that the reader typed."""
        own = _lookup_keys(typed)
        return tuple(
            AddedConcept(slug, tuple(word for word, keys in self._display_words[slug] if not own & keys))
            for slug in self.iterate_reached(slugs, without)
        )

    def expand_one(self, slug: str) -> Expansion:
        """Return the words and codes of one concept alone."""
        return self._make_expansion((slug,))

    def list_meanings(self, slugs: Iterable[str], typed: Sequence[Stems]) -> tuple[WordMeaning, ...]:
        """Return for each concept an unambiguous word, in the language in which it was typed where possible."""
        return tuple(
            WordMeaning(slug, word)
            for slug in slugs
            if (word := self._find_label(slug, self._guess_language(slug, typed)))
        )

    def label(self, slug: str, language: str) -> ThesaurusWord | None:
        """Return the most usual word of a concept, in this language if possible. None if it is unknown or has none."""
        return self._find_label(slug, language) if slug in self._concepts else None

    def label_in_small_letters(self, slug: str, language: str) -> str:
        """Return the most usual word of a concept that is no acronym, "" if none: operators stand only beside such."""
        own = [word for word, _ in self._searched_leaves.get(slug, ()) if not word.text.isupper()]
        return next((word.text for word in own if word.language == language), own[0].text if own else "")

    def _add(self, slug: str, text: str, written: str | None) -> None:
        stems = _stems_of(text)
        if written is None:
            self._add_apart(slug, text)
        for side in (0, 1):
            run = _lookup_key(stems, side)
            if run and (slug, written) not in self._leading[side][run]:
                self._leading[side][run].append((slug, written))
                self._longest[run[0]] = max(self._longest.get(run[0], 0), len(run))

    def _add_apart(self, slug: str, text: str) -> None:
        words = [(fold(text[start:end]), stems) for start, end, stems in iterate_words(text)]
        # "Aumenta la violencia de pareja" is not the violence alone; pronouns, which are short, may go.
        if any(word in WEAK_WORDS and len(word) > _LONGEST_PRONOUN for word, _ in words):
            return
        telling = [stems for word, stems in words if word not in UNTELLING_WORDS]
        for side in (0, 1):
            phrase = frozenset(_root(stems[side], side) for stems in telling)
            if len(phrase) < 2 or len(phrase) < len(telling):
                continue
            if phrase not in self._apart:
                self._apart[phrase] = set()
                self._apart_by_root.setdefault(min(phrase), []).append(phrase)
            self._apart[phrase].add(slug)

    def _list_searched_leaves(self, concept: ThesaurusConcept) -> tuple[tuple[ThesaurusWord, Word | Phrase], ...]:
        """Return the words to add to a search, with their leaves: those that are not ambiguous."""
        found: dict[Word | Phrase, ThesaurusWord] = {}
        for language, texts in _words_by_language(concept):
            for text in texts:
                stems = _stems_of(text)
                if stems and not self.is_ambiguous(self.find_concepts(stems, text)):
                    for form in dict.fromkeys((tuple(stems), _with_other_article(stems))):
                        found.setdefault(_make_leaf(form), ThesaurusWord(text, language))
        return tuple((word, leaf) for leaf, word in found.items())

    def _expand_uncached(self, slugs: tuple[str, ...], without: frozenset[str]) -> Expansion:
        return self._make_expansion(self.iterate_reached(slugs, without))

    def _make_expansion(self, slugs: Iterable[str]) -> Expansion:
        leaves: dict[Word | Phrase, None] = {}
        codes: set[Code] = set()
        for slug in slugs:
            leaves.update((leaf, None) for _, leaf in self._searched_leaves[slug])
            codes |= self._concepts[slug].codes
        return Expansion(tuple(leaves), frozenset(codes))

    def _guess_language(self, slug: str, typed: Sequence[Stems]) -> Language:
        own = _lookup_keys(typed)
        return "en" if any(own & _lookup_keys(_stems_of(text)) for text in self._concepts[slug].en) else "es"

    def _find_label(self, slug: str, language: str) -> ThesaurusWord | None:
        own = [word for word, _ in self._searched_leaves[slug]]
        return next((word for word in own if word.language == language), own[0] if own else None)


WIDEST_PHRASE = 5
"""How many words a phrase whose words stand apart may span."""

_LONGEST_PRONOUN = 4
_ENDINGS = (
    re.compile(
        r"(?<=...)(?:andose|iendose|[aei]ron|[ai]ndo|aban?|ieron|iendo|[aei]rse|[aei]rl[aeo]s?|[ai]d[ao]|[aei]r|[aei]n|[aeio])$"
    ),
    re.compile(r"(?<=...)(?:ing|ed|er|e|s)$"),
)


def _root(token: str, side: int) -> str:
    """Return a token without the endings of verbs and gender: for phrases, whose other words keep it right."""
    return _ENDINGS[side].sub("", token)


def _roots(stems: Stems) -> set[str]:
    return {_root(stems[side], side) for side in (0, 1)}


def _closest_places(places: Sequence[Sequence[int]]) -> frozenset[int] | None:
    """Return one place of each word, all different and within WIDEST_PHRASE, or None."""
    best: tuple[int, ...] | None = None
    for chosen in islice(product(*places), 64):
        width = max(chosen) - min(chosen)
        is_apart = len(set(chosen)) == len(chosen) and width < WIDEST_PHRASE
        if is_apart and (best is None or width < max(best) - min(best)):
            best = chosen
    return None if best is None else frozenset(best)


_LeadingWords = defaultdict[tuple[str, ...], list[tuple[str, str | None]]]


def _words_by_language(concept: ThesaurusConcept) -> tuple[tuple[Language, tuple[str, ...]], ...]:
    return (("es", concept.es), ("en", concept.en))


def _leading_words(concept: ThesaurusConcept) -> Iterator[tuple[str, str | None]]:
    """Yield the words that lead to a concept, each with the spelling that it requires, or None."""
    for text in (*concept.es, *concept.en):
        yield text, None
    for text in concept.typed:
        if any(map(str.isupper, text)):
            yield text, _normalize_spaces(text)
        elif concept.only_in_capitals and " " not in text.strip():
            yield text, _normalize_spaces(text.upper())
        else:
            yield text, None


def _normalize_spaces(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _stems_of(text: str) -> list[Stems]:
    return [stems for _, _, stems in iterate_words(text)]


# "La mujer" and "las mujeres" differ in a word that the stemmer leaves alone.
_ARTICLE_IN_OTHER_NUMBER = {"la": "las", "las": "la", "el": "los", "los": "el"}


def _lookup_key(run: Sequence[Stems], side: int) -> tuple[str, ...]:
    """Return the tokens by which a phrase is looked up, with the same token for all articles."""
    return tuple("la" if stems[side] in _ARTICLE_IN_OTHER_NUMBER else stems[side] for stems in run)


def _lookup_keys(run: Sequence[Stems]) -> frozenset[tuple[str, ...]]:
    return frozenset((_lookup_key(run, 0), _lookup_key(run, 1)))


def _with_other_article(run: Sequence[Stems]) -> tuple[Stems, ...]:
    return tuple(Stems(*(_ARTICLE_IN_OTHER_NUMBER.get(token, token) for token in stems)) for stems in run)


def _make_leaf(run: Sequence[Stems]) -> Word | Phrase:
    if len(run) == 1:
        return Word(run[0].es, run[0].en)
    return Phrase(tuple(stems.es for stems in run), tuple(stems.en for stems in run))
