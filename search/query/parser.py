"""Parses what a reader typed into a query tree, and describes how it was read (S2, S3). Pure; never raises.

Syntax: words (all must match), "phrases", prefixes*, -word, NO, NOT, O, OR, Y, AND, parentheses, fields, DOIs.
OR binds loosest, NOT closest. What cannot be read is taken as plain words or left out, and a note says so.
`tokenizer` cuts the query, `resolver` looks its words up, `_Parser` builds the tree of both; the sentences for people
are in `help.query_explanation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from search.query.intents import find_intents, is_question
from search.query.names import NameIndex
from search.query.parsed_query import ParsedQuery, QueryPart, QueryPartKind
from search.query.resolver import CODED_FIELDS, ResolvedPart, WordResolver
from search.query.thesaurus import Thesaurus
from search.query.tokenizer import (
    Lexeme,
    LexemeKind,
    QueryNote,
    is_stop_word,
    normalize_query,
    strip_question_opener,
    tokenize_query,
)
from search.query.tree import AnyOf, Everything, MostOf, Not, combine_all, combine_any
from search.text.analysis import fold, iterate_words
from search.text.lexicon import UNTELLING_WORDS

NO_THESAURUS = Thesaurus()

MANY_WORDS, MANY_WORDS_OF_QUESTION = 5, 3
"""Words that tell something, from which on a query in plain words need not have all of them matched."""
_KNOWN, _PLAIN = 2, 1
"""The weights of words that the thesaurus knows, and of others."""


def parse(
    text: str,
    names: NameIndex,
    thesaurus: Thesaurus = NO_THESAURUS,
    *,
    without: frozenset[str] = frozenset(),
    exact: bool = False,
) -> ParsedQuery:
    """Parse a query. The same words with other white space give the same tree.

    Concepts of `without`, given by their slugs, add nothing; with `exact` no concept does. Several words of a concept
    are still read as one unit then.
    """
    notes: list[QueryNote] = []
    source = normalize_query(text, notes)
    lexemes = strip_question_opener(tokenize_query(source, notes), source, names, notes)
    parser = _Parser(source, lexemes, names, notes, thesaurus, without, exact)
    piece = parser.parse_alternatives(excluded=False)
    if parser.resolver.left_out:
        opener = [note for note in notes if note.code == "question-words"]
        notes = [note for note in notes if note not in opener]
        said = [*(note.detail for note in opener), *parser.resolver.left_out]
        notes.append(QueryNote("question-words", ", ".join(dict.fromkeys(said))))
    if piece is None:
        if source:
            notes.append(QueryNote("no-words", source))
        return ParsedQuery(Everything(), tuple(dict.fromkeys(notes)), source=source)
    parts = piece.part.parts if piece.part.kind == "group" else (piece.part,)
    return ParsedQuery(
        combine_all([piece.node]),
        tuple(dict.fromkeys(notes)),
        parts,
        source,
        tuple(parser.resolver.added.values()),
        tuple(parser.resolver.switched_off),
        tuple(parser.resolver.ambiguous_words),
        () if exact else tuple(intent.codes for intent in find_intents(source)),
    )


def _count_telling_words(piece: ResolvedPart) -> int:
    text = piece.part.text
    return sum(fold(text[start:end]) not in UNTELLING_WORDS for start, end, _ in iterate_words(text))


class _Parser:
    """Recursive-descent parser of balanced lexemes: DEEPEST_NESTING bounds its depth."""

    def __init__(
        self,
        source: str,
        lexemes: Sequence[Lexeme],
        names: NameIndex,
        notes: list[QueryNote],
        thesaurus: Thesaurus,
        without: frozenset[str],
        exact: bool,
    ) -> None:
        self.resolver = WordResolver(source, lexemes, names, notes, thesaurus, without, exact)
        self._source = source
        self._lexemes = lexemes
        self._notes = notes
        self._at = 0
        self._is_question = is_question(source)
        # Who writes operators, or wants only the words as typed, means each of them.
        self._may_match_most = not exact and not any(lexeme.kind in ("or", "open", "and") for lexeme in lexemes)

    def parse_alternatives(self, *, excluded: bool) -> ResolvedPart | None:
        """Parse up to the end or the closing parenthesis. Returns None if nothing is left to search for."""
        pieces: list[ResolvedPart | None] = []
        operator: Lexeme | None = None
        while True:
            start = self._at
            pieces.append(self._parse_conjunction(excluded=excluded))
            follower = self._accept("or")
            is_empty = self._at == start + (follower is not None)
            if is_empty and (lonely := operator or follower):
                self._notes.append(QueryNote("operator-without-word", lonely.text))
            if follower is None:
                break
            operator = follower
        return self._combine([piece for piece in pieces if piece], "alternatives")

    def _parse_conjunction(self, *, excluded: bool) -> ResolvedPart | None:
        pieces: list[ResolvedPart | None] = []
        run: list[Lexeme] = []
        while (lexeme := self._current()) and lexeme.kind not in ("or", "close"):
            if lexeme.kind == "word":
                run.append(lexeme)
                self._at += 1
                continue
            pieces.extend(self.resolver.resolve_run(run, excluded=excluded))
            if lexeme.kind == "and":
                self._parse_and(is_first=not (pieces or run))
            else:
                pieces.append(self._parse_operand(excluded=excluded))
            run = []
        pieces.extend(self.resolver.resolve_run(run, excluded=excluded))
        return self._combine(self._relax([piece for piece in pieces if piece]), "group")

    def _relax(self, pieces: list[ResolvedPart]) -> list[ResolvedPart]:
        """Return `pieces` with those in plain words that a study need not have made optional.

        Words of what the whole bank is about only add to the score beside others; of many words, most are enough.
        """
        words = [piece for piece in pieces if piece.part.kind in ("word", "name")]
        telling = [piece for piece in words if not piece.part.is_subject]
        if not self._may_match_most or not telling:
            return pieces
        relaxed = self._match_most(telling, words)
        subject = [piece for piece in words if piece.part.is_subject]
        if subject:
            said = [word for piece in subject for word in piece.part.subject_words]
            self._notes.append(QueryNote("subject-words", ", ".join(dict.fromkeys(said))))
            relaxed = [*relaxed, *(replace(piece, node=AnyOf((Everything(), piece.node))) for piece in subject)]
        return sorted([*relaxed, *(piece for piece in pieces if piece not in words)], key=lambda piece: piece.start)

    def _match_most(self, telling: list[ResolvedPart], words: list[ResolvedPart]) -> list[ResolvedPart]:
        """Return the parts of `telling` as one, if there are so many `words` that not all of them must match."""
        least = MANY_WORDS_OF_QUESTION if self._is_question else MANY_WORDS
        weights = {piece.node: _KNOWN if piece.is_known else _PLAIN for piece in telling}
        if len(weights) < 2 or sum(map(_count_telling_words, words)) < least:
            return telling
        node = MostOf(tuple(weights), tuple(weights.values()))
        start, end = telling[0].start, max(piece.end for piece in telling)
        part = QueryPart("group", self._source[start:end], tuple(piece.part for piece in telling), start=start, end=end)
        if len(weights) > 2:
            self._notes.append(QueryNote("most-words"))
        return [ResolvedPart(node, part, start, end)]

    def _parse_and(self, *, is_first: bool) -> None:
        operator = self._lexemes[self._at]
        self._at += 1
        after = self._current()
        if is_first or after is None or after.kind in ("or", "and", "close"):
            self._notes.append(QueryNote("operator-without-word", operator.text))

    def _parse_operand(self, *, excluded: bool) -> ResolvedPart | None:
        """Parse a phrase, prefix, DOI, range of years, group, field or exclusion, or one word after an operator."""
        lexeme = self._lexemes[self._at]
        if lexeme.kind == "not":
            return self._parse_exclusion(excluded=excluded)
        if lexeme.kind == "field":
            return self._parse_field(excluded=excluded)
        self._at += 1
        if lexeme.kind != "open":
            return self.resolver.resolve_leaf(lexeme, excluded=excluded)
        inner = self.parse_alternatives(excluded=excluded)
        closing = self._lexemes[self._at]
        self._at += 1
        if inner is None:
            return None
        part = replace(inner.part, start=lexeme.start, end=closing.end)
        return replace(inner, part=part, start=lexeme.start, end=closing.end)

    def _parse_exclusion(self, *, excluded: bool) -> ResolvedPart | None:
        first = operator = self._lexemes[self._at]
        self._at += 1
        while again := self._accept("not"):
            self._notes.append(QueryNote("operator-without-word", operator.text))
            operator = again
        after = self._current()
        if after is None or after.kind in ("or", "and", "close"):
            self._notes.append(QueryNote("operator-without-word", operator.text))
            return None
        if is_stop_word(after) and not self.resolver.keeps_stop_words:
            self._at += 1
            return None
        piece = self._parse_operand(excluded=not excluded)
        if piece is None:
            return None
        part = QueryPart("excluded", piece.part.text, (piece.part,), start=first.start, end=piece.end)
        return ResolvedPart(Not(combine_all([piece.node])), part, first.start, piece.end)

    def _parse_field(self, *, excluded: bool) -> ResolvedPart | None:
        """Parse a field and its value: a word, a phrase, a prefix or a group.

        The second of two fields in a row counts; within the group of a field, other fields are ignored.
        """
        opening = self._lexemes[self._at]
        self._at += 1
        after = self._current()
        typed = self._source[opening.start : opening.end]
        if after is None or after.kind in ("or", "and", "not", "close"):
            self._notes.append(QueryNote("operator-without-word", typed))
            return None
        if after.kind == "field" or self.resolver.field:
            return self._parse_operand(excluded=excluded)
        self.resolver.field = opening.text
        if self.resolver.field in CODED_FIELDS and after.kind == "word":
            piece, length = self.resolver.resolve_coded(self._following_words(), excluded=excluded)
            self._at += length
        else:
            piece = self._parse_operand(excluded=excluded)
        self.resolver.field = ""
        if piece is None:
            return None
        start = opening.start
        if opening.text in CODED_FIELDS:
            part = replace(piece.part, start=start)
        else:
            kind: QueryPartKind = "title" if opening.text == "title" else "authors"
            part = QueryPart(kind, self._source[start : piece.end], (piece.part,), start=start, end=piece.end)
        return replace(piece, part=part, start=start)

    def _following_words(self) -> Sequence[Lexeme]:
        end = self._at
        while end < len(self._lexemes) and self._lexemes[end].kind == "word":
            end += 1
        return self._lexemes[self._at : end]

    def _combine(self, pieces: list[ResolvedPart], kind: Literal["group", "alternatives"]) -> ResolvedPart | None:
        if len(pieces) < 2:
            return pieces[0] if pieces else None
        start, end = pieces[0].start, pieces[-1].end
        parts: list[QueryPart] = []
        for piece in pieces:
            parts.extend(piece.part.parts if piece.part.kind == kind else (piece.part,))
        combine = combine_all if kind == "group" else combine_any
        part = QueryPart(kind, self._source[start:end], tuple(parts), start=start, end=end)
        return ResolvedPart(combine([piece.node for piece in pieces]), part, start, end)

    def _current(self) -> Lexeme | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _accept(self, kind: LexemeKind) -> Lexeme | None:
        lexeme = self._current()
        if lexeme is None or lexeme.kind != kind:
            return None
        self._at += 1
        return lexeme
