"""The page of all interventions, a line each: what they show on violence, how sure, cost, harms, nearness to Peru.

Links and a form sort and filter it; a value that the page does not know is no filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from search.web.evidence.intervention_rows import InterventionRow, current_lines, intervention_row, place_on_strip
from studies.learning.published_texts import list_certainties
from studies.store import vocabularies
from studies.store.vocabularies import Vocabularies
from studies.synthesis.intervention_line import InterventionLine
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.text.language import page_language
from studies.text.normalize import fold_text
from studies.text.numbers import format_number


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a filter."""

    code: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the form; its first choice, without a code, filters nothing."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class SortLink:
    """The head of a column that sorts. `direction` is that of `aria-sort`, "" if the table has another order."""

    label: str
    url: str
    direction: str


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The rows of a theme with its label; "" where all stand together."""

    label: str
    rows: tuple[InterventionRow, ...]

    @property
    def evaluated(self) -> int:
        """How many of them have an evaluation."""
        return sum(bool(row.evaluations.number) for row in self.rows)


@dataclass(frozen=True, slots=True)
class AxisLabel:
    text: str
    x: str


@dataclass(frozen=True, slots=True)
class InterventionIndex:
    """All that the page prints. The counts are of the whole bank, whatever the filters.

    `judged` counts interventions of which people judged certainty; `heads` are the columns that sort, by name.
    `is_by_theme`: each theme is a group of its own. `legend` tells what the columns count. `query` asks for the same
    order and filters: "?…", or "".
    """

    total: int
    evaluated: int
    judged: int
    filters: tuple[Filter, ...]
    heads: Mapping[str, SortLink]
    groups: tuple[RowGroup, ...]
    axis: tuple[AxisLabel, ...]
    null_x: str
    shown: int
    is_narrowed: bool
    is_by_theme: bool
    legend: str
    query: str


@require_safe
def intervention_index(request: HttpRequest) -> HttpResponse:
    """List the interventions: two queries beside those of every page, five if certainty was judged."""
    page = intervention_list(vocabularies.current(), page_language(), request.GET)
    return render(request, "evidence/interventions.html", {"page": page})


def intervention_list(vocabulary: Vocabularies, language: str, data: Mapping[str, str]) -> InterventionIndex:
    """Return the view model of the page; `data` are the parameters of its address."""
    lines = current_lines(vocabulary)
    filters = _filters(lines, vocabulary, language, data)
    chosen = {each.name: choice.code for each in filters for choice in each.choices if choice.is_chosen}
    rows = [
        intervention_row(vocabulary.term("interventions", line.code), line, vocabulary, language, chosen["outcome"])
        for line in lines
        if _passes(line, chosen)
    ]
    rows = [row for row in rows if chosen["theme"] in ("", row.theme)]
    return InterventionIndex(
        total=len(lines),
        evaluated=sum(bool(line.evaluations) for line in lines),
        judged=len({each.intervention for each in list_certainties()} & {line.code for line in lines}),
        filters=filters,
        heads=_heads(chosen),
        groups=tuple(_groups(rows, chosen["order"], vocabulary)),
        axis=tuple(AxisLabel(format_number(value, language), place_on_strip(value)) for value in (0.125, 1.0, 4.0)),
        null_x=place_on_strip(1.0),
        shown=len(rows),
        is_narrowed=any(code for name, code in chosen.items() if name not in ("order", "outcome")),
        is_by_theme=not chosen["order"],
        legend=_legend(next(each for each in filters if each.name == "outcome")),
        query=_query(chosen),
    )


def _orders() -> dict[str, str]:
    return {
        "": _("Tema"),
        "name": _("Nombre"),
        "violence": _("Evaluaciones que miden violencia"),
        "evaluations": _("Evaluaciones"),
        "randomised": _("Evaluaciones aleatorizadas"),
        "interval": _("Evaluaciones con intervalo"),
        "nearness": _("Cercanía al Perú"),
    }


_KEYS: dict[str, Callable[[InterventionRow], tuple[int, ...] | str]] = {
    "": lambda row: (-row.violence, -row.evaluations.number),
    "name": lambda row: fold_text(row.label),
    "violence": lambda row: (-row.violence, -row.evaluations.number),
    "evaluations": lambda row: (-row.evaluations.number, -row.violence),
    "randomised": lambda row: (-row.randomised.number, -row.evaluations.number),
    "interval": lambda row: (-row.with_interval.number, -row.violence),
    "nearness": lambda row: (row.nearness, -row.evaluations.number),
}
"""There is no order by effect: it would need one number for each line, which nobody has."""

_ASCENDING = frozenset({"name", "nearness"})


def _groups(rows: Sequence[InterventionRow], order: str, vocabulary: Vocabularies) -> Iterator[RowGroup]:
    """Yield the rows of each theme, or all together. Python's sort is stable: the vocabulary decides ties."""
    ordered = sorted(rows, key=_KEYS[order])
    if order:
        if ordered:
            yield RowGroup("", tuple(ordered))
        return
    for theme in [*(term.code for term in vocabulary.terms("themes")), ""]:
        own = tuple(row for row in ordered if row.theme == theme)
        if own:
            yield RowGroup(own[0].theme_label or _("Sin tema"), own)


def _heads(chosen: Mapping[str, str]) -> Mapping[str, SortLink]:
    labels = {
        "": _("Tema"),
        "name": _("Intervención"),
        "violence": _("Hacia dónde apunta"),
        "evaluations": pgettext("evaluaciones", "Todas"),
        "randomised": pgettext("evaluaciones", "Aleat."),
        "interval": pgettext("evaluaciones", "Con int."),
        "nearness": _("Más cerca del Perú"),
    }
    heads = {}
    for order, label in labels.items():
        url = reverse("interventions") + _query({**chosen, "order": order})
        direction = "ascending" if order in _ASCENDING else "descending"
        heads[order or "theme"] = SortLink(label, url, direction if order and order == chosen["order"] else "")
    return heads


def _legend(outcome: Filter) -> str:
    """Return what the columns count, under the outcome that is chosen."""
    counted = next(choice for choice in outcome.choices if choice.is_chosen)
    if counted.code:
        first = _("Cada evaluación cuenta una vez, con lo que informa sobre «%(outcome)s».") % {
            "outcome": counted.label
        }
    else:
        first = _(
            "Cada evaluación cuenta una vez, con el primer resultado de violencia que informa, en el orden del banco."
        )
    columns = _(
        "«Hacia dónde apunta»: la dirección de lo estimado, sea o no distinguible del azar; «sin dif.», sin diferencia"
        " clara; «sin dirección», cambió y no se sabe si para bien; «mixta», sus autores la llaman así; «distinta»,"
        " según el grupo, el momento, el estudio o quién informa; «otros hall.», en cuántas de ellas solo otro"
        " resultado de violencia, momento o grupo apunta hacia ahí. Las razones son de posibilidades, de riesgo o de"
        " tasas, y no se promedian. «Con otra medida»: puntos, porcentajes o solo la dirección. «Con int.»: con"
        " intervalo en ese resultado. «Costo»: cuántos estudios lo dicen. «Daños»: cuántas evaluaciones informan de"
        " alguno; que nadie informe no quiere decir que no los haya. «Otros»: ni Perú, ni países andinos, ni América"
        " Latina y el Caribe."
    )
    return f"{first} {columns}"


def _query(chosen: Mapping[str, str]) -> str:
    kept = [(name, code) for name, code in chosen.items() if code]
    return f"?{urlencode(kept)}" if kept else ""


def _filters(
    lines: Iterable[InterventionLine], vocabulary: Vocabularies, language: str, data: Mapping[str, str]
) -> tuple[Filter, ...]:
    lines = list(lines)
    measured = {outcome for line in lines for outcome in line.effects}
    reached = {code for line in lines for code in line.populations}

    def labels(kind: str, codes: set[str]) -> dict[str, str]:
        return {term.code: term.label(language) for term in vocabulary.terms(kind) if term.code in codes}

    themes = {term.code for term in vocabulary.terms("themes")}
    # The code of a place is the farthest step of nearness that belongs to it.
    places = {"peru": _("el Perú"), "latin-america": _("América Latina y el Caribe")}
    return (
        _filter("order", _("Ordenar por"), _orders(), data),
        _filter("theme", _("Tema"), {"": _("Todos")} | labels("themes", themes), data),
        _filter(
            "outcome", _("Resultado"), {"": _("Violencia, de cualquier tipo")} | labels("outcomes", measured), data
        ),
        _filter("place", _("Con evaluaciones en"), {"": _("Cualquier lugar")} | places, data),
        _filter(
            "population",
            _("Con evaluaciones de"),
            {"": _("Cualquier población")} | labels("populations", reached),
            data,
        ),
    )


def _filter(name: str, label: str, labels: Mapping[str, str], data: Mapping[str, str]) -> Filter:
    given = data.get(name, "")
    chosen = given if given in labels else ""
    return Filter(name, label, tuple(Choice(code, text, code == chosen) for code, text in labels.items()))


def _passes(line: InterventionLine, chosen: Mapping[str, str]) -> bool:
    """Return True unless a filter asks for evaluations that the intervention does not have."""
    if chosen["place"] and min(line.nearness, default=len(NEARNESS_STEPS)) > NEARNESS_STEPS.index(chosen["place"]):
        return False
    return not chosen["population"] or chosen["population"] in line.populations
