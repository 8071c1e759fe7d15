"""Files as curators bring them, whole and broken, each with the outcome that it must have. All references are made up.

`FILES` is the folder: each file is made when it is asked for, so that nothing heavy lies in the tree.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from openpyxl import Workbook

from studies.citations import formats
from studies.citations import reference as citations_reference
from studies.exports import tabular
from studies.imports.formats import xlsx
from studies.imports.formats.base import MOST_BYTES
from studies.records.study import AuthorRecord, StudyRecord
from tests.studies.records_factory import complete_record, fixture_studies


@dataclass(frozen=True)
class ReferenceFile:
    """A file and what must come of it in the real bank: counts by outcome, or a part of the sentence that refuses it.

    `errors` are row and field of each row with an error; `notes` words that some row's notes must have.
    """

    name: str
    make: Callable[[], bytes]
    new: int = 0
    duplicate: int = 0
    same_work: int = 0
    errors: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
    refused: str = ""

    @property
    def counts(self) -> dict[str, int]:
        return {
            "new": self.new,
            "duplicate": self.duplicate,
            "same_work": self.same_work,
            "error": len(self.errors),
        }


TITLES = (
    "Caminos del agua: cuidado y tiempo de las mujeres en siete caseríos",
    "Señales tempranas en la posta: qué ven las obstetras",
    "¿Quién maneja la plata? Ahorro grupal y decisiones en la sierra sur",
)


def records(count: int = 3) -> list[StudyRecord]:
    """Build references that the bank does not have."""
    return [
        StudyRecord(
            id=f"prueba-{number}",
            title=TITLES[number],
            language="es",
            authors=(AuthorRecord(family="Ñaupari Núñez", given="Sofía"), AuthorRecord(literal="Asociación Muyu")),
            year=2018 + number,
            type="article-journal",
            container_title="Cuadernos de Prueba",
            volume=str(number + 1),
            issue="2",
            pages=f"{number}1-{number}9",
            doi=f"10.5555/prueba.{number}",
        )
        for number in range(count)
    ]


def written(ext: str, some: Iterable[StudyRecord] | None = None) -> str:
    """Write references as the bank's own exports do."""
    references = [
        citations_reference.make_reference(record, keywords=("adolescentes",)) for record in some or records()
    ]
    return "".join(formats.CITATION_FORMATS[ext].write(references))


def ris(*references: str) -> bytes:
    return "".join(f"TY  - JOUR\r\n{reference}\r\nER  - \r\n\r\n" for reference in references).encode()


GOOD = "TI  - Una referencia sin tacha sobre huertos\r\nAU  - Chunga, Rosa\r\nPY  - 2019"


def table(rows: list[list[str]], header: tuple[str, ...] = ("title", "authors", "year")) -> list[list[str]]:
    return [list(header), *rows]


ROWS = [
    ["Huertos y violencia: una mirada desde Junín", "Chunga, Rosa; Asociación Muyu", "2019"],
    ["La radio que escuchan las madres", "Poma, Elías", "2020"],
]


def csv_file(text: str, encoding: str = "utf-8-sig") -> bytes:
    return text.encode(encoding)


def workbook(change: Callable[[Any], None] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in table(ROWS):
        sheet.append(row)
    if change:
        change(sheet)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written_to:
        for name, content in parts.items():
            written_to.writestr(name, content)
    return made.getvalue()


def workbook_with(name: str, content: bytes) -> bytes:
    """A sound workbook, one of whose parts is another."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as sound:
        parts = {part: sound.read(part) for part in sound.namelist()}
    return archive({**parts, name: content})


def zip_bomb() -> bytes:
    """Its shared texts unpack to 150 MB."""
    return workbook_with("xl/sharedStrings.xml", b"<sst>" + b" " * (150 * 1024 * 1024) + b"</sst>")


def bomb_of_formats() -> bytes:
    """A few kilobytes of empty cell formats, each an object of a thousand bytes for who reads them."""
    return workbook_with("xl/styles.xml", b"<styleSheet><cellXfs>" + b"<xf/>" * 100_000 + b"</cellXfs></styleSheet>")


def bomb_of_cells() -> bytes:
    row = b"<row>" + b"<c/>" * 90 + b"</row>"
    return workbook_with("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + row * 50_000 + b"</sheetData>")


MARKS = "\u0301\u0327" * 60_000
"""On one letter: to put them into their order takes minutes."""
BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE xml [<!ENTITY a "ja"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;">]>
<xml><records><record><titles><title>&e;</title></titles></record></records></xml>"""
FOREIGN_ENTITY = b"""<?xml version="1.0"?>
<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<xml><records><record><titles><title>&x;</title></titles></record></records></xml>"""

ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?><xml><records>
<record><rec-number>1</rec-number><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Ñaupari, Sofía</style></author><author>Asociación Muyu,</author>
</authors></contributors>
<titles><title><style>Redes de vecinas en </style><style>Ica</style></title>
<secondary-title>Cuadernos de Prueba</secondary-title></titles>
<pages>11-19</pages><volume>3</volume><number>2</number><dates><year>2017</year></dates>
<keywords><keyword>adolescentes</keyword><keyword>palabra inventada</keyword></keywords>
<electronic-resource-num>https://doi.org/10.5555/endnote.1</electronic-resource-num></record>
<record><ref-type name="Report">27</ref-type>
<contributors><authors><author>Poma, Elías</author></authors></contributors>
<titles><title>Informe de los botes del río Napo</title></titles><dates><year>2016</year></dates></record>
</records></xml>
"""

NBIB = """PMID- 90000001
OWN - NLM
TI  - [Signs of violence seen at rural health posts in Puno].
PG  - 345-52
LID - 10.5555/nbib.1 [doi]
AB  - Women talked about the care that they
      received, and about what was missing.
FAU - Ñaupari, Sofía
AU  - Ñaupari S
LA  - spa
PT  - Journal Article
TT  - Señales de violencia vistas en postas rurales de Puno.
DP  - 2015 Mar-Apr
JT  - Revista de prueba
VI  - 12
IP  - 1
MH  - Adolescent
MH  - *Intimate Partner Violence/prevention & control

PMID- 90000002
TI  - A cohort of weavers and their savings.
AU  - Poma EQ
DP  - 2014
TA  - J Test
"""

BIBTEX = r"""@string{cp = "Cuadernos de Prueba"}
@article{naupari2018,
  author = {{\~N}aupari N\'u{\~n}ez, Sof{\'\i}a and {Asociaci{\'o}n Muyu y Aliadas} and Elías de la Torre},
  title = {Caminos de la {Se{\~n}ora} del Agua},
  journal = cp, year = 2018, volume = 1, number = 2, pages = {11--19}, doi = {10.5555/bib\_1},
  keywords = {adolescentes, otra palabra}
}
@techreport{poma2016, author = {Poma, El{\'\i}as}, title = {Botes y postas: informe de campo},
  institution = {Instituto Muyu}, type = {Working Paper}, number = 7, year = {2016}}
"""


def of_bank(number: int) -> StudyRecord:
    """Return a real study that has a DOI."""
    return [record for record in fixture_studies() if record.doi and record.type == "article-journal"][number]


def bank_ris() -> bytes:
    """Two studies of the bank, one without its DOI, one made-up reference, and that once more."""
    first = of_bank(0)
    second = replace(of_bank(1), doi=None, url=None, volume=None, pages=None)
    return written("ris", [first, second, records()[0], records()[0]]).encode()


def other_version() -> bytes:
    """The working paper of an article that the bank has."""
    article = of_bank(2)
    paper = StudyRecord(
        id="x", title=article.title, authors=article.authors, year=(article.year or 0) - 2, type="article", number="77"
    )
    return written("ris", [paper]).encode()


CSL_ITEM = {
    "id": "a",
    "type": "article-journal",
    "title": "Ferias y <i>denuncias</i> en Ayacucho &amp; Ica",
    "author": [{"family": "Casas", "given": "Juana", "non-dropping-particle": "de las"}, {"literal": "Red Muyu"}],
    "issued": {"date-parts": [[2013, 5]]},
    "DOI": "10.5555/CSL.1",
}


def exchange(*changes: dict[str, Any]) -> bytes:
    lines = []
    for number, change in enumerate(changes):
        own = {
            "id": f"prueba-{number}",
            "doi": f"10.5555/linea.{number}",
            "title": TITLES[number],
            "pages": str(number),
            "title_es": None,
        }
        json_of = complete_record(**own).to_json()
        json_of |= {"title_en": f"A made up line {number}", **change}
        lines.append(json.dumps({key: value for key, value in json_of.items() if value is not None}))
    return ("\n".join(lines) + "\n").encode()


FILES = (
    # --- RIS
    ReferenceFile("completo.ris", lambda: written("ris").encode(), new=3),
    ReferenceFile("con-marca.ris", lambda: written("ris").encode("utf-8-sig"), new=3),
    ReferenceFile("windows-1252.ris", lambda: written("ris").encode("cp1252"), new=3),
    ReferenceFile("utf-16.ris", lambda: written("ris").encode("utf-16"), new=3),
    ReferenceFile("utf-16-sin-marca.ris", lambda: written("ris").encode("utf-16-le"), new=3),
    ReferenceFile("mac-antiguo.ris", lambda: written("ris").replace("\r\n", "\r").encode(), new=3),
    ReferenceFile("unix.txt", lambda: written("ris").replace("\r\n", "\n").encode(), new=3),
    ReferenceFile(
        "sin-er.ris", lambda: written("ris").replace("ER  - \r\n", "").encode(), new=3, notes=("línea final",)
    ),
    ReferenceFile("cortado.ris", lambda: written("ris").encode()[:-120], new=3, notes=("cortada",)),
    ReferenceFile("sin-ty.ris", lambda: b"AU  - Poma, E\r\nER  - \r\n" + ris(GOOD), new=1, errors=((1, "title"),)),
    ReferenceFile(
        "con-errores.ris",
        lambda: ris(
            GOOD,
            "AU  - Poma, E\r\nPY  - 2019",
            "TI  - Con un DOI que no es\r\nDO  - doi pendiente",
            "TI  - Con un año que no es\r\nPY  - c. siglo XX",
            "TI  - Con un año del futuro\r\nPY  - 2999",
        ),
        new=4,
        errors=((7, "title"),),
        notes=("«doi pendiente»", "«c. siglo XX»", "«2999»"),
    ),
    ReferenceFile("repetidos.ris", bank_ris, new=1, duplicate=3),
    ReferenceFile("otra-version.ris", other_version, same_work=1),
    ReferenceFile(
        "un-byte-danado.ris",
        lambda: written("ris").encode().replace("Señales".encode(), b"Se\xf1ales"),
        new=3,
    ),
    ReferenceFile(
        "signo-perdido.ris",
        lambda: written("ris").replace("Señales", "Se\ufffdales").encode(),
        new=3,
        notes=("signos dañados",),
    ),
    ReferenceFile(
        "tildes-danadas.ris",
        lambda: written("ris").encode("utf-8").decode("cp1252", "ignore").encode(),
        new=3,
        notes=("tildes",),
    ),
    ReferenceFile(
        "sin-fin.ris",
        lambda: ris(f"TI  - Ferias{MARKS}", f"TI  - {'violencia ' * 15_000}", f"TI  - {'a' * 300_000}"),
        new=3,
        notes=("se cortó",),
    ),
    ReferenceFile("vacio.ris", lambda: b"\r\n\r\n", refused="vacío"),
    ReferenceFile("no-es.ris", lambda: b"Solo una carta.\n", refused="RIS"),
    # --- BibTeX
    ReferenceFile("completo.bib", lambda: written("bib").encode(), new=3),
    ReferenceFile("tex.bib", lambda: BIBTEX.encode(), new=2),
    ReferenceFile(
        "llave-abierta.bib",
        lambda: b"@article{uno, title = {Sin cierre, year = 2001\n\n" + BIBTEX.encode(),
        new=2,
        errors=((1, ""),),
    ),
    ReferenceFile("cortado.bib", lambda: written("bib").encode()[:-90], new=2, errors=((32, ""),)),
    ReferenceFile(
        "clave-repetida.bib",
        lambda: (
            b"@book{a, title={Libro de ensayo uno sobre ferias}, year=2001}\n"
            b"@book{a, title={Cuentos de los telares rojos}, title={Sobra}, year=2002}\n"
        ),
        new=2,
    ),
    ReferenceFile(
        "tex-sin-fin.bib",
        lambda: b"@book{a, title={" + b"\\textbf{" * 5_000 + b"}" * 5_000 + b"}}\n" + BIBTEX.encode(),
        new=2,
        errors=((1, ""),),
    ),
    ReferenceFile("entradas.bib", lambda: b"@a{k,title={b}}\n" * 30_000, refused="10\u202f000"),
    # --- PubMed
    ReferenceFile("pubmed.nbib", lambda: NBIB.encode(), new=2),
    ReferenceFile("pubmed-cortado.nbib", lambda: NBIB[:330].encode(), new=1),
    ReferenceFile("pubmed-sin-titulo.nbib", lambda: b"PMID- 1\nFAU - Poma, E\nDP  - 2014\n", errors=((1, "title"),)),
    # --- EndNote
    ReferenceFile("endnote.xml", lambda: ENDNOTE.encode(), new=2),
    ReferenceFile("endnote-latin1.xml", lambda: ENDNOTE.replace("UTF-8", "ISO-8859-1").encode("iso-8859-1"), new=2),
    ReferenceFile("endnote-cortado.xml", lambda: ENDNOTE.encode()[:-150], new=1, errors=((11, ""),)),
    ReferenceFile("entidades.xml", lambda: BILLION_LAUGHS, refused="entidades"),
    ReferenceFile("entidad-ajena.xml", lambda: FOREIGN_ENTITY, refused="entidades"),
    ReferenceFile(
        "registros.xml",
        lambda: b"<xml><records>" + b"<record/>" * 10_001 + b"</records></xml>",
        refused="10\u202f000",
    ),
    ReferenceFile("anidado.xml", lambda: b"<a>" * 100_000, refused="anidados"),
    ReferenceFile("pagina.xml", lambda: b"<!DOCTYPE html><html><body>No</body></html>", refused="página web"),
    # --- CSL-JSON
    ReferenceFile("completo.json", lambda: written("json").encode(), new=3),
    ReferenceFile("un-objeto.json", lambda: json.dumps(CSL_ITEM).encode(), new=1),
    ReferenceFile("cortado.json", lambda: written("json").encode()[:-60], new=2, errors=((4, ""),)),
    ReferenceFile(
        "mezclado.json",
        lambda: json.dumps([CSL_ITEM, "texto", 7, None, {"id": "b"}]).encode(),
        new=1,
        errors=((1, ""), (1, ""), (1, ""), (1, "title")),
    ),
    ReferenceFile("anidado.json", lambda: b"[" * 200_000, errors=((1, ""),)),
    ReferenceFile("anidado-hondo.json", lambda: b'{"items":' + b"[" * 200_000 + b"]" * 200_000 + b"}", refused="JSON"),
    # --- CSV
    ReferenceFile("banco.csv", lambda: "".join(tabular.write(records())).encode(), new=3),
    ReferenceFile(
        "espanol.csv",
        lambda: csv_file(
            "Título;Autores;Año;Países;Palabras clave\r\n"
            "Huertos y riñas;Chunga, Rosa;2019;Perú; adolescentes\r\n"
            '"Ferias; y más";Poma, Elías;;;\r\n',
            "cp1252",
        ),
        new=2,
    ),
    ReferenceFile(
        "comilla-abierta.csv",
        lambda: csv_file('title,year\n"Sin cierre,2001\nLos telares de la plaza,2002\nTres postas en la puna,2003\n'),
        new=2,
        errors=((2, ""),),
    ),
    ReferenceFile(
        "codigos.csv",
        lambda: csv_file(
            "title,themes,open_access,sample_size\n"
            "Un tema que no hay,astronomía,,\n"
            "Un acceso que no hay,prevention,quizá,\n"
            "Una muestra que no es,Prevención,sí,muchas\n"
            'Todo bien en los telares,Prevención,sí,"1 200"\n'
        ),
        new=4,
        notes=("«astronomía»", "Acceso libre", "Tamaño de la muestra"),
    ),
    ReferenceFile("sin-titulo.csv", lambda: b"autor,anio\nPoma,2001\n", refused="título"),
    ReferenceFile("dos-titulos.csv", lambda: "título,title\n,Redes de la sierra norte\n".encode(), new=1),
    ReferenceFile("solo-cabecera.csv", lambda: b"title,year\n", refused="ninguna referencia"),
    ReferenceFile("columnas.csv", lambda: b"title" + b",a" * 20_000 + b"\nx\n", refused="primera fila"),
    # --- XLSX
    ReferenceFile("libro.xlsx", workbook, new=2),
    ReferenceFile(
        "formulas.xlsx",
        lambda: workbook(lambda sheet: sheet.append(["=HYPERLINK(A1)", "Poma, E", 2001])),
        new=2,
        errors=((4, "title"),),
    ),
    ReferenceFile(
        "fila-lejana.xlsx",
        lambda: workbook(lambda sheet: sheet.cell(9_000, 1, "Telares al final de la hoja")),
        new=3,
    ),
    ReferenceFile("cortado.xlsx", lambda: workbook()[:-400], refused="dañado"),
    ReferenceFile("bomba.xlsx", zip_bomb, refused="Descomprimido"),
    ReferenceFile("formatos.xlsx", bomb_of_formats, refused="formatos"),
    ReferenceFile("celdas.xlsx", bomb_of_cells, refused="celdas"),
    ReferenceFile(
        "entidades.xlsx", lambda: workbook_with("xl/worksheets/sheet1.xml", BILLION_LAUGHS), refused="dañado"
    ),
    ReferenceFile("entidades-2.xlsx", lambda: workbook_with("xl/workbook.xml", BILLION_LAUGHS), refused="dañado"),
    ReferenceFile("hoja-vacia.xlsx", lambda: xlsx.write_workbook({"Nada": []}), refused="vacía"),
    ReferenceFile("carta.docx", lambda: archive({"word/document.xml": b"<a/>"}), refused="no un libro"),
    # --- The bank's own
    ReferenceFile("banco.jsonl", lambda: exchange({}, {}), new=2),
    ReferenceFile(
        "lineas-malas.jsonl",
        lambda: exchange({}, {"campo": 1}, {"year": "2001"}) + b"{no es json\n",
        new=1,
        errors=((2, "campo"), (3, "year"), (4, "")),
    ),
    ReferenceFile(
        "signos.jsonl",
        lambda: (
            b'{"title":"Telares","a\\u0000b":1}\n{"title":"Telares","language":"\\u0000"}\n'
            b'{"title":"Telares","themes":["\\ud800"]}\n{"title":"Telares","volume":"\\u0000"}\n'
        ),
        errors=((1, "ab"), (2, "language"), (3, "themes"), (4, "volume")),
    ),
    # --- What is no list at all
    ReferenceFile("vacio.csv", lambda: b"", refused="vacío"),
    ReferenceFile("articulo.pdf", lambda: b"%PDF-1.7\n%\xe2\xe3", refused="PDF"),
    ReferenceFile("antiguo.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100, refused="antiguo"),
    ReferenceFile("foto.ris", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), refused="imagen"),
    ReferenceFile("azar.bin", lambda: bytes(range(256)) * 50, refused="texto"),
    ReferenceFile("enorme.ris", lambda: ris(GOOD) * (30 * 1024 * 1024 // len(ris(GOOD))), refused="30 MB"),
    ReferenceFile("demasiadas.ris", lambda: ris("TI  - A") * 10_001, refused="10\u202f000"),
)
assert MOST_BYTES < 30 * 1024 * 1024
