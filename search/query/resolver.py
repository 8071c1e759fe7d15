"""Resolves the words of a query: known names and words of the thesaurus first, else the words themselves. Pure.

Of words typed side by side the longest known sequence is taken first: a whole name leads to its codes, a word of the
thesaurus to what its concept adds. Phrases, fields and exclusions ask for the words themselves: they may lead to codes
by name, but never to the thesaurus. Only `parser` calls this, and reads the operators around the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from search.query.names import NO_CODES, NameIndex
from search.query.parsed_query import AmbiguousWord, QueryPart, QueryPartKind
from search.query.thesaurus import AddedConcept, Thesaurus
from search.query.tokenizer import Lexeme, QueryNote, fold_letters, is_stop_word, is_weak_word
from search.query.tree import (
    Code,
    CodeMatch,
    Doi,
    Node,
    Phrase,
    Prefix,
    WithExpansion,
    Word,
    YearRange,
    combine_all,
    combine_any,
)
from search.text.analysis import Stems

MOST_WORDS = 32
"""Words of a query that are searched for, not counting stop words."""

CODED_FIELDS = ("country", "programme")
"""The fields whose values are codes; each has the name of its parameter."""


@dataclass(frozen=True, slots=True)
class ResolvedPart:
    """A node of the tree, and how it is explained to the reader; `source[start:end]` is what was typed.

    `is_known`: the thesaurus knows the words.
    """

    node: Node
    part: QueryPart
    start: int
    end: int
    is_known: bool = False


class WordResolver:
    """Resolves the words of one query, and collects what the reader is told of concepts: added, off, ambiguous.

    The parser sets `field` while it reads the value of a field, and "" outside. Notes are appended to `notes`.
    """

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
        self.added: dict[str, AddedConcept] = {}
        self.switched_off: dict[str, None] = {}
        self.ambiguous_words: list[AmbiguousWord] = []
        self.field = ""
        self.keeps_stop_words = all(is_stop_word(lexeme) for lexeme in lexemes if lexeme.words) and not any(
            lexeme.kind in ("doi", "years", "field") for lexeme in lexemes
        )
        self.left_out: list[str] = []
        self._keeps_weak_words = all(
            is_stop_word(lexeme) or is_weak_word(lexeme) for lexeme in lexemes if lexeme.words
        ) and not any(lexeme.kind in ("doi", "years", "field") for lexeme in lexemes)
        self._source = source
        self._names = names
        self._notes = notes
        self._thesaurus = thesaurus
        self._without = without
        self._exact = exact
        self._words_left = MOST_WORDS

    def resolve_run(self, run: Sequence[Lexeme], *, excluded: bool) -> Iterable[ResolvedPart | None]:
        """Resolve words typed side by side: at each place the longest known sequence, else the single word."""
        if self.field in CODED_FIELDS:
            yield from (self.resolve_leaf(lexeme, excluded=excluded) for lexeme in run)
            return
        gathered = {} if excluded or self.field else self._gather(run)
        taken = {at for places in gathered for at in places}
        at = 0
        while at < len(run):
            if at in taken:
                for places, concepts in gathered.items():
                    if min(places) == at:
                        yield self._resolve_apart([run[place] for place in sorted(places)], concepts)
                at += 1
                continue
            free = next((end for end in range(at, len(run)) if end in taken), len(run))
            length, concepts = self._match_known(run[:free], at, excluded=excluded)
            if length < 2 and self._is_left_out(run[at], excluded=excluded):
                if not is_stop_word(run[at]):
                    self.left_out.append(run[at].text)
            elif length:
                yield self._resolve_known(run[at : at + length], concepts, excluded=excluded)
            elif self.keeps_stop_words or not is_stop_word(run[at]):
                yield self.resolve_leaf(run[at], excluded=excluded)
            at += max(length, 1)

    def _is_left_out(self, lexeme: Lexeme, *, excluded: bool) -> bool:
        return not (self._keeps_weak_words or excluded or self.field or lexeme.text.isupper()) and is_weak_word(lexeme)

    def _gather(self, run: Sequence[Lexeme]) -> dict[frozenset[int], tuple[str, ...]]:
        """Return the concepts whose words stand apart in `run`, by the places of these words, which do not overlap.

        Words side by side that are known as a whole come first, unless more words are known apart.
        """
        single = [(at, lexeme) for at, lexeme in enumerate(run) if len(lexeme.words) == 1]
        known = self._list_known_runs(run)
        chosen: dict[frozenset[int], tuple[str, ...]] = {}
        taken: set[int] = set()
        for within, slugs in self._thesaurus.find_apart([(lexeme.text, lexeme.words[0]) for _, lexeme in single]):
            places = frozenset(single[at][0] for at in within)
            rivals = [telling for span, telling in known if not places.isdisjoint(span)]
            if (
                places.isdisjoint(taken)
                and len(places) > max(rivals, default=0)
                and not self._thesaurus.is_ambiguous(slugs)
            ):
                chosen[places] = slugs
                taken |= places
        return chosen

    def _list_known_runs(self, run: Sequence[Lexeme]) -> list[tuple[range, int]]:
        """Return the places of each known sequence of several words, with the number of its telling words."""
        found: list[tuple[range, int]] = []
        at = 0
        while at < len(run):
            length, _ = self._match_known(run, at, excluded=False)
            if length > 1:
                span = run[at : at + length]
                found.append((range(at, at + length), sum(not is_weak_word(lexeme) for lexeme in span)))
            at += max(length, 1)
        return found

    def _match_known(self, run: Sequence[Lexeme], at: int, *, excluded: bool) -> tuple[int, tuple[str, ...]]:
        """Return the length in lexemes of the longest name or phrase of a concept at `at`, and the concepts' slugs.

        The length is 0 if nothing is known there.
        """
        if self.field:
            return 0, ()
        first = run[at].words[0]
        most = max(self._names.count_longest_from(first), 0 if excluded else self._thesaurus.count_longest_from(first))
        for length in range(min(len(run) - at, most), 0, -1):
            span = run[at : at + length]
            stems = tuple(stems for lexeme in span for stems in lexeme.words)
            concepts = () if excluded else self._thesaurus.find_concepts(stems, self._source_of(span))
            if concepts or (length > 1 and self._names.find_codes_named(stems)):
                return length, concepts
        return 0, ()

    def _source_of(self, run: Sequence[Lexeme]) -> str:
        return self._source[run[0].start : run[-1].end]

    def _resolve_known(
        self, run: Sequence[Lexeme], concepts: tuple[str, ...], *, excluded: bool
    ) -> ResolvedPart | None:
        """Resolve a known sequence to codes and concepts; the words themselves still match."""
        start, end = run[0].start, run[-1].end
        typed = self._source_of(run)
        stems = tuple(stems for lexeme in run for stems in lexeme.words)
        if self._exact:
            concepts = ()
        elif self._thesaurus.is_ambiguous(concepts):
            self._offer_meanings(concepts, stems, typed, start, end)
            concepts = ()
        expansion = self._thesaurus.expand(concepts, self._without)
        adds = bool(expansion.leaves or expansion.codes)
        is_written = adds and typed.isupper() and self._thesaurus.is_only_written(concepts, stems)
        is_everyday = bool(expansion.codes) and self._is_only_typed(concepts, stems)
        if len(run) == 1 and is_everyday and not is_written and not is_stop_word(run[0]):
            # "Discapacidad" stands in "años de vida ajustados por discapacidad", "campo" in "experimento de campo".
            part = QueryPart("word", typed, start=start, end=end)
            piece: ResolvedPart | None = ResolvedPart(CodeMatch(NO_CODES), part, start, end)
        elif len(run) == 1 and (is_stop_word(run[0]) or is_written):
            # "WHO", "DiD" and "JUNTOS" are everyday words in small letters: the concept's own words stand for them.
            if adds:
                named = self._names.find_codes_named(stems)
                leaves = [*([Word("", "", named)] if named else []), *self._thesaurus.expand_one(concepts[0]).leaves]
                own = combine_any(leaves or [self._make_leaf(stems)])
                piece = ResolvedPart(own, QueryPart("word", typed, start=start, end=end), start, end)
            else:
                piece = self.resolve_leaf(run[0], excluded=excluded) if self.keeps_stop_words else None
        else:
            piece = (
                self.resolve_leaf(run[0], excluded=excluded)
                if len(run) == 1
                else self._resolve_name(
                    run,
                    excluded=excluded,
                    as_whole=adds and self._is_one_thing(concepts, run, has_codes=bool(expansion.codes)),
                )
            )
        if piece is None:
            return None
        self._record_expansion(concepts, stems)
        node = WithExpansion(piece.node, expansion) if adds else piece.node
        return replace(piece, node=node, is_known=True)

    def _resolve_apart(self, words: Sequence[Lexeme], concepts: tuple[str, ...]) -> ResolvedPart | None:
        """Resolve words that lead to concepts though they stand apart: the concepts' words are sought for them."""
        stems = tuple(stems for lexeme in words for stems in lexeme.words)
        expansion = self._thesaurus.expand(() if self._exact else concepts, self._without)
        start, end = words[0].start, words[-1].end
        text = " ".join(lexeme.text for lexeme in words)
        apart = [piece.node for lexeme in words if (piece := self.resolve_leaf(lexeme, excluded=False))]
        if not apart:
            return None
        part = QueryPart("word", text, start=start, end=end)
        self._record_expansion(concepts, stems)
        if not (expansion.leaves or expansion.codes):
            return ResolvedPart(combine_all(apart), part, start, end, is_known=True)
        # These words anywhere in a text mean little: the concepts' own words take their place.
        own = combine_any([leaf for slug in concepts for leaf in self._thesaurus.expand_one(slug).leaves] or apart)
        return ResolvedPart(WithExpansion(own, expansion), part, start, end, is_known=True)

    def _offer_meanings(
        self, concepts: tuple[str, ...], stems: Sequence[Stems], typed: str, start: int, end: int
    ) -> None:
        meanings = tuple(
            (meaning, " ".join(f"{self._source[:start]}{meaning.word.text}{self._source[end:]}".split()))
            for meaning in self._thesaurus.list_meanings(concepts, stems)
        )
        self.ambiguous_words.append(AmbiguousWord(typed, meanings))

    def _record_expansion(self, concepts: tuple[str, ...], stems: Sequence[Stems]) -> None:
        for added in self._thesaurus.list_added(concepts, stems, self._without):
            self.added.setdefault(added.slug, added)
        if self._without:
            off = [slug for slug in self._thesaurus.iterate_reached(concepts) if slug in self._without]
            self.switched_off.update(dict.fromkeys(off))

    def _is_only_typed(self, concepts: tuple[str, ...], stems: tuple[Stems, ...]) -> bool:
        return self._thesaurus.is_only_typed(concepts, stems) and not self._names.find_codes_named(stems)

    def _is_one_thing(self, concepts: tuple[str, ...], run: Sequence[Lexeme], *, has_codes: bool) -> bool:
        """Return True if the words of `run`, which lead to these concepts together, say something else one by one.

        So do those of a concept without a code, those that only lead to one, and those with an everyday word among
        them: "discapacidad" also stands in "años de vida ajustados por discapacidad".
        """
        stems = tuple(stems for lexeme in run for stems in lexeme.words)
        if not has_codes or self._is_only_typed(concepts, stems):
            return True
        return any(
            set(concepts).intersection(self._thesaurus.find_concepts(lexeme.words, lexeme.text))
            and self._is_only_typed(concepts, lexeme.words)
            for lexeme in run
        )

    def _resolve_name(self, run: Sequence[Lexeme], *, excluded: bool, as_whole: bool = False) -> ResolvedPart | None:
        """Resolve several words that belong together: they match one by one, or as a phrase and by its codes.

        If most of them are stop words, or one is a number, only the phrase matches: "Ni Una Menos" is not about
        "menos", "Pensión 65" not about any 65. So do, with `as_whole`, words of daily speech: each alone means little.
        """
        start, end = run[0].start, run[-1].end
        telling = [lexeme for lexeme in run if not is_stop_word(lexeme)]
        stems = tuple(stems for lexeme in run for stems in lexeme.words)
        if self._words_left < 1:
            self._notes.append(QueryNote("too-many-words", str(MOST_WORDS)))
            return None
        kind: QueryPartKind = "name" if self._names.find_codes_named(stems) else "word"
        part = QueryPart(kind, self._source[start:end], start=start, end=end)
        whole = self._make_leaf(stems, excluded=excluded)
        as_whole |= any(lexeme.text.isdecimal() for lexeme in run)
        if as_whole or (len(telling) < len(run) and (len(telling) < 2 or 2 * len(telling) < len(run))):
            self._words_left -= max(len(telling), 1)
            return ResolvedPart(whole, part, start, end)
        apart = [self.resolve_leaf(lexeme, excluded=excluded) for lexeme in telling]
        return ResolvedPart(
            combine_any([combine_all([piece.node for piece in apart if piece]), whole]), part, start, end
        )

    def resolve_leaf(self, lexeme: Lexeme, *, excluded: bool) -> ResolvedPart | None:
        start, end = lexeme.start, lexeme.end
        whole = partial(ResolvedPart, start=start, end=end)
        told = partial(QueryPart, start=start, end=end)
        if lexeme.kind == "doi":
            return whole(Doi(lexeme.text), told("doi", lexeme.text))
        if lexeme.kind == "years":
            return whole(_parse_years(lexeme.text), told("years", lexeme.text))
        if self.field in CODED_FIELDS:
            if codes := self._find_codes(lexeme):
                return self._make_coded(codes, lexeme.text, start, end)
            return self._resolve_unknown(lexeme, excluded=excluded)
        stems = lexeme.words[: self._words_left]
        self._words_left -= len(stems)
        if len(stems) < len(lexeme.words):
            self._notes.append(QueryNote("too-many-words", str(MOST_WORDS)))
        if not stems:
            return None
        if lexeme.kind == "prefix":
            letters = fold_letters(lexeme.text)
            codes = NO_CODES if excluded or self.field else self._names.find_codes_by_prefix(letters)
            return whole(Prefix(letters, stems[0].es, stems[0].en, codes, self.field), told("prefix", lexeme.text))
        kind: QueryPartKind = "phrase" if lexeme.kind == "phrase" else "word"
        return whole(self._make_leaf(stems, excluded=excluded), told(kind, lexeme.text))

    def _find_codes(self, lexeme: Lexeme) -> frozenset[Code]:
        if lexeme.kind == "prefix":
            return self._names.find_codes_by_prefix(fold_letters(lexeme.text), self.field)
        return self._names.find_codes_of_value(self.field, lexeme.words, lexeme.text)

    def _make_leaf(self, stems: tuple[Stems, ...], *, excluded: bool = False) -> Word | Phrase:
        if self.field:
            codes = NO_CODES
        else:
            codes = self._names.find_codes_named(stems) if excluded else self._names.find_codes_containing(stems)
        if len(stems) == 1:
            return Word(stems[0].es, stems[0].en, codes, self.field)
        return Phrase(tuple(word.es for word in stems), tuple(word.en for word in stems), codes, self.field)

    def resolve_coded(self, run: Sequence[Lexeme], *, excluded: bool) -> tuple[ResolvedPart | None, int]:
        """Resolve the longest country or programme that `run` starts with; return its length in lexemes too."""
        for length in range(min(len(run), max(self._names.words_in_longest_name, 1)), 0, -1):
            typed = self._source_of(run[:length])
            stems = [stems for lexeme in run[:length] for stems in lexeme.words]
            if (codes := self._names.find_codes_of_value(self.field, stems, typed)) and (
                length == 1 or self._is_name(stems)
            ):
                return self._make_coded(codes, typed, run[0].start, run[length - 1].end), length
        return self._resolve_unknown(run[0], excluded=excluded), 1

    def _is_name(self, stems: Sequence[Stems]) -> bool:
        return any(parameter == self.field for parameter, _ in self._names.find_codes_named(stems))

    def _make_coded(self, codes: frozenset[Code], typed: str, start: int, end: int) -> ResolvedPart:
        kind: QueryPartKind = "country" if self.field == "country" else "programme"
        return ResolvedPart(CodeMatch(codes), QueryPart(kind, typed, codes=codes, start=start, end=end), start, end)

    def _resolve_unknown(self, lexeme: Lexeme, *, excluded: bool) -> ResolvedPart | None:
        """Resolve an unknown country or programme as a plain word, with a note."""
        is_country = self.field == "country"
        self._notes.append(QueryNote("unknown-country" if is_country else "unknown-programme", lexeme.text))
        within, self.field = self.field, ""
        piece = self.resolve_leaf(lexeme, excluded=excluded)
        self.field = within
        return piece


def _parse_years(typed: str) -> YearRange:
    first, dash, last = typed.partition("-")
    if not dash:
        return YearRange(int(first), int(first))
    ends = [int(year) for year in (first, last) if year]
    if len(ends) == 2:
        return YearRange(min(ends), max(ends))
    return YearRange(ends[0], None) if first else YearRange(None, ends[0])
