"""PubMed's own format (MEDLINE, .nbib): a tag of up to four letters, a hyphen, a value; an empty line between records.

Source: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions", November 2026.
"""

from __future__ import annotations

import re
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
from studies.imports.formats.field_values import join_pages, read_language
from studies.imports.formats.mending import make_reference
from studies.imports.formats.people import read_people
from studies.imports.formats.plain_text import plain_text
from studies.imports.formats.tagged import Tags, first_value, join, values_by_tag

_START = re.compile(r"^(?:PMID ?-|(?:OWN|PMC) {1,2}- )", re.MULTILINE)
_LINE = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)")
_FIRST = re.compile(r"(?:PMID ?-|OWN {1,2}- |PMC {1,2}- )")
_IDENTIFIER = re.compile(r"(\S+) \[doi\]")
_PARTIAL_RANGE = re.compile(r"(\d+)-(\d+)")
_SUBHEADING = re.compile(r"/.*")
_CHECK_TAGS = frozenset({"humans", "animals", "english abstract"})


def split(text: str) -> SplitFile:
    """Split the text at empty lines, and before each PMID. What stands between references is skipped."""
    return SplitFile(collect_references(_split_references(text)))


def _split_references(text: str) -> Iterator[RawReference]:
    held: list[str] = []
    begun = 0
    is_after_gap = False
    for number, line in enumerate(text.split("\n"), start=1):
        is_first = _FIRST.match(line) is not None
        # An empty line may also stand inside a reference, behind which it goes on with another tag than its first.
        if held and is_first and (is_after_gap or (line.startswith("PMID") and _has_pmid(held))):
            yield RawReference(begun, "\n".join(held))
            held = []
        if line.strip() and (held or _LINE.match(line)):
            begun = begun if held else number
            held.append(line.rstrip())
        is_after_gap = not line.strip()
    if held:
        yield RawReference(begun, "\n".join(held))


def _has_pmid(lines: list[str]) -> bool:
    return any(line.startswith("PMID") for line in lines[:3])


def read(raw: str, head: str = "") -> ParsedReference:
    """Read one reference. Raises RowInvalid."""
    values = values_by_tag(raw, _LINE)
    title, in_english = _titles(values)
    spoken, notes = read_language(first_value(values, "LA"))
    fields = {
        "title": title,
        "title_en": in_english,
        "language": spoken,
        "authors": read_people([*(values["FAU"] or map(_with_comma, values["AU"])), *values["CN"]]),
        "year": first_value(values, "DP", "DEP", "DA"),
        "type": _type(values),
        "container_title": first_value(values, "JT", "BTI", "TA"),
        "volume": first_value(values, "VI"),
        "issue": first_value(values, "IP"),
        "pages": _complete_range(join_pages(first_value(values, "PG"))),
        "publisher": first_value(values, "PB"),
        "editors": read_people(values["FED"] or map(_with_comma, values["ED"])),
        "edition": first_value(values, "EN"),
        "numbers": [*values["IS"], *values["ISBN"]],
        "pmid": first_value(values, "PMID"),
        "date": first_value(values, "DP", "DEP", "DA"),
        "doi": _doi(values),
    }
    if not any(fields.values()):
        raise RowInvalid("", "No tiene ninguna etiqueta conocida de PubMed.")
    headings = [_SUBHEADING.sub("", heading).replace("*", "") for heading in values["MH"]]
    keywords = [word for word in (*values["OT"], *headings) if plain_text(word).lower() not in _CHECK_TAGS]
    return make_reference(fields, keywords, first_value(values, "AB"), notes)


def _titles(values: Tags) -> tuple[str, str]:
    """Return the title and its English translation: PubMed puts translations in brackets, TT has the original."""
    title, original = first_value(values, "TI", "CTI"), first_value(values, "TT")
    translated = re.fullmatch(r"\[(.*?)\]?\.?", title)
    title = translated[1].rstrip(".") if translated else re.sub(r"(?<!\.)\.$", "", title)
    return (re.sub(r"(?<!\.)\.$", "", original), title) if original else (title, "")


def _type(values: Tags) -> str:
    kinds = {kind.lower() for kind in values["PT"]}
    if "preprint" in kinds:
        return "article"
    if values["BTI"] and values["TI"]:
        return "chapter"
    if kinds & {"technical report", "government publication"}:
        return "report"
    return "book" if values["BTI"] else "article-journal"


def _doi(values: Tags) -> str:
    for identifier in (*values["LID"], *values["AID"]):
        if found := _IDENTIFIER.search(identifier):
            return found[1]
    return ""


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
