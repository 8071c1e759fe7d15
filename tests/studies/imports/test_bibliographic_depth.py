"""Date, place, edition, editors, translators and standard numbers: from the bank into each format and back, and from
files of other programs."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from studies.exports.options import ExportOptions
from studies.exports.registry import EXPORTS
from studies.imports.formats.base import ParsedReference
from studies.imports.formats.registry import open_file
from studies.imports.formats.standard_numbers import find_isbns, find_issns, read_month_and_day
from studies.records.study import AuthorRecord, StudyRecord
from tests.studies.records_factory import author, complete_record

CHAPTER = complete_record(
    type="chapter",
    container_title="Made-up handbook of services",
    editors=(author("Alva", "Rosa"), author("Ommeren", "Mark", non_dropping_particle="van")),
    translators=(author("Zavala", "Inés"),),
    month=3,
    day=8,
    publisher="Casa Editora de Prueba",
    place="Lima",
    edition="2",
    issue=None,
    issn=("0378-5955",),
    isbn=("9780306406157",),
    pmid="31217198",
    conference="Congreso de Prueba",
    text_license="CC BY 4.0",
    open_copy="https://example.org/copia",
)
DEPTH = ("editors", "translators", "year", "month", "day", "place", "edition", "issn", "isbn", "pmid", "conference")
HELD: dict[str, set[str]] = {
    "ris": {*DEPTH} - {"pmid", "conference"},
    "bib": {*DEPTH},
    "json": {*DEPTH},
    "csv": {*DEPTH, "text_license", "open_copy"},
    "jsonl": {*DEPTH, "text_license", "open_copy"},
}
"""What each format has a place for."""


def exported(record: StudyRecord, ext: str) -> bytes:
    if ext == "jsonl":
        return json.dumps(record.to_json()).encode()
    options = ExportOptions(language="es", style="apa", on=datetime.date(2026, 12, 1))
    return b"".join(EXPORTS[ext].write(iter([record]), options))


def read_only(data: bytes, name: str) -> ParsedReference:
    kind, split = open_file(name, data)
    (reference,) = split.references
    return kind.read(reference.raw, split.head)


def plain(value: Any) -> Any:
    """Return names without their particle apart: RIS and tables write it before the family name."""
    if not (isinstance(value, list | tuple) and value and isinstance(value[0], dict | AuthorRecord)):
        return list(value) if isinstance(value, tuple) else value
    people = [each.to_json() if isinstance(each, AuthorRecord) else each for each in value]
    return [(f"{each.get('non-dropping-particle', '')} {each['family']}".strip(), each.get("given")) for each in people]


@pytest.mark.parametrize("ext", HELD)
def test_a_chapter_comes_back_with_all_that_the_format_holds(ext: str):
    fields = read_only(exported(CHAPTER, ext), f"studies.{ext}").fields
    for name in HELD[ext]:
        assert plain(fields.get(name)) == plain(getattr(CHAPTER, name)), name


@pytest.mark.parametrize("ext", ["ris", "bib", "json"])
def test_a_book_has_its_editors_beside_its_authors(ext: str):
    book = complete_record(type="book", container_title=None, editors=(author("Alva", "Rosa"),))
    fields = read_only(exported(book, ext), f"studies.{ext}").fields
    assert [person["family"] for person in fields["editors"]] == ["Alva"]
    assert [person["family"] for person in fields["authors"]] == ["Quispe"]


def test_orcid_and_ror_stand_in_the_own_format():
    people = (author(orcid="0000-0002-1825-0097"), AuthorRecord(literal="Casa", ror="02mhbdp94"))
    fields = read_only(exported(complete_record(authors=people), "jsonl"), "studies.jsonl").fields
    assert [person.get("orcid") or person.get("ror") for person in fields["authors"]] == [
        "0000-0002-1825-0097",
        "02mhbdp94",
    ]


NBIB = """PMID- 31217198
IS  - 1741-7015 (Electronic)
IS  - 1741-7015 (Linking)
DP  - 2014 Jul 31
TI  - Made-up article on a programme.
FAU - Quispe, Ana
JT  - Journal of made-up tests
"""
WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Quispe, A
TI Made-up article on a programme
SO JOURNAL OF MADE-UP TESTS
SN 0378-5955
EI 1741-7015
PD MAR 8
PY 2019
PM 31217198
ER

EF
"""
RIS = """TY  - CHAP
TI  - Made-up chapter
AU  - Quispe, Ana
A2  - Alva, Rosa
T2  - Made-up handbook
CY  - Lima
ET  - 2
DA  - 2019/03/08/
PY  - 2019
SN  - 978-0-306-40615-7
ER  -
"""


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (NBIB, "a.nbib", {"issn": ["1741-7015"], "pmid": "31217198", "month": 7, "day": 31}),
        (WOS, "a.ciw", {"issn": ["0378-5955", "1741-7015"], "pmid": "31217198", "month": 3, "day": 8}),
        (RIS, "a.ris", {"isbn": ["9780306406157"], "place": "Lima", "edition": "2", "month": 3, "day": 8}),
        (
            'Title,ISSN,eISSN,Editors,Publisher city,PubMed ID,Month\nMade up,0378-5955,1741-7015,"Alva, Rosa",Lima,'
            "31217198,Mar\n",
            "a.csv",
            {"issn": ["0378-5955", "1741-7015"], "place": "Lima", "pmid": "31217198", "month": 3},
        ),
    ],
)
def test_files_of_other_programs_keep_their_numbers(text: str, name: str, expected: dict[str, Any]):
    fields = read_only(text.encode(), name).fields
    assert {key: fields.get(key) for key in expected} == expected


def test_a_number_with_a_wrong_check_digit_is_left_out():
    assert find_issns(["0378-5954 (Print)", "ISSN 0378-5955"]) == ["0378-5955"]
    assert find_isbns(["978-0-306-40615-8; 0-306-40615-2"]) == ["9780306406157"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-03-08", (3, 8)),
        ("2019/03/08/", (3, 8)),
        ("20190308", (3, 8)),
        ("2019 Mar 8", (3, 8)),
        ("8 de marzo de 2019", (3, 8)),
        ("March 2019", (3, None)),
        ("2019/03//", (3, None)),
        ("12-15 June 2019", (6, None)),
        ("2019 Jan-Feb", (None, None)),
        ("Spring 2020", (None, None)),
        ("2019", (None, None)),
        ("2019-2020", (None, None)),
        ("2019-13-01", (None, None)),
        ("", (None, None)),
    ],
)
def test_the_date_of_a_reference(text: str, expected: tuple[int | None, int | None]):
    assert read_month_and_day(text) == expected
