"""Lists of citations and tables, read back by the programs that read them.

After a wanted change of a format, write the golden files anew: python -m tests.studies.exports.test_registry
"""

import csv
import datetime
import io
import json
import re
from pathlib import Path

import bibtexparser
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors
from hypothesis import example, given
from hypothesis import strategies as st

from studies.citations.styles.registry import STYLES
from studies.exports.options import ExportOptions, no_keywords, style_or_default
from studies.exports.registry import EXPORTS
from studies.exports.tabular import COLUMNS, FINDING_PARTS, escape_formula, write_table
from studies.records.finding import FindingRecord
from studies.records.json_record import fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import CostRecord, InterventionRecord
from tests.studies.records_factory import author, complete_record, finding, fixture_studies, institution

ON = datetime.date(2026, 11, 26)
GOLDEN = Path(__file__).parents[1] / "golden"
ANY_TEXT = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
NASTY = [
    "ER  - ",
    "a\r\nER  - \r\nTY  - GEN",
    "a\n\nTI  - b",
    "@article{x, title={y}}",
    "}{",
    "{",
    "\\",
    "\\}",
    "50 % & $5 #1 _a ~ ^",
    '"a", "b"',
    "=1+1",
    "a,\r\nb",
    "a;b\u2028c\x85d\x1ce",
    "ñandú – “x” 研究 🙂",
    "a--b---c ''d`` ?` <<>> ,,",
]


def exported(ext, records, language="es", keywords=no_keywords):
    return b"".join(EXPORTS[ext].write(iter(records), ExportOptions(language, on=ON, keywords=keywords))).decode()


def read_ris(text):
    return rispy.loads(text)


def read_bibtex(text):
    library = bibtexparser.parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    assert library.failed_blocks == []
    return library.entries


def one_line(text):
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ufeff]+", " ", text).strip()


def without_braces(text):
    return text.replace("{", "").replace("}", "")


def golden_studies():
    kinds = {}
    for study in fixture_studies():
        kinds.setdefault(study.type, study)
        if any(name.dropping_particle or (name.given or "").endswith("Jr.") for name in study.authors):
            kinds.setdefault("particle", study)
    return list(dict.fromkeys(kinds.values()))


TEXT_FORMATS = ("ris", "bib", "json", "html", "txt", "csv")


def golden_texts():
    """Return the golden files by name: each kind of study once, in each format that is text."""
    records = golden_studies()
    return {f"studies.{ext}": exported(ext, records, keywords=lambda record: record.themes) for ext in TEXT_FORMATS}


class TestAllStudiesReadBack:
    def test_ris_by_rispy(self):
        studies = fixture_studies()
        entries = read_ris(exported("ris", studies))
        assert [entry["title"] for entry in entries] == [study.title for study in studies]
        assert [len(entry.get("authors", [])) for entry in entries] == [len(study.authors) for study in studies]
        assert [entry["accession_number"] for entry in entries] == [study.id for study in studies]
        assert [entry.get("doi") for entry in entries] == [study.doi for study in studies]

    def test_bibtex_by_bibtexparser(self):
        studies = fixture_studies()
        entries = read_bibtex(exported("bib", studies))
        assert [without_braces(entry["title"]) for entry in entries] == [study.title for study in studies]
        authors = bibtexparser.parse_string(exported("bib", studies), append_middleware=[SeparateCoAuthors()])
        assert [len(entry["author"]) for entry in authors.entries] == [len(study.authors) for study in studies]
        assert [entry.key for entry in entries] == [study.id for study in studies]
        journals = [without_braces(entry["journal"]) for entry in entries if "journal" in entry]
        assert "Ciência & Saúde Coletiva" in journals

    def test_csl_by_json(self):
        studies = fixture_studies()
        items = json.loads(exported("json", studies))
        assert [(item["id"], item["title"]) for item in items] == [(study.id, study.title) for study in studies]
        assert [len(item["author"]) for item in items] == [len(study.authors) for study in studies]

    def test_csv_by_csv(self):
        studies = fixture_studies()
        rows = list(csv.DictReader(io.StringIO(exported("csv", studies).removeprefix("\ufeff"), newline="")))
        assert [(row["id"], row["title"]) for row in rows] == [
            (study.id, escape_formula(study.title)) for study in studies
        ]


class TestGolden:
    @pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.glob("studies.*")))
    def test_each_format_writes_what_it_wrote(self, name):
        assert golden_texts()[name] == (GOLDEN / name).read_bytes().decode()

    def test_there_is_a_golden_file_for_each_format(self):
        assert {path.name for path in GOLDEN.glob("studies.*")} == set(golden_texts())


class TestAnyText:
    """Whatever a field holds, a list of two studies is read back as two."""

    def records(self, text):
        fields = ("title", "container_title", "volume", "pages", "publisher", "number", "summary_es")
        changes = dict.fromkeys(fields, text)
        authors = (author(text, text), institution(text))
        return [complete_record(authors=authors, **changes), complete_record(id="second", title="Second")]

    @pytest.mark.parametrize("text", NASTY)
    @pytest.mark.parametrize("kind", ["article-journal", "report", "chapter", "webpage"])
    def test_ris_survives_nasty_text(self, text, kind):
        self.check_ris(text, kind)

    @given(ANY_TEXT)
    @example("ER  - ")
    def test_ris_survives_any_text(self, text):
        self.check_ris(text, "article-journal")

    def check_ris(self, text, kind):
        records = [complete_record(**{**self.as_json(record), "type": kind}) for record in self.records(text)]
        written = exported("ris", records, keywords=lambda record: [text])
        assert written.count("\r\n") == len(written.splitlines())
        assert len(re.findall(r"(?m)^TY  - ", written)) == len(re.findall(r"(?m)^ER  - \r$", written)) == 2
        entries = read_ris(written)
        assert [entry["accession_number"] for entry in entries] == [record.id for record in records]
        assert entries[0].get("title", "") == one_line(text)

    @pytest.mark.parametrize("text", NASTY)
    @pytest.mark.parametrize("kind", ["article-journal", "report", "chapter", "webpage"])
    def test_bibtex_survives_nasty_text(self, text, kind):
        self.check_bibtex(text, kind)

    @given(ANY_TEXT)
    def test_bibtex_survives_any_text(self, text):
        self.check_bibtex(text, "article-journal")

    def check_bibtex(self, text, kind):
        records = [complete_record(**{**self.as_json(record), "type": kind}) for record in self.records(text)]
        written = exported("bib", records, keywords=lambda record: [text])
        entries = read_bibtex(written)
        assert [entry.key for entry in entries] == [record.id for record in records]
        assert written.count("{") == written.count("}")
        # The parser takes \\textasciicircum for the modifier letter; TeX and Zotero take it for the sign.
        title = without_braces(entries[0]["title"]).replace("ˆ", "^") if "title" in entries[0] else ""
        assert re.sub(r"\s", "", title) == re.sub(r"\s", "", without_braces(one_line(text)).replace("ˆ", "^"))

    @given(ANY_TEXT)
    @example("\u2028")
    def test_csl_survives_any_text(self, text):
        items = json.loads(exported("json", self.records(text)))
        assert [item["id"] for item in items] == ["quispe-2021-hogares", "second"]
        assert items[0].get("title", "") == one_line(text)

    @given(ANY_TEXT)
    @example("a\r\nb")
    @example('"a","b"')
    def test_csv_survives_any_text(self, text):
        written = exported("csv", self.records(text)).removeprefix("\ufeff")
        rows = list(csv.DictReader(io.StringIO(written, newline="")))
        assert [row["id"] for row in rows] == ["quispe-2021-hogares", "second"]
        assert rows[0]["title"] == escape_formula(text)

    @staticmethod
    def as_json(record):
        return {name: getattr(record, name) for name in COLUMNS}


class TestCsv:
    def row(self, **changes):
        written = exported("csv", [complete_record(**changes)]).removeprefix("\ufeff")
        (row,) = csv.DictReader(io.StringIO(written, newline=""))
        return row

    def test_it_opens_with_a_byte_order_mark_and_a_header_of_codes(self):
        written = exported("csv", [])
        assert written == "\ufeff" + ",".join(COLUMNS) + "\r\n"

    def test_lists_are_joined_by_a_semicolon_and_a_space(self):
        row = self.row(authors=(author("Ommeren", "Mark", non_dropping_particle="van"), institution("INEI")))
        assert row["authors"] == "van Ommeren, Mark; INEI"
        assert row["populations"] == "women; men"
        assert row["sources"] == "https://example.org/estudio"

    def test_a_finding_is_one_line_of_parts(self):
        assert FINDING_PARTS[:2] == ("outcome", "effect")
        row = self.row(
            findings=(
                finding(about=("parenting", "engaging-men"), arm_es="A; con | barra", inconclusive=True, p_below=0.001),
                finding(measure=None, value=None, ci_low=None, ci_high=None, ci_level=None, about=()),
            )
        )
        first, second = ([*entry.split("|")] for entry in row["findings"].split("; "))
        known = {name: part for name, part in zip(FINDING_PARTS, first, strict=True) if part}
        assert known == {
            "outcome": "ipv-physical",
            "effect": "favourable",
            "measure": "risk ratio",
            "value": "0.7",
            "ci_low": "0.5",
            "ci_high": "0.9",
            "ci_level": "95",
            "follow_up": "24 months",
            "about": "parenting,engaging-men",
            "arm_es": "A, con / barra",
            "inconclusive": "yes",
            "p_below": "0.001",
            "follow_up_months": "24",
        }
        assert dict(zip(FINDING_PARTS, second, strict=True))["about"] == "none"

    def test_a_finding_has_all_its_fields_but_sentences_and_groups(self):
        assert set(FINDING_PARTS) == set(fields_of(FindingRecord)) - {"statement_es", "statement_en", "arms"}

    def test_an_intervention_comes_with_its_role(self):
        row = self.row(interventions=("engaging-men", InterventionRecord("parenting")))
        assert row["interventions"] == "engaging-men (evaluated); parenting (none)"

    def test_costs_and_judgements_of_others_are_parts_likewise(self):
        row = self.row(
            costs=(CostRecord(1500.0, "PEN", 2024, "family"),),
            appraisals=(PublishedAppraisalRecord("RoB 1", judges="bias", overall="high", by="Cochrane, 2013"),),
        )
        assert row["costs"] == "1500|PEN|2024|family||"
        assert row["appraisals"] == "RoB 1||bias||high||Cochrane, 2013|||"

    def test_what_is_not_known_is_empty_and_open_access_is_a_word(self):
        assert (self.row(open_access=None)["open_access"], self.row(open_access=False)["open_access"]) == ("", "no")
        assert self.row(volume=None)["volume"] == ""

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
    def test_cells_that_a_spreadsheet_would_run_are_defused(self, start):
        assert self.row(title=f"{start}cmd|' /C calc'!A0")["title"] == f"'{start}cmd|' /C calc'!A0"

    def test_a_negative_number_stays_a_number(self):
        assert "".join(write_table([["value"], ["-0.3"], ["-0.3 a"]])) == "\ufeffvalue\r\n-0.3\r\n'-0.3 a\r\n"

    def test_other_cells_stay_as_they_are(self):
        assert self.row(title="a=b")["title"] == "a=b"


class TestRegistry:
    def test_each_export_is_found_by_its_extension(self):
        assert list(EXPORTS) == ["ris", "bib", "json", "docx", "html", "txt", "xlsx", "csv"]
        assert all(EXPORTS[ext].ext == ext for ext in EXPORTS)

    def test_those_in_a_style_are_lists_of_references(self):
        assert [ext for ext, export in EXPORTS.items() if export.has_style] == ["docx", "html", "txt"]
        assert all(export.is_citation for export in EXPORTS.values() if export.has_style)

    @pytest.mark.parametrize("ext", EXPORTS)
    def test_the_first_piece_comes_before_the_second_study_is_read(self, ext):
        def records():
            yield complete_record()
            raise AssertionError("read ahead")

        assert next(EXPORTS[ext].write(records(), ExportOptions()))

    @pytest.mark.parametrize("ext", ["ris", "bib", "json", "html", "txt"])
    def test_only_the_table_has_a_byte_order_mark(self, ext):
        assert not exported(ext, [complete_record()]).startswith("\ufeff")

    @pytest.mark.parametrize("ext", EXPORTS)
    def test_an_empty_list_is_a_whole_file(self, ext):
        assert b"".join(EXPORTS[ext].write([], ExportOptions())) or ext in ("ris", "bib")


class TestKnownStyle:
    @pytest.mark.parametrize("asked", ["", "mla", "apa\r\nX: y", "APA"])
    def test_what_is_no_style_counts_as_not_said(self, asked):
        assert style_or_default(asked) == "apa"

    def test_a_style_is_itself(self):
        assert [style_or_default(code) for code in STYLES] == list(STYLES)


if __name__ == "__main__":
    for name, text in golden_texts().items():
        (GOLDEN / name).write_bytes(text.encode())
