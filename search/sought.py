"""What a query sought, found again in a text. Pure; `highlight` marks it.

A page holds some thousand words of which a few were sought. A text is not analysed as a whole: those words begin with
the first letters of a sought token (`text.beginnings`), and only words that do are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from search.names import NameIndex
from search.querytree import Doi, Phrase, Prefix, Word, Worded
from search.text import Stems, beginnings, flat, word_at, words

Found = tuple[int, int, Worded]
"""Start and end of what matches in a text, and the leaf of the query that it matches."""

_Phrases = defaultdict[str, list[tuple[tuple[str, ...], Phrase]]]


class Sought:
    """What a query sought, made ready to be found in many texts."""

    def __init__(self, leaves: Iterable[Worded | Doi]) -> None:
        self._leaves = tuple(leaf for leaf in leaves if not isinstance(leaf, Doi))
        self._by_field: dict[str, Sought] = {}
        self._words: tuple[dict[str, Worded], dict[str, Worded]] = ({}, {})
        self._phrases: tuple[_Phrases, _Phrases] = (defaultdict(list), defaultdict(list))
        self._prefixes = [leaf for leaf in self._leaves if isinstance(leaf, Prefix)]
        for leaf in self._leaves:
            for side, tokens in enumerate((leaf.es, leaf.en)):
                if isinstance(leaf, Phrase):
                    self._phrases[side][tokens[0]].append((tuple(tokens), leaf))
                elif isinstance(leaf, Prefix) or not _is_stop_word(leaf):
                    self._words[side].setdefault(str(tokens), leaf)
        self._beginnings = self._all_beginnings()

    def __bool__(self) -> bool:
        return bool(self._leaves)

    def within(self, field: str) -> Sought:
        """Return what is sought in one field of the studies: all but what was asked for in another."""
        if all(not leaf.field for leaf in self._leaves):
            return self
        if field not in self._by_field:
            self._by_field[field] = Sought(leaf for leaf in self._leaves if leaf.field in ("", field))
        return self._by_field[field]

    def matches(self, text: str) -> Iterator[Found]:
        """Yield what matches in `text`, by where it begins."""
        for start in self._candidates(text):
            read = word_at(text, start)
            if read is None:
                continue
            end, stems = read
            if leaf := self._words[0].get(stems.es) or self._words[1].get(stems.en) or self._begun(stems):
                yield start, end, leaf
            for side in (0, 1):
                if stems[side] in self._phrases[side]:
                    yield from self._phrases_at(text, start, side, stems[side])

    def _phrases_at(self, text: str, start: int, side: int, first: str) -> Iterator[Found]:
        reading = words(text, start)
        run: list[str] = []
        ends: list[int] = []
        for tokens, phrase in self._phrases[side][first]:
            while len(run) < len(tokens) and run == list(tokens[: len(run)]) and (read := next(reading, None)):
                run.append(read[2][side])
                ends.append(read[1])
            if tuple(run[: len(tokens)]) == tokens:
                yield start, ends[len(tokens) - 1], phrase

    def _begun(self, stems: Stems) -> Prefix | None:
        return next((leaf for leaf in self._prefixes if any(token.startswith(leaf.letters) for token in stems)), None)

    def _all_beginnings(self) -> tuple[bytes, ...] | None:
        """Return how the words that are sought begin after a space, or None if they may begin with any letter."""
        tokens = {token for side in (0, 1) for token in (*self._words[side], *self._phrases[side])}
        tokens.update(prefix.letters for prefix in self._prefixes)
        # A single letter may be that of a possessive, which is no word.
        if any(len(token) < 2 or not token.isascii() for token in tokens):
            return None
        return tuple(f" {letters}".encode() for letters in {each for token in tokens for each in beginnings(token)})

    def _candidates(self, text: str) -> Iterable[int]:
        """Return where the words begin that may match, ascending."""
        flattened = flat(text)
        if self._beginnings is None or flattened is None:
            return (start for start, _, _ in words(text))
        found: set[int] = set()
        for beginning in self._beginnings:
            at = flattened.find(beginning)
            while at >= 0:
                found.add(at)
                at = flattened.find(beginning, at + 1)
        return sorted(found)


def _is_stop_word(word: Word) -> bool:
    return NameIndex.is_stop_word(Stems(word.es, word.en))
