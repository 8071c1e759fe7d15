"""Problems of a record (`rules.Problem`) in words for the curator, each with a link to its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studies.admin.entry import ROW_KINDS
from studies.admin.forms import StudyForm
from studies.rules import Problem

SENTENCES: Mapping[str, str] = {
    "missing": "falta este dato",
    "translation-missing": "está solo en un idioma: escríbalo también en el otro",
    "unknown-code": "tiene un valor que ya no está en el vocabulario",
    "unknown-programme": "nombra un programa que el banco no tiene",
    "year-implausible": "el año no es verosímil (de 1900 al próximo)",
    "doi-malformed": "no tiene la forma de un DOI",
    "doi-taken": "este DOI ya es de otro estudio",
    "address-malformed": "no es una dirección completa de la web",
    "period-malformed": "no es un año, un rango (2011-2012) ni un año abierto (2019-)",
    "not-positive": "tiene que ser mayor que cero",
    "sample-unit-without-size": "hay unidad sin tamaño de la muestra",
    "outcome-not-of-study": "este resultado no está marcado entre los del estudio",
    "intervention-not-of-study": "esta intervención no está marcada entre las del estudio",
    "number-without-measure": "hay números sin su medida",
    "measure-without-value": "hay medida o intervalo sin valor",
    "unit-without-such-measure": "la medida elegida no lleva unidad",
    "interval-incomplete": "falta un límite del intervalo",
    "interval-contradicts-value": "el valor queda fuera de su intervalo",
    "level-without-interval": "hay nivel sin intervalo",
    "level-out-of-range": "el nivel va entre 0 y 100",
    "p-out-of-range": "el valor p va de 0 a 1",
    "follow-up-incomplete": "el seguimiento se escribe en su unidad y en meses",
    "follow-up-malformed": "no es un número o rango con su unidad (24 meses)",
    "findings-unsupported": "hay hallazgos con números y ninguna fuente que los sustente",
}
_KINDS = {kind.name: kind for kind in ROW_KINDS}
_PATH = re.compile(r"(?P<list>\w+)(?:\[(?P<index>\d+)\])?(?:\.(?P<field>\w+))?.*")
_FIRST_FIELD = {"authors": "family", "findings": "outcome", "sources": "url"}


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """What the box prints: where, what, and the id of the element to go to."""

    place: str
    sentence: str
    anchor: str


def in_words(
    problems: Iterable[Problem], row_of: Mapping[tuple[str, int], int] | None = None
) -> tuple[ProblemLine, ...]:
    """Give the lines of the box. `row_of` leads from the place in the record to the row on the page."""
    lines = (_line(problem, row_of or {}) for problem in problems)
    return tuple(dict.fromkeys(lines))


def field_names(keys: Iterable[str]) -> list[str]:
    """Name fields of the record as the form does."""
    return list(dict.fromkeys(_place_of(key) for key in keys))


def _line(problem: Problem, row_of: Mapping[tuple[str, int], int]) -> ProblemLine:
    path = _PATH.fullmatch(problem.field)
    assert path is not None, problem.field
    name, index, field = path["list"], path["index"], path["field"]
    if name not in _KINDS:
        return ProblemLine(_place_of(name), SENTENCES[problem.code], f"id_{_form_field(name)}")
    kind = _KINDS[name]
    if index is None:
        return ProblemLine(kind.title, SENTENCES[problem.code], name)
    field = field or _FIRST_FIELD[name]
    row = row_of.get((name, int(index)), int(index))
    label = kind.form.base_fields[field].label
    return ProblemLine(
        f"{kind.singular} {int(index) + 1}, {str(label).lower()}", SENTENCES[problem.code], f"id_{name}-{row}-{field}"
    )


def _place_of(key: str) -> str:
    if key in _KINDS:
        return _KINDS[key].title
    if key == "appraisals":
        return "Evaluación de calidad"
    return "Diseños" if key == "designs" else str(StudyForm.base_fields[_form_field(key)].label)


def _form_field(key: str) -> str:
    return {"designs": "main_design", "id": "slug"}.get(key, key)
