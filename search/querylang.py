"""Words of a reader in, a tree for the engines out, with what was understood as data (S2). Pure; never raises.

Read here: words (all must match), "phrases", -word, NO, NOT, O, OR, Y, AND, parentheses, DOIs. Alternatives bind
loosest, exclusion closest. What cannot be read is taken as plain words or left out, and a note says so.
`lexemes` cuts the query, `_Parser` builds the tree; the sentences for people are made in the templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from search.lexemes import Lexeme, LexemeKind, Note, NoteCode, bounded, is_stop_word, read
from search.lexicon import QUESTION_OPENERS
from search.names import NameIndex
from search.querytree import All, Any, Doi, Everything, Node, Not, Phrase, Word
from search.text import Stems, fold, words

__all__ = ["MOST_WORDS", "Note", "NoteCode", "ParsedQuery", "Part", "PartKind", "parse"]

MOST_WORDS = 32
"""Words of a query that are sought, stop words not counted."""

PartKind = Literal["word", "phrase", "name", "doi", "excluded", "alternatives", "group"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the query as it was understood; all pieces of one level must match.

    `text` is what was typed. "excluded" has one part, "alternatives" one a branch, "group" those that stand together
    in a branch or an exclusion; "name" is a whole name typed without quotation marks.
    """

    kind: PartKind
    text: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as an engine evaluates it, and how to tell the reader about it."""

    node: Node
    notes: tuple[Note, ...] = ()
    understood: tuple[Part, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the query needs no explanation: plain words, names and DOIs that all must match."""
        return not self.notes and all(part.kind in ("word", "name", "doi") for part in self.understood)


def parse(text: str, names: NameIndex) -> ParsedQuery:
    """Read a query. The same words with other white space give the same tree."""
    notes: list[Note] = []
    source = bounded(text, notes)
    lexemes = _without_opener(read(source, notes), source, names, notes)
    parser = _Parser(source, lexemes, names, notes)
    piece = parser.alternatives(excluded=False)
    if piece is None:
        if source:
            notes.append(Note("no-words", source))
        return ParsedQuery(Everything(), tuple(dict.fromkeys(notes)))
    understood = piece.part.parts if piece.part.kind == "group" else (piece.part,)
    return ParsedQuery(_all([piece.node]), tuple(dict.fromkeys(notes)), understood)


@dataclass(frozen=True, slots=True)
class _Piece:
    node: Node
    part: Part
    start: int
    end: int


class _Parser:
    """Recursive descent over balanced lexemes: its depth is bounded by DEEPEST_NESTING."""

    def __init__(self, source: str, lexemes: Sequence[Lexeme], names: NameIndex, notes: list[Note]) -> None:
        self._source = source
        self._lexemes = lexemes
        self._names = names
        self._notes = notes
        self._at = 0
        self._words_left = MOST_WORDS
        self._keeps_stop_words = all(is_stop_word(lexeme) for lexeme in lexemes if lexeme.words) and not any(
            lexeme.kind == "doi" for lexeme in lexemes
        )

    def alternatives(self, *, excluded: bool) -> _Piece | None:
        """Read up to the end or the closing parenthesis."""
        pieces: list[_Piece | None] = []
        operator: Lexeme | None = None
        while True:
            start = self._at
            pieces.append(self._together(excluded=excluded))
            follower = self._next_if("or")
            is_empty = self._at == start + (follower is not None)
            if is_empty and (lonely := operator or follower):
                self._notes.append(Note("operator-without-word", lonely.text))
            if follower is None:
                break
            operator = follower
        return self._combined([piece for piece in pieces if piece], "alternatives")

    def _together(self, *, excluded: bool) -> _Piece | None:
        pieces: list[_Piece | None] = []
        run: list[Lexeme] = []
        while (lexeme := self._current()) and lexeme.kind not in ("or", "close"):
            if lexeme.kind == "word":
                run.append(lexeme)
                self._at += 1
                continue
            pieces.extend(self._run(run, excluded=excluded))
            if lexeme.kind == "and":
                self._check_and(is_first=not (pieces or run))
            else:
                pieces.append(self._operand(excluded=excluded))
            run = []
        pieces.extend(self._run(run, excluded=excluded))
        return self._combined([piece for piece in pieces if piece], "group")

    def _check_and(self, *, is_first: bool) -> None:
        operator = self._lexemes[self._at]
        self._at += 1
        after = self._current()
        if is_first or after is None or after.kind in ("or", "and", "close"):
            self._notes.append(Note("operator-without-word", operator.text))

    def _operand(self, *, excluded: bool) -> _Piece | None:
        """Read a word, phrase, DOI, group or exclusion."""
        lexeme = self._lexemes[self._at]
        if lexeme.kind == "not":
            return self._exclusion(excluded=excluded)
        self._at += 1
        if lexeme.kind != "open":
            return self._leaf(lexeme, excluded=excluded)
        inner = self.alternatives(excluded=excluded)
        closing = self._lexemes[self._at]
        self._at += 1
        return replace(inner, start=lexeme.start, end=closing.end) if inner else None

    def _exclusion(self, *, excluded: bool) -> _Piece | None:
        first = operator = self._lexemes[self._at]
        self._at += 1
        while again := self._next_if("not"):
            self._notes.append(Note("operator-without-word", operator.text))
            operator = again
        after = self._current()
        if after is None or after.kind in ("or", "and", "close"):
            self._notes.append(Note("operator-without-word", operator.text))
            return None
        if is_stop_word(after) and not self._keeps_stop_words:
            self._at += 1
            return None
        piece = self._operand(excluded=not excluded)
        if piece is None:
            return None
        part = Part("excluded", piece.part.text, (piece.part,))
        return _Piece(Not(_all([piece.node])), part, first.start, piece.end)

    def _run(self, run: Sequence[Lexeme], *, excluded: bool) -> Iterable[_Piece | None]:
        """Read words typed side by side: whole names first, the longest first, then single words."""
        at = 0
        while at < len(run):
            length = self._name_length(run, at)
            if length > 1:
                yield self._name(run[at : at + length], excluded=excluded)
            elif self._keeps_stop_words or not is_stop_word(run[at]):
                yield self._leaf(run[at], excluded=excluded)
            at += max(length, 1)

    def _name_length(self, run: Sequence[Lexeme], at: int) -> int:
        """Return how many lexemes from `at` on are a whole name, 0 for none."""
        left = self._names.name_at([stems for lexeme in run[at:] for stems in lexeme.words], 0)
        length = 0
        while left > 0:
            left -= len(run[at + length].words)
            length += 1
        return length if left == 0 else 0

    def _name(self, run: Sequence[Lexeme], *, excluded: bool) -> _Piece | None:
        """Make a name lead to its codes while its words still match one by one."""
        start, end = run[0].start, run[-1].end
        typed = self._source[start:end]
        apart = [self._leaf(lexeme, excluded=excluded) for lexeme in run if not is_stop_word(lexeme)]
        stems = tuple(stems for lexeme in run for stems in lexeme.words)
        nodes: list[Node] = [self._leaf_node(stems, excluded=excluded)]
        if found := [piece.node for piece in apart if piece]:
            nodes.insert(0, _all(found))
        elif apart:
            return None
        return _Piece(_any(nodes), Part("name", typed), start, end)

    def _leaf(self, lexeme: Lexeme, *, excluded: bool) -> _Piece | None:
        whole = partial(_Piece, start=lexeme.start, end=lexeme.end)
        if lexeme.kind == "doi":
            return whole(Doi(lexeme.text), Part("doi", lexeme.text))
        stems = lexeme.words[: self._words_left]
        self._words_left -= len(stems)
        if len(stems) < len(lexeme.words):
            self._notes.append(Note("too-many-words", str(MOST_WORDS)))
        if not stems:
            return None
        kind: PartKind = "phrase" if lexeme.kind == "phrase" else "word"
        return whole(self._leaf_node(stems, excluded=excluded), Part(kind, lexeme.text))

    def _leaf_node(self, stems: tuple[Stems, ...], *, excluded: bool) -> Word | Phrase:
        codes = self._names.codes_named(stems) if excluded else self._names.codes_holding(stems)
        if len(stems) == 1:
            return Word(stems[0].es, stems[0].en, codes)
        return Phrase(tuple(word.es for word in stems), tuple(word.en for word in stems), codes)

    def _combined(self, pieces: list[_Piece], kind: Literal["group", "alternatives"]) -> _Piece | None:
        if len(pieces) < 2:
            return pieces[0] if pieces else None
        start, end = pieces[0].start, pieces[-1].end
        parts: list[Part] = []
        for piece in pieces:
            parts.extend(piece.part.parts if piece.part.kind == kind else (piece.part,))
        combine = _all if kind == "group" else _any
        return _Piece(
            combine([piece.node for piece in pieces]), Part(kind, self._source[start:end], tuple(parts)), start, end
        )

    def _current(self) -> Lexeme | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _next_if(self, kind: LexemeKind) -> Lexeme | None:
        lexeme = self._current()
        if lexeme is None or lexeme.kind != kind:
            return None
        self._at += 1
        return lexeme


def _all(nodes: Iterable[Node]) -> Node:
    """Join nodes so that each must match: flat, each once, with something for a `Not` to take away from."""
    flat: dict[Node, None] = {}
    for node in nodes:
        flat.update(dict.fromkeys(node.parts if isinstance(node, All) else (node,)))
    flat.pop(Everything(), None)
    if all(isinstance(node, Not) for node in flat):
        flat = {Everything(): None, **flat}
    return All(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def _any(nodes: Iterable[Node]) -> Node:
    """Join nodes so that one is enough: flat, each once; an exclusion among them is all studies without it."""
    flat: dict[Node, None] = {}
    for node in nodes:
        safe = _all([node]) if isinstance(node, Not) else node
        flat.update(dict.fromkeys(safe.parts if isinstance(safe, Any) else (safe,)))
    return Any(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def _without_opener(lexemes: list[Lexeme], source: str, names: NameIndex, notes: list[Note]) -> list[Lexeme]:
    """Take the longest question opener off the start, if something to look for remains and no name begins there."""
    typed: list[str] = []
    longest = 0
    for count, lexeme in enumerate(lexemes, start=1):
        if lexeme.kind != "word":
            break
        typed.extend(fold(lexeme.text[start:end]) for start, end, _ in words(lexeme.text))
        if tuple(typed) in QUESTION_OPENERS:
            longest = count
    rest = lexemes[longest:]
    remains = any(lexeme.kind == "doi" or (lexeme.words and not is_stop_word(lexeme)) for lexeme in rest)
    if not longest or not remains or names.name_at([stems for lexeme in lexemes for stems in lexeme.words], 0):
        return lexemes
    notes.append(Note("question-words", source[lexemes[0].start : lexemes[longest - 1].end]))
    return rest
