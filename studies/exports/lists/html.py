"""A list of references as a self-contained HTML page, for printing and for pasting into a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from studies.citations.bibliography import BibliographyEntry
from studies.citations.runs import TextRun
from studies.exports.lists.reference_list import ReferenceList

MEDIA_TYPE = "text/html"

# Inline, because the page is kept as a file, away from the bank and its style sheets.
_LOOK = """body{font:1rem/1.5 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
ul{list-style:none;padding:0}li{margin:0 0 1rem}p{margin:0}ul .entry{padding-left:2rem;text-indent:-2rem}
.about,.in-text{font:.875rem/1.5 system-ui,sans-serif}ul .in-text{padding-left:2rem}"""


def write(reference_list: ReferenceList) -> Iterator[bytes]:
    """Yield the page, one line for each entry."""
    yield _head(reference_list).encode()
    kind, is_empty = ("ol" if reference_list.is_numbered else "ul"), True
    for entry in reference_list.entries:
        yield (f"<{kind}>\n" if is_empty else "").encode() + _entry(entry, reference_list).encode()
        is_empty = False
    end = f"<p>{escape(reference_list.empty)}</p>" if is_empty else f"</{kind}>"
    yield f"{end}\n</body>\n</html>\n".encode()


def render_runs(runs: Iterable[TextRun]) -> str:
    """Return runs as HTML: italics as <i>, addresses as links."""
    return "".join(_run(run) for run in runs)


def _head(reference_list: ReferenceList) -> str:
    about = escape(" ".join(reference_list.about))
    address = escape(reference_list.address)
    link = f' <a href="{address}">{address}</a>' if address else ""
    return (
        f'<!doctype html>\n<html lang="{reference_list.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(reference_list.title)}</title>\n<style>{_LOOK}</style>\n</head>\n<body>\n"
        f'<h1>{escape(reference_list.title)}</h1>\n<p class="about">{about}{link}</p>\n'
    )


def _entry(entry: BibliographyEntry, reference_list: ReferenceList) -> str:
    language = f' lang="{escape(entry.language)}"' if entry.language else ""
    note = f'<p class="in-text">{escape(text)}</p>' if (text := reference_list.note(entry)) else ""
    return (
        f'<li id="{escape(entry.key)}"><p class="entry"{language}>{render_runs(entry.runs)}</p>'
        f'<p class="in-text">{escape(reference_list.in_text_label)} {render_runs(entry.in_text)}</p>{note}</li>\n'
    )


def _run(run: TextRun) -> str:
    text = escape(run.text)
    if run.link:
        text = f'<a href="{escape(run.link)}">{text}</a>'
    return f"<i>{text}</i>" if run.italic else text
