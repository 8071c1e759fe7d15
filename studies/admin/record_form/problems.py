"""Problems of a record (`rules.Problem`) in words for the curator, each with a link to its field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django import forms

from studies.admin.record_form.forms import StudyForm
from studies.admin.record_form.row_sets import ROW_KINDS, RowSection
from studies.admin.record_form.sections import SECTION_OF
from studies.records.plausibility import Suspicion
from studies.records.rules import Problem
from studies.records.study import PEOPLE

SENTENCES: Mapping[str, str] = {
    "missing": "falta este dato",
    "translation-missing": "está solo en un idioma: escríbalo también en el otro",
    "unknown-code": "tiene un valor que ya no está en el vocabulario",
    "unknown-programme": "nombra un programa que el banco no tiene",
    "year-implausible": "el año no es verosímil (de 1900 al próximo)",
    "doi-malformed": "no tiene la forma de un DOI",
    "date-impossible": "no es una fecha: un día lleva su mes, y el mes tiene ese día",
    "issn-malformed": "no es un ISSN: son ocho signos, 1234-5678, y el último comprueba los demás",
    "isbn-malformed": "no es un ISBN: son diez o trece cifras, y la última comprueba las demás",
    "orcid-malformed": "no es un ORCID: son dieciséis signos, 0000-0002-1825-0097, y el último comprueba los demás",
    "ror-malformed": "no es un identificador ROR: son nueve signos, como 02mhbdp94",
    "pmid-malformed": "no es un número de PubMed: solo cifras",
    "doi-taken": "este DOI ya es de otro estudio",
    "address-malformed": "no es una dirección completa de la web",
    "period-malformed": "no es un año, un rango (2011-2012) ni un año abierto (2019-)",
    "not-positive": "tiene que ser mayor que cero",
    "sample-unit-without-size": "hay unidad sin tamaño de la muestra",
    "outcome-not-of-study": "este resultado no está marcado entre los del estudio",
    "intervention-not-of-study": "esta intervención no está marcada entre las del estudio",
    "role-missing": "falta elegir qué hace el estudio con esta intervención",
    "included-not-public": "este estudio no está publicado en el banco: revise el identificador, o quítelo",
    "bias-without-judgement": "solo un juicio de sesgo o calidad lleva un riesgo de sesgo",
    "currency-malformed": "la moneda se escribe con tres letras: PEN, USD, EUR",
    "p-twice": "hay un valor p y también una cota: deje uno de los dos",
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
DOUBTS: Mapping[str, str] = {
    "ratio-not-positive": "una razón siempre es mayor que cero",
    "ratio-far": "una razón tan lejos de 1 es rara: ¿es un porcentaje, o falta una coma?",
    "interval-contradicts-value": "el valor queda fuera de su intervalo",
    "interval-lopsided": "el valor está muy cerca de un extremo de su intervalo: ¿hay una cifra mal copiada?",
    "p-against-interval": "el valor p y el intervalo se contradicen",
    "effect-against-interval": "el efecto que dice la ficha y el intervalo se contradicen",
    "p-zero": "p nunca es cero: si la fuente dice p < 0,001, escriba 0,001 en «Valor p menor que»",
    "percent-out-of-range": "un porcentaje así no es posible",
    "correlation-out-of-range": "una correlación va de -1 a 1",
    "area-out-of-range": "un área bajo la curva va de 0 a 1",
    "standardised-large": "una diferencia estandarizada tan grande es rara: ¿está en puntos de la escala?",
    "negative": "una cantidad así no es negativa",
    "level-unusual": "el nivel de un intervalo suele ser 95",
    "follow-up-long": "son más de treinta años de seguimiento",
    "follow-up-differs": "los meses no corresponden al seguimiento escrito",
    "sample-not-positive": "la muestra tiene que ser mayor que cero",
    "sample-huge": "son más de cincuenta millones",
}
"""What is suspicious about a number, by `SUSPICION_CODES`: nothing is wrong for certain, somebody should look."""

EDITORIAL: Mapping[str, str] = {
    "about-not-tested": "el estudio no pone a prueba esta intervención: quítela de aquí o corrija su papel",
    "violence-without-finding": "alguno de violencia no tiene hallazgo: añádalo, o diga por qué en la nota del banco",
    "trial-without-intervention": "hubo asignación al azar: falta decir de qué intervención",
    "trial-without-country": "hubo asignación al azar: falta decir en qué país",
    "rank-word": "dice que es el primero, el más citado u otro rango: ¿qué fuente lo sustenta?",
    "summary-length": "un resumen tiene de 50 a 140 palabras",
    "delivery-long": "son más de 50 palabras",
    "full-stop": "va sin punto final, como un titular",
    "copy-as-main-link": "lleva a una copia en un sitio donde se comparten documentos: busque la página original",
    "example-source": "es un ejemplo o una prueba, no una fuente",
    "doi-comma": "lleva una coma: ¿es el DOI completo y nada más?",
    "pages-prefix": "van solo los números, sin «p.» ni «pp.»",
    "sample-without-unit": "falta decir qué se cuenta: mujeres, parejas, hogares…",
    "trial-not-listed": "el banco no tiene este ensayo, o el ensayo no tiene este estudio entre los suyos",
}
"""What misleads or is missing, by `EDITORIAL_CODES` and the code of health: somebody should look."""

_KINDS = {kind.name: kind for kind in ROW_KINDS}
_PATH = re.compile(r"(?P<list>\w+)(?:\[(?P<index>\d+)\])?(?:\.(?P<field>\w+))?.*")
_FIRST_FIELD = {
    **dict.fromkeys(PEOPLE, "family"),
    "interventions": "code",
    "costs": "amount",
    "findings": "outcome",
    "appraisals": "instrument",
    "sources": "url",
}
_FIELD_OF_FORM = {("findings", "arms"): "arms-0-arm", ("findings", "about"): "about_what"}
"""The field of the form to go to, where it has another name than the record's."""
OWN_APPRAISALS = "Evaluación de calidad del banco"
"""What the appraisals of the bank are called, which no form of a record has."""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """What the box prints: where, what, and the id of the element to go to; `section` is that of the page."""

    place: str
    sentence: str
    anchor: str
    section: str = ""


def describe_problems(
    problems: Iterable[Problem], row_of: Mapping[tuple[str, int], int] | None = None
) -> tuple[ProblemLine, ...]:
    """Return the lines of the box. `row_of` maps a list and a place in the record to the row on the page."""
    lines = (_make_line(problem, row_of or {}) for problem in problems)
    return tuple(dict.fromkeys(lines))


def describe_doubts(doubts: Iterable[Suspicion]) -> tuple[ProblemLine, ...]:
    """Return the lines of what somebody should look at: numbers, and what `EDITORIAL` has words for."""
    return tuple(dict.fromkeys(_make_line(doubt, {}, {**DOUBTS, **EDITORIAL}) for doubt in doubts))


def describe_errors(form: forms.Form, lists: Iterable[RowSection]) -> tuple[ProblemLine, ...]:
    """Return what was typed and cannot be kept, in the order of the page, each line with its field."""
    if not form.is_bound:
        return ()
    found = [*_error_lines(form, "", "study_form"), *(line for section in lists for line in _row_errors(section))]
    anchors = list(dict.fromkeys(SECTION_OF.values()))
    return tuple(sorted(found, key=lambda line: anchors.index(line.section) if line.section else -1))


def field_labels(keys: Iterable[str]) -> list[str]:
    """Name fields of the record as the form does."""
    return list(dict.fromkeys(_field_label(key) for key in keys))


def _error_lines(form: forms.Form, row: str, anchor: str, section: str = "") -> Iterator[ProblemLine]:
    """Yield the errors of one form. `row` names it, where it is a row; `anchor` is that of what no field has."""
    for name, errors in form.errors.items():
        field = form[name] if name in form.fields else None
        label = str(field.field.widget.attrs.get("aria-label") or field.label) if field else ""
        place = ", ".join(filter(None, (row, label.lower() if row else label))) or "Formulario"
        for error in errors:
            yield ProblemLine(
                place, str(error), field.auto_id if field else anchor, section or SECTION_OF.get(name, "")
            )


def _row_errors(section: RowSection) -> Iterator[ProblemLine]:
    kind, anchor = section.kind, SECTION_OF[section.kind.name]
    for error in section.rows.non_form_errors():
        yield ProblemLine(kind.title, str(error), kind.name, anchor)
    for place, row in enumerate(section.rows.forms, start=1):
        yield from _error_lines(row, f"{kind.singular} {place}", str(row.prefix), anchor)


def _make_line(
    problem: Problem | Suspicion, row_of: Mapping[tuple[str, int], int], sentences: Mapping[str, str] = SENTENCES
) -> ProblemLine:
    path = _PATH.fullmatch(problem.field)
    assert path is not None, problem.field
    name, index, field = path["list"], path["index"], path["field"]
    section = SECTION_OF.get(_form_field(name), "")
    if name not in _KINDS:
        return ProblemLine(_field_label(name), sentences[problem.code], f"id_{_form_field(name)}", section)
    kind = _KINDS[name]
    if index is None:
        return ProblemLine(kind.title, sentences[problem.code], name, section)
    field = field or _FIRST_FIELD[name]
    row = row_of.get((name, int(index)), int(index))
    return ProblemLine(
        f"{kind.singular} {int(index) + 1}, {kind.form.label_of(field).lower()}",
        sentences[problem.code],
        f"id_{name}-{row}-{_FIELD_OF_FORM.get((name, field), field)}",
        section,
    )


def _field_label(key: str) -> str:
    if key in _KINDS:
        return _KINDS[key].title
    if key == "own_appraisals":
        return OWN_APPRAISALS
    return "Diseños" if key == "designs" else str(StudyForm.base_fields[_form_field(key)].label)


def _form_field(key: str) -> str:
    return {"designs": "main_design", "id": "slug"}.get(key, key)
