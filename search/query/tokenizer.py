"""The first step of reading a query: one string in, a flat list of lexemes out, parentheses balanced. Pure.

`parser` makes the tree of them; nobody else calls this. What cannot be read is left out or taken as plain words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal
from urllib.parse import unquote

from search.query.names import NameIndex
from search.text.analysis import APOSTROPHES, LONGEST_TOKEN, Stems, fold, words
from search.text.lexicon import QUESTION_OPENERS

LONGEST_QUERY = 300
"""Characters of a query that are read."""
DEEPEST_NESTING = 10
"""Parentheses within parentheses that are read."""

NoteCode = Literal[
    "too-long",
    "too-many-words",
    "too-deep",
    "unbalanced-quote",
    "unbalanced-parenthesis",
    "operator-without-word",
    "question-words",
    "address",
    "no-words",
    "short-prefix",
    "unknown-country",
    "unknown-programme",
    "unreadable-field",
]


@dataclass(frozen=True, slots=True)
class Note:
    """Something in the query that was not taken as typed. `detail` is the bound, or the words concerned."""

    code: NoteCode
    detail: str = ""


LexemeKind = Literal["word", "phrase", "prefix", "doi", "field", "years", "or", "and", "not", "open", "close"]


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of the source, `source[start:end]`. A "word" of several `words` is one typed with hyphens or the like.

    `text` of a "prefix" has no star, that of "field" is one of `FIELDS`, that of "years" is "2015-2020".
    """

    kind: LexemeKind
    text: str
    start: int
    end: int
    words: tuple[Stems, ...] = ()


def bounded(text: str, notes: list[Note]) -> str:
    """Return the part of a query that is read, white space and control characters made single spaces."""
    text = " ".join(_CONTROL.sub(" ", text).split())
    if len(text) <= LONGEST_QUERY:
        return text
    notes.append(Note("too-long", str(LONGEST_QUERY)))
    cut = text[: LONGEST_QUERY + 1].rfind(" ")
    return text[: cut if cut > 0 else LONGEST_QUERY]


def read(source: str, notes: list[Note]) -> list[Lexeme]:
    """Cut a bounded query into lexemes. What was not taken as typed is added to `notes`."""
    return _balanced(_with_operators(_cut(source, notes)), notes)


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_OPERATORS: dict[str, LexemeKind] = {"O": "or", "OR": "or", "Y": "and", "AND": "and", "NO": "not", "NOT": "not"}
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
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
"""Letters that stand before a star."""
_DOI = re.compile(r"10\.\d{4,9}/[^\s?#&]+")
_PAGE_OF_DOI = re.compile(r"/(?:full|abstract|summary|pdf|epdf|html)$")
_JOINERS = frozenset({*APOSTROPHES, *"-‐‑–.&$"})


def _cut(source: str, notes: list[Note]) -> list[Lexeme]:
    text = source.translate(_QUOTES)
    lexemes: list[Lexeme] = []
    at = 0
    while match := _LEXEME.search(text, at):
        start, at = match.span()
        kind = match.lastgroup
        if kind == "doi":
            at -= len(match[0]) - len(_trimmed(match[0]))
            lexemes.append(_doi(source, _trimmed(match[0]), start, at))
        elif kind == "address":
            at -= len(match[0]) - len(_trimmed(match[0]))
            lexemes.append(_address(source, start, at, notes))
        elif kind == "quote":
            close = text.find('"', at)
            if close == -1:
                notes.append(Note("unbalanced-quote"))
            else:
                lexemes.extend(_quoted(source, at, close))
                at = close + 1
        elif kind == "open":
            lexemes.append(Lexeme("open", "(", start, at))
        elif kind == "close":
            lexemes.append(Lexeme("close", ")", start, at))
        elif kind == "minus":
            lexemes.append(Lexeme("not", "-", start, at))
        elif kind == "field" and (field := _FIELD_NAMES.get(fold(match[0][:-1]))):
            made, at = _field(source, text, field, start, at, notes)
            lexemes.extend(made)
        else:
            if kind == "field":
                at = _CHUNK.match(text, start).end()  # type: ignore[union-attr]  # the field itself is one
            is_excluded = bool(lexemes) and lexemes[-1].text == "-" and lexemes[-1].end == start
            lexemes.extend(_plain(source, start, at, notes, whole=is_excluded))
    return lexemes


def _field(source: str, text: str, field: str, start: int, at: int, notes: list[Note]) -> tuple[list[Lexeme], int]:
    """Read what follows the name of a field: years and DOIs at once, the rest is for the parser."""
    if field not in ("year", "doi"):
        return [Lexeme("field", field, start, at)], at
    if field == "year" and (years := _YEARS.match(text, at)) and (years[1] or years[3]):
        typed = "".join((years[1] or "", "-" if years[2] else "", years[3] or ""))
        return [Lexeme("years", typed, start, years.end())], years.end()
    value = _CHUNK.search(text, at)
    end = value.end() if value else at
    if field == "doi" and (found := _DOI.search(unquote(source[at:end]))):
        return [_doi(source, _PAGE_OF_DOI.sub("", _trimmed(found[0])), start, end)], end
    notes.append(Note("unreadable-field", source[start:end]))
    return _plain(source, start, end, notes, whole=False), end


def _trimmed(doi: str) -> str:
    """Return a DOI without what belongs to the sentence around it; brackets that it opens itself stay."""
    while doi and (doi[-1] in ".,;:!?'’>]" or (doi[-1] == ")" and doi.count(")") > doi.count("("))):
        doi = doi[:-1]
    return doi


def _doi(source: str, typed: str, start: int, end: int) -> Lexeme:
    """Make the lexeme of a DOI; its `text` is the bare DOI in lower case."""
    found = _DOI.search(typed)
    return Lexeme("doi", found[0].lower(), start, end) if found else _joined(source, start, end)


def _address(source: str, start: int, end: int, notes: list[Note]) -> Lexeme:
    """Take the DOI out of an address; another address is one phrase: it finds only a text that quotes it."""
    if found := _DOI.search(unquote(source[start:end])):
        return _doi(source, _PAGE_OF_DOI.sub("", _trimmed(found[0])), start, end)
    notes.append(Note("address", source[start:end]))
    return _joined(source, start, end)


def _quoted(source: str, start: int, end: int) -> list[Lexeme]:
    if doi := _DOI.fullmatch(source[start:end].strip()):
        return [_doi(source, _trimmed(doi[0]), start - 1, end + 1)]
    phrase = replace(_joined(source, start, end), kind="phrase", start=start - 1, end=end + 1)
    return [phrase] if phrase.words else []


def _joined(source: str, start: int, end: int) -> Lexeme:
    stems = tuple(stems for _, _, stems in words(source[start:end]))
    return Lexeme("word", source[start:end].strip(), start, end, stems)


def _plain(source: str, start: int, end: int, notes: list[Note], *, whole: bool) -> list[Lexeme]:
    """Cut a run without spaces into words; those with a hyphen or an apostrophe between them stay one lexeme.

    A word with a star at its end is the beginning of words.
    """
    found = [(start + first, start + last, stems) for first, last, stems in words(source[start:end])]
    if not found:
        return []
    groups = [[found[0]]]
    for before, after in pairwise(found):
        if whole or (source[before[1] : after[0]] in _JOINERS and not _has_star(source, after[1])):
            groups[-1].append(after)
        else:
            groups.append([after])
    return [_word(source, group, notes) for group in groups]


def _has_star(source: str, end: int) -> bool:
    """Say whether a word that ends here has a star after it, and no letter after that."""
    return source[end : end + 1] == "*" and not source[end + 1 : end + 2].isalnum()


def _word(source: str, group: list[tuple[int, int, Stems]], notes: list[Note]) -> Lexeme:
    start, end = group[0][0], group[-1][1]
    text, stems = source[start:end], tuple(word[2] for word in group)
    if len(group) == 1 and _has_star(source, end):
        if len(letters_of(text)) >= SHORTEST_PREFIX:
            return Lexeme("prefix", text, start, end + 1, stems)
        notes.append(Note("short-prefix", str(SHORTEST_PREFIX)))
    return Lexeme("word", text, start, end, stems)


def letters_of(text: str) -> str:
    """Return the folded letters and figures of a word, as they begin a token."""
    return "".join(filter(str.isalnum, fold(text)))[:LONGEST_TOKEN]


def _with_operators(lexemes: list[Lexeme]) -> list[Lexeme]:
    """Turn O, Y, NO and their English twins into operators, unless the whole query is in capitals.

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


def _balanced(lexemes: list[Lexeme], notes: list[Note]) -> list[Lexeme]:
    """Drop parentheses without a partner and those nested too deep."""
    opened: list[int] = []
    dropped: set[int] = set()
    for at, lexeme in enumerate(lexemes):
        if lexeme.kind == "open":
            opened.append(at)
        elif lexeme.kind == "close":
            if not opened:
                dropped.add(at)
                notes.append(Note("unbalanced-parenthesis"))
                continue
            partner = opened.pop()
            if len(opened) >= DEEPEST_NESTING:
                dropped |= {partner, at}
                notes.append(Note("too-deep", str(DEEPEST_NESTING)))
    if opened:
        notes.append(Note("unbalanced-parenthesis"))
    dropped.update(opened)
    return [lexeme for at, lexeme in enumerate(lexemes) if at not in dropped]


def is_stop_word(lexeme: Lexeme) -> bool:
    """Say whether nothing but stop words was typed."""
    return lexeme.kind == "word" and all(map(NameIndex.is_stop_word, lexeme.words))


def without_opener(lexemes: list[Lexeme], source: str, names: NameIndex, notes: list[Note]) -> list[Lexeme]:
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
    remains = any(
        lexeme.kind in ("doi", "years", "field") or (lexeme.words and not is_stop_word(lexeme)) for lexeme in rest
    )
    if not longest or not remains or names.name_at([stems for lexeme in lexemes for stems in lexeme.words], 0):
        return lexemes
    notes.append(Note("question-words", source[lexemes[0].start : lexemes[longest - 1].end]))
    return rest
