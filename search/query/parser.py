"""Words of a reader in, a tree for the engines out, with what was understood as data (S2, S3). Pure; never raises.

Read here: words (all must match), "phrases", beginnings*, -word, NO, NOT, O, OR, Y, AND, parentheses, fields, DOIs.
Alternatives bind loosest, exclusion closest. What cannot be read is taken as plain words or left out, and a note says
so. `tokenizer` cuts the query, `_Parser` builds the tree of what `resolver` makes of its words; the sentences for
people are made in `help.query_explanation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from search.query.names import NameIndex
from search.query.parsed_query import ParsedQuery, Part, PartKind
from search.query.resolver import CODED_FIELDS, Piece, Wording
from search.query.thesaurus import Thesaurus
from search.query.tokenizer import Lexeme, LexemeKind, Note, bounded, is_stop_word, read, without_opener
from search.query.tree import Everything, Not, either, joined

NO_THESAURUS = Thesaurus()


def parse(
    text: str,
    names: NameIndex,
    thesaurus: Thesaurus = NO_THESAURUS,
    *,
    without: frozenset[str] = frozenset(),
    exact: bool = False,
) -> ParsedQuery:
    """Read a query. The same words with other white space give the same tree.

    `without` are concepts that add nothing; with `exact` none does. Their words belong together all the same.
    """
    notes: list[Note] = []
    source = bounded(text, notes)
    lexemes = without_opener(read(source, notes), source, names, notes)
    parser = _Parser(source, lexemes, names, notes, thesaurus, without, exact)
    piece = parser.alternatives(excluded=False)
    if piece is None:
        if source:
            notes.append(Note("no-words", source))
        return ParsedQuery(Everything(), tuple(dict.fromkeys(notes)), source=source)
    understood = piece.part.parts if piece.part.kind == "group" else (piece.part,)
    return ParsedQuery(
        joined([piece.node]),
        tuple(dict.fromkeys(notes)),
        understood,
        source,
        tuple(parser.wording.added.values()),
        tuple(parser.wording.switched_off),
        tuple(parser.wording.choices),
    )


class _Parser:
    """Recursive descent over balanced lexemes: its depth is bounded by DEEPEST_NESTING."""

    def __init__(
        self,
        source: str,
        lexemes: Sequence[Lexeme],
        names: NameIndex,
        notes: list[Note],
        thesaurus: Thesaurus,
        without: frozenset[str],
        exact: bool,
    ) -> None:
        self.wording = Wording(source, lexemes, names, notes, thesaurus, without, exact)
        self._source = source
        self._lexemes = lexemes
        self._notes = notes
        self._at = 0

    def alternatives(self, *, excluded: bool) -> Piece | None:
        """Read up to the end or the closing parenthesis."""
        pieces: list[Piece | None] = []
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

    def _together(self, *, excluded: bool) -> Piece | None:
        pieces: list[Piece | None] = []
        run: list[Lexeme] = []
        while (lexeme := self._current()) and lexeme.kind not in ("or", "close"):
            if lexeme.kind == "word":
                run.append(lexeme)
                self._at += 1
                continue
            pieces.extend(self.wording.run(run, excluded=excluded))
            if lexeme.kind == "and":
                self._check_and(is_first=not (pieces or run))
            else:
                pieces.append(self._operand(excluded=excluded))
            run = []
        pieces.extend(self.wording.run(run, excluded=excluded))
        return self._combined([piece for piece in pieces if piece], "group")

    def _check_and(self, *, is_first: bool) -> None:
        operator = self._lexemes[self._at]
        self._at += 1
        after = self._current()
        if is_first or after is None or after.kind in ("or", "and", "close"):
            self._notes.append(Note("operator-without-word", operator.text))

    def _operand(self, *, excluded: bool) -> Piece | None:
        """Read a word, phrase, prefix, DOI, range of years, group, field or exclusion."""
        lexeme = self._lexemes[self._at]
        if lexeme.kind == "not":
            return self._exclusion(excluded=excluded)
        if lexeme.kind == "field":
            return self._restricted(excluded=excluded)
        self._at += 1
        if lexeme.kind != "open":
            return self.wording.leaf(lexeme, excluded=excluded)
        inner = self.alternatives(excluded=excluded)
        closing = self._lexemes[self._at]
        self._at += 1
        if inner is None:
            return None
        part = replace(inner.part, start=lexeme.start, end=closing.end)
        return replace(inner, part=part, start=lexeme.start, end=closing.end)

    def _exclusion(self, *, excluded: bool) -> Piece | None:
        first = operator = self._lexemes[self._at]
        self._at += 1
        while again := self._next_if("not"):
            self._notes.append(Note("operator-without-word", operator.text))
            operator = again
        after = self._current()
        if after is None or after.kind in ("or", "and", "close"):
            self._notes.append(Note("operator-without-word", operator.text))
            return None
        if is_stop_word(after) and not self.wording.keeps_stop_words:
            self._at += 1
            return None
        piece = self._operand(excluded=not excluded)
        if piece is None:
            return None
        part = Part("excluded", piece.part.text, (piece.part,), start=first.start, end=piece.end)
        return Piece(Not(joined([piece.node])), part, first.start, piece.end)

    def _restricted(self, *, excluded: bool) -> Piece | None:
        """Read a field and its value: a word, a phrase, a prefix or a group.

        Of two fields in a row the second counts; within the group of a field no other does.
        """
        opening = self._lexemes[self._at]
        self._at += 1
        after = self._current()
        typed = self._source[opening.start : opening.end]
        if after is None or after.kind in ("or", "and", "not", "close"):
            self._notes.append(Note("operator-without-word", typed))
            return None
        if after.kind == "field" or self.wording.field:
            return self._operand(excluded=excluded)
        self.wording.field = opening.text
        if self.wording.field in CODED_FIELDS and after.kind == "word":
            piece, length = self.wording.coded(self._words_from_here(), excluded=excluded)
            self._at += length
        else:
            piece = self._operand(excluded=excluded)
        self.wording.field = ""
        if piece is None:
            return None
        start = opening.start
        if opening.text in CODED_FIELDS:
            part = replace(piece.part, start=start)
        else:
            kind: PartKind = "title" if opening.text == "title" else "authors"
            part = Part(kind, self._source[start : piece.end], (piece.part,), start=start, end=piece.end)
        return replace(piece, part=part, start=start)

    def _words_from_here(self) -> Sequence[Lexeme]:
        end = self._at
        while end < len(self._lexemes) and self._lexemes[end].kind == "word":
            end += 1
        return self._lexemes[self._at : end]

    def _combined(self, pieces: list[Piece], kind: Literal["group", "alternatives"]) -> Piece | None:
        if len(pieces) < 2:
            return pieces[0] if pieces else None
        start, end = pieces[0].start, pieces[-1].end
        parts: list[Part] = []
        for piece in pieces:
            parts.extend(piece.part.parts if piece.part.kind == kind else (piece.part,))
        combine = joined if kind == "group" else either
        part = Part(kind, self._source[start:end], tuple(parts), start=start, end=end)
        return Piece(combine([piece.node for piece in pieces]), part, start, end)

    def _current(self) -> Lexeme | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _next_if(self, kind: LexemeKind) -> Lexeme | None:
        lexeme = self._current()
        if lexeme is None or lexeme.kind != kind:
            return None
        self._at += 1
        return lexeme
