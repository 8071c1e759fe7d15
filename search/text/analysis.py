"""Cuts texts into words and stems them (S1). Pure; exceptions to the rules are listed in `lexicon`.

A text is cut into the same words whatever the rules; each word has one token under the Spanish and one under the
English rules. The stemmer is light: it undoes inflection, accents and spelling variants, never derivation. The head
of tests/data/word-pairs.tsv gives its rules and the rows that specify them. Indexes and queries both come here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from search.text import lexicon

ANALYSIS_VERSION = 4
"""Stored in every index. Raise it when any text gets other tokens, or a record other codes: indexes of another version
are rebuilt."""

LONGEST_TOKEN = 40
"""Letters of a token; longer words are cut off there, in texts and in queries alike."""

Rules = Literal["es", "en"]


BREAK = ""
"""Token between two texts of one field: no phrase matches across it, and it does not count in the field's length."""


@dataclass(frozen=True, slots=True)
class FieldTokens:
    """The tokens of one field in order, under the Spanish and under the English rules, with `BREAK` between texts."""

    es: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the place of its word in the text: `original[start:end]`."""

    text: str
    start: int
    end: int


class Stems(NamedTuple):
    """The token of a word under the Spanish and under the English rules."""

    es: str
    en: str


def fold(text: str) -> str:
    """Return `text` in lower case without accents, and with compatibility forms (ligatures, full-width) replaced.

    Also ñ becomes n, ß ss, ø o: readers need not type what is hard to type on a phone. Folding is idempotent.
    """
    if text.isascii():
        return text.lower()
    bare = _strip_marks(_strip_marks(text).casefold()).translate(_UNDECOMPOSED_LETTERS)
    return unicodedata.normalize("NFC", bare)


def tokenize(text: str, rules: Rules) -> list[Token]:
    """Return the tokens of `text` with their places in it. Never raises, whatever the text contains."""
    return [Token(getattr(stems, rules), start, end) for start, end, stems in iterate_words(text)]


def analyse(text: str, rules: Rules) -> tuple[str, ...]:
    """Return the tokens of `text` without their places."""
    return tuple(getattr(stems, rules) for word in _WORD.findall(text) if (stems := _stem_word(word[:_LONGEST_WORD])))


def iterate_words(text: str, start: int = 0) -> Iterator[tuple[int, int, Stems]]:
    """Yield start, end and tokens of every word of `text` from `start` on. A possessive 's is not part of its word.

    `start` must be the first character of a word, or white space: anywhere else it would cut a word.
    """
    for match in _WORD.finditer(text, start):
        if stems := _stem_word(match[1][:_LONGEST_WORD]):
            yield match.start(1), match.end(1), stems


def list_word_beginnings(token: str) -> frozenset[str]:
    """Return prefixes of at most three letters: every word of this token begins with one of them when folded.

    A search for the words of a token in a long text need not analyse the words that begin otherwise.
    """
    first = token[:3]
    found = {first, *_OTHER_BEGINNINGS.get(first, ())}
    if first.startswith(("sic", "siq")):
        found.add("psi")
    if len(first) == len(token):
        # The last letter of a word changes: paz, flies.
        if token[-1] == "c":
            found.add(token[:-1] + "z")
        if token[-1] == "y":
            found.add(token[:-1] + "i")
    return frozenset(found)


def read_word_at(text: str, start: int) -> tuple[int, Stems] | None:
    """Return the end and the tokens of the word that begins at `start`, or None if no word begins there."""
    match = _WORD.match(text, start)
    stems = _stem_word(match[1][:_LONGEST_WORD]) if match else None
    return (match.end(1), stems) if match and stems else None


def iterate_word_ends(text: str, start: int = 0) -> Iterator[int]:
    """Yield the end of each word of `text` without stemming it; `start` as in `iterate_words`."""
    return (match.end(1) for match in _WORD.finditer(text, start))


def flatten_to_bytes(text: str) -> bytes | None:
    """Return a space and then `text`, one byte a character: letters and digits folded, anything else a space.

    So `find(b" abc")` is where a word begins in `text`. Returns None if `text` has letters that fold to several,
    combining marks, or letters that are in none of the encodings of `_FLAT_TABLES`.
    """
    for encoding, table in _FLAT_TABLES.items():
        try:
            flattened = b" " + text.encode(encoding).translate(table)
        except UnicodeEncodeError:
            continue
        return None if _NOT_FLAT in flattened else flattened
    return None


def tokenize_field(texts: Iterable[str]) -> FieldTokens:
    """Return the tokens of the texts of one field under both rule sets, with `BREAK` between texts."""
    es: list[str] = []
    en: list[str] = []
    for text in texts:
        found = [stems for word in _WORD.findall(text) if (stems := _stem_word(word[:_LONGEST_WORD]))]
        if not found:
            continue
        if es:
            es.append(BREAK)
            en.append(BREAK)
        es.extend([stems[0] for stems in found])
        en.extend([stems[1] for stems in found])
    return FieldTokens(tuple(es), tuple(en))


# Letters that NFKD does not decompose.
_UNDECOMPOSED_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)

# A letter of the original may be several characters: "é" typed as e and U+0301, a word with soft hyphens in it.
_COMBINING = "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
_COMBINING += "\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u2060\u20d0-\u20ff\ufe20-\ufe2f\ufeff"
# What people type for an apostrophe; U+02BC counts as a letter elsewhere.
APOSTROPHES = "'’‘ʼ＇´`"
_WORD = re.compile(rf"([^\W_ʼ]+(?:[{_COMBINING}]+[^\W_ʼ]*)*)(?:[{APOSTROPHES}][sS](?![^\W_]))?")
_LONGEST_WORD = 2 * LONGEST_TOKEN
"""Characters of a word that are read: twice those of a token, as accents may be characters of their own."""


_NOT_FLAT = b"\0"


def _make_flat_table(encoding: str) -> bytes:
    table = bytearray(b" " * 256)
    for code in range(256):
        char = bytes([code]).decode(encoding, "ignore")
        if _WORD.fullmatch(char):
            folded = fold(char)
            table[code] = ord(folded) if len(folded) == 1 and folded.isascii() else _NOT_FLAT[0]
        elif char and re.match(f"[{_COMBINING}]", char):
            table[code] = _NOT_FLAT[0]
    return bytes(table)


def _strip_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join([char for char in decomposed if not unicodedata.combining(char)])


# The first one takes a tenth of the time; the second has the quotation marks and dashes of typesetters.
_FLAT_TABLES = {encoding: _make_flat_table(encoding) for encoding in ("latin-1", "cp1252")}


@lru_cache(maxsize=100_000)
def _stem_word(word: str) -> Stems | None:
    """Return the tokens of one word, or None if folding leaves no letter and no digit."""
    folded = fold(word)
    if not folded.isalnum():
        folded = "".join([char for char in folded if char.isalnum()])
    folded = folded[:LONGEST_TOKEN]
    if not folded:
        return None
    # A word that one lexicon knows has one token under both rules: else "lives" would meet "live", and "life" not.
    if folded in _KNOWN_ENGLISH:
        return Stems(_stem_english(folded), _stem_english(folded))
    if folded in lexicon.SPANISH_WORDS:
        return Stems(_stem_spanish(folded), _stem_spanish(folded))
    return Stems(_stem_spanish(folded), _stem_english(folded))


_KNOWN_ENGLISH = frozenset(
    word
    for table in (lexicon.ENGLISH_PLURALS, lexicon.BRITISH_WORDS)
    for pair in table.items()
    for word in pair
    if len(word) > 3
)
_SPANISH_UNCUT = frozenset(lexicon.SPANISH_WORDS) | lexicon.ENGLISH_IN_SPANISH
# "Trabajadora" loses its -a, as "trabajador" has no vowel there.
_FEMININE_AGENT = re.compile(r"..[dts]ora$")
# Endings whose -a or -o tells only the gender: "médica", "médico".
_GENDERED = re.compile(r"(?:...(?:[iae]n|ic|iv|[ai]d|im|ari|ori|log)|....(?:os|er|ent))[oa]$")


def _stem_spanish(word: str) -> str:
    if len(word) > 3:
        word = lexicon.SPANISH_WORDS.get(word, word)
        # Words in -is, -us and -ss are seldom plurals: crisis, virus.
        if word not in _SPANISH_UNCUT and word[-1] == "s" and word[-2] not in "ius":
            word = word[:-1]
        if word not in _SPANISH_UNCUT:
            if _FEMININE_AGENT.search(word) or _GENDERED.search(word):
                word = word[:-1]
            if word[-1] == "e" and len(word) > 3:
                word = word[:-1]
    if word[-1] == "z":
        word = word[:-1] + "c"
    return word[1:] if word.startswith(("psic", "psiq")) else word


_WORD_PAIRS = (
    *lexicon.SPANISH_WORDS.items(),
    *lexicon.ENGLISH_PLURALS.items(),
    *lexicon.BRITISH_WORDS.items(),
    *lexicon.BRITISH_ROOTS.items(),
)
_OTHER_BEGINNINGS: dict[str, set[str]] = {}
for _word, _other in _WORD_PAIRS:
    if _word[:3] != _other[:3]:
        _OTHER_BEGINNINGS.setdefault(_other[:3], set()).add(_word[:3])

_ISE = re.compile(r"(?<=..)([iy])s(?=(?:e|ed|er|ing)$|ation)")
_OUR = re.compile(rf"((?:{'|'.join(lexicon.OUR_ROOTS)})o)u(?=r)")
_BRITISH_ROOT = re.compile("|".join(lexicon.BRITISH_ROOTS))


def _stem_english(word: str) -> str:
    if len(word) <= 3:
        return lexicon.ENGLISH_PLURALS.get(word, word)
    word = _to_singular(word)
    word = lexicon.BRITISH_WORDS.get(word, word)
    if root := _BRITISH_ROOT.match(word):
        word = lexicon.BRITISH_ROOTS[root[0]] + word[root.end() :]
    word = _OUR.sub(r"\1", _ISE.sub(r"\1z", word))
    return word[:-1] if word[-1] == "e" and len(word) > 4 and word not in lexicon.ENGLISH_UNCUT else word


def _to_singular(word: str) -> str:
    if word in lexicon.ENGLISH_PLURALS:
        return lexicon.ENGLISH_PLURALS[word]
    if word[-1] != "s" or word in lexicon.ENGLISH_UNCUT or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    return word[:-1]
