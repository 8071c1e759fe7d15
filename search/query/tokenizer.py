"""Cuts a query into a flat list of lexemes with balanced parentheses: the first step of reading it. Pure.

Only `parser` calls this, and makes the tree of the lexemes. Nothing is a syntax error: what cannot be read is left out
or taken as plain words, and a note tells the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal
from urllib.parse import unquote

from search.query.names import NameIndex
from search.text.analysis import APOSTROPHES, LONGEST_TOKEN, Stems, fold, iterate_words
from search.text.lexicon import QUESTION_OPENERS, UNTELLING_WORDS

LONGEST_QUERY = 300
"""Characters of a query that are read."""
DEEPEST_NESTING = 10
"""Levels of parentheses that are read."""

QueryNoteCode = Literal[
    "too-long",
    "too-many-words",
    "too-deep",
    "unbalanced-quote",
    "unbalanced-parenthesis",
    "operator-without-word",
    "question-words",
    "most-words",
    "subject-words",
    "address",
    "no-words",
    "short-prefix",
    "unknown-country",
    "unknown-programme",
    "unreadable-field",
]


@dataclass(frozen=True, slots=True)
class QueryNote:
    """Something in the query that was not read as typed. `detail` is the limit that was exceeded, or the words."""

    code: QueryNoteCode
    detail: str = ""


LexemeKind = Literal["word", "phrase", "prefix", "doi", "field", "years", "or", "and", "not", "open", "close"]


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A part of the source, `source[start:end]`. A "word" has several `words` if it was typed with hyphens or the like.

    `text` has no star in a "prefix", is a field's name of `_FIELD_NAMES` in a "field", and "2015-2020" in "years".
    """

    kind: LexemeKind
    text: str
    start: int
    end: int
    words: tuple[Stems, ...] = ()


def normalize_query(text: str, notes: list[QueryNote]) -> str:
    """Return `text` with single spaces for white space and control characters, cut at a word after LONGEST_QUERY."""
    text = " ".join(_CONTROL.sub(" ", text).split())
    if len(text) <= LONGEST_QUERY:
        return text
    notes.append(QueryNote("too-long", str(LONGEST_QUERY)))
    cut = text[: LONGEST_QUERY + 1].rfind(" ")
    return text[: cut if cut > 0 else LONGEST_QUERY]


def tokenize_query(source: str, notes: list[QueryNote]) -> list[Lexeme]:
    """Cut a normalized query into lexemes. Adds to `notes` what was not read as typed."""
    return _balance_parentheses(_mark_operators(_split(source, notes)), notes)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# Only in capitals: "o", "y" and "no" are ordinary Spanish words.
_OPERATORS: dict[str, LexemeKind] = {"O": "or", "OR": "or", "Y": "and", "AND": "and", "NO": "not", "NOT": "not"}
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
# In this order: DOIs and addresses contain colons, hyphens and parentheses of their own.
_LEXEME = re.compile(
    r"""
      (?<![^\s("-])(?P<doi>(?:doi:\s?)?10\.\d{4,9}/[^\s"]+)
    | (?<![^\s("-])(?P<address>(?:https?://|www\.|doi\.org/)[^\s"]+)
    | (?P<quote>")
    | (?P<open>\()
    | (?P<close>\))
    | (?<![^\s(])(?P<minus>-)(?=[^\W\d_]|"|\()
    | (?<![^\s("-])(?P<field>[^\s:()"-]{3,12}:)(?=\s?[^\s:)])
    | (?P<chunk>[^\s()"-][^\s()"]*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CHUNK = re.compile(r'[^\s()"]+')
_FIELD_NAMES = {
    **dict.fromkeys(("titulo", "title"), "title"),
    **dict.fromkeys(("autor", "autora", "author"), "authors"),
    **dict.fromkeys(("pais", "country"), "country"),
    **dict.fromkeys(("programa", "programme", "program"), "programme"),
    **dict.fromkeys(("ano", "year"), "year"),
    "doi": "doi",
}
_YEARS = re.compile(r"\s?(\d{4})?(?:([-\u2010-\u2015])(\d{4})?)?(?![^\s)])")
SHORTEST_PREFIX = 3
"""Letters that a prefix needs before its star."""
_DOI = re.compile(r"10\.\d{4,9}/[^\s?#&]+")
# Publishers put the name of a page after the DOI: doi.org/10.1000/x/full.
_PAGE_OF_DOI = re.compile(r"/(?:full|abstract|summary|pdf|epdf|html)$")
_JOINERS = frozenset({*APOSTROPHES, *"-‐‑–.&$"})


def _split(source: str, notes: list[QueryNote]) -> list[Lexeme]:
    text = source.translate(_QUOTES)
    lexemes: list[Lexeme] = []
    at = 0
    while match := _LEXEME.search(text, at):
        start, at = match.span()
        kind = match.lastgroup
        if kind == "doi":
            at -= len(match[0]) - len(_trim_doi(match[0]))
            lexemes.append(_make_doi(source, _trim_doi(match[0]), start, at))
        elif kind == "address":
            at -= len(match[0]) - len(_trim_doi(match[0]))
            lexemes.append(_read_address(source, start, at, notes))
        elif kind == "quote":
            close = text.find('"', at)
            if close == -1:
                notes.append(QueryNote("unbalanced-quote"))
            else:
                lexemes.extend(_read_quoted(source, at, close))
                at = close + 1
        elif kind == "open":
            lexemes.append(Lexeme("open", "(", start, at))
        elif kind == "close":
            lexemes.append(Lexeme("close", ")", start, at))
        elif kind == "minus":
            lexemes.append(Lexeme("not", "-", start, at))
        elif kind == "field" and (field := _FIELD_NAMES.get(fold(match[0][:-1]))):
            made, at = _read_field(source, text, field, start, at, notes)
            lexemes.extend(made)
        else:
            if kind == "field":
                at = _CHUNK.match(text, start).end()  # type: ignore[union-attr]  # the field itself is one
            is_excluded = bool(lexemes) and lexemes[-1].text == "-" and lexemes[-1].end == start
            lexemes.extend(_split_words(source, start, at, notes, whole=is_excluded))
    return lexemes


def _read_field(
    source: str, text: str, field: str, start: int, at: int, notes: list[QueryNote]
) -> tuple[list[Lexeme], int]:
    """Return the lexemes of a field, and where they end; the parser reads the values of all but `year` and `doi`."""
    if field not in ("year", "doi"):
        return [Lexeme("field", field, start, at)], at
    if field == "year" and (years := _YEARS.match(text, at)) and (years[1] or years[3]):
        typed = "".join((years[1] or "", "-" if years[2] else "", years[3] or ""))
        return [Lexeme("years", typed, start, years.end())], years.end()
    value = _CHUNK.search(text, at)
    end = value.end() if value else at
    if field == "doi" and (found := _DOI.search(unquote(source[at:end]))):
        return [_make_doi(source, _PAGE_OF_DOI.sub("", _trim_doi(found[0])), start, end)], end
    notes.append(QueryNote("unreadable-field", source[start:end]))
    return _split_words(source, start, end, notes, whole=False), end


def _trim_doi(doi: str) -> str:
    """Return a DOI without the punctuation of the sentence around it; brackets that it opens itself stay."""
    while doi and (doi[-1] in ".,;:!?'’>]" or (doi[-1] == ")" and doi.count(")") > doi.count("("))):
        doi = doi[:-1]
    return doi


def _make_doi(source: str, typed: str, start: int, end: int) -> Lexeme:
    """Make the lexeme of a DOI; its `text` is the bare DOI in lower case."""
    found = _DOI.search(typed)
    return Lexeme("doi", found[0].lower(), start, end) if found else _make_single_lexeme(source, start, end)


def _read_address(source: str, start: int, end: int, notes: list[QueryNote]) -> Lexeme:
    """Return the DOI in an address; an address without one is a phrase, and finds only texts that quote it."""
    if found := _DOI.search(unquote(source[start:end])):
        return _make_doi(source, _PAGE_OF_DOI.sub("", _trim_doi(found[0])), start, end)
    notes.append(QueryNote("address", source[start:end]))
    return _make_single_lexeme(source, start, end)


def _read_quoted(source: str, start: int, end: int) -> list[Lexeme]:
    if doi := _DOI.fullmatch(source[start:end].strip()):
        return [_make_doi(source, _trim_doi(doi[0]), start - 1, end + 1)]
    phrase = replace(_make_single_lexeme(source, start, end), kind="phrase", start=start - 1, end=end + 1)
    return [phrase] if phrase.words else []


def _make_single_lexeme(source: str, start: int, end: int) -> Lexeme:
    stems = tuple(stems for _, _, stems in iterate_words(source[start:end]))
    return Lexeme("word", source[start:end].strip(), start, end, stems)


def _split_words(source: str, start: int, end: int, notes: list[QueryNote], *, whole: bool) -> list[Lexeme]:
    """Cut a run without spaces into words; words joined by a hyphen or an apostrophe are one lexeme.

    A word with a star at its end is a prefix. With `whole`, all words are one lexeme: "-a/b" excludes the phrase.
    """
    found = [(start + first, start + last, stems) for first, last, stems in iterate_words(source[start:end])]
    if not found:
        return []
    groups = [[found[0]]]
    for before, after in pairwise(found):
        if whole or (source[before[1] : after[0]] in _JOINERS and not _has_star(source, after[1])):
            groups[-1].append(after)
        else:
            groups.append([after])
    return [_make_word(source, group, notes) for group in groups]


def _has_star(source: str, end: int) -> bool:
    """Return True if the word that ends here has a star after it, and no letter or digit after that."""
    return source[end : end + 1] == "*" and not source[end + 1 : end + 2].isalnum()


def _make_word(source: str, group: list[tuple[int, int, Stems]], notes: list[QueryNote]) -> Lexeme:
    start, end = group[0][0], group[-1][1]
    text, stems = source[start:end], tuple(word[2] for word in group)
    if len(group) == 1 and _has_star(source, end):
        if len(fold_letters(text)) >= SHORTEST_PREFIX:
            return Lexeme("prefix", text, start, end + 1, stems)
        notes.append(QueryNote("short-prefix", str(SHORTEST_PREFIX)))
    return Lexeme("word", text, start, end, stems)


def fold_letters(text: str) -> str:
    """Return the folded letters and digits of a word, as a token begins with them."""
    return "".join(filter(str.isalnum, fold(text)))[:LONGEST_TOKEN]


def _mark_operators(lexemes: list[Lexeme]) -> list[Lexeme]:
    """Turn O, Y, NO, OR, AND and NOT into operators, unless the whole query is in capitals.

    NO before a stop word is a word: "NO a la violencia" is a slogan, not an exclusion.
    """
    others = [lexeme.text for lexeme in lexemes if lexeme.words and lexeme.text not in _OPERATORS]
    has_doi = any(lexeme.kind in ("doi", "years") for lexeme in lexemes)
    in_capitals = any(map(str.isupper, others)) and all(map(_has_no_small_letter, others))
    if in_capitals or not (others or has_doi):
        return lexemes
    made = list(lexemes)
    for at, lexeme in enumerate(lexemes):
        if lexeme.kind != "word" or lexeme.text not in _OPERATORS:
            continue
        after = lexemes[at + 1] if at + 1 < len(lexemes) else None
        if at and lexemes[at - 1].kind == "field" and lexemes[at - 1].end == lexeme.start:
            continue  # país:NO is Norway
        kind = _OPERATORS[lexeme.text]
        if not (kind == "not" and after and after.text not in _OPERATORS and is_stop_word(after)):
            made[at] = Lexeme(kind, lexeme.text, lexeme.start, lexeme.end)
    return made


def _has_no_small_letter(text: str) -> bool:
    return text.isupper() or not any(map(str.isalpha, text))


def _balance_parentheses(lexemes: list[Lexeme], notes: list[QueryNote]) -> list[Lexeme]:
    """Drop unbalanced parentheses, and those deeper than DEEPEST_NESTING."""
    opened: list[int] = []
    dropped: set[int] = set()
    for at, lexeme in enumerate(lexemes):
        if lexeme.kind == "open":
            opened.append(at)
        elif lexeme.kind == "close":
            if not opened:
                dropped.add(at)
                notes.append(QueryNote("unbalanced-parenthesis"))
                continue
            partner = opened.pop()
            if len(opened) >= DEEPEST_NESTING:
                dropped |= {partner, at}
                notes.append(QueryNote("too-deep", str(DEEPEST_NESTING)))
    if opened:
        notes.append(QueryNote("unbalanced-parenthesis"))
    dropped.update(opened)
    return [lexeme for at, lexeme in enumerate(lexemes) if at not in dropped]


def is_stop_word(lexeme: Lexeme) -> bool:
    """Return True if a lexeme is a word or several joined ones, all of them stop words."""
    return lexeme.kind == "word" and all(map(NameIndex.is_stop_word, lexeme.words))


def is_weak_word(lexeme: Lexeme) -> bool:
    """Return True if a lexeme is one word that tells nothing of what is sought beside others that do."""
    return lexeme.kind == "word" and len(lexeme.words) == 1 and fold(lexeme.text) in UNTELLING_WORDS


def strip_question_opener(lexemes: list[Lexeme], source: str, names: NameIndex, notes: list[QueryNote]) -> list[Lexeme]:
    """Drop the longest question opener at the start, unless only stop words would remain or a name begins there."""
    typed: list[str] = []
    longest = 0
    for count, lexeme in enumerate(lexemes, start=1):
        if lexeme.kind != "word":
            break
        typed.extend(fold(lexeme.text[start:end]) for start, end, _ in iterate_words(lexeme.text))
        if tuple(typed) in QUESTION_OPENERS:
            longest = count
    rest = lexemes[longest:]
    remains = any(
        lexeme.kind in ("doi", "years", "field") or (lexeme.words and not is_stop_word(lexeme)) for lexeme in rest
    )
    if (
        not longest
        or not remains
        or names.count_name_words_at([stems for lexeme in lexemes for stems in lexeme.words], 0)
    ):
        return lexemes
    notes.append(QueryNote("question-words", source[lexemes[0].start : lexemes[longest - 1].end]))
    return rest
