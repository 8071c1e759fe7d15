"""The importers: what each format says of a reference, which row a mistake is in, and that no bytes break them."""

from __future__ import annotations

import datetime
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from studies.citations import bibtex
from studies.citations.reference import make_reference
from studies.exports.tabular import FINDING_PARTS
from studies.imports.formats import field_values, mending
from studies.imports.formats.base import ParsedReference, RawReference
from studies.imports.formats.columns import COLUMNS
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.plain_text import plain_text
from studies.imports.formats.registry import FORMATS, open_file
from studies.records.study import STUDY_FIELDS
from tests.studies import reference_files
from tests.studies.records_factory import complete_record
from tests.studies.reference_files import (
    BIBTEX,
    BILLION_LAUGHS,
    CSL_ITEM,
    ENDNOTE,
    FILES,
    NBIB,
    ROWS,
    workbook,
    workbook_with,
    written,
)
from tests.thorough import examples

TEXT_FORMATS = ("ris", "bib", "nbib", "csl", "wos", "refworks", "refer", "csv", "jsonl")


def readings(name: str, data: bytes) -> list[ParsedReference]:
    found, split = open_file(name, data)
    return [found.read(reference.raw, split.head) for reference in split.references]


def one(name: str, data: bytes | str) -> ParsedReference:
    return readings(name, data.encode() if isinstance(data, str) else data)[0]


def problem_of(name: str, text: str) -> RowInvalid:
    with pytest.raises(RowInvalid) as caught:
        one(name, text)
    return caught.value


class TestRecognition:
    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [
            ("a", b"TY  - JOUR\nTI  - A\nER  - \n", "ris"),
            ("a.csv", b"Exported today\n\nTY  - JOUR\nTI  - A\nER  - \n", "ris"),
            ("a.ris", BIBTEX.encode(), "bib"),
            ("a.bib", NBIB.encode(), "nbib"),
            ("a.txt", ENDNOTE.encode(), "endnote"),
            ("a.txt", json.dumps([CSL_ITEM]).encode(), "csl"),
            ("a.txt", b'{"message": {"title": "A"}}', "csl"),
            ("a.json", b'{"title": "A", "year": 2001}\n', "jsonl"),
            ("a.ris", workbook(), "xlsx"),
            ("a.ris", b"10.5555/a\nhttps://doi.org/10.5555/b\n", "doi"),
            ("a.txt", b"title,year\nA,2001\n", "csv"),
            ("a.tsv", b"title\tyear\nA\t2001\n", "csv"),
        ],
    )
    def test_the_content_tells_the_format_whatever_the_name(self, name: str, content: bytes, code: str):
        assert open_file(name, content)[0].code == code

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"@article{a,\nnote={\nPMID- 1\n}}\n", "nbib"),
            (b"PMID- 1\nTI  - A\nAB  - B\nTY  - JOUR\n", "ris"),
            (b"<xml><records><record><note>\nTY  - JOUR\n</note></record></records></xml>", "endnote"),
            (b'[{"title": "A"},\nTY  - JOUR\n]', "csl"),
            (b"10.5555/a\n" * 60 + b"@article{a,\n}\n", "bib"),
        ],
    )
    def test_of_two_formats_the_one_with_the_rarer_mark_reads_the_file(self, content: bytes, code: str):
        assert open_file("a.txt", content)[0].code == code

    @pytest.mark.parametrize("name", ["a", "a.dat", "csv", "A.TXT"])
    def test_a_text_without_a_mark_is_a_table_unless_its_name_says_otherwise(self, name: str):
        assert open_file(name, b"title,year\nA,2001\n")[0].code == "csv"

    @pytest.mark.parametrize(("name", "label"), [("a.bibtex", "BibTeX"), ("a.NBIB", "PubMed"), ("a.xlsx", "Excel")])
    def test_a_text_without_the_mark_that_its_name_promises_is_refused(self, name: str, label: str):
        with pytest.raises(FileUnreadable, match=rf"en la forma de {label}\. Se leen: RIS, BibTeX, "):
            open_file(name, b"title,year\nA,2001\n")

    def test_a_web_page_is_no_list(self):
        with pytest.raises(FileUnreadable, match="página web"):
            open_file("a.xml", b"\xef\xbb\xbf\n<!doctype html><title>A</title>")


class TestRis:
    def test_all_that_our_own_export_says_comes_back(self):
        (record,) = reference_files.records(1)
        found = one("a.ris", written("ris", [record]))
        assert found.fields == {
            "title": record.title,
            "language": "es",
            "authors": [author.to_json() for author in record.authors],
            "year": 2018,
            "type": "article-journal",
            "container_title": "Cuadernos de Prueba",
            "volume": "1",
            "issue": "2",
            "pages": "01-09",
            "doi": "10.5555/prueba.0",
        }
        assert found.keywords == ("adolescentes",)

    def test_a_working_paper_is_told_from_a_report(self):
        reference = "TY  - RPRT\nTI  - A\nM3  - Documento de trabajo\nSN  - 77\nPB  - Muyu\nER  - "
        assert one("a.ris", reference).fields["type"] == "article"
        assert one("a.ris", reference).fields["number"] == "77"
        assert one("a.ris", reference.replace("M3", "N1")).fields["type"] == "report"

    def test_an_issn_is_no_number_of_a_report(self):
        assert "number" not in one("a.ris", "TY  - RPRT\nTI  - A\nSN  - 1234-567X\nER  - ").fields

    def test_a_long_value_may_go_on_in_the_next_line(self):
        assert one("a.ris", "TY  - JOUR\nTI  - Un título\nmuy largo\nER  - ").fields["title"] == "Un título muy largo"

    def test_a_doi_may_stand_in_an_address(self):
        found = one("a.ris", "TY  - JOUR\nTI  - A\nUR  - https://doi.org/10.1234/ABC\nUR  - https://a.org/x\nER  - ")
        assert (found.fields["doi"], found.fields["url"]) == ("10.1234/abc", "https://a.org/x")

    def test_particles_are_parted_from_the_family_name(self):
        found = one("a.ris", "TY  - JOUR\nTI  - A\nAU  - de las Casas, Juana, Jr.\nER  - ")
        assert found.fields["authors"] == [
            {"family": "Casas", "given": "Juana, Jr.", "non-dropping-particle": "de las"}
        ]


class TestBibtex:
    def test_tex_becomes_text_and_institutions_stay_whole(self):
        first, second = readings("a.bib", BIBTEX.encode())
        assert first.fields["title"] == "Caminos de la Señora del Agua"
        assert first.fields["authors"] == [
            {"family": "Ñaupari Núñez", "given": "Sofía"},
            {"literal": "Asociación Muyu y Aliadas"},
            {"family": "Torre", "given": "Elías", "non-dropping-particle": "de la"},
        ]
        assert (first.fields["container_title"], first.fields["doi"]) == ("Cuadernos de Prueba", "10.5555/bib_1")
        assert first.fields["pages"] == "11-19"
        assert first.keywords == ("adolescentes", "otra palabra")
        assert (second.fields["type"], second.fields["publisher"], second.fields["number"]) == (
            "article",
            "Instituto Muyu",
            "7",
        )

    @pytest.mark.parametrize(
        ("kind", "series"),
        [
            ("article", "Texto para Discussão"),
            ("article", "Serie A Working Papers"),
            ("report", "Informes de Prueba"),
        ],
    )
    def test_the_series_of_our_own_reports_comes_back(self, kind: str, series: str):
        record = complete_record(type=kind, container_title=series, publisher="Instituto Muyu", number="7")
        entry = "".join(bibtex.write([make_reference(record)]))
        fields = one("a.bib", entry).fields
        assert (fields["type"], fields["container_title"], fields["number"]) == (kind, series, "7")

    @pytest.mark.parametrize("said", ["Technical Report", "Working Paper", "Informe técnico", "Research report"])
    def test_a_kind_of_report_is_no_series(self, said: str):
        entry = f"@techreport{{a, title={{Uno}}, year=2001, institution={{Muyu}}, type={{{said}}}}}"
        assert "container_title" not in one("a.bib", entry).fields

    def test_the_first_of_two_equal_fields_counts(self):
        assert one("a.bib", "@book{a, title={Uno}, title={Dos}, year=2001}").fields["title"] == "Uno"

    def test_joined_with_its_abbreviations_it_reads_the_same(self):
        found, split = open_file("a.bib", BIBTEX.encode())
        again = found.join([reference.raw for reference in split.references], split.head)
        assert readings("a.bib", again) == readings("a.bib", BIBTEX.encode())


class TestNbib:
    def test_a_translated_title_stands_beside_the_original(self):
        first, second = readings("a.nbib", NBIB.encode())
        assert first.fields["title"] == "Señales de violencia vistas en postas rurales de Puno"
        assert first.fields["title_en"] == "Signs of violence seen at rural health posts in Puno"
        assert (first.fields["language"], first.fields["year"], first.fields["pages"]) == ("es", 2015, "345-352")
        assert first.fields["doi"] == "10.5555/nbib.1"
        assert first.abstract == "Women talked about the care that they received, and about what was missing."
        assert first.keywords == ("Adolescent", "Intimate Partner Violence")
        assert second.fields["authors"] == [{"family": "Poma", "given": "E. Q."}]


class TestEndnote:
    def test_styles_are_taken_off_and_institutions_end_in_a_comma(self):
        first, second = readings("a.xml", ENDNOTE.encode())
        assert first.fields["title"] == "Redes de vecinas en Ica"
        assert first.fields["authors"] == [{"family": "Ñaupari", "given": "Sofía"}, {"literal": "Asociación Muyu"}]
        assert (first.fields["doi"], first.fields["issue"]) == ("10.5555/endnote.1", "2")
        assert (second.fields["type"], second.fields["year"]) == ("report", 2016)

    def test_a_row_is_the_line_where_the_record_begins(self):
        _found, split = open_file("a.xml", ENDNOTE.encode())
        lines = ENDNOTE.split("\n")
        assert [lines[reference.row - 1].startswith("<record>") for reference in split.references] == [True, True]


class TestCsl:
    def test_marks_and_entities_are_taken_off(self):
        found = one("a.json", json.dumps([CSL_ITEM]))
        assert found.fields["title"] == "Ferias y denuncias en Ayacucho & Ica"
        assert found.fields["authors"] == [
            {"family": "Casas", "given": "Juana", "non-dropping-particle": "de las"},
            {"literal": "Red Muyu"},
        ]
        assert (found.fields["doi"], found.fields["year"]) == ("10.5555/csl.1", 2013)

    def test_a_row_is_the_line_where_the_object_begins(self):
        _found, split = open_file("a.json", json.dumps([CSL_ITEM, CSL_ITEM], indent=1).encode())
        assert [reference.row for reference in split.references] == [2, 26]


class TestTables:
    def test_columns_are_known_by_code_and_by_spanish_name(self):
        for name in ("title,year", "Título,AÑO", "título original,Publication Year"):
            found = one("a.csv", f"{name}\nLos telares,2001\n")
            assert found.fields == {"title": "Los telares", "year": 2001}

    def test_columns_that_are_not_known_are_told(self):
        _found, split = open_file("a.csv", b"title,color\nA,rojo\n")
        assert split.notes == ("Columnas que no se leen: color.",)

    def test_a_row_is_numbered_as_a_spreadsheet_does(self):
        _found, split = open_file("a.csv", b'title,year\n"En dos\nlineas",2001\n\nTercera,2002\n')
        assert [reference.row for reference in split.references] == [2, 4]

    def test_a_workbook_says_what_the_table_says(self):
        as_csv = "\n".join(",".join(f'"{cell}"' for cell in row) for row in [["title", "authors", "year"], *ROWS])
        assert readings("a.xlsx", workbook()) == readings("a.csv", as_csv.encode())

    def test_numbers_and_dates_of_a_workbook_become_text(self):
        found = readings("a.xlsx", workbook(lambda sheet: sheet.append(["Telares", None, 2019.0])))[-1]
        assert found.fields["year"] == 2019

    def test_a_formula_is_not_run(self):
        found = readings("a.xlsx", workbook(lambda sheet: sheet.append(["=A1", "Poma, E", "=1+1"])))[-1]
        assert found.fields == {"authors": [{"family": "Poma", "given": "E"}]}
        assert found.notes[1] == "La celda de «year» es una fórmula y no se tomó: péguela como valor."

    def test_of_a_formula_that_holds_an_address_the_address_is_taken(self):
        cells = ["Telares", "", "", '=HYPERLINK("https://doi.org/10.5555/A","ver")']
        book = workbook(lambda sheet: (sheet.cell(1, 4, "doi"), sheet.append(cells)))
        assert readings("a.xlsx", book)[-1].fields["doi"] == "10.5555/a"

    def test_a_text_that_looks_like_a_formula_stays_a_text(self):
        assert one("a.csv", 'title\n"\'=Igual, y más"\n').fields["title"] == "=Igual, y más"

    def test_cells_that_our_export_defused_lose_their_apostrophe(self):
        assert one("a.csv", "title\n'=Igualdad\n").fields["title"] == "=Igualdad"

    def test_a_finding_has_the_parts_of_the_export(self):
        cells = {"outcome": "ipv-physical", "effect": "favourable", "measure": "risk ratio", "value": "0,7"}
        text = "|".join(cells.get(part, "") for part in FINDING_PARTS)
        found = one("a.csv", f'title,findings\nTelares,"{text}"\n')
        assert found.fields["findings"] == [{**cells, "value": 0.7}]

    @pytest.mark.parametrize(
        ("written", "about"), [("none", []), (" None ", []), ("parenting,couples", ["parenting", "couples"])]
    )
    def test_a_finding_that_tests_nothing_is_told_from_one_of_which_nobody_says_it(self, written, about):
        cells = {"outcome": "ipv-physical", "effect": "not-estimated", "about": written}
        text = "|".join(cells.get(part, "") for part in FINDING_PARTS)
        (found,) = one("a.csv", f'title,findings\nTelares,"{text}"\n').fields["findings"]
        assert found["about"] == about

    def test_an_intervention_has_its_role_in_parentheses_and_none_where_there_are_none(self):
        cell = "engaging-men (evaluated); Líneas de ayuda (descrita); helpline; shelter (None); parenting ()"
        found = one("a.csv", f'title,intervenciones\nTelares,"{cell}"\n')
        assert found.fields["interventions"] == [
            {"code": "engaging-men", "role": "evaluated"},
            {"code": "Líneas de ayuda", "role": "descrita"},
            {"code": "helpline"},
            {"code": "shelter"},
            {"code": "parenting"},
        ]

    def test_costs_and_judgements_of_others_have_their_parts(self):
        costs, judged = "37|USD|2015|woman registered", "RoB 1||bias||low|low|Cochrane (2013)||https://example.org/"
        found = one("a.csv", f'title,costs,appraisals\nTelares,"{costs}","{judged}"\n')
        assert found.fields["costs"] == [{"amount": 37.0, "currency": "USD", "year": 2015, "per": "woman registered"}]
        assert found.fields["appraisals"] == [
            {
                "instrument": "RoB 1",
                "judges": "bias",
                "overall": "low",
                "risk_of_bias": "low",
                "by": "Cochrane (2013)",
                "url": "https://example.org/",
            }
        ]

    def test_every_field_of_a_study_has_its_column(self):
        asked = {*STUDY_FIELDS} - {"id", "own_appraisals"} | {"keywords", "abstract"}
        assert asked == {column.code for column in COLUMNS}

    def test_a_row_with_more_cells_than_columns_is_refused(self):
        assert "más celdas" in problem_of("a.csv", "title\nUno,dos\n").reason


class TestWorkbooks:
    def test_dates_are_read_whichever_year_they_count_from(self):
        for epoch in (CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904):
            book = Workbook()
            book.epoch = epoch
            book.active.append(["título", "año"])
            book.active.append(["Telares", datetime.date(2019, 5, 3)])
            written_to = io.BytesIO()
            book.save(written_to)
            assert one("a.xlsx", written_to.getvalue()).fields["year"] == 2019

    def test_the_first_sheet_is_read_wherever_it_lies(self):
        book = Workbook()
        book.create_sheet("Otra").append(["título"])
        book.move_sheet("Otra", -1)
        book["Otra"].append(["La primera"])
        book["Sheet"].append(["título"])
        written_to = io.BytesIO()
        book.save(written_to)
        assert one("a.xlsx", written_to.getvalue()).fields["title"] == "La primera"

    def test_parts_that_are_not_needed_are_not_even_unpacked(self):
        assert len(readings("a.xlsx", workbook_with("docProps/core.xml", BILLION_LAUGHS))) == len(ROWS)

    @pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
    def test_a_workbook_without_a_sheet_is_refused(self, part: str):
        with pytest.raises(FileUnreadable, match="dañado"):
            open_file("a.xlsx", workbook_with(part, b"<a/>"))


class TestMistakes:
    @pytest.mark.parametrize("text", ["c. 1990s", "siglo XX", "20019"])
    def test_what_is_no_year_is_told_and_the_reference_stays(self, text: str):
        found = one("a.csv", f"title,year\nTelares,{text}\n")
        assert found.fields == {"title": "Telares"}
        assert text in found.notes[0]

    @pytest.mark.parametrize("text", ["", "s.f.", "n.d.", "in press", "/"])
    def test_a_year_that_is_not_known_is_none(self, text: str):
        assert field_values.read_year(text) == (None, "")

    @pytest.mark.parametrize(
        "text", ["2001", "2001/05/03", "May 2001", "2001-02", 2001, "Start date: 20010503", "2,001"]
    )
    def test_a_year_is_found_in_a_date(self, text: object):
        assert field_values.read_year(text) == (2001, "")

    def test_of_very_many_authors_the_first_hundred_are_taken_and_it_is_told(self):
        names = "".join(f"AU  - Poma {number}, E\n" for number in range(130))
        found = one("a.ris", f"TY  - JOUR\nTI  - A\n{names}ER  - ")
        assert len(found.fields["authors"]) == mending.MOST_AUTHORS
        assert "130 autores" in found.notes[0]


class TestWhatNobodySees:
    HIDDEN = "Los te\u00adla\u200bres \u202eojer\u202c y la radio\ufeff"

    def test_signs_that_hide_or_turn_the_direction_are_taken_off(self):
        for name, data in (("a.ris", f"TY  - JOUR\nTI  - {self.HIDDEN}\nER  - "), ("a.csv", f"title\n{self.HIDDEN}\n")):
            assert one(name, data).fields["title"] == "Los telares ojer y la radio"
        line = json.dumps({"title": self.HIDDEN, "authors": [{"literal": "Mu\u202eyu"}]})
        assert one("a.jsonl", line).fields == {"title": "Los telares ojer y la radio", "authors": [{"literal": "Muyu"}]}

    def test_a_letter_keeps_thirty_marks(self):
        assert len(plain_text("a" + "\u0327" * 500)) == 31
        assert plain_text("Ǹgũgĩ wa Thiong’o, 暴力の研究" * 9) == "Ǹgũgĩ wa Thiong’o, 暴力の研究" * 9

    def test_letters_of_any_script_stay(self):
        for text in ("हिंसा का अध्ययन", "العنف ضد المرأة", "暴力の研究" * 20, "Asháninka ñomi’tsiri"):
            assert plain_text(text) == text


class TestJoining:
    def test_a_bad_row_is_no_formula_in_the_file_of_bad_rows(self):
        head, rows = "title,year,doi", ["=1+1,pronto,", '"@SUM(A1)",pronto,"-2"', 'b,"=cmd|x', "Igual,pronto,"]
        joined = FORMATS["csv"].join(rows, head).decode("utf-8-sig").split("\r\n")
        assert joined == [head, "'=1+1,pronto,", "'@SUM(A1),pronto,-2", "b,\"'=cmd|x", "Igual,pronto,", ""]

    def test_a_bad_row_is_text_in_the_workbook_of_bad_rows(self):
        found, split = open_file("a.xlsx", workbook(lambda sheet: sheet.append(["=1+1"])))
        again = load_workbook(io.BytesIO(found.join([split.references[-1].raw], split.head)))
        assert (again.active["A2"].value, again.active["A2"].data_type) == ("=1+1", "s")

    def test_a_row_that_was_too_long_can_be_joined_too(self):
        found, split = open_file("a.xlsx", workbook(lambda sheet: sheet.append(["b" * 32_000] * 15)))
        assert "larga" in split.references[-1].problem
        assert found.join([split.references[-1].raw], split.head)

    @pytest.mark.parametrize("file", [file for file in FILES if file.new and file.errors], ids=lambda file: file.name)
    def test_the_bad_rows_are_a_file_of_their_own_format(self, file: reference_files.ReferenceFile):
        found, split = open_file(file.name, file.make())
        bad = [reference.raw for reference in split.references if not _reads(found.code, reference, split.head)]
        again = found.join(bad, split.head)
        assert again
        if found.code == "xlsx":
            assert load_workbook(io.BytesIO(again)).worksheets[0].max_row == 1 + len(bad)
        else:
            assert all(line in again.decode("utf-8-sig") for raw in bad for line in raw.split("\n"))

    @pytest.mark.parametrize("ext", ["ris", "bib", "json"])
    def test_good_references_joined_read_the_same(self, ext: str):
        found, split = open_file(f"a.{ext}", written(ext).encode())
        again = found.join([reference.raw for reference in split.references], split.head)
        assert readings(f"a.{ext}", again) == readings(f"a.{ext}", written(ext).encode())


def _reads(code: str, reference: RawReference, head: str) -> bool:
    try:
        FORMATS[code].read(reference.raw, head)
    except RowInvalid:
        return False
    return not reference.problem


class TestNoBytesBreakThem:
    @given(data=st.binary(max_size=300), name=st.sampled_from([file.name for file in FILES]))
    def test_random_bytes_are_read_or_refused(self, data: bytes, name: str):
        self._try(name, data)

    @settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
    @given(
        file=st.sampled_from([file for file in FILES if file.new]),
        cuts=st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=3)), min_size=1, max_size=4),
    )
    def test_damaged_files_are_read_or_refused(
        self, file: reference_files.ReferenceFile, cuts: list[tuple[int, bytes]]
    ):
        data = file.make()
        for place, noise in cuts:
            at = place % len(data)
            data = data[:at] + noise + data[at + len(noise) * 2 :]
        self._try(file.name, data)

    @given(text=st.text(max_size=200), code=st.sampled_from(TEXT_FORMATS))
    def test_any_reference_is_read_or_refused(self, text: str, code: str):
        head = "title,year" if code == "csv" else ""
        assert _reads(code, RawReference(1, text), head) in (True, False)

    def _try(self, name: str, data: bytes) -> None:
        try:
            found, split = open_file(name, data)
        except FileUnreadable:
            return
        for reference in split.references:
            _reads(found.code, reference, split.head)
        found.join([reference.raw for reference in split.references], split.head)


class TestFormat1:
    @pytest.mark.parametrize(
        "line",
        [
            '{"title": "Telares", "interventions": ["helpline"]}',
            '{"title": "Telares", "findings": [{"outcome": "a", "interventions": []}]}',
        ],
    )
    def test_a_line_of_the_bank_s_first_format_says_what_to_do(self, line: str):
        reason = problem_of("a.jsonl", line).reason
        assert "formato 1" in reason
        assert '"role": "evaluated"' in reason
