"""Finds the words and phrases of a query in a text. Pure; `highlight` marks them.

A page has thousands of words, of which a few match, so texts are not tokenized as a whole: only words that begin like
a token of the query (`analysis.list_word_beginnings`) are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from search.query.names import NameIndex
from search.query.tree import Doi, Phrase, Prefix, TextLeaf, Word
from search.text.analysis import Stems, flatten_to_bytes, iterate_words, list_word_beginnings, read_word_at

TextMatch = tuple[int, int, int]
"""Start and end of a match in a text, and the index of its leaf in `TextMatcher.leaves`."""

_Phrases = defaultdict[str, list[tuple[tuple[str, ...], int]]]


class TextMatcher:
    """Finds the leaves of one query in many texts. DOIs are ignored: they are compared, not found in texts."""

    def __init__(self, leaves: Iterable[TextLeaf | Doi]) -> None:
        self.leaves = tuple(dict.fromkeys(leaf for leaf in leaves if not isinstance(leaf, Doi)))
        self._by_field: dict[str, TextMatcher] = {}
        self._words: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._phrases: tuple[_Phrases, _Phrases] = (defaultdict(list), defaultdict(list))
        self._prefixes: list[tuple[str, int]] = []
        for number, leaf in enumerate(self.leaves):
            if isinstance(leaf, Prefix):
                self._prefixes.append((leaf.letters, number))
            for side, tokens in enumerate((leaf.es, leaf.en)):
                if isinstance(leaf, Phrase):
                    self._phrases[side][tokens[0]].append((tuple(tokens), number))
                elif isinstance(leaf, Prefix) or not _is_stop_word(leaf):
                    self._words[side].setdefault(str(tokens), number)
        self._beginnings = self._list_beginnings()

    def __bool__(self) -> bool:
        return bool(self.leaves)

    def restrict_to(self, field: str) -> TextMatcher:
        """Return a matcher for texts of one field: without the leaves that are restricted to others."""
        # Called for each card of a page; most queries have no field, and then all texts share one matcher.
        if all(not leaf.field for leaf in self.leaves):
            return self
        if field not in self._by_field:
            self._by_field[field] = TextMatcher(leaf for leaf in self.leaves if leaf.field in ("", field))
        return self._by_field[field]

    def find_matches(self, text: str) -> Iterator[TextMatch]:
        """Yield the matches in `text` by their start; they may overlap."""
        for start in self._find_candidates(text):
            read = read_word_at(text, start)
            if read is None:
                continue
            end, stems = read
            number = self._words[0].get(stems.es)
            if number is None:
                number = self._words[1].get(stems.en)
            if number is None and self._prefixes:
                number = self._match_prefix(stems)
            if number is not None:
                yield start, end, number
            for side in (0, 1):
                if stems[side] in self._phrases[side]:
                    yield from self._match_phrases(text, start, side, stems[side])

    def _match_phrases(self, text: str, start: int, side: int, first: str) -> Iterator[TextMatch]:
        reading = iterate_words(text, start)
        run: list[str] = []
        ends: list[int] = []
        # Words are read lazily: a phrase that differs at its second word needs no third.
        for tokens, number in self._phrases[side][first]:
            while len(run) < len(tokens) and run == list(tokens[: len(run)]) and (read := next(reading, None)):
                run.append(read[2][side])
                ends.append(read[1])
            if tuple(run[: len(tokens)]) == tokens:
                yield start, ends[len(tokens) - 1], number

    def _match_prefix(self, stems: Stems) -> int | None:
        return next(
            (number for letters, number in self._prefixes if any(map(str.startswith, stems, (letters,) * 2))), None
        )

    def _list_beginnings(self) -> tuple[bytes, ...] | None:
        """Return how words of the query may begin, after a space, or None if that does not narrow the search."""
        tokens = {token for side in (0, 1) for token in (*self._words[side], *self._phrases[side])}
        tokens.update(letters for letters, _ in self._prefixes)
        # A single letter would match the s of a possessive, which is no word.
        if any(len(token) < 2 or not token.isascii() for token in tokens):
            return None
        return tuple(
            f" {letters}".encode() for letters in {each for token in tokens for each in list_word_beginnings(token)}
        )

    def _find_candidates(self, text: str) -> Iterable[int]:
        """Return, in ascending order, where words begin that may match."""
        flattened = flatten_to_bytes(text)
        if self._beginnings is None or flattened is None:
            return (start for start, _, _ in iterate_words(text))
        found: set[int] = set()
        for beginning in self._beginnings:
            at = flattened.find(beginning)
            while at >= 0:
                found.add(at)
                at = flattened.find(beginning, at + 1)
        return sorted(found)


def _is_stop_word(word: Word) -> bool:
    return NameIndex.is_stop_word(Stems(word.es, word.en))
