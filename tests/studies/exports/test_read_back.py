"""Every study of the bank, and a made-up set of hard ones, read back by parsers that are not ours: the same fields."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import unicodedata
from itertools import zip_longest

import bibtexparser
import docx
import jsonschema
import openpyxl
import pytest
import rispy
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from lxml import html
from pylatexenc.latex2text import LatexNodes2Text

from studies.citations.bibliography import iterate_entries
from studies.citations.bibtex import TYPES as BIBTEX_TYPES
from studies.citations.reference import make_reference
from studies.citations.ris import TYPES as RIS_TYPES
from studies.citations.runs import to_plain_text
from studies.citations.styles.registry import STYLES
from studies.exports.lists.docx import ENTRY, IN_TEXT
from studies.exports.options import ExportOptions, TermRow
from studies.exports.registry import EXPORTS
from studies.exports.tabular import COLUMNS, escape_formula
from studies.exports.workbook import FINDING_COLUMNS, LONGEST_CELL, SHEETS, STUDY_COLUMNS
from studies.text.characters import collapse_whitespace
from tests.studies.csl_schema import CSL_SCHEMA
from tests.studies.hard_records import hard_records
from tests.studies.records_factory import complete_record, fixture_studies

ON = datetime.date(2026, 11, 26)
SETS = {"the bank": fixture_studies, "hard ones": hard_records}

each_set = pytest.mark.parametrize("records", [pytest.param(make, id=name) for name, make in SETS.items()])
each_style = pytest.mark.parametrize("style", STYLES)


def written(ext: str, records: object, style: str = "apa", language: str = "es", **more: object) -> bytes:
    options = ExportOptions(language=language, style=style, on=ON, **more)  # type: ignore[arg-type]
    return b"".join(EXPORTS[ext].write(iter(records), options))  # type: ignore[call-overload]


def bare(text: str | None) -> str:
    """Reduce a text to what no format may change: letters and figures."""
    return "".join(char for char in unicodedata.normalize("NFC", text or "") if char.isalnum())


@each_set
class TestRis:
    """Read by rispy."""

    def test_every_record_comes_back_once_and_in_order(self, records):
        found = rispy.loads(written("ris", records()).decode())
        assert [entry["accession_number"] for entry in found] == [record.id for record in records()]

    def test_fields_are_the_same(self, records):
        found = rispy.loads(written("ris", records()).decode())
        for entry, record in zip(found, records(), strict=True):
            made = make_reference(record)
            assert entry["type_of_reference"] == RIS_TYPES[made.type] != "GEN"
            assert entry.get("title", "") == made.title
            assert entry.get("year") == (str(made.year) if made.year else None)
            assert entry.get("doi", "") == made.doi
            assert entry.get("urls", [""])[0] == made.url
            assert entry.get("start_page", "") == made.first_page
            assert entry.get("end_page", "") == made.last_page
            assert entry.get("publisher", "") == made.publisher
            assert len(entry.get("authors", [])) == len(record.authors)
            for name, person in zip(entry.get("authors", []), record.authors, strict=True):
                family, comma, given = name.partition(",")
                assert bool(comma) is (person.literal is None)
                parts = (person.dropping_particle, person.non_dropping_particle, person.literal or person.family)
                assert bare(family) == bare("".join(collapse_whitespace(part) for part in parts))
                assert bare(given) == bare(collapse_whitespace(person.given))


@each_set
class TestBibtex:
    """Read by bibtexparser."""

    def test_every_entry_comes_back_once_and_in_order(self, records):
        library = bibtexparser.parse_string(written("bib", records()).decode())
        assert library.failed_blocks == []
        assert [entry.key for entry in library.entries] == [re.sub("[^A-Za-z0-9-]", "", r.id) for r in records()]

    def test_keys_are_ascii_and_unique(self, records):
        keys = [entry.key for entry in bibtexparser.parse_string(written("bib", records()).decode()).entries]
        assert len(set(keys)) == len(keys)
        assert all(re.fullmatch("[A-Za-z0-9-]+", key) for key in keys)

    def test_fields_are_the_same(self, records):
        library = bibtexparser.parse_string(written("bib", records()).decode())
        # Decoding the abstracts too would take most of a minute.
        decoder = LatexNodes2Text()
        for entry, record in zip(library.entries, records(), strict=True):
            made = make_reference(record)
            assert entry.entry_type == BIBTEX_TYPES[made.type]
            # The parser takes \\textasciicircum for the modifier letter; TeX and Zotero take it for the sign.
            title = decoder.latex_to_text(_field(entry, "title"))
            assert bare(title.replace("ˆ", "")) == bare(made.title)
            assert _field(entry, "year") == (str(made.year) if made.year else "")
            assert bare(_field(entry, "doi")) == bare(made.doi)

    def test_people_and_institutions_are_told_apart(self, records):
        text = written("bib", records()).decode()
        library = bibtexparser.parse_string(text, append_middleware=[SeparateCoAuthors(), SplitNameParts()])
        for entry, record in zip(library.entries, records(), strict=True):
            names = _field(entry, "author") or []
            assert len(names) == len(record.authors)
            for name, person in zip(names, record.authors, strict=True):
                if person.literal:
                    assert len(name.last) == 1, name
                    assert not name.first
                    assert not name.von


def _field(entry, name):
    return entry.fields_dict[name].value if name in entry.fields_dict else ""


@each_set
class TestCsl:
    """Validated by jsonschema."""

    def test_every_list_is_valid(self, records):
        items = json.loads(written("json", records(), keywords=lambda record: record.themes))
        jsonschema.validate(items, CSL_SCHEMA, format_checker=jsonschema.FormatChecker())

    def test_fields_are_the_same(self, records):
        items = json.loads(written("json", records()))
        for item, record in zip(items, records(), strict=True):
            made = make_reference(record)
            assert (item["id"], item["type"], item.get("title", "")) == (record.id, made.type, made.title)
            assert item.get("issued") == ({"date-parts": [[made.year]]} if made.year else None)
            assert len(item.get("author", [])) == len(record.authors)
            for name, person in zip(item.get("author", []), record.authors, strict=True):
                assert name.get("literal", "") == collapse_whitespace(person.literal)
                assert name.get("family", "") == collapse_whitespace(person.family)
                assert name.get("non-dropping-particle", "") == collapse_whitespace(person.non_dropping_particle)


@each_set
class TestTables:
    def test_csv_by_the_standard_library(self, records):
        text = written("csv", records()).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert list(rows[0]) == list(COLUMNS)
        assert [(row["id"], row["title"]) for row in rows] == [(r.id, escape_formula(r.title)) for r in records()]

    def test_xlsx_by_openpyxl(self, records):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", records())), read_only=True)
        assert tuple(book.sheetnames) == SHEETS["es"]
        head, *rows = book["Estudios"].iter_rows(values_only=True)
        assert head == STUDY_COLUMNS
        for row, record in zip(rows, records(), strict=True):
            cells = dict(zip_longest(head, row))
            assert cells["id"] == record.id
            assert cells["year"] == record.year
            assert cells["sample_size"] == record.sample_size
            assert (cells["title"] or "") == _as_xml_has_it(record.title)
            assert (cells["container_title"] or "") == _as_xml_has_it(record.container_title or "")

    def test_findings_have_a_sheet_of_their_own(self, records):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", records())), read_only=True)
        head, *rows = book["Hallazgos"].iter_rows(values_only=True)
        assert head == FINDING_COLUMNS
        wanted = [(record, number) for record in records() for number in range(1, len(record.findings) + 1)]
        for row, (record, number) in zip(rows, wanted, strict=True):
            cells = dict(zip_longest(head, row))
            kept = record.findings[number - 1]
            assert (cells["study"], cells["position"]) == (record.id, number)
            assert (cells["outcome"], cells["effect"]) == (kept.outcome, kept.effect)
            assert (cells["value"], cells["ci_low"], cells["ci_high"]) == (kept.value, kept.ci_low, kept.ci_high)


def _as_xml_has_it(text: str) -> str:
    """Leave out what XML cannot hold; its readers make one line end of every kind."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text).replace("\r\n", "\n").replace("\r", "\n")


class TestWorkbook:
    def test_a_dictionary_explains_every_column_and_every_code(self):
        terms = (TermRow("effects", "mixed", "Mixto", "Mixed", "Unos sí, otros no.", "Some do."),)
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [], terms=terms)))
        rows = list(book["Diccionario"].iter_rows(min_row=2, values_only=True))
        assert [row[1] for row in rows if row[0] == "Estudios"] == list(STUDY_COLUMNS)
        assert [row[1] for row in rows if row[0] == "Hallazgos"] == list(FINDING_COLUMNS)
        assert rows[-1] == ("effects", "mixed", "Mixto", "Mixed", "Unos sí, otros no.", "Some do.")
        assert all(row[2] and row[3] for row in rows)
        assert ("Estudios", "year", "año de publicación", "year of publication", None, None) in rows

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", " =1", "\t=1", '=HYPERLINK("http://x")'])
    def test_what_looks_like_a_formula_is_a_text_and_stays_one(self, text):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [complete_record(title=text)])))
        cell = book["Estudios"].cell(2, STUDY_COLUMNS.index("title") + 1)
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)

    def test_other_texts_are_not_marked(self):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [complete_record(title="a=b")])))
        assert not book["Estudios"].cell(2, STUDY_COLUMNS.index("title") + 1).quotePrefix

    def test_numbers_are_numbers_and_the_unknown_is_empty(self):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [complete_record(year=None, sample_size=1200)])))
        row = {head.value: cell for head, cell in zip(book["Estudios"][1], book["Estudios"][2], strict=False)}
        assert (row["sample_size"].value, row["sample_size"].data_type) == (1200, "n")
        assert row["year"].value is None

    def test_a_text_that_no_cell_can_hold_is_cut_and_shows_it(self):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [complete_record(title="a" * 40_000)])))
        value = book["Estudios"].cell(2, STUDY_COLUMNS.index("title") + 1).value
        assert (len(value), value[-1]) == (LONGEST_CELL, "…")

    def test_letters_that_excel_would_decode_are_kept(self):
        assert b"_x005F_x0041_" in _sheet(written("xlsx", [complete_record(title="_x0041_")]))

    def test_the_sheets_are_named_in_the_language_of_the_reader(self):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [], language="en")))
        assert tuple(book.sheetnames) == SHEETS["en"]


def _sheet(content: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def wanted_entries(records, style, language="es"):
    references = [make_reference(record, language=language, on=ON) for record in records]
    return list(iterate_entries(references, STYLES[style], language))


@each_set
@each_style
class TestReferenceLists:
    def test_docx_by_python_docx(self, records, style):
        document = docx.Document(io.BytesIO(written("docx", records(), style)))
        paragraphs = [(p.style.name, p) for p in document.paragraphs]
        found = [p for name, p in paragraphs if name == ENTRY]
        cited = [p.text for name, p in paragraphs if name == IN_TEXT]
        wanted = wanted_entries(records(), style)
        number = "{}. " if style == "vancouver" else ""
        assert [p.text for p in found] == [number.format(e.number) + _visible(to_plain_text(e.runs)) for e in wanted]
        assert [[run.text for run in p.runs if run.italic] for p in found] == [
            [_visible(run.text) for run in entry.runs if run.italic] for entry in wanted
        ]
        assert cited == [f"En el texto: {_visible(to_plain_text(entry.in_text))}" for entry in wanted]

    def test_html_by_lxml(self, records, style):
        page = html.fromstring(written("html", records(), style))
        found = page.xpath("//p[@class='entry']")
        wanted = wanted_entries(records(), style)
        assert [item.text_content() for item in found] == [to_plain_text(entry.runs) for entry in wanted]
        assert [item.getparent().get("id") for item in found] == [entry.key for entry in wanted]
        assert [["".join(i.itertext()) for i in item.xpath(".//i")] for item in found] == [
            [run.text for run in entry.runs if run.italic] for entry in wanted
        ]
        assert page.xpath("//script") == []

    def test_txt_line_by_line(self, records, style):
        lines = written("txt", records(), style).decode().split("\r\n")
        wanted = wanted_entries(records(), style)
        number = "{}. " if style == "vancouver" else ""
        assert lines[3::3] == [*(number.format(e.number) + to_plain_text(e.runs) for e in wanted), ""]
        assert lines[4::3] == [f"    En el texto: {to_plain_text(e.in_text)}" for e in wanted]


def _visible(text: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
