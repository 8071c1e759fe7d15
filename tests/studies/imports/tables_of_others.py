"""Tables as other programs write them, whole and odd. Each holds one made-up reference."""

from __future__ import annotations

import csv
import io
from typing import Any

from openpyxl import Workbook

from tests.studies.imports.files_of_others import DOI, TITLE, FileOfOthers, of

AUTHORS = "Quispe, Ana; Poma, Elías"
SHORT = [{"family": "Quispe", "given": "A."}, {"family": "Poma", "given": "E."}]
ZOTERO = (
    "Key,Item Type,Publication Year,Author,Title,Publication Title,ISBN,ISSN,DOI,Url,Abstract Note,Date,Date Added,"
    "Pages,Issue,Volume,Short Title,Type,Manual Tags,Automatic Tags"
)


def table(header: str, *row: str, delimiter: str = ",", above: str = "") -> str:
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter)
    writer.writerow(header.split(","))
    writer.writerow(row)
    return above + made.getvalue()


PLACE = ("Cuadernos de Prueba", "7", "2")
SCOPUS = (
    "Authors,Author full names,Author(s) ID,Title,Year,Source title,Volume,Issue,Art. No.,Page start,Page end,DOI,Link,"
    "Document Type,Open Access"
)
SCOPUS_ROW = (
    "Quispe A.; Poma E.",
    "Quispe, Ana (57000000001); Poma, Elías (57000000002)",
    "1; 2",
    TITLE,
    "2019",
    *PLACE,
    "",
    "11",
    "19",
    DOI,
    "https://example.org/",
    "Article",
    "All Open Access; Green Open Access",
)
GENERIC = "title,authors,year,journal,volume,issue,pages,doi"
GENERIC_ROW = (TITLE, AUTHORS, "2019", *PLACE, "11-19", DOI)


def generic(**changes: str) -> tuple[str, ...]:
    return tuple(changes.get(name, value) for name, value in zip(GENERIC.split(","), GENERIC_ROW, strict=True))


def book(*sheets: list[list[Any]]) -> bytes:
    made, written = Workbook(), io.BytesIO()
    for number, rows in enumerate(sheets):
        sheet = made.active if number == 0 else made.create_sheet()
        for row in rows:
            sheet.append(row)
    made.save(written)
    return written.getvalue()


TABLE = [GENERIC.split(","), list(GENERIC_ROW)]
TABLE_FILES = (
    of(
        "zotero.csv",
        table(
            ZOTERO,
            "K",
            "journalArticle",
            "2019",
            AUTHORS,
            TITLE,
            "Cuadernos de Prueba",
            "",
            "",
            DOI,
            "",
            "",
            "2019-05-03",
            "2024-01-01 10:00:00",
            "11-19",
            "2",
            "7",
            "",
            "",
            "a; b",
            "c",
        ),
        "csv",
    ),
    of("scopus.csv", table(SCOPUS, *SCOPUS_ROW), "csv", open_access=True),
    of(
        "wos-tab.txt",
        table(
            "PT,AU,AF,TI,SO,LA,DT,VL,IS,BP,EP,DI,PY",
            "J",
            "Quispe, A; Poma, E",
            AUTHORS,
            TITLE,
            PLACE[0],
            "Spanish",
            "Article",
            "7",
            "2",
            "11",
            "19",
            DOI,
            "2019",
            delimiter="\t",
        ),
        "csv",
    ),
    of(
        "wos-tab-16.txt",
        table("PT,AU,TI,SO,VL,IS,BP,EP,DI,PY", "J", AUTHORS, TITLE, *PLACE, "11", "19", DOI, "2019", delimiter="\t"),
        "csv",
        encoding="utf-16",
    ),
    of(
        "pubmed.csv",
        table(
            "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,DOI",
            "1",
            TITLE,
            "Quispe A, Poma E.",
            "Cuad. 2019",
            "Quispe A",
            PLACE[0],
            "2019",
            "2019/05/03",
            "",
            DOI,
        ),
        "csv",
        "volume",
        "issue",
        "pages",
        authors=SHORT,
    ),
    of(
        "embase.csv",
        table(
            "Title,Author Names,Source title,Publication Year,Volume,Issue,First Page,Last Page,DOI",
            TITLE,
            "Quispe A., Poma E.",
            PLACE[0],
            "2019",
            "7",
            "2",
            "11",
            "19",
            DOI,
        ),
        "csv",
        authors=[{"family": "Quispe", "given": "A."}, {"family": "Poma", "given": "E."}],
    ),
    of(
        "embase-source.csv",
        table(
            "Title,Author Names,Source,Open URL Link",
            TITLE,
            "Quispe A., Poma E.",
            "Cuadernos de Prueba (2019) 7:2 (11-19). Date of Publication: 3 May 2019",
            f"http://sfx.example.org/?sid=EMBASE&id=doi:{DOI.replace('/', '%2F')}&pages=11",
        ),
        "csv",
        authors=SHORT,
    ),
    of(
        "lens.csv",
        table(
            "Lens ID,Title,Date Published,Publication Year,Publication Type,Source Title,Author/s,Volume,"
            "Issue Number,Start Page,End Page,Keywords,DOI,Is Open Access",
            "1",
            TITLE,
            "2019-05-03",
            "2019",
            "journal article",
            PLACE[0],
            "Ana Quispe; Elías Poma",
            "7",
            "2",
            "11",
            "19",
            "a; b",
            DOI,
            "true",
        ),
        "csv",
        open_access=True,
    ),
    of(
        "dimensions.csv",
        table(
            "Rank,Publication ID,DOI,Title,Source title,PubYear,Volume,Issue,Pagination,Authors",
            "1",
            "pub.1",
            DOI,
            TITLE,
            PLACE[0],
            "2019",
            "7",
            "2",
            "11-19",
            AUTHORS,
            above='"About the data: Exported on May 3, 2024. Criteria: prueba."\n',
        ),
        "csv",
    ),
    of(
        "openalex.csv",
        table(
            "id,authorships.author.display_name,display_name,doi,publication_year,"
            "primary_location.source.display_name,biblio.volume,biblio.issue,biblio.first_page,"
            "biblio.last_page",
            "W1",
            "Ana Quispe|Elías Poma",
            TITLE,
            f"https://doi.org/{DOI}",
            "2019",
            *PLACE,
            "11",
            "19",
        ),
        "csv",
    ),
    of(
        "rayyan.csv",
        table(
            "key,title,year,month,journal,issn,volume,issue,pages,authors,url,doi,keywords",
            "k",
            TITLE,
            "2019",
            "5",
            *PLACE[:1],
            "",
            "7",
            "2",
            "11-19",
            "Quispe, Ana and Poma, Elías",
            "",
            DOI,
            "a,b",
        ),
        "csv",
    ),
    of(
        "covidence.csv",
        table(
            "Title,Authors,Abstract,Published Year,Published Month,Journal,Volume,Issue,Pages,DOI,Tags",
            TITLE,
            AUTHORS,
            "",
            "2019",
            "5",
            *PLACE,
            "11-19",
            DOI,
            "a; b",
        ),
        "csv",
    ),
    of(
        "scholar.csv",
        table(
            "Authors,Title,Publication,Volume,Number,Pages,Year,Publisher,DOI",
            f"{AUTHORS}; ",
            TITLE,
            *PLACE,
            "11-19",
            "2019",
            "",
            DOI,
        ),
        "csv",
    ),
    of(
        "asreview.csv",
        table(
            "title,abstract,authors,publication_year,secondary_title,volume,issue,start_page,end_page,"
            "doi,keywords,included",
            TITLE,
            "",
            "['Quispe, Ana', 'Poma, Elías']",
            "2019//",
            *PLACE,
            "11",
            "19",
            DOI,
            "['a', 'b']",
            "1",
        ),
        "csv",
    ),
    of(
        "bvs.csv",
        table(
            "ID,Title,Author(s),Source,Journal,Language(s),Publication year,Descriptor(s),Volume number,DOI",
            "1",
            TITLE,
            AUTHORS,
            "Cuad. prueba; 7(2)",
            PLACE[0],
            "es",
            "2019",
            "a; b",
            "7",
            DOI,
        ),
        "csv",
        "volume",
        "issue",
        "pages",
        language="es",
    ),
    of("portuguese.csv", table("Título,Autores,Ano,Periódico,Volume,Fascículo,Páginas,DOI", *GENERIC_ROW), "csv"),
    of("french.csv", table("Titre,Auteurs,Année,Revue,Volume,Issue,Pages,DOI", *GENERIC_ROW), "csv"),
    of(
        "german.csv",
        table("Titel;Autoren;Jahr;Zeitschrift;Volume;Issue;Pages;DOI".replace(";", ","), *GENERIC_ROW, delimiter=";"),
        "csv",
        encoding="cp1252",
    ),
    of("bars.csv", table(GENERIC, *GENERIC_ROW, delimiter="|"), "csv"),
    of("excel-separator.csv", table(GENERIC, *GENERIC_ROW, delimiter=";", above="sep=;\n"), "csv"),
    of("rows-above.csv", table(GENERIC, *GENERIC_ROW, above="Resultados de la búsqueda,,,\n\n3 de mayo,,,\n"), "csv"),
    of("row-names.csv", table(f",{GENERIC}", "1", *GENERIC_ROW), "csv"),
    of("blank-rows.csv", table(GENERIC, *GENERIC_ROW).replace("\r\n", "\r\n,,,,,,,\r\n\r\n"), "csv"),
    of("newline-in-cell.csv", table(GENERIC, *generic(title="Huertos y cuidado\nen siete caseríos de Junín")), "csv"),
    of(
        "words-for-nothing.csv",
        table(GENERIC, *generic(volume="NA", issue="nan", doi="NULL")),
        "csv",
        "volume",
        "issue",
        "doi",
    ),
    of(
        "names-in-one.csv",
        table(GENERIC, *generic(authors="Quispe, A., Poma, E.")),
        "csv",
        authors=[{"family": "Quispe", "given": "A."}, {"family": "Poma", "given": "E."}],
    ),
    of("hyperlink.csv", table(GENERIC, *generic(doi=f'=HYPERLINK("https://doi.org/{DOI}","ver")')), "csv"),
    of("short-year.csv", table(GENERIC, *generic(year="19")), "csv"),
    of("long-volume.csv", table(GENERIC, *generic(volume="siete " * 20)), "csv", "volume"),
    of("unknown-type.csv", table(f"{GENERIC},type", *GENERIC_ROW, "audio"), "csv"),
    FileOfOthers("stray-byte.csv", table(GENERIC, *GENERIC_ROW).encode().replace("Junín".encode(), b"Jun\xedn"), "csv"),
    FileOfOthers("plain.xlsx", book(TABLE), "xlsx"),
    FileOfOthers("title-row.xlsx", book([["Resultados"], [], *TABLE]), "xlsx"),
    FileOfOthers("cover.xlsx", book([["Léame"], ["Este libro tiene dos hojas"]], TABLE), "xlsx"),
    FileOfOthers("numbers.xlsx", book([TABLE[0], [TITLE, AUTHORS, 2019, PLACE[0], 7, 2.0, "11-19", DOI]]), "xlsx"),
    FileOfOthers("errors.xlsx", book([TABLE[0], [*GENERIC_ROW[:4], "#N/A", *GENERIC_ROW[5:]]]), "xlsx", 1, ("volume",)),
    FileOfOthers("blank-rows.xlsx", book([[], TABLE[0], [], [None, None], TABLE[1]]), "xlsx"),
)
