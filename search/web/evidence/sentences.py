"""Sentences whose numbers are links: written as text with marked links, printed in parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from search.criteria.evidence_address import TablePlace

PlaceUrl = Callable[[TablePlace], str]

_MARKS = "\x02\x1f\x03"
# What a record or a reader typed must not make a link to another site, or to a script: no scheme, no host. Browsers
# leave out tabs and line breaks within an address, so that it must have none.
_MARKED_LINK = re.compile(rf"\x02([^{_MARKS}]*)\x1f((?![/\\]{{2}}|[^/?#\x03]*:)[^\x00-\x20]*)\x03")
_ANY_MARK = re.compile(f"[{_MARKS}]")


@dataclass(frozen=True, slots=True)
class SentencePart:
    """A part of a sentence; a number carries the address of the studies behind it."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in parts; `str` gives its plain text."""

    parts: tuple[SentencePart, ...]

    def __str__(self) -> str:
        return "".join(part.text for part in self.parts)


def mark_link(text: str, url: str) -> str:
    """Return `text` with a link to `url`, a path of the bank, in control characters, which `parse_sentence` reads.

    So that a linked number can go through translation and formatting like any other text.
    """
    return f"\x02{remove_marks(text)}\x1f{url}\x03"


def remove_marks(text: str) -> str:
    """Return a text that somebody typed, which goes into a sentence, without the control characters of links."""
    return _ANY_MARK.sub("", text)


def parse_sentence(marked: str) -> Sentence:
    """Return the sentence of a text whose links were marked by `mark_link`."""
    return Sentence(tuple(_split_parts(marked)))


def _split_parts(marked: str) -> Iterator[SentencePart]:
    end = 0
    for match in _MARKED_LINK.finditer(marked):
        if match.start() > end:
            yield SentencePart(remove_marks(marked[end : match.start()]))
        yield SentencePart(match[1], match[2])
        end = match.end()
    if end < len(marked):
        yield SentencePart(remove_marks(marked[end:]))
