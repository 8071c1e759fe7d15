"""Words of a reader in, a tree for the engines out, with what was understood as data (S2, S3). Pure; never raises.

Read here: words (all must match), "phrases", beginnings*, -word, NO, NOT, O, OR, Y, AND, parentheses, fields, DOIs.
Alternatives bind loosest, exclusion closest. What cannot be read is taken as plain words or left out, and a note says
so. `lexemes` cuts the query, `_Parser` builds the tree; the sentences for people are made in `web.understanding`.

Words typed side by side are read by what is known, the longest first: a whole name leads to its codes, a word of the
thesaurus to what its concept adds. Quotation marks, fields and exclusions ask for the words themselves: they reach
codes by name, never the thesaurus.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from search.lexemes import Lexeme, LexemeKind, Note, bounded, is_stop_word, letters_of, read, without_opener
from search.names import NO_CODES, NameIndex
from search.parsed import Choice, ParsedQuery, Part, PartKind
from search.querytree import (
    Code,
    Coded,
    Doi,
    Everything,
    Node,
    Not,
    Phrase,
    Prefix,
    Widened,
    Word,
    Years,
    either,
    joined,
)
from search.text import Stems
from search.thesaurus import Added, Thesaurus

MOST_WORDS = 32
"""Words of a query that are sought, stop words not counted."""

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
        tuple(parser.added.values()),
        tuple(parser.switched_off),
        tuple(parser.choices),
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    node: Node
    part: Part
    start: int
    end: int


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
        self.added: dict[str, Added] = {}
        self.switched_off: dict[str, None] = {}
        self.choices: list[Choice] = []
        self._source = source
        self._lexemes = lexemes
        self._names = names
        self._notes = notes
        self._thesaurus = thesaurus
        self._without = without
        self._exact = exact
        self._at = 0
        self._field = ""
        self._words_left = MOST_WORDS
        self._keeps_stop_words = all(is_stop_word(lexeme) for lexeme in lexemes if lexeme.words) and not any(
            lexeme.kind in ("doi", "years", "field") for lexeme in lexemes
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
        """Read a word, phrase, prefix, DOI, range of years, group, field or exclusion."""
        lexeme = self._lexemes[self._at]
        if lexeme.kind == "not":
            return self._exclusion(excluded=excluded)
        if lexeme.kind == "field":
            return self._restricted(excluded=excluded)
        self._at += 1
        if lexeme.kind != "open":
            return self._leaf(lexeme, excluded=excluded)
        inner = self.alternatives(excluded=excluded)
        closing = self._lexemes[self._at]
        self._at += 1
        if inner is None:
            return None
        part = replace(inner.part, start=lexeme.start, end=closing.end)
        return replace(inner, part=part, start=lexeme.start, end=closing.end)

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
        part = Part("excluded", piece.part.text, (piece.part,), start=first.start, end=piece.end)
        return _Piece(Not(joined([piece.node])), part, first.start, piece.end)

    def _restricted(self, *, excluded: bool) -> _Piece | None:
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
        if after.kind == "field" or self._field:
            return self._operand(excluded=excluded)
        self._field = opening.text
        if self._field in _CODED and after.kind == "word":
            piece = self._coded(self._words_from_here(), excluded=excluded)
        else:
            piece = self._operand(excluded=excluded)
        self._field = ""
        if piece is None:
            return None
        start = opening.start
        if opening.text in _CODED:
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

    def _coded(self, run: Sequence[Lexeme], *, excluded: bool) -> _Piece | None:
        """Read the longest name of a country or programme at the beginning of `run`, and step over it."""
        for length in range(min(len(run), max(self._names.longest, 1)), 0, -1):
            typed = self._typed(run[:length])
            stems = [stems for lexeme in run[:length] for stems in lexeme.words]
            if (codes := self._names.codes_of(self._field, stems, typed)) and (length == 1 or self._is_name(stems)):
                self._at += length
                return self._coded_piece(codes, typed, run[0].start, run[length - 1].end)
        self._at += 1
        return self._unknown(run[0], excluded=excluded)

    def _is_name(self, stems: Sequence[Stems]) -> bool:
        return any(parameter == self._field for parameter, _ in self._names.codes_named(stems))

    def _coded_piece(self, codes: frozenset[Code], typed: str, start: int, end: int) -> _Piece:
        kind: PartKind = "country" if self._field == "country" else "programme"
        return _Piece(Coded(codes), Part(kind, typed, codes=codes, start=start, end=end), start, end)

    def _unknown(self, lexeme: Lexeme, *, excluded: bool) -> _Piece | None:
        """Take the value of a field of codes as plain words, and say so."""
        is_country = self._field == "country"
        self._notes.append(Note("unknown-country" if is_country else "unknown-programme", lexeme.text))
        within, self._field = self._field, ""
        piece = self._leaf(lexeme, excluded=excluded)
        self._field = within
        return piece

    def _run(self, run: Sequence[Lexeme], *, excluded: bool) -> Iterable[_Piece | None]:
        """Read words typed side by side: what is known first, the longest first, then single words."""
        if self._field in _CODED:
            yield from (self._leaf(lexeme, excluded=excluded) for lexeme in run)
            return
        at = 0
        while at < len(run):
            length, concepts = self._known(run, at, excluded=excluded)
            if length:
                yield self._span(run[at : at + length], concepts, excluded=excluded)
            elif self._keeps_stop_words or not is_stop_word(run[at]):
                yield self._leaf(run[at], excluded=excluded)
            at += max(length, 1)

    def _known(self, run: Sequence[Lexeme], at: int, *, excluded: bool) -> tuple[int, tuple[str, ...]]:
        """Return how many lexemes from `at` on are a whole name or lead to concepts, and to which; 0 for none."""
        if self._field:
            return 0, ()
        first = run[at].words[0]
        most = max(self._names.longest_from(first), 0 if excluded else self._thesaurus.longest_from(first))
        for length in range(min(len(run) - at, most), 0, -1):
            span = run[at : at + length]
            stems = tuple(stems for lexeme in span for stems in lexeme.words)
            concepts = () if excluded else self._thesaurus.concepts_of(stems, self._typed(span))
            if concepts or (length > 1 and self._names.codes_named(stems)):
                return length, concepts
        return 0, ()

    def _typed(self, run: Sequence[Lexeme]) -> str:
        return self._source[run[0].start : run[-1].end]

    def _span(self, run: Sequence[Lexeme], concepts: tuple[str, ...], *, excluded: bool) -> _Piece | None:
        """Make known words lead to codes and concepts while the words themselves still match."""
        start, end = run[0].start, run[-1].end
        typed = self._typed(run)
        stems = tuple(stems for lexeme in run for stems in lexeme.words)
        if self._exact:
            concepts = ()
        elif self._thesaurus.is_ambiguous(concepts):
            self._offer(concepts, stems, typed, start, end)
            concepts = ()
        expansion = self._thesaurus.expansion(concepts, self._without)
        adds = bool(expansion.leaves or expansion.codes)
        if len(run) == 1 and is_stop_word(run[0]):
            # "WHO" and "DiD" are stop words in small letters: the concept's own words stand for them.
            if adds:
                own = either(list(self._thesaurus.words_of(concepts[0]).leaves) or [self._leaf_node(stems)])
                piece: _Piece | None = _Piece(own, Part("word", typed, start=start, end=end), start, end)
            else:
                piece = self._leaf(run[0], excluded=excluded) if self._keeps_stop_words else None
        else:
            piece = self._leaf(run[0], excluded=excluded) if len(run) == 1 else self._name(run, excluded=excluded)
        if piece is None:
            return None
        self._tell(concepts, stems)
        return replace(piece, node=Widened(piece.node, expansion)) if adds else piece

    def _offer(self, concepts: tuple[str, ...], stems: Sequence[Stems], typed: str, start: int, end: int) -> None:
        meanings = tuple(
            (meaning, " ".join(f"{self._source[:start]}{meaning.word.text}{self._source[end:]}".split()))
            for meaning in self._thesaurus.meanings(concepts, stems)
        )
        self.choices.append(Choice(typed, meanings))

    def _tell(self, concepts: tuple[str, ...], stems: Sequence[Stems]) -> None:
        for added in self._thesaurus.added(concepts, stems, self._without):
            self.added.setdefault(added.slug, added)
        if self._without:
            off = [slug for slug in self._thesaurus.reached(concepts) if slug in self._without]
            self.switched_off.update(dict.fromkeys(off))

    def _name(self, run: Sequence[Lexeme], *, excluded: bool) -> _Piece | None:
        """Read several words that belong together: they match one by one, or as a whole, and by its codes.

        Where little but stop words stands in it, only the whole matches: "Ni Una Menos" is not about less.
        """
        start, end = run[0].start, run[-1].end
        telling = [lexeme for lexeme in run if not is_stop_word(lexeme)]
        stems = tuple(stems for lexeme in run for stems in lexeme.words)
        if self._words_left < 1:
            self._notes.append(Note("too-many-words", str(MOST_WORDS)))
            return None
        kind: PartKind = "name" if self._names.codes_named(stems) else "word"
        part = Part(kind, self._source[start:end], start=start, end=end)
        whole = self._leaf_node(stems, excluded=excluded)
        if len(telling) < len(run) and (len(telling) < 2 or 2 * len(telling) < len(run)):
            self._words_left -= max(len(telling), 1)
            return _Piece(whole, part, start, end)
        apart = [self._leaf(lexeme, excluded=excluded) for lexeme in telling]
        return _Piece(either([joined([piece.node for piece in apart if piece]), whole]), part, start, end)

    def _leaf(self, lexeme: Lexeme, *, excluded: bool) -> _Piece | None:
        start, end = lexeme.start, lexeme.end
        whole = partial(_Piece, start=start, end=end)
        told = partial(Part, start=start, end=end)
        if lexeme.kind == "doi":
            return whole(Doi(lexeme.text), told("doi", lexeme.text))
        if lexeme.kind == "years":
            return whole(_years(lexeme.text), told("years", lexeme.text))
        if self._field in _CODED:
            if codes := self._codes_asked(lexeme):
                return self._coded_piece(codes, lexeme.text, start, end)
            return self._unknown(lexeme, excluded=excluded)
        stems = lexeme.words[: self._words_left]
        self._words_left -= len(stems)
        if len(stems) < len(lexeme.words):
            self._notes.append(Note("too-many-words", str(MOST_WORDS)))
        if not stems:
            return None
        if lexeme.kind == "prefix":
            letters = letters_of(lexeme.text)
            codes = NO_CODES if excluded or self._field else self._names.codes_beginning(letters)
            return whole(Prefix(letters, stems[0].es, stems[0].en, codes, self._field), told("prefix", lexeme.text))
        kind: PartKind = "phrase" if lexeme.kind == "phrase" else "word"
        return whole(self._leaf_node(stems, excluded=excluded), told(kind, lexeme.text))

    def _codes_asked(self, lexeme: Lexeme) -> frozenset[Code]:
        if lexeme.kind == "prefix":
            return self._names.codes_beginning(letters_of(lexeme.text), self._field)
        return self._names.codes_of(self._field, lexeme.words, lexeme.text)

    def _leaf_node(self, stems: tuple[Stems, ...], *, excluded: bool = False) -> Word | Phrase:
        if self._field:
            codes = NO_CODES
        else:
            codes = self._names.codes_named(stems) if excluded else self._names.codes_holding(stems)
        if len(stems) == 1:
            return Word(stems[0].es, stems[0].en, codes, self._field)
        return Phrase(tuple(word.es for word in stems), tuple(word.en for word in stems), codes, self._field)

    def _combined(self, pieces: list[_Piece], kind: Literal["group", "alternatives"]) -> _Piece | None:
        if len(pieces) < 2:
            return pieces[0] if pieces else None
        start, end = pieces[0].start, pieces[-1].end
        parts: list[Part] = []
        for piece in pieces:
            parts.extend(piece.part.parts if piece.part.kind == kind else (piece.part,))
        combine = joined if kind == "group" else either
        part = Part(kind, self._source[start:end], tuple(parts), start=start, end=end)
        return _Piece(combine([piece.node for piece in pieces]), part, start, end)

    def _current(self) -> Lexeme | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _next_if(self, kind: LexemeKind) -> Lexeme | None:
        lexeme = self._current()
        if lexeme is None or lexeme.kind != kind:
            return None
        self._at += 1
        return lexeme


_CODED = ("country", "programme")
"""The fields whose values are codes, by the names of their parameters."""


def _years(typed: str) -> Years:
    first, dash, last = typed.partition("-")
    if not dash:
        return Years(int(first), int(first))
    ends = [int(year) for year in (first, last) if year]
    if len(ends) == 2:
        return Years(min(ends), max(ends))
    return Years(ends[0], None) if first else Years(None, ends[0])
