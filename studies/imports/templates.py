"""The table that curators fill in, and its data dictionary, as Excel and CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from studies.exports.tabular import BYTE_ORDER_MARK, escape_formula
from studies.imports.formats import xlsx
from studies.imports.formats.columns import COLUMNS, ImportColumn
from studies.imports.formats.registry import FORMATS
from studies.models import Vocabulary
from studies.store import vocabularies

_DICTIONARY_HEADER = ("Columna", "Código", "Qué es", "Ejemplo", "Varios valores", "Vocabulario")
_TERMS_HEADER = ("Vocabulario", "Código", "Nombre en español", "Nombre en inglés", "Definición")


def _template_xlsx() -> bytes:
    return xlsx.write_workbook(
        {"Estudios": [_header_labels()], "Diccionario": _dictionary_rows(), "Términos": _term_rows()}
    )


def _template_csv() -> bytes:
    return _csv([_header_labels()])


def _dictionary_csv() -> bytes:
    return _csv([*_dictionary_rows(), [""], *_term_rows()])


def _header_labels() -> list[str]:
    return [column.label for column in COLUMNS]


def _dictionary_rows() -> list[list[str]]:
    return [list(_DICTIONARY_HEADER), *(_dictionary_row(column) for column in COLUMNS)]


def _dictionary_row(column: ImportColumn) -> list[str]:
    kind = str(Vocabulary(column.vocabulary).label) if column.vocabulary else ""
    several = "sí, con punto y coma" if column.is_list else "no"
    return [column.label, column.code, column.meaning, column.example, several, kind]


def _term_rows() -> list[list[str]]:
    held = vocabularies.current()
    kinds = dict.fromkeys(Vocabulary(column.vocabulary) for column in COLUMNS if column.vocabulary)
    # The role of an intervention stands in its cell.
    kinds[Vocabulary.ROLES] = None
    rows = [
        [str(kind.label), term.code, term.es, term.en, term.definition_es]
        for kind in kinds
        for term in held.terms(kind)
    ]
    return [list(_TERMS_HEADER), *rows]


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([escape_formula(cell) for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + written.getvalue()).encode()


_XLSX, _CSV = FORMATS["xlsx"].media_type, "text/csv; charset=utf-8"
TEMPLATES: Mapping[str, tuple[str, Callable[[], bytes]]] = MappingProxyType(
    {
        "plantilla.xlsx": (_XLSX, _template_xlsx),
        "plantilla.csv": (_CSV, _template_csv),
        "diccionario.csv": (_CSV, _dictionary_csv),
    }
)
"""The files by name, each with its media type and what makes it."""
