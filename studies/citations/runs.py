"""Formatted text without a format: runs that are in italics or not. Writers make plain text, HTML or Word of it.

A style builds its entries of these pieces only, so that one golden file holds for every format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Run(NamedTuple):
    """A piece of text. `link` is an address to which the text may lead; "" for all but DOIs and addresses."""

    text: str
    italic: bool = False
    link: str = ""


Runs = tuple[Run, ...]

_ENDS = (".", "?", "!", "…")
_CLOSING = "”’»\"')]"
# The signs that quotations may stand in within a title: a pair of straight ones, or the curly or angular ones.
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»')


def joined(parts: Iterable[Iterable[Run]], separator: str = " ") -> Runs:
    """Put `separator` between the parts that hold something, and together what looks alike."""
    runs: list[Run] = []
    for part in parts:
        pieces = [run for run in part if run.text]
        if not pieces:
            continue
        for run in ([Run(separator)] if runs else []) + pieces:
            if runs and runs[-1].italic == run.italic and runs[-1].link == run.link:
                runs[-1] = Run(runs[-1].text + run.text, run.italic, run.link)
            else:
                runs.append(run)
    return tuple(runs)


def plain(runs: Iterable[Run]) -> str:
    """Give the text alone, as it is copied into another text."""
    return "".join(run.text for run in runs)


def ended(text: str) -> str:
    """End a text with a full stop, unless it has an end of its own ("?", also within quotation marks)."""
    return text if not text or text.rstrip(_CLOSING).endswith(_ENDS) else f"{text}."


def stop_after(text: str) -> str:
    """Give the full stop that `text` still needs: "." or nothing."""
    return ended(text)[len(text) :]


def quoted(text: str, language: str) -> str:
    """Put a text in quotation marks and change those within it: “a ‘b’ c” in English, «a “b” c» in Spanish."""
    if language == "en":
        return f"“{_requoted(text, '‘', '’')}”"
    return f"«{_requoted(text, '“', '”')}»"


def address_run(address: str) -> Run:
    """Give an address as a run that leads to it."""
    return Run(address, link=address)


def _requoted(text: str, opening: str, closing: str) -> str:
    def inner(match: re.Match[str]) -> str:
        return f"{opening}{next(group for group in match.groups() if group is not None)}{closing}"

    return _QUOTED.sub(inner, text)
