"""PubMed's own format (MEDLINE, .nbib): a tag of up to four letters, a hyphen, a value; an empty line between records.

Source: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions", November 2026.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from studies.imports.formats.base import (
    ImportFormat,
    ParsedReference,
    RawReference,
    SplitFile,
    collect_references,
    with_decoding,
    with_encoding,
)
from studies.imports.formats.errors import RowInvalid
from studies.imports.formats.field_values import (
    join_pages,
    make_reference,
    plain_text,
    read_doi,
    read_language,
    read_people,
    read_year,
)

_START = re.compile(r"^(?:PMID|OWN ) ?- ", re.MULTILINE)
_LINE = re.compile(r"([A-Z][A-Z0-9]{1,3}) *- (.*)|([A-Z][A-Z0-9]{1,3}) *-$")
_IDENTIFIER = re.compile(r"(\S+) \[doi\]")
_PARTIAL_RANGE = re.compile(r"(\d+)-(\d+)")
_SUBHEADING = re.compile(r"/.*")
_CHECK_TAGS = frozenset({"humans", "animals", "english abstract"})


def split(text: str) -> SplitFile:
    """Split the text at empty lines, and before each PMID."""
    return SplitFile(collect_references(_split_references(text)))


def _split_references(text: str) -> Iterator[RawReference]:
    held: list[str] = []
    begun = 0
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if held and (not line.strip() or line.startswith("PMID-")):
            yield _raw_reference(begun, held)
            held = []
        if line.strip():
            begun = begun if held else number
            held.append(line.rstrip())


def _raw_reference(row: int, lines: list[str]) -> RawReference:
    problem = "" if _LINE.match(lines[0]) else "No empieza con una etiqueta (PMID- …)."
    return RawReference(row, "\n".join(lines), problem)


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one reference. Raises RowInvalid."""
    values = _values_by_tag(raw)
    title, in_english = _titles(values)
    spoken, notes = read_language(_first(values, "LA"))
    fields = {
        "title": title,
        "title_en": in_english,
        "language": spoken,
        "authors": read_people([*(values["FAU"] or map(_with_comma, values["AU"])), *values["CN"]]),
        "year": read_year(_first(values, "DP", "DEP", "DA")),
        "type": _type(values),
        "container_title": _first(values, "JT", "BTI", "TA"),
        "volume": _first(values, "VI"),
        "issue": _first(values, "IP"),
        "pages": _complete_range(join_pages(_first(values, "PG"))),
        "publisher": _first(values, "PB"),
        "doi": _doi(values),
    }
    if not any(fields.values()):
        raise RowInvalid("", "No tiene ninguna etiqueta conocida de PubMed.")
    headings = [_SUBHEADING.sub("", heading).replace("*", "") for heading in values["MH"]]
    keywords = [word for word in (*values["OT"], *headings) if plain_text(word).lower() not in _CHECK_TAGS]
    return make_reference(fields, keywords, _first(values, "AB"), notes)


def _values_by_tag(raw: str) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    tag = ""
    for line in raw.split("\n"):
        if match := _LINE.match(line):
            tag = match[1] or match[3]
            found[tag].append(match[2] or "")
        elif tag:
            found[tag][-1] += f" {line.strip()}"
    return found


def _titles(values: defaultdict[str, list[str]]) -> tuple[str, str]:
    """Return the title and its English translation: PubMed puts translations in brackets, TT has the original."""
    title, original = _first(values, "TI", "CTI"), _first(values, "TT")
    translated = re.fullmatch(r"\[(.*?)\]?\.?", title)
    title = translated[1].rstrip(".") if translated else re.sub(r"(?<!\.)\.$", "", title)
    return (re.sub(r"(?<!\.)\.$", "", original), title) if original else (title, "")


def _type(values: defaultdict[str, list[str]]) -> str:
    kinds = {kind.lower() for kind in values["PT"]}
    if "preprint" in kinds:
        return "article"
    if values["BTI"] and values["TI"]:
        return "chapter"
    if kinds & {"technical report", "government publication"}:
        return "report"
    return "book" if values["BTI"] else "article-journal"


def _doi(values: defaultdict[str, list[str]]) -> str | None:
    for identifier in (*values["LID"], *values["AID"]):
        if found := _IDENTIFIER.search(identifier):
            return read_doi(found[1])
    return None


def _complete_range(text: str) -> str:
    """Write "345-52" out as "345-352"."""
    parts = _PARTIAL_RANGE.fullmatch(text)
    if not parts or len(parts[2]) >= len(parts[1]):
        return text
    return f"{parts[1]}-{parts[1][: -len(parts[2])]}{parts[2]}"


def _with_comma(author: str) -> str:
    """Turn the short form "Quispe AM" into "Quispe, A. M."."""
    family, _, initials = author.rpartition(" ")
    return f"{family}, {' '.join(f'{initial}.' for initial in initials)}" if family and initials.isupper() else author


def _first(values: defaultdict[str, list[str]], *tags: str) -> str:
    return next((plain_text(values[tag][0]) for tag in tags if values.get(tag)), "")


def join(raws: list[str], head: str = "") -> str:
    """Write references back as a file."""
    return "\n\n".join(raws) + "\n"


FORMAT = ImportFormat(
    code="nbib",
    label="PubMed",
    extensions=("nbib",),
    media_type="text/plain",
    position=3,
    recognises=lambda head: _START.search(head.text) is not None,
    split=with_decoding(split),
    read=read,
    join=with_encoding(join),
)
