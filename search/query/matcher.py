"""What a query sought, found again in a text. Pure; `highlight` marks it.

A page holds some thousand words of which a few were sought. A text is not analysed as a whole: those words begin with
the first letters of a sought token (`text.beginnings`), and only words that do are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from search.query.names import NameIndex
from search.query.tree import Doi, Phrase, Prefix, Word, Worded
from search.text.analysis import Stems, beginnings, flat, word_at, words

Found = tuple[int, int, int]
"""Start and end of what matches in a text, and which leaf it matches, by its number in `Sought.leaves`."""

_Phrases = defaultdict[str, list[tuple[tuple[str, ...], int]]]


class Sought:
    """What a query sought, made ready to be found in many texts."""

    def __init__(self, leaves: Iterable[Worded | Doi]) -> None:
        self.leaves = tuple(dict.fromkeys(leaf for leaf in leaves if not isinstance(leaf, Doi)))
        self._by_field: dict[str, Sought] = {}
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
        self._beginnings = self._all_beginnings()

    def __bool__(self) -> bool:
        return bool(self.leaves)

    def within(self, field: str) -> Sought:
        """Return what is sought in one field of the studies: all but what was asked for in another."""
        if all(not leaf.field for leaf in self.leaves):
            return self
        if field not in self._by_field:
            self._by_field[field] = Sought(leaf for leaf in self.leaves if leaf.field in ("", field))
        return self._by_field[field]

    def matches(self, text: str) -> Iterator[Found]:
        """Yield what matches in `text`, by where it begins."""
        for start in self._candidates(text):
            read = word_at(text, start)
            if read is None:
                continue
            end, stems = read
            number = self._words[0].get(stems.es)
            if number is None:
                number = self._words[1].get(stems.en)
            if number is None and self._prefixes:
                number = self._begun(stems)
            if number is not None:
                yield start, end, number
            for side in (0, 1):
                if stems[side] in self._phrases[side]:
                    yield from self._phrases_at(text, start, side, stems[side])

    def _phrases_at(self, text: str, start: int, side: int, first: str) -> Iterator[Found]:
        reading = words(text, start)
        run: list[str] = []
        ends: list[int] = []
        for tokens, number in self._phrases[side][first]:
            while len(run) < len(tokens) and run == list(tokens[: len(run)]) and (read := next(reading, None)):
                run.append(read[2][side])
                ends.append(read[1])
            if tuple(run[: len(tokens)]) == tokens:
                yield start, ends[len(tokens) - 1], number

    def _begun(self, stems: Stems) -> int | None:
        return next(
            (number for letters, number in self._prefixes if any(map(str.startswith, stems, (letters,) * 2))), None
        )

    def _all_beginnings(self) -> tuple[bytes, ...] | None:
        """Return how the words that are sought begin after a space, or None if they may begin with any letter."""
        tokens = {token for side in (0, 1) for token in (*self._words[side], *self._phrases[side])}
        tokens.update(letters for letters, _ in self._prefixes)
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
