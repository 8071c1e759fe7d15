"""Splits titles, names and journals into normalized words: without case, accents, signs, in one spelling. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from studies.text.normalize import fold_text

_APOSTROPHE = re.compile("['’‘´`](?:s\\b)?")
# Letters lost to a wrong encoding: "v?ctima". A real question mark is not followed by a letter.
_LOST = re.compile(r"(?<=\w)[?\ufffd](?=\w)")
_MARKUP = re.compile(r"</?[a-z]{1,4}>", re.IGNORECASE)
_WORD = re.compile("[a-z0-9]+")
_SUBTITLE = re.compile(r"[:?.!–—]\s|\s[-–—]\s")
_MORE_AUTHORS = frozenset({"al", "et", "otros", "others", "y", "and", "colaboradores"})
SHORTEST_HEAD = 2
"""The fewest words before a subtitle, without stop words, that can identify a title."""

STOP_WORDS = frozenset(
    """
    the and for from with what how does are can its an a of in on to at by as is or
    una uno un los las el la lo del de por para con como que en y e o u al se su sus es
    os as do da dos das um uma no na nos nas ao com
    """.split()  # noqa: SIM905 - a list of sixty quoted words is harder to read and to change
)


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a text without stop words. British and American spellings give the same word."""
    plain = fold_text(_LOST.sub("", _APOSTROPHE.sub("", _MARKUP.sub(" ", text))))
    return tuple(_unify_spelling(word) for word in _WORD.findall(plain) if word not in STOP_WORDS)


def list_heads(title: str) -> tuple[str, ...]:
    """Return the words before each subtitle of a title, joined by spaces, unless they are too few to identify it."""
    starts = (split_words(title[: end.start()]) for end in _SUBTITLE.finditer(title))
    return tuple(" ".join(start) for start in starts if len(start) >= SHORTEST_HEAD)


def split_name(*parts: str | None) -> tuple[str, ...]:
    """Return the words of a name that are longer than an initial, without "et al." and its like."""
    plain = fold_text(_LOST.sub("", _APOSTROPHE.sub("", " ".join(part for part in parts if part))))
    return tuple(word for word in _WORD.findall(plain) if len(word) > 1 and word not in _MORE_AUTHORS)


def extract_initials(given: str | None) -> str:
    """Return the first letters of given names. "TA" gives both letters, as bibliographic indexes write initials."""
    if not given:
        return ""
    if given.isupper() and len(given) <= 3 and given.isalpha():
        return fold_text(given)
    return "".join(word[0] for word in _WORD.findall(fold_text(given)))


def make_acronym(text: str) -> str:
    """Return the first letters of the words without stop words, such as "inei" for Peru's institute of statistics."""
    return "".join(word[0] for word in split_words(text))


def is_same_journal(one: str, other: str) -> bool:
    """Return True if two names mean one journal, in full or abbreviated ("Rev Peru Med Exp", "BMJ Glob Health")."""
    short, long = sorted((split_words(one), split_words(other)), key=len)
    if not short:
        return False
    if short == long:
        return True
    if len(short) == 1 and len(long) > 2:
        return short[0] == "".join(word[0] for word in long)
    rest = iter(long)
    return all(any(word.startswith(start) or start.startswith(word) for word in rest) for start in short)


def extract_first_page(pages: str | None) -> str:
    """Return the first page of an article, without leading zeros: "45" of "45-67", "e004" of "e004"."""
    found = re.match(r"\s*(?:pp?\.?\s*)?([a-z]*\d+)", (pages or "").lower())
    return found[1].lstrip("0") if found else ""


def is_of_supplement(volume: str | None, issue: str | None, pages: str | None, journal: str | None) -> bool:
    """Return True if these place a text in a supplement or among the abstracts of a meeting."""
    place = f"{volume or ''} {issue or ''}".lower()
    return bool(
        re.search(r"supp?l|meeting|abstract|\bs\d", place)
        or re.match(r"\s*(?:[sap]|op|po|pp)-?\d", (pages or "").lower())
        or re.search(r"conference:|abstracts|resúmenes|meeting", (journal or "").lower())
    )


def is_update(title: str | None) -> bool:
    """Return True if a title says that it renews an earlier text."""
    return bool(re.search(r"\bupdated?\b|\bactualizaci[oó]n\b|\bactualizad[oa]\b", (title or "").lower()))


@lru_cache(maxsize=50_000)
def _unify_spelling(word: str) -> str:
    if len(word) > 6:
        word = re.sub(r"is(e[ds]?|ing|ations?)$", r"iz\1", word)
    return _SPELLINGS.get(word, word)


_SPELLINGS = {
    "programme": "program",
    "programmes": "programs",
    "centre": "center",
    "centres": "centers",
    "behaviour": "behavior",
    "behavioural": "behavioral",
    "behaviours": "behaviors",
    "labour": "labor",
    "neighbour": "neighbor",
    "neighbours": "neighbors",
    "honour": "honor",
    "colour": "color",
}
