"""The columns of an imported table: their names, what they hold, and how a row is read. CSV and XLSX share them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from studies.exports.tabular import FINDING_PARTS, NONE
from studies.imports.formats.base import Json, ParsedReference
from studies.imports.formats.errors import FileUnreadable, RowInvalid
from studies.imports.formats.field_values import (
    make_reference,
    plain_text,
    read_doi,
    read_language,
    read_people,
    read_year,
)
from studies.records.finding import FindingRecord
from studies.records.json_record import Record, fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import CostRecord
from studies.text.normalize import fold_text

COST_PARTS = tuple(fields_of(CostRecord))
"""What a cost is made of, joined by `|`; a part that is not known is empty."""
JUDGEMENT_PARTS = tuple(key for key in fields_of(PublishedAppraisalRecord) if key != "domains")
"""What a judgement that others published is made of, likewise."""


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column. Its header is `code`, `label` or one of `names`, which are folded to lower case without accents.

    `vocabulary` says whose codes or labels the cells hold; a cell of `is_list` has several values, separated by ";".
    """

    code: str
    label: str
    meaning: str
    example: str = ""
    names: tuple[str, ...] = ()
    vocabulary: str = ""
    is_list: bool = False


COLUMNS = (
    ImportColumn(
        "title",
        "título",
        "Título tal como se publicó. Es el único dato necesario.",
        "Violencia de pareja en el Perú rural",
        ("titulo original", "article title", "document title"),
    ),
    ImportColumn("title_es", "título en español", "Si el original está en otro idioma, una traducción llana."),
    ImportColumn("title_en", "título en inglés", "Si el original está en otro idioma, una traducción llana."),
    ImportColumn(
        "language",
        "idioma",
        "Idioma de la publicación. Si falta, se reconoce por el título.",
        "es",
        ("idioma de la publicacion", "language of original document"),
        "languages",
    ),
    ImportColumn(
        "authors",
        "autores",
        "En el orden publicado. Cada persona como «Apellidos, Nombres»; una institución va sin coma.",
        "Quispe Mamani, Ana María; Ministerio de la Mujer y Poblaciones Vulnerables",
        ("autor", "author", "authors full names", "autoria", "autoras y autores"),
        "",
        True,
    ),
    ImportColumn("year", "año", "De la versión que se cita.", "2021", ("publication year", "ano", "fecha", "date")),
    ImportColumn("type", "tipo", "Tipo de publicación.", "article-journal", ("item type", "document type"), "types"),
    ImportColumn(
        "container_title",
        "revista o libro",
        "La revista, el libro, la serie o el sitio que lo contiene.",
        "Revista Peruana de Medicina Experimental y Salud Pública",
        ("revista", "journal", "publication title", "source title", "libro", "revista libro o sitio"),
    ),
    ImportColumn("volume", "volumen", "Volumen de la revista.", "38"),
    ImportColumn("issue", "número", "Número de la revista.", "2", ("numero de la revista",)),
    ImportColumn("pages", "páginas", "Primera y última.", "45-67"),
    ImportColumn("publisher", "editorial o institución", "Quien publica.", "GRADE", ("editorial", "institucion")),
    ImportColumn(
        "number",
        "número de la serie",
        "De un informe o documento de trabajo.",
        "112",
        ("article number", "art. no.", "numero de articulo"),
    ),
    ImportColumn("doi", "DOI", "En cualquier forma.", "10.1234/abc"),
    ImportColumn(
        "url", "dirección", "Donde una persona puede leerlo.", "https://example.org/estudio", ("link", "enlace")
    ),
    ImportColumn("open_access", "acceso libre", "sí o no; vacío si no se sabe.", "sí"),
    ImportColumn(
        "status", "estado", "Si el estudio terminó o sigue.", "completed", ("estado del estudio",), "statuses"
    ),
    ImportColumn("themes", "temas", "De uno a tres.", "prevention", ("tema",), "themes", True),
    ImportColumn(
        "interventions",
        "intervenciones",
        "Lo que se hizo y, entre paréntesis, qué hace el estudio con ello: evaluated, component, described o reviewed. "
        "Sin paréntesis, el papel queda por elegir en el borrador.",
        "engaging-men (evaluated); media-edutainment (component)",
        ("intervencion",),
        "interventions",
        True,
    ),
    ImportColumn(
        "exposures",
        "exposiciones",
        "Lo que se estudió y nadie ofreció como programa.",
        "lockdown",
        ("exposicion",),
        "exposures",
        True,
    ),
    ImportColumn(
        "data_sources",
        "fuentes de datos",
        "De dónde vienen los datos.",
        "household-survey",
        ("fuente de datos",),
        "data_sources",
        True,
    ),
    ImportColumn(
        "outcomes", "resultados medidos", "Lo que se midió.", "ipv-physical", ("resultados",), "outcomes", True
    ),
    ImportColumn("populations", "poblaciones", "Para quiénes.", "women", ("poblacion",), "populations", True),
    ImportColumn("settings", "ámbitos", "Dónde.", "rural", ("ambito",), "settings", True),
    ImportColumn("programme", "programa", "Nombre propio del programa, si el banco lo tiene.", ""),
    ImportColumn("designs", "diseños", "El principal primero.", "cluster-rct", ("diseno",), "designs", True),
    ImportColumn(
        "countries", "países", "Donde se hizo: código ISO o nombre.", "PE; BO", ("pais", "country"), "countries", True
    ),
    ImportColumn("sample_size", "tamaño de la muestra", "Un número entero.", "1200", ("muestra",)),
    ImportColumn("sample_unit", "unidad de la muestra", "Solo con el tamaño.", "women", (), "sample_units"),
    ImportColumn(
        "registration",
        "registros del estudio",
        "Registro y número.",
        "ClinicalTrials.gov NCT01165489",
        ("registro del estudio", "trial registration"),
        "",
        True,
    ),
    ImportColumn("period", "periodo", "Años de los datos o de la intervención.", "2018-2020"),
    ImportColumn("key_finding_es", "hallazgo principal en español", "Una oración de 8 a 22 palabras, sin punto final."),
    ImportColumn("key_finding_en", "hallazgo principal en inglés", ""),
    ImportColumn(
        "summary_es", "resumen en español", "De 50 a 140 palabras propias del banco; nunca el resumen publicado."
    ),
    ImportColumn("summary_en", "resumen en inglés", ""),
    ImportColumn("delivery_es", "cómo se dio, en español", "Hasta 50 palabras; en ambos idiomas o en ninguno."),
    ImportColumn("delivery_en", "cómo se dio, en inglés", ""),
    ImportColumn(
        "costs",
        "costos",
        f"Partes unidas por una barra, en este orden: {'|'.join(COST_PARTS)}.",
        "37|USD|2015|woman registered||",
        ("costo",),
        "",
        True,
    ),
    ImportColumn(
        "harms",
        "daños",
        "Si se buscaron y se hallaron; vacío si nadie lo ha mirado.",
        "not-stated",
        (),
        "harms",
    ),
    ImportColumn("harms_es", "qué daños, en español", "Solo con la columna de daños; en ambos idiomas o en ninguno."),
    ImportColumn("harms_en", "qué daños, en inglés", ""),
    ImportColumn(
        "harms_about",
        "intervenciones de los daños",
        "Solo si los daños se deben a una parte de las intervenciones.",
        "",
        (),
        "interventions",
        True,
    ),
    ImportColumn(
        "findings",
        "hallazgos",
        f"Partes unidas por una barra, en este orden: {'|'.join(FINDING_PARTS)}.",
        "ipv-physical|favourable|risk ratio||0.7|0.5|0.9|95||24 months",
        (),
        "",
        True,
    ),
    ImportColumn(
        "appraisals",
        "juicios publicados por otros",
        f"Partes unidas por una barra, en este orden: {'|'.join(JUDGEMENT_PARTS)}. Los juicios por dominio se escriben "
        "en el formulario.",
        "Cochrane risk of bias tool|2011|bias||low|low|Cochrane review CD004534.pub3|table 2|https://example.org/|",
        ("juicio publicado",),
        "",
        True,
    ),
    ImportColumn("limitations_es", "límites en español", "Una oración; en ambos idiomas o en ninguno."),
    ImportColumn("limitations_en", "límites en inglés", ""),
    ImportColumn("note_es", "nota del banco en español", "Lo que el banco advierte; en ambos idiomas o en ninguno."),
    ImportColumn("note_en", "nota del banco en inglés", ""),
    ImportColumn(
        "includes",
        "estudios que incluye",
        "De una revisión: identificadores de estudios del banco.",
        "",
        (),
        "",
        True,
    ),
    ImportColumn(
        "sources",
        "fuentes",
        "Páginas públicas donde se leyeron los datos.",
        "https://example.org/",
        ("fuente",),
        "",
        True,
    ),
    ImportColumn(
        "keywords",
        "palabras clave",
        "Las que el banco conoce pasan a ser términos; las demás quedan como sugeridas.",
        "violencia de pareja; adolescentes",
        ("author keywords", "manual tags", "descriptores", "tags"),
        "",
        True,
    ),
    ImportColumn(
        "abstract",
        "resumen publicado",
        "Queda a la vista del equipo; no se publica.",
        "",
        ("abstract note", "resumen", "summary"),
    ),
)
"""The columns of the template, in its order."""

_BY_NAME: Mapping[str, ImportColumn] = {
    fold_text(name.replace("_", " ")): column
    for column in COLUMNS
    for name in (column.code, column.label, *column.names)
}
_IGNORED = frozenset({"id", "identificador"})
_YES_OR_NO = {"yes": True, "si": True, "true": True, "1": True, "no": False, "false": False, "0": False}

_JOINED: Mapping[str, tuple[Sequence[str], type[Record]]] = {
    "findings": (FINDING_PARTS, FindingRecord),
    "costs": (COST_PARTS, CostRecord),
    "appraisals": (JUDGEMENT_PARTS, PublishedAppraisalRecord),
}
"""The columns whose cells hold rows of the record."""


# Every row of a file asks for the same header.
@lru_cache(maxsize=8)
def match_columns(header: tuple[str, ...]) -> tuple[tuple[ImportColumn | None, ...], tuple[str, ...]]:
    """Return the column of each cell of a header, None for an unknown one, and notes on those.

    Raises FileUnreadable for a header without title, or with one column twice.
    """
    found = tuple(_BY_NAME.get(fold_text(cell.replace("_", " ").strip("\ufeff '\""))) for cell in header)
    codes = [column.code for column in found if column]
    if "title" not in codes:
        raise FileUnreadable(
            "Su primera fila no nombra la columna del título («title» o «título»): use la plantilla o sus nombres."
        )
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise FileUnreadable(f"Su primera fila nombra dos veces la columna «{twice}».")
    unknown = [
        cell.strip()[:40]
        for cell, column in zip(header, found, strict=True)
        if column is None and cell.strip() and fold_text(cell) not in _IGNORED
    ]
    return found, ((f"Columnas que no se leen: {', '.join(unknown[:20])}.",) if unknown else ())


def read_cells(header: Sequence[str], cells: Sequence[str]) -> ParsedReference:
    """Read one row of a table. Raises RowInvalid."""
    columns, _notes = match_columns(tuple(header))
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise RowInvalid("", "Tiene más celdas que columnas: puede faltar una comilla.")
    values = {column.code: _without_formula_guard(cell) for column, cell in zip(columns, cells, strict=False) if column}
    fields: Json = {code: plain_text(values[code]) for code in values if code not in _READERS}
    for column in COLUMNS:
        if column.is_list and column.code in values:
            fields[column.code] = _split_list(values[column.code])
    fields |= {code: read(values[code]) for code, read in _READERS.items() if code in values}
    fields["authors"] = read_people(fields.get("authors", ()))
    fields["sources"] = [{"url": url, "supports": []} for url in fields.get("sources", ())]
    for code, (parts, record) in _JOINED.items():
        fields[code] = [_joined(text, parts, record, code) for text in fields.get(code, ())]
    fields["interventions"] = [_intervention(text) for text in fields.get("interventions", ())]
    language, _unknown = read_language(values.get("language"))
    fields["language"] = language or fields.get("language")
    keywords = fields.pop("keywords", [])
    return make_reference(fields, keywords, values.get("abstract", ""))


def _without_formula_guard(cell: str) -> str:
    """Remove the apostrophe by which our own exports keep a spreadsheet from running a cell."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(tuple("=+-@＝＋－＠")) else cell


def _split_list(cell: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (plain_text(part) for part in re.split(r"[;\n]", cell)))))


def _read_yes_or_no(cell: str, column: str = "open_access") -> bool | None:
    written = fold_text(cell)
    if not written:
        return None
    if written not in _YES_OR_NO:
        raise RowInvalid(column, f"«{cell[:40]}» no es sí ni no.")
    return _YES_OR_NO[written]


def _read_integer(cell: str) -> int | None:
    written = re.sub(r"(?<=\d)[\s.,\u202f\u00a0](?=\d{3}\b)", "", cell.strip())
    if not written:
        return None
    if not re.fullmatch(r"\d{1,15}", written):
        raise RowInvalid("sample_size", f"«{cell[:40]}» no es un número entero.")
    return int(written)


def _joined(text: str, names: Sequence[str], record: type[Record], column: str) -> dict[str, Any]:
    """Read the parts of a row of the record that one cell holds. Raises RowInvalid."""
    parts = [part.strip() for part in text.split("|")]
    if len(parts) > len(names) or len(parts) < 2:
        raise RowInvalid(column, f"«{text[:60]}» no tiene las partes que dice el diccionario.")
    known = fields_of(record)
    found: dict[str, Any] = {}
    for name, part in zip(names, parts, strict=False):
        if not part:
            continue
        if known[name].is_list:
            # A list that says that there is none is written as NONE: an empty part is not known.
            found[name] = [] if fold_text(part) == NONE else [code.strip() for code in part.split(",") if code.strip()]
        elif known[name].type is bool:
            found[name] = _read_yes_or_no(part, column)
        elif known[name].type in (int, float):
            found[name] = _number(part, column, whole=known[name].type is int)
        else:
            found[name] = part
    return found


def _number(written: str, column: str, *, whole: bool) -> int | float:
    try:
        number = float(written.replace(",", "."))
    except ValueError as error:
        raise RowInvalid(column, f"«{written[:40]}» no es un número.") from error
    return int(number) if whole and number.is_integer() else number


def _intervention(text: str) -> dict[str, str]:
    """Read `code (role)`, both also by their names. Without parentheses, with () or (none), it has no role."""
    found = re.fullmatch(r"(.*\S)\s*\(([^()]*)\)", text)
    if found is None:
        return {"code": text}
    role = found[2].strip()
    return {"code": found[1]} if fold_text(role) in ("", NONE) else {"code": found[1], "role": role}


_READERS: Mapping[str, Any] = {
    "year": read_year,
    "doi": read_doi,
    "open_access": _read_yes_or_no,
    "sample_size": _read_integer,
    "abstract": lambda cell: None,
}
