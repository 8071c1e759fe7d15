"""Every study of the bank, and a made-up set of hard ones, read back by parsers that are not ours: the same fields."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import unicodedata
from itertools import zip_longest
from typing import Any

import bibtexparser
import docx
import jsonschema
import openpyxl
import pytest
import rispy
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from hypothesis import HealthCheck, given, settings
from lxml import html
from pylatexenc.latex2text import LatexNodes2Text

from studies.citations.bibliography import iterate_entries
from studies.citations.bibtex import TYPES as BIBTEX_TYPES
from studies.citations.reference import make_reference
from studies.citations.ris import TYPES as RIS_TYPES
from studies.citations.runs import to_plain_text
from studies.citations.styles.registry import STYLES
from studies.exports import headings
from studies.exports.lists.docx import ENTRY, IN_TEXT
from studies.exports.options import ExportOptions, TermRow
from studies.exports.registry import EXPORTS
from studies.exports.sheets import make_sheets
from studies.exports.tabular import COLUMNS, FINDING_PARTS, escape_formula, format_cell
from studies.exports.workbook import LONGEST_CELL
from studies.records.finding import ArmRecord, FindingRecord
from studies.records.json_record import Record, fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import CostRecord, InterventionRecord, StudyRecord
from studies.text.characters import collapse_whitespace
from tests.studies.any_record import any_changes
from tests.studies.csl_schema import CSL_SCHEMA
from tests.studies.hard_records import hard_records
from tests.studies.records_factory import complete_record, finding, fixture_studies
from tests.thorough import examples

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
        rows = sheet(written("xlsx", records()), "Estudios")
        for cells, record in zip(rows, records(), strict=True):
            assert cells["Identificador"] == record.id
            assert cells["Año"] == record.year
            assert cells["Tamaño de la muestra"] == record.sample_size
            assert (cells["Título original"] or "") == _as_xml_has_it(record.title)
            assert (cells["Revista, libro o sitio"] or "") == _as_xml_has_it(record.container_title or "")

    def test_findings_have_a_sheet_of_their_own(self, records):
        rows = sheet(written("xlsx", records()), "Hallazgos")
        wanted = [(record, number) for record in records() for number in range(1, len(record.findings) + 1)]
        for cells, (record, number) in zip(rows, wanted, strict=True):
            kept = record.findings[number - 1]
            assert (cells["Estudio"], cells["Hallazgo n.º"], cells["Año"]) == (record.id, number, record.year)
            for heading, attribute in NUMBERS_OF_FINDING.items():
                assert cells[heading] == getattr(kept, attribute), (record.id, number, heading)
            assert (cells["Hallazgo en español"] or "") == _as_xml_has_it(kept.statement_es or "")

    @pytest.mark.parametrize(
        ("title", "rows_of"),
        [
            ("Grupos", lambda record: [arm.n for finding in record.findings for arm in finding.arms]),
            ("Costos", lambda record: [cost.amount for cost in record.costs]),
            ("Juicios publicados", lambda record: [appraisal.instrument for appraisal in record.appraisals]),
        ],
    )
    def test_so_have_groups_costs_and_judgements(self, records, title, rows_of):
        column = {"Grupos": "Personas o unidades analizadas", "Costos": "Monto", "Juicios publicados": "Instrumento"}
        rows = sheet(written("xlsx", records()), title)
        wanted = [(record.id, value) for record in records() for value in rows_of(record)]
        assert [(cells["Estudio"], cells[column[title]]) for cells in rows] == wanted


class TestAnyRecord:
    """Whatever its fields hold, a record has its rows in the tables, with the numbers that it has."""

    @settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(any_changes)
    def test_comes_back_in_csv_and_xlsx(self, changes):
        record = complete_record(**changes)
        text = written("csv", [record]).decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text, newline=""))
        assert row["interventions"].count(" (") == len(record.interventions)
        entries = [entry.split("|") for entry in row["findings"].split("; ")] if record.findings else []
        for entry, kept in zip(entries, record.findings, strict=True):
            parts = dict(zip(FINDING_PARTS, entry, strict=True))
            assert parts["value"] == format_cell(kept.value)
            assert parts["about"] == ("none" if kept.about == () else ",".join(kept.about or ()))
        book = written("xlsx", [record])
        for cells, kept in zip(sheet(book, "Hallazgos"), record.findings, strict=True):
            for heading, key in NUMBERS_OF_FINDING.items():
                assert same_number(cells[heading], getattr(kept, key))
        arms = [arm for kept in record.findings for arm in kept.arms]
        for cells, arm in zip(sheet(book, "Grupos"), arms, strict=True):
            assert same_number(cells["Media"], arm.mean)
        assert [cells["Moneda (ISO 4217)"] for cells in sheet(book, "Costos")] == [c.currency for c in record.costs]
        assert len(sheet(book, "Juicios publicados")) == len(record.appraisals)


def same_number(cell: object, number: float | None) -> bool:
    """A number that Excel cannot hold exactly stands there as text."""
    return cell is None if number is None else float(str(cell)) == number


NUMBERS_OF_FINDING = {
    heading.es: key for key, heading in headings.FINDING.items() if fields_of(FindingRecord)[key].type in (int, float)
}


def sheet(content: bytes, title: str) -> list[dict[str, object]]:
    """Return the rows of a sheet, their cells by heading."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    head, *rows = book[title].iter_rows(values_only=True)
    return [dict(zip_longest(head, row)) for row in rows]


def _as_xml_has_it(text: str) -> str:
    """Leave out what XML cannot hold; its readers make one line end of every kind."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text).replace("\r\n", "\n").replace("\r", "\n")


TERMS = (
    TermRow("interventions", "parenting", "Crianza", "Parenting", "", ""),
    TermRow("interventions", "engaging-men", "Trabajo con hombres", "Engaging men", "", ""),
    TermRow("roles", "component", "Parte de un paquete", "Part of a package", "", ""),
    TermRow("roles", "described", "Descrita", "Described", "", ""),
    TermRow("countries", "PE", "Perú", "Peru", "", ""),
    TermRow("outcomes", "ipv-any", "Violencia de pareja", "Partner violence", "", ""),
    TermRow("comparators", "nothing", "Nada", "Nothing", "", ""),
    TermRow("reporters", "men", "Hombres", "Men", "", ""),
    TermRow("effects", "no-effect", "Sin efecto detectable", "No detectable effect", "No se halló.", "None found."),
    TermRow("regions", "andean", "Países andinos", "Andean countries", "", ""),
)
PACKAGE = (InterventionRecord("parenting", "component"), InterventionRecord("engaging-men", "described"))


def one_row(of_sheet: str, language: str = "es", **changes: object) -> dict[str, object]:
    """Return the only row that a study made of `changes` has in a sheet."""
    content = written("xlsx", [complete_record(**changes)], language=language, terms=TERMS)
    (cells,) = sheet(content, of_sheet)
    return cells


class TestWorkbook:
    def test_a_dictionary_explains_every_column(self):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [])))
        rows = list(book["Diccionario"].iter_rows(min_row=2, values_only=True))
        for each in book.worksheets[:-1]:
            (head,) = each.iter_rows(max_row=1, values_only=True)
            assert [row[2] for row in rows if row[0] == each.title] == list(head)
        assert all(all(row) for row in rows)
        meanings = ("Año", "Year", "año de publicación", "year of publication")
        assert ("Estudios", "year", *meanings) in rows

    def test_and_every_code_that_a_column_can_hold(self):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [], terms=TERMS)))
        rows = list(book["Diccionario"].iter_rows(min_row=2, values_only=True))
        names = ("Sin efecto detectable", "No detectable effect")
        assert ("Efecto", "no-effect", *names, "No se halló.", "None found.") in rows
        assert "andean" not in [row[1] for row in rows]

    def test_every_field_of_a_record_has_a_column(self):
        wanted = {key for key in fields_of(StudyRecord) if key not in ("findings", "costs", "appraisals")}
        below: dict[str, type[Record]] = {"findings[]": FindingRecord, "findings[].arms[]": ArmRecord}
        below |= {"costs[]": CostRecord, "appraisals[]": PublishedAppraisalRecord}
        wanted |= {f"{above}.{key}" for above, record in below.items() for key in fields_of(record)}
        assert set(headings.HEADINGS) == wanted - {"findings[].arms"}
        assert {column.field for each in make_sheets() for column in each.columns} >= set(headings.HEADINGS)

    @pytest.mark.parametrize("place", [0, 1])
    def test_no_two_columns_of_a_sheet_have_one_heading(self, place):
        for each in make_sheets():
            names = [column.heading[place] for column in each.columns]
            assert len(set(names)) == len(names), each.title

    def test_a_spanish_file_speaks_spanish(self):
        kept = finding(outcome="ipv-any", effect="no-effect", inconclusive=True, higher_is="worse", reporter="men")
        cells = one_row("Hallazgos", interventions=PACKAGE, findings=(kept,))
        assert (cells["Resultado medido"], cells["Efecto"]) == ("Violencia de pareja", "Sin efecto detectable")
        assert (cells["No permite saberlo"], cells["Un valor más alto es"]) == ("sí", "peor para las mujeres")
        assert (cells["Países"], cells["Quién dio el dato"], cells["Seguimiento"]) == ("Perú", "Hombres", "24 meses")

    def test_behind_labels_stand_their_codes(self):
        kept = finding(outcome="ipv-any", effect="no-effect")
        cells = one_row("Hallazgos", interventions=PACKAGE, findings=(kept,))
        assert (cells["Resultado medido (código)"], cells["Efecto (código)"]) == ("ipv-any", "no-effect")
        assert (cells["Países (código)"], cells["Intervenciones de las que trata (código)"]) == ("PE", "parenting")
        assert one_row("Estudios", interventions=PACKAGE)["Intervenciones y su papel en el estudio (código)"] == (
            "parenting (component); engaging-men (described)"
        )
        assert one_row("Findings", "en", findings=(kept,))["Effect (code)"] == "no-effect"

    def test_each_finding_tells_whose_it_is(self):
        cells = one_row("Hallazgos", findings=(finding(),))
        assert (cells["Autoría"], cells["Año"], cells["Países"]) == ("Quispe, Ana María", 2021, "Perú")
        assert cells["Diseños (código)"]

    def test_only_findings_that_the_list_asks_for_are_told(self):
        kept = (finding(outcome="ipv-any"), finding(outcome="attitudes", arms=(ArmRecord("intervention", n=40),)))
        content = written(
            "xlsx",
            [complete_record(findings=kept)],
            keep_finding=lambda record, each: each.outcome == "attitudes",
        )
        (cells,) = sheet(content, "Hallazgos")
        assert (cells["Hallazgo n.º"], cells["Resultado medido (código)"]) == (2, "attitudes")
        assert len(sheet(content, "Grupos")) == 1

    def test_an_english_file_speaks_english(self):
        kept = finding(
            outcome="ipv-any", effect="no-effect", inconclusive=True, higher_is="worse", comparator="nothing"
        )
        cells = one_row("Findings", "en", interventions=PACKAGE, findings=(kept,))
        assert (cells["Outcome"], cells["Effect"]) == ("Partner violence", "No detectable effect")
        assert (cells["Inconclusive"], cells["A higher value is"]) == ("yes", "worse for women")
        assert (cells["Title"], cells["Follow-up"]) == ("Work with men in rural households of Peru", "24 months")

    @pytest.mark.parametrize(
        ("written_text", "shown"),
        [("1 year", "1 año"), ("5-9 months", "5-9 meses"), ("1.5 years", "1,5 años"), ("al nacer", "al nacer")],
    )
    def test_a_time_is_told_in_spanish(self, written_text, shown):
        assert one_row("Hallazgos", findings=(finding(follow_up=written_text),))["Seguimiento"] == shown

    def test_what_a_study_only_describes_is_not_told_as_evaluated(self):
        cells = one_row("Hallazgos", interventions=PACKAGE)
        assert cells["Intervenciones que el estudio evalúa"] == "Crianza"
        assert cells["Intervenciones de las que trata"] == "Crianza"
        studies = one_row("Estudios", interventions=PACKAGE)
        roles = studies["Intervenciones y su papel en el estudio"]
        assert roles == "Crianza (parte de un paquete); Trabajo con hombres (descrita)"

    def test_a_role_that_nobody_gave_is_said_to_be_missing(self):
        without = one_row("Estudios", interventions=(InterventionRecord("parenting"),))
        assert without["Intervenciones y su papel en el estudio"] == "Crianza (papel aún sin indicar)"

    def test_a_finding_that_tests_nothing_says_so(self):
        assert one_row("Hallazgos", findings=(finding(about=()),))["Intervenciones de las que trata"] == "ninguna"

    def test_a_finding_of_a_review_is_about_what_it_reviews(self):
        reviewed = (InterventionRecord("parenting", "reviewed"),)
        assert one_row("Hallazgos", interventions=reviewed)["Intervenciones de las que trata"] == "Crianza"

    def test_groups_costs_and_judgements_are_told_in_words(self):
        arm = ArmRecord("intervention", n=40, percent=12.5)
        assert one_row("Grupos", findings=(finding(arms=(arm,)),))["Grupo"] == "grupo con programa"
        assert one_row("Costos", costs=(CostRecord(12.5, "PEN"),))["Moneda (ISO 4217)"] == "PEN"
        judged = PublishedAppraisalRecord("RoB 1", judges="bias", domains={"allocation": "high", "blinding": "low"})
        cells = one_row("Juicios publicados", appraisals=(judged,))
        assert cells["Qué se juzgó"] == "sesgo o calidad"
        assert cells["Juicio de cada dominio"] == "allocation: high; blinding: low"

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", " =1", "\t=1", '=HYPERLINK("http://x")'])
    def test_what_looks_like_a_formula_is_a_text_and_stays_one(self, text):
        cell = cell_of("Título original", title=text)
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)

    def test_other_texts_are_not_marked(self):
        assert not cell_of("Título original", title="a=b").quotePrefix

    def test_numbers_are_numbers_and_the_unknown_is_empty(self):
        cell = cell_of("Tamaño de la muestra", sample_size=1200)
        assert (cell.value, cell.data_type) == (1200, "n")
        assert cell_of("Año", year=None).value is None

    def test_so_are_negative_ones(self):
        cell = cell_of("Valor", "Hallazgos", findings=(finding(value=-0.3, ci_low=-0.5, ci_high=-0.1),))
        assert (cell.value, cell.data_type) == (-0.3, "n")

    def test_a_text_that_no_cell_can_hold_is_cut_and_shows_it(self):
        value = cell_of("Título original", title="a" * 40_000).value
        assert (len(value), value[-1]) == (LONGEST_CELL, "…")

    def test_letters_that_excel_would_decode_are_kept(self):
        assert b"_x005F_x0041_" in _sheet(written("xlsx", [complete_record(title="_x0041_")]))

    def test_the_sheets_are_named_in_the_language_of_the_reader(self):
        book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [], language="en")))
        assert tuple(book.sheetnames) == (*(each.title.en for each in make_sheets()), "Dictionary")


def cell_of(heading: str, of_sheet: str = "Estudios", **changes: object) -> Any:
    """Return the cell under a heading in the first row of a sheet."""
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", [complete_record(**changes)])))
    (head,) = book[of_sheet].iter_rows(max_row=1, values_only=True)
    return book[of_sheet].cell(2, head.index(heading) + 1)


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
