"""Tables in the hands of those who count with them: pandas, R with metafor, frictionless, LibreOffice."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import docx
import frictionless
import openpyxl
import pandas
import pytest

from studies.records.finding import FindingRecord
from studies.records.study import StudyRecord
from tests.readers.conftest import Download, Tell, find_program, run

NUMBERS = ("value", "ci_low", "ci_high", "ci_level", "p", "se", "n", "follow_up_months")
RATIOS = ("odds ratio", "risk ratio", "hazard ratio")
TABLES = (
    *("studies.csv", "findings.csv", "arms.csv", "costs.csv", "appraisals.csv", "cycle.csv", "decisions.csv"),
    *("questions.csv", "searches.csv", "dictionary.csv"),
)


def all_findings(records: list[StudyRecord]) -> list[FindingRecord]:
    return [finding for record in records for finding in record.findings]


def estimates(records: list[StudyRecord]) -> list[FindingRecord]:
    """The ratios that have an interval on both sides of which there is no zero."""
    return [
        each
        for each in all_findings(records)
        if each.measure in RATIOS and each.value and each.ci_low and each.ci_high and each.ci_low > 0
    ]


def rows_of(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened))


class TestPandas:
    @pytest.mark.parametrize("table", TABLES)
    def test_reads_every_row_and_takes_numbers_for_numbers(self, download: Download, table: str) -> None:
        frame = pandas.read_csv(download.edition / table)
        head, *rows = rows_of(download.edition / table)
        assert (list(frame.columns), len(frame)) == (head, len(rows))
        dictionary = pandas.read_csv(download.edition / "dictionary.csv")
        told = dictionary[(dictionary.file == table) & dictionary.type.isin(["integer", "number"])]
        for column in told.field if rows else ():
            assert pandas.api.types.is_numeric_dtype(frame[column]), column

    def test_sees_the_numbers_of_the_records(self, download: Download, records: list[StudyRecord], tell: Tell) -> None:
        frame = pandas.read_csv(download.edition / "findings.csv")
        findings = all_findings(records)
        for column in NUMBERS:
            wanted = [getattr(each, column) for each in findings if getattr(each, column) is not None]
            assert sorted(frame[column].dropna()) == sorted(wanted), column
        negative = sum((each.value or 0) < 0 for each in findings)
        assert (frame.value < 0).sum() == negative > 0
        tell(f"pandas: {len(frame)} findings, {negative} negative values, {len(NUMBERS)} columns of numbers")

    def test_reads_the_same_from_a_workbook(self, download: Download, records: list[StudyRecord]) -> None:
        frame = pandas.read_excel(download.lists / "estudios.xlsx", sheet_name="Hallazgos")
        assert len(frame) == len(all_findings(records))
        assert (frame["Valor"] < 0).sum() == sum((each.value or 0) < 0 for each in all_findings(records))


class TestR:
    """R's own reader, and the effect sizes that metafor makes of our estimates and groups."""

    SCRIPT = """
    suppressMessages(library(metafor))
    found <- read.csv("findings.csv", fileEncoding = "UTF-8-BOM")
    cat(sum(is.numeric(found$value)), sum(found$value < 0, na.rm = TRUE), nrow(found), "\\n")
    ratios <- subset(found, measure %in% c("odds ratio", "risk ratio", "hazard ratio"))
    ratios <- subset(ratios, value > 0 & ci_low > 0 & ci_high > 0)
    level <- ifelse(is.na(ratios$ci_level), 95, ratios$ci_level)
    error <- (log(ratios$ci_high) - log(ratios$ci_low)) / (2 * qnorm(0.5 + level / 200))
    sizes <- escalc(measure = "GEN", yi = log(ratios$value), sei = error)
    cat(nrow(sizes), sprintf("%.6f", sum(sizes$yi)), sprintf("%.6f", sum(sizes$vi)), "\\n")
    arms <- read.csv("arms.csv", fileEncoding = "UTF-8-BOM")
    both <- merge(subset(arms, arm == "intervention"), subset(arms, arm == "comparison"), by = c("study", "position"))
    both <- subset(both, !is.na(events.x) & !is.na(events.y) & !is.na(n.x) & !is.na(n.y))
    risks <- escalc(measure = "RR", ai = events.x, n1i = n.x, ci = events.y, n2i = n.y, data = both)
    cat(nrow(risks), sum(is.finite(risks$yi)), "\\n")
    """

    def test_keeps_every_estimate(self, download: Download, records: list[StudyRecord], tell: Tell) -> None:
        printed = run(find_program("Rscript", "r-base-core r-cran-metafor"), "-e", self.SCRIPT, cwd=download.edition)
        table, sizes, risks = (line.split() for line in printed.splitlines())
        findings = all_findings(records)
        negative = sum((each.value or 0) < 0 for each in findings)
        assert [int(part) for part in table] == [1, negative, len(findings)]
        wanted = estimates(records)
        assert int(sizes[0]) == len(wanted) > 0
        assert float(sizes[1]) == pytest.approx(sum(math.log(each.value or 1) for each in wanted), abs=1e-4)
        assert float(sizes[2]) > 0
        groups = [{arm.arm: arm for arm in each.arms} for each in findings]
        counted = sum(
            all(
                name in arms and arms[name].n is not None and arms[name].events is not None
                for name in ("intervention", "comparison")
            )
            for arms in groups
        )
        assert [int(part) for part in risks] == [counted, counted]
        tell(
            f"R: {len(findings)} findings, {negative} negative values; metafor: {len(wanted)} ratios, {counted} tables"
        )


class TestFrictionless:
    def test_finds_the_package_valid(self, download: Download, tell: Tell) -> None:
        package = json.loads((download.edition / "datapackage.json").read_text(encoding="utf-8"))
        assert {resource["path"] for resource in package["resources"]} >= set(TABLES)
        report = frictionless.validate(str(download.edition / "datapackage.json"))
        assert {task.place for task in report.tasks} >= set(TABLES)
        # Of JSON without a line it wants the first one.
        filled = [task for task in report.tasks if (download.edition / task.place).stat().st_size]
        assert [(task.place, error.message) for task in filled for error in task.errors] == []
        tell(f"frictionless: {len(filled)} files without a fault")


_CSV = "Text - txt - csv (StarCalc):44,34,76,1"
"""LibreOffice's name of CSV: with commas, double quotes, in UTF-8, from the first row."""


class TestLibreOffice:
    def test_opens_the_workbook_with_every_row_and_number(
        self, download: Download, records: list[StudyRecord], tmp_path: Path, tell: Tell
    ) -> None:
        # The last part of the filter's options asks for a file of each sheet.
        self.convert(f"csv:{_CSV},,0,false,true,false,false,false,-1", download.lists / "estudios.xlsx", tmp_path)
        assert len(rows_of(tmp_path / "estudios-Estudios.csv")) == len(records) + 1
        frame = pandas.read_csv(tmp_path / "estudios-Hallazgos.csv")
        values = [each.value for each in all_findings(records) if each.value is not None]
        assert sorted(frame["Valor"].dropna()) == pytest.approx(sorted(values))
        tell(f"LibreOffice: {len(records)} studies, {len(frame)} findings of the workbook")

    @pytest.mark.parametrize("table", ["studies.csv", "findings.csv"])
    def test_opens_the_tables(self, download: Download, table: str, tmp_path: Path) -> None:
        self.convert("xlsx", download.edition / table, tmp_path, f"--infilter={_CSV}")
        book = openpyxl.load_workbook((tmp_path / table).with_suffix(".xlsx"), read_only=True)
        head, *rows = book.worksheets[0].iter_rows(values_only=True)
        wanted_head, *wanted = rows_of(download.edition / table)
        assert (list(head), len(rows)) == (wanted_head, len(wanted))
        if table == "findings.csv":
            place = wanted_head.index("value")
            numbers = [row[place] for row in rows if row[place] is not None]
            assert numbers == pytest.approx([float(row[place]) for row in wanted if row[place]])

    def test_opens_the_list_of_references(self, download: Download, records: list[StudyRecord], tmp_path: Path) -> None:
        self.convert("txt:Text (encoded):UTF8", download.lists / "estudios.docx", tmp_path)
        seen = (tmp_path / "estudios.txt").read_text(encoding="utf-8-sig")
        paragraphs = [each.text for each in docx.Document(str(download.lists / "estudios.docx")).paragraphs]
        assert len([line for line in paragraphs if line.startswith("En el texto: ")]) == len(records)
        assert [line for line in paragraphs if line and line not in seen] == []

    def convert(self, kind: str, file: Path, into: Path, *options: str) -> None:
        profile = f"-env:UserInstallation=file://{into}/profile"
        program = find_program("soffice", "libreoffice-calc-nogui libreoffice-writer-nogui")
        run(program, profile, "--headless", *options, "--convert-to", kind, "--outdir", into, file, cwd=into)
