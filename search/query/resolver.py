"""What the words of a query stand for: known names and words of the thesaurus first, else the words themselves. Pure.

Words typed side by side are read by what is known, the longest first: a whole name leads to its codes, a word of the
thesaurus to what its concept adds. Quotation marks, fields and exclusions ask for the words themselves: they reach
codes by name, never the thesaurus. `parser` reads the operators around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from search.query.names import NO_CODES, NameIndex
from search.query.parsed_query import Choice, Part, PartKind
from search.query.thesaurus import Added, Thesaurus
from search.query.tokenizer import Lexeme, Note, is_stop_word, letters_of
from search.query.tree import Code, Coded, Doi, Node, Phrase, Prefix, Widened, Word, Years, either, joined
from search.text.analysis import Stems

MOST_WORDS = 32
"""Words of a query that are sought, stop words not counted."""

CODED_FIELDS = ("country", "programme")
"""The fields whose values are codes, by the names of their parameters."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the tree, and what is told of it; `source[start:end]` is what was typed."""

    node: Node
    part: Part
    start: int
    end: int


class Wording:
    """Reads the words of one query, and remembers what is told of them: words added, concepts left out, choices.

    `field` is the field within which words are read, set by the parser; "" outside. `notes` are added to.
    """

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
        self.field = ""
        self.keeps_stop_words = all(is_stop_word(lexeme) for lexeme in lexemes if lexeme.words) and not any(
            lexeme.kind in ("doi", "years", "field") for lexeme in lexemes
        )
        self._source = source
        self._names = names
        self._notes = notes
        self._thesaurus = thesaurus
        self._without = without
        self._exact = exact
        self._words_left = MOST_WORDS

    def run(self, run: Sequence[Lexeme], *, excluded: bool) -> Iterable[Piece | None]:
        """Read words typed side by side: what is known first, the longest first, then single words."""
        if self.field in CODED_FIELDS:
            yield from (self.leaf(lexeme, excluded=excluded) for lexeme in run)
            return
        at = 0
        while at < len(run):
            length, concepts = self._known(run, at, excluded=excluded)
            if length:
                yield self._span(run[at : at + length], concepts, excluded=excluded)
            elif self.keeps_stop_words or not is_stop_word(run[at]):
                yield self.leaf(run[at], excluded=excluded)
            at += max(length, 1)

    def _known(self, run: Sequence[Lexeme], at: int, *, excluded: bool) -> tuple[int, tuple[str, ...]]:
        """Return how many lexemes from `at` on are a whole name or lead to concepts, and to which; 0 for none."""
        if self.field:
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

    def _span(self, run: Sequence[Lexeme], concepts: tuple[str, ...], *, excluded: bool) -> Piece | None:
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
                piece: Piece | None = Piece(own, Part("word", typed, start=start, end=end), start, end)
            else:
                piece = self.leaf(run[0], excluded=excluded) if self.keeps_stop_words else None
        else:
            piece = self.leaf(run[0], excluded=excluded) if len(run) == 1 else self._name(run, excluded=excluded)
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

    def _name(self, run: Sequence[Lexeme], *, excluded: bool) -> Piece | None:
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
            return Piece(whole, part, start, end)
        apart = [self.leaf(lexeme, excluded=excluded) for lexeme in telling]
        return Piece(either([joined([piece.node for piece in apart if piece]), whole]), part, start, end)

    def leaf(self, lexeme: Lexeme, *, excluded: bool) -> Piece | None:
        start, end = lexeme.start, lexeme.end
        whole = partial(Piece, start=start, end=end)
        told = partial(Part, start=start, end=end)
        if lexeme.kind == "doi":
            return whole(Doi(lexeme.text), told("doi", lexeme.text))
        if lexeme.kind == "years":
            return whole(_years(lexeme.text), told("years", lexeme.text))
        if self.field in CODED_FIELDS:
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
            codes = NO_CODES if excluded or self.field else self._names.codes_beginning(letters)
            return whole(Prefix(letters, stems[0].es, stems[0].en, codes, self.field), told("prefix", lexeme.text))
        kind: PartKind = "phrase" if lexeme.kind == "phrase" else "word"
        return whole(self._leaf_node(stems, excluded=excluded), told(kind, lexeme.text))

    def _codes_asked(self, lexeme: Lexeme) -> frozenset[Code]:
        if lexeme.kind == "prefix":
            return self._names.codes_beginning(letters_of(lexeme.text), self.field)
        return self._names.codes_of(self.field, lexeme.words, lexeme.text)

    def _leaf_node(self, stems: tuple[Stems, ...], *, excluded: bool = False) -> Word | Phrase:
        if self.field:
            codes = NO_CODES
        else:
            codes = self._names.codes_named(stems) if excluded else self._names.codes_holding(stems)
        if len(stems) == 1:
            return Word(stems[0].es, stems[0].en, codes, self.field)
        return Phrase(tuple(word.es for word in stems), tuple(word.en for word in stems), codes, self.field)

    def coded(self, run: Sequence[Lexeme], *, excluded: bool) -> tuple[Piece | None, int]:
        """Read the longest name of a country or programme at the beginning of `run`, and say how many lexemes it is."""
        for length in range(min(len(run), max(self._names.longest, 1)), 0, -1):
            typed = self._typed(run[:length])
            stems = [stems for lexeme in run[:length] for stems in lexeme.words]
            if (codes := self._names.codes_of(self.field, stems, typed)) and (length == 1 or self._is_name(stems)):
                return self._coded_piece(codes, typed, run[0].start, run[length - 1].end), length
        return self._unknown(run[0], excluded=excluded), 1

    def _is_name(self, stems: Sequence[Stems]) -> bool:
        return any(parameter == self.field for parameter, _ in self._names.codes_named(stems))

    def _coded_piece(self, codes: frozenset[Code], typed: str, start: int, end: int) -> Piece:
        kind: PartKind = "country" if self.field == "country" else "programme"
        return Piece(Coded(codes), Part(kind, typed, codes=codes, start=start, end=end), start, end)

    def _unknown(self, lexeme: Lexeme, *, excluded: bool) -> Piece | None:
        """Take the value of a field of codes as plain words, and say so."""
        is_country = self.field == "country"
        self._notes.append(Note("unknown-country" if is_country else "unknown-programme", lexeme.text))
        within, self.field = self.field, ""
        piece = self.leaf(lexeme, excluded=excluded)
        self.field = within
        return piece


def _years(typed: str) -> Years:
    first, dash, last = typed.partition("-")
    if not dash:
        return Years(int(first), int(first))
    ends = [int(year) for year in (first, last) if year]
    if len(ends) == 2:
        return Years(min(ends), max(ends))
    return Years(ends[0], None) if first else Years(None, ends[0])
