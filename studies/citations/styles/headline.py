"""English titles with capitals as Chicago's headline style wants them (CMOS 17, 8.159).

Letters are only ever raised: a name or an acronym keeps what it was published with. What other styles would need,
lowering them, would lose names, and is not done.
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


def headline(title: str) -> str:
    """Raise the first letter of every word but articles, conjunctions and prepositions; always of the first and last.

    A word behind a colon begins a subtitle, and the one before it ends the title. Parts of a compound count as words.
    """
    words = list(_WORD.finditer(title))
    written, end = [], 0
    for number, word in enumerate(words):
        before = title[end : word.start()]
        is_edge = number in (0, len(words) - 1) or bool(_BEGINS_ANEW.search(before)) or title[word.end()] in _ENDS
        is_small = word[0].lower() in _SMALL
        written += [before, word[0] if is_small and not is_edge else word[0][0].upper() + word[0][1:]]
        end = word.end()
    return "".join(written) + title[end:]
