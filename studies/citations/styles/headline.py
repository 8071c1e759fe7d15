"""Headline-style capitals for English titles, as Chicago asks for (CMOS 17, 8.159).

Letters are only ever raised, so that names and acronyms keep their capitals. Sentence case, which other styles ask for,
would lower them and is not offered.
"""

from __future__ import annotations

import re

_SMALL_WORDS = (
    "a an the and but for or nor as to about above across after against along amid among around at before "
    "behind below beneath beside between beyond by despite during except from in inside into like near of "
    "off on onto out outside over past per since through throughout toward towards under underneath until "
    "unto up upon versus via vs with within without "
)
_SMALL = frozenset(_SMALL_WORDS.split())
_WORD = re.compile(r"[^\W\d_][\w'’]*")
_ENDS = ":?!"
_BEGINS_ANEW = re.compile(r"[:.?!—]\s*[\"“‘«(\[]*$")


def to_headline_case(title: str) -> str:
    """Capitalise every word but articles, conjunctions and prepositions, and always the first and the last word.

    The word before a colon counts as a last word, the one behind it as a first. Parts of a compound count as words.
    """
    words = list(_WORD.finditer(title))
    written, end = [], 0
    for number, word in enumerate(words):
        before = title[end : word.start()]
        # The last word is tested first: behind every other, there is a character.
        is_edge = number in (0, len(words) - 1) or bool(_BEGINS_ANEW.search(before)) or title[word.end()] in _ENDS
        is_small = word[0].lower() in _SMALL
        written += [before, word[0] if is_small and not is_edge else word[0][0].upper() + word[0][1:]]
        end = word.end()
    return "".join(written) + title[end:]
