"""Text as runs, each in italics or not. Styles return runs; `studies.exports.lists` writes text, HTML or Word of them.

Styles use nothing else, so that one golden file for each style covers every output format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class TextRun(NamedTuple):
    """A piece of text. `link` is the address that a DOI or an address leads to; "" for other text."""

    text: str
    italic: bool = False
    link: str = ""


TextRuns = tuple[TextRun, ...]

_ENDS = (".", "?", "!", "…")
_CLOSING = "”’»\"')]"
# Quotation marks within a title: straight, curly or angular.
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»')


def join_runs(parts: Iterable[Iterable[TextRun]], separator: str = " ") -> TextRuns:
    """Join the parts that are not empty by `separator`; neighbours of one look become one run."""
    runs: list[TextRun] = []
    for part in parts:
        pieces = [run for run in part if run.text]
        if not pieces:
            continue
        for run in ([TextRun(separator)] if runs else []) + pieces:
            if runs and runs[-1].italic == run.italic and runs[-1].link == run.link:
                runs[-1] = TextRun(runs[-1].text + run.text, run.italic, run.link)
            else:
                runs.append(run)
    return tuple(runs)


def to_plain_text(runs: Iterable[TextRun]) -> str:
    """Return the text alone, as people copy it into a document."""
    return "".join(run.text for run in runs)


def end_with_stop(text: str) -> str:
    """Add a full stop, unless the text is empty or ends with a stop of its own ("?", also within quotation marks)."""
    return text if not text or text.rstrip(_CLOSING).endswith(_ENDS) else f"{text}."


def missing_stop(text: str) -> str:
    """Return the full stop that `text` still needs: "." or ""."""
    return end_with_stop(text)[len(text) :]


def quote_text(text: str, language: str) -> str:
    """Put a text in quotation marks and replace those within it: “a ‘b’ c” in English, «a “b” c» in Spanish."""
    if language == "en":
        return f"“{_replace_inner_quotes(text, '‘', '’')}”"
    return f"«{_replace_inner_quotes(text, '“', '”')}»"


def make_link_run(address: str) -> TextRun:
    """Return an address as a run that links to it."""
    return TextRun(address, link=address)


def _replace_inner_quotes(text: str, opening: str, closing: str) -> str:
    def inner(match: re.Match[str]) -> str:
        return f"{opening}{next(group for group in match.groups() if group is not None)}{closing}"

    return _QUOTED.sub(inner, text)
