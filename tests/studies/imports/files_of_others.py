"""Files as other programs write them, whole and odd. Each holds one made-up reference, or several of its kind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

TITLE = "Huertos y cuidado en siete caseríos de Junín"
DOI = "10.5555/muyu.2019.1"
REFERENCE: dict[str, Any] = {
    "title": TITLE,
    "authors": [{"family": "Quispe", "given": "Ana"}, {"family": "Poma", "given": "Elías"}],
    "year": 2019,
    "container_title": "Cuadernos de Prueba",
    "volume": "7",
    "issue": "2",
    "pages": "11-19",
    "doi": DOI,
}
"""What every file says, unless it says less."""


@dataclass(frozen=True)
class FileOfOthers:
    """A file, how many references it holds (`holds`), and what of REFERENCE its first one lacks or says otherwise."""

    name: str
    data: bytes
    format: str
    holds: int = 1
    lacks: tuple[str, ...] = ()
    otherwise: tuple[tuple[str, Any], ...] = ()


def of(
    name: str, text: str, code: str, *lacks: str, holds: int = 1, encoding: str = "utf-8", **otherwise: Any
) -> FileOfOthers:
    return FileOfOthers(name, text.encode(encoding), code, holds, lacks, tuple(otherwise.items()))


# --- RIS ---------------------------------------------------------------------------------------------------------

BODY = f"""AU  - Quispe, Ana
AU  - Poma, Elías
TI  - {TITLE}
T2  - Cuadernos de Prueba
VL  - 7
IS  - 2
SP  - 11
EP  - 19
PY  - 2019
DO  - {DOI}
"""
RIS = f"TY  - JOUR\n{BODY}ER  - \n\n"
OLD_RIS = (
    RIS.replace("AU  - ", "A1  - ").replace("TI  - ", "T1  - ").replace("T2  - ", "JF  - ").replace("PY  - ", "Y1  - ")
)
RIS_FILES = (
    of("plain.ris", RIS, "ris"),
    of("marks-in-the-middle.ris", f"\ufeff{RIS}\ufeff{RIS}", "ris", holds=2),
    of("windows-lines.ris", RIS.replace("\n", "\r\n"), "ris"),
    of("latin.ris", RIS, "ris", encoding="cp1252"),
    of("utf-16.ris", RIS, "ris", encoding="utf-16"),
    of("old-tags.ris", OLD_RIS.replace("2019\n", "2019/05/03/\n"), "ris"),
    of("one-blank.ris", RIS.replace("  - ", " - "), "ris"),
    of("no-blank-behind.ris", RIS.replace("  - ", "  -"), "ris"),
    of("tabs.ris", RIS.replace("  - ", "\t- "), "ris"),
    of("indented.ris", "\n".join(f"  {line}" if line else line for line in RIS.split("\n")), "ris"),
    of("no-end.ris", RIS.replace("ER  - \n", "") * 3, "ris", holds=3),
    of("no-type.ris", f"{BODY}ER  - \n\n" * 2, "ris", holds=2),
    of("preamble.ris", f"Provider: Muyu\nDatabase: Prueba\nContent: text\n\n{RIS}", "ris"),
    of("ovid.ris", f"{RIS}NL  - Cuad Prueba\n\nLink to the text: https://example.org/\n\n" * 2, "ris", holds=2),
    of("authors-in-a-line.ris", RIS.replace("\nAU  - Poma", "; Poma"), "ris"),
    of("doi-in-address.ris", RIS.replace("DO  - ", "UR  - https://doi.org/"), "ris"),
    of("doi-of-publisher.ris", RIS.replace("DO  - ", "DO  - http://doi.acm.org/"), "ris"),
    of(
        "words-for-nothing.ris",
        RIS.replace("VL  - 7", "VL  - NA").replace("IS  - 2", "IS  - nan"),
        "ris",
        "volume",
        "issue",
    ),
    of("short-year.ris", RIS.replace("2019\n", "19\n"), "ris"),
    of("title-over-lines.ris", RIS.replace("cuidado en ", "cuidado\nen "), "ris"),
    of(
        "book-in-t2.ris",
        f"TY  - BOOK\nA2  - Quispe, Ana\nT2  - {TITLE}\nPY  - 2019\nER  - \n",
        "ris",
        "volume",
        "issue",
        "pages",
        "doi",
        authors=REFERENCE["authors"][:1],
        container_title=TITLE,
    ),
)

# --- BibTeX ------------------------------------------------------------------------------------------------------

FIELDS = f"""  title = {{{TITLE}}},
  author = {{Quispe, Ana and Poma, Elías}},
  journal = {{Cuadernos de Prueba}},
  year = {{2019}}, volume = {{7}}, number = {{2}}, pages = {{11--19}},
  doi = {{{DOI}}}"""
BIB = f"@article{{quispe2019,\n{FIELDS}\n}}\n"
BIB_FILES = (
    of("plain.bib", BIB, "bib"),
    of("capitals.bib", BIB.replace("article", "ARTICLE").replace("title", "TITLE").replace("author", "Author"), "bib"),
    of(
        "parent.bib",
        "@inproceedings{a, title={Uno}, crossref={b}}\n@proceedings{b, title={Actas}, year=2019}\n",
        "bib",
        "authors",
        "volume",
        "issue",
        "pages",
        "doi",
        holds=2,
        title="Uno",
        container_title="Actas",
    ),
    of("fields-in-comments.bib", BIB.replace("  author", "% title = {No},\n% author = {Nadie},\n  author"), "bib"),
    of("entries-in-comments.bib", f"%@article{{no,\n%  title = {{No}},\n%}}\n{BIB}", "bib"),
    of("comments.bib", f"% Encoding: UTF-8\n@comment{{jabref-meta: a;}}\n{BIB}@comment{{x}}\n", "bib"),
    of(
        "abbreviations.bib", '@string{cp = "Cuadernos de Prueba"}\n' + BIB.replace("{Cuadernos de Prueba}", "cp"), "bib"
    ),
    of("joined.bib", '@string{p = "Prueba"}\n' + BIB.replace("{Cuadernos de Prueba}", '"Cuadernos de " # p'), "bib"),
    of("accents.bib", BIB.replace("í", "{\\'\\i}"), "bib"),
    of("accents-bare.bib", BIB.replace("í", "\\'{i}"), "bib"),
    of("nested.bib", BIB.replace("Huertos", "{{H}uertos}"), "bib"),
    of("quotes.bib", BIB.replace("{" + TITLE + "}", f'"{TITLE}"'), "bib"),
    of("no-last-comma-no-key.bib", BIB.replace("quispe2019", ""), "bib"),
    of(
        "biblatex.bib",
        BIB.replace("journal =", "journaltitle =").replace("year = {2019}", "date = {2019-05-03}"),
        "bib",
    ),
    of("months.bib", BIB.replace("year = {2019},", "year = 2019, month = may,"), "bib"),
    of("given-first.bib", BIB.replace("Quispe, Ana and Poma, Elías", "Ana Quispe and Elías Poma"), "bib"),
    of("semicolons.bib", BIB.replace(" and ", "; "), "bib"),
    of("others.bib", BIB.replace("Elías}", "Elías and others}"), "bib"),
    of("doi-address.bib", BIB.replace(DOI, f"http://doi.acm.org/{DOI}"), "bib"),
    of("windows.bib", BIB.replace("\n", "\r\n"), "bib", encoding="cp1252"),
    of("broken-first.bib", f"@article{{a, title = {{Sin cierre,\n\n{BIB}", "bib", holds=2, title=None),
    of(
        "only-booktitle.bib",
        "@proceedings{a, booktitle = {Actas de prueba}, year = 2019}",
        "bib",
        "authors",
        "volume",
        "issue",
        "pages",
        "doi",
        title="Actas de prueba",
        container_title="Actas de prueba",
    ),
)

# --- PubMed ------------------------------------------------------------------------------------------------------

NBIB = f"""PMID- 90000001
OWN - NLM
TI  - {TITLE}.
FAU - Quispe, Ana
AU  - Quispe A
FAU - Poma, Elías
AU  - Poma E
DP  - 2019 May
JT  - Cuadernos de Prueba
VI  - 7
IP  - 2
PG  - 11-9
LID - {DOI} [doi]
PT  - Journal Article

"""
NBIB_FILES = (
    of("plain.nbib", NBIB, "nbib"),
    of("blank-lines-first.nbib", f"\n\n{NBIB * 3}", "nbib", holds=3),
    of("no-blank.nbib", NBIB.replace("PMID- ", "PMID-"), "nbib"),
    of("no-gap.nbib", NBIB.strip() + "\n" + NBIB, "nbib", holds=2),
    of("pmc.txt", f"PMC - PMC900001\n{NBIB}" * 2, "nbib", holds=2),
    of("eric.nbib", NBIB.replace("PMID- 90000001\nOWN - NLM", "OWN - ERIC") * 2, "nbib", holds=2),
    of("gap-inside.nbib", NBIB.replace("PT  - ", "AB  - Uno.\n\n      Dos.\nPT  - "), "nbib"),
    of("title-over-lines.nbib", NBIB.replace("cuidado en ", "cuidado\n      en "), "nbib"),
)

# --- Web of Science, RefWorks, Refer -----------------------------------------------------------------------------

WOS = f"""PT J
AU Quispe, A
   Poma, E
AF Quispe, Ana
   Poma, Elías
TI Huertos y cuidado en siete
   caseríos de Junín
SO Cuadernos de Prueba
LA Spanish
DT Article; Early Access
DE adolescentes; huertos
VL 7
IS 2
BP 11
EP 19
DI {DOI}
PY 2019
UT WOS:000000000000001
ER

"""
REFWORKS = f"""RT Journal Article
SR Electronic(1)
ID 1
A1 Quispe,Ana
A1 Poma,Elías
T1 {TITLE}
JF Cuadernos de Prueba
YR 2019
VO 7
IS 2
SP 11
OP 19
K1 adolescentes
DO {DOI}
LA Spanish

"""
ENW = f"""%0 Journal Article
%A Quispe, Ana
%A Poma, Elías
%T {TITLE}
%J Cuadernos de Prueba
%V 7
%N 2
%P 11-19
%D 2019
%R {DOI}
%K adolescentes
huertos
%G Spanish

"""
TAGGED_FILES = (
    of("savedrecs.txt", f"FN Clarivate Analytics Web of Science\nVR 1.0\n{WOS * 2}EF", "wos", holds=2, language="es"),
    of("savedrecs.ciw", f"\ufeffFN Clarivate\r\nVR 1.0\r\n{WOS}EF".replace("\n", "\r\n"), "wos"),
    of("no-head.isi", WOS, "wos"),
    of(
        "group.txt",
        WOS.replace("TI Huertos", "CA Red Muyu\nTI Huertos"),
        "wos",
        authors=[*REFERENCE["authors"], {"literal": "Red Muyu"}],
    ),
    of("refworks.txt", REFWORKS * 3, "refworks", holds=3),
    of("refworks-windows.txt", REFWORKS.replace("\n", "\r\n"), "refworks", encoding="cp1252"),
    of("citas.enw", ENW * 2, "refer", holds=2),
    of("no-gap.enw", ENW.strip() + "\n" + ENW, "refer", holds=2),
    of("no-type.enw", ENW.replace("%0 Journal Article\n", "") * 2, "refer", holds=2),
    of("marked.enw", f"\ufeff{ENW}".replace("\n", "\r\n"), "refer"),
)

# --- JSON --------------------------------------------------------------------------------------------------------

ITEM = {
    "id": "a",
    "type": "article-journal",
    "title": TITLE,
    "author": REFERENCE["authors"],
    "issued": {"date-parts": [["2019", 5]]},
    "container-title": "Cuadernos de Prueba",
    "volume": 7,
    "issue": "2",
    "page": "11–19",
    "DOI": DOI,
}
LINE = json.dumps(ITEM, ensure_ascii=False)
JSON_FILES = (
    of("list.json", f"[{LINE}, {LINE}]", "csl", holds=2),
    of("lines.json", f"{LINE}\n{LINE}\n", "csl", holds=2),
    of("items.json", json.dumps({"items": [ITEM, ITEM]}), "csl", holds=2),
    of("literal-date.json", json.dumps([ITEM | {"issued": {"literal": "mayo de 2019"}}]), "csl"),
    of("raw-date.json", json.dumps([ITEM | {"issued": {"raw": "2019-05"}}]), "csl"),
    of("before-christ.json", json.dumps([ITEM | {"issued": {"date-parts": [[-44]]}}]), "csl", "year"),
    of("nulls.json", json.dumps([ITEM | {"volume": None, "issue": "NA"}]), "csl", "volume", "issue"),
)

FILES = (*RIS_FILES, *BIB_FILES, *NBIB_FILES, *TAGGED_FILES, *JSON_FILES)

REFUSED = (
    ("pubmed.xml", "<?xml version='1.0'?>\n<!DOCTYPE PubmedArticleSet PUBLIC 'x' 'y'>\n<PubmedArticleSet/>", ".nbib"),
    ("summary.txt", "1: Quispe A, Poma E. Huertos. Cuad. 2019;7(2):11-9. PubMed PMID: 1.\n", "«PubMed»"),
    ("abstract.txt", "1. Cuad Prueba. 2019;7(2):11-9.\n\nHuertos.\n\nQuispe A.\n\nPMID: 90000001\n", "«PubMed»"),
    ("mods.xml", "<?xml version='1.0'?>\n<modsCollection xmlns='http://www.loc.gov/mods/v3'/>", "MODS"),
    ("marc.xml", "<collection xmlns='http://www.loc.gov/MARC21/slim'/>", "MARC"),
    ("zotero.rdf", "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>", "RDF"),
    ("zotero.json", '{"items": [{"itemType": "book", "title": "Huertos"}]}', "CSL JSON"),
    ("settings.json", '{"name": "huertos"}', "ningún objeto tiene título"),
    ("word.xml", "<?xml version='1.0'?><b:Sources xmlns:b='x'/>", "Word"),
    ("excel-2003.xls", "<?xml version='1.0'?>\n<?mso-application progid='Excel.Sheet'?>\n<Workbook/>", "2003"),
    ("page.xls", "<html><table><tr><td>title</td></tr></table></html>", "nombre de Excel"),
    ("ovid.txt", "<1. >\nVN  - Ovid Technologies\nTI  - Huertos\n", "Ovid"),
    ("ovid-2.txt", "<1>\nUnique Identifier\n  1\nTitle\n  Huertos\n", "Ovid"),
    ("scopus.txt", "Scopus\nEXPORT DATE:03 May 2024\n\nQuispe A., Poma E.\n", "Scopus"),
    ("embase.csv", '"TITLE","Huertos"\n"AUTHOR NAMES","Quispe A."\n"SOURCE","Cuad"\n', "Embase"),
    ("proquest.txt", "____________________________________________________________\n\nDocument 1 of 3\n", "RIS"),
    ("CITATION.cff", "cff-version: 1.2.0\ntitle: Huertos\n", "CITATION.cff"),
    ("lista.yaml", "---\nreferences:\n- id: a\n  title: Huertos\n", "YAML"),
    ("lista.rtf", "{\\rtf1\\ansi Huertos}", "RTF"),
    ("articulo.xml", "<?xml version='1.0'?><TEI xmlns='x'/>", "texto de un artículo"),
    ("carta.txt", "Estimada colega:\n\nLe envío la lista.\n", "título"),
)
"""Files of programs that are not read: name, text, and a part of the sentence that says what to do."""
