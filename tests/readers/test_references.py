"""Lists of references in the hands of those who cite: pandoc, LaTeX with BibTeX and biber, citeproc-js with the styles
of CSL. Everywhere all entries are there, and the bank's remark on its summaries is printed nowhere.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import unicodedata
from pathlib import Path

import pypdf
import pytest

from studies.citations.reference import NOTES
from studies.records.study import StudyRecord
from tests.bank_server import ROOT
from tests.readers.conftest import Download, Tell, find_program, run

REMARK = "Resumen escrito por el Banco"
assert NOTES["es"].startswith(REMARK)
LATEX = (
    "biber texlive-latex-base texlive-latex-recommended texlive-latex-extra texlive-bibtex-extra texlive-lang-spanish "
    "texlive-fonts-recommended lmodern"
)
DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage[%s]{babel}
\pagestyle{empty}
%s
\begin{document}
\nocite{*}
%s
\end{document}
"""


def bare(text: str) -> str:
    """Reduce a text to its letters and figures, which no style and no hyphenation changes."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


class TestPandoc:
    @pytest.mark.parametrize(("ext", "format_of_pandoc"), [("ris", "ris"), ("bib", "biblatex"), ("json", "csljson")])
    def test_reads_every_reference(
        self, download: Download, records: list[StudyRecord], ext: str, format_of_pandoc: str, tell: Tell
    ) -> None:
        pandoc = find_program("pandoc", "pandoc")
        file = download.lists / f"estudios.{ext}"
        items = json.loads(run(pandoc, "-f", format_of_pandoc, "-t", "csljson", file, cwd=download.lists))
        assert sorted(bare(item["title"]) for item in items) == sorted(bare(record.title) for record in records)
        tell(f"pandoc, {format_of_pandoc}: {len(items)} references")

    @pytest.mark.parametrize(("ext", "format_of_pandoc"), [("ris", "ris"), ("bib", "biblatex"), ("json", "csljson")])
    def test_prints_no_remark_of_the_bank(self, download: Download, ext: str, format_of_pandoc: str) -> None:
        pandoc = find_program("pandoc", "pandoc")
        file = download.lists / f"estudios.{ext}"
        printed = run(pandoc, "--citeproc", "-f", format_of_pandoc, "-t", "plain", file, cwd=download.lists)
        assert bare("Findings from the SASA! Study") in bare(printed)
        assert bare(REMARK) not in bare(printed)


class TestLatex:
    """Documents that are compiled; what is looked at is the text of the PDF."""

    # In a Spanish document the style of ISO 690 fails by itself at any work in English that has a number.
    @pytest.mark.parametrize(
        ("style", "language"), [("apa", "spanish"), ("authoryear", "spanish"), ("iso-authoryear", "english")]
    )
    def test_biblatex_prints_every_entry_and_the_series_of_reports(
        self, download: Download, records: list[StudyRecord], tmp_path: Path, style: str, language: str, tell: Tell
    ) -> None:
        head = rf"\usepackage{{csquotes}}\usepackage[style={style}]{{biblatex}}\addbibresource{{list.bib}}"
        text, said = self.compile(download, tmp_path, (language, head, r"\printbibliography"), "biber")
        assert re.findall("^(?:WARN|ERROR) - .*", said, re.MULTILINE) == []
        assert bare(REMARK) not in text
        assert [record.id for record in records if bare(record.title)[:40] not in text] == []
        reports = [record for record in records if record.type in ("report", "article") and record.publisher]
        series = {record.id: bare(record.container_title) for record in reports if record.container_title}
        assert [key for key, name in series.items() if name not in text] == []
        tell(f"biber and LaTeX, {style}: {len(records)} entries, {len(series)} series, no warning, no remark")

    @pytest.mark.parametrize("style", ["plain", "unsrt"])
    def test_bibtex_prints_every_entry(
        self, download: Download, records: list[StudyRecord], tmp_path: Path, style: str, tell: Tell
    ) -> None:
        body = rf"\bibliographystyle{{{style}}}\bibliography{{list}}"
        text, said = self.compile(download, tmp_path, ("spanish", "", body), "bibtex")
        assert "error message" not in said
        assert (tmp_path / "document.bbl").read_text(encoding="utf-8").count(r"\bibitem") == len(records)
        assert bare(REMARK) not in text
        tell(f"BibTeX and LaTeX, {style}: {len(records)} entries, no error, no remark")

    def compile(self, download: Download, folder: Path, parts: tuple[str, str, str], processor: str) -> tuple[str, str]:
        """Return the letters of the PDF, and what the processor of references said.

        `parts` are what DOCUMENT leaves open: its language, its head, its body.
        """
        latex, processor = find_program("pdflatex", LATEX), find_program(processor, LATEX)
        (folder / "list.bib").write_bytes((download.lists / "estudios.bib").read_bytes())
        (folder / "document.tex").write_text(DOCUMENT % parts, encoding="utf-8")
        command = (latex, "-interaction=nonstopmode", "-halt-on-error", "document")
        run(*command, cwd=folder)
        said = run(processor, "document", cwd=folder)
        run(*command, cwd=folder)
        pages = pypdf.PdfReader(folder / "document.pdf").pages
        return bare("".join(page.extract_text() for page in pages)), said


class TestCiteproc:
    """citeproc-js, which Zotero and Mendeley print with, and the styles of citationstyles.org."""

    STYLES = ("apa", "vancouver", "chicago-author-date", "iso690-author-date-es")

    @pytest.mark.parametrize("style", STYLES)
    def test_prints_every_reference_whole(
        self, download: Download, records: list[StudyRecord], style: str, tell: Tell
    ) -> None:
        node = find_program("node", "nodejs npm")
        packages = ROOT / ".venv" / "citeproc"
        if not packages.is_dir():
            reason = "there is no citeproc-js: make readers gets it from npm"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        items = json.loads((download.lists / "estudios.json").read_text(encoding="utf-8"))
        asked = json.dumps({"items": items, "style": style, "language": "es-ES"})
        done = subprocess.run(
            [node, "benchmarks/citeproc/cite.mjs", str(packages)],
            cwd=ROOT,
            input=asked,
            capture_output=True,
            text=True,
            check=True,
        )
        printed = {
            key: bare(re.sub("<[^>]+>|&#?[a-z0-9]+;", "", entry)) for key, entry, _cited in json.loads(done.stdout)
        }
        assert list(printed) == [item["id"] for item in items]
        assert [key for key, entry in printed.items() if bare(REMARK) in entry] == []
        titles = {item["id"]: bare(re.sub("&", "", item["title"]))[:40] for item in items}
        assert [key for key, title in titles.items() if title not in printed[key]] == []
        assert len(printed) == len(records)
        tell(f"citeproc-js, {style}: {len(printed)} references, no remark")
