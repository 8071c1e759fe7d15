"""The map as a picture of bubbles and as a CSV file, with the same numbers as its table."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from django.template.defaultfilters import capfirst
from django.utils.translation import gettext as _

from search.web.evidence import cell_text, dimensions
from search.web.map.axes import EvidenceMap
from search.web.shared.criteria_text import describe_criteria
from studies.exports.tabular import write_table
from studies.store import vocabularies
from studies.synthesis.tables import Tally
from studies.web.shared.pictures import Picture

_SMALLEST_RADIUS, _WIDE_FOR_A_COUNT = 3.0, 9.0
_LINE = 15


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand, in pixels. `heads` is the width of the row heads, 0 where they stand above their bubbles.

    `head_y` and `bubble_y` count from the top of a row. `is_turned`: the heads of columns run upwards.
    """

    heads: int
    column: int
    row: int
    top: int
    head_y: int
    bubble_y: int
    largest_radius: float
    letters_of_head: int
    lines_of_head: int
    letters_of_column: int
    lines_of_column: int
    is_turned: bool


_WIDE = _Layout(
    heads=300, column=92, row=44, top=92, head_y=27, bubble_y=22, largest_radius=19.0,
    letters_of_head=40, lines_of_head=2, letters_of_column=12, lines_of_column=5, is_turned=False,
)  # fmt: skip
_NARROW = _Layout(
    heads=0, column=36, row=60, top=150, head_y=18, bubble_y=40, largest_radius=16.0,
    letters_of_head=40, lines_of_head=1, letters_of_column=18, lines_of_column=2, is_turned=True,
)  # fmt: skip
_LEAST_WIDTH = 320
"""Room for a row head on a map of few columns."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """A cell: a disc whose area is proportional to its `count`, or a ring if it has studies but no evaluation.

    Evaluations are counted, or studies on a map of factors.

    The count is printed inside a disc that is wide enough, else beside it.
    """

    x: str
    y: int
    radius: str
    count: int
    is_wide: bool
    count_x: str


@dataclass(frozen=True, slots=True)
class FigureLabel:
    """The label of a row or column, wrapped: each line with its x and y. `is_turned`: it runs upwards from there."""

    lines: tuple[tuple[int, int, str], ...]
    is_turned: bool = False


@dataclass(frozen=True, slots=True)
class MapFigure:
    """The whole picture; lengths in pixels. `id` tells the two pictures of a page apart."""

    id: str
    title: str
    width: int
    height: int
    rows: tuple[FigureLabel, ...]
    columns: tuple[FigureLabel, ...]
    lines: tuple[int, ...]
    bubbles: tuple[Bubble, ...]


def draw_map(evidence_map: EvidenceMap, *, is_narrow: bool = False) -> MapFigure:
    """Return the picture of a map; the narrow one shows nine columns on a phone, its row heads above their bubbles."""
    layout = _NARROW if is_narrow else _WIDE
    rows, columns = evidence_map.row_entries, evidence_map.column_entries
    count = _count_evaluations if evidence_map.counts_evaluations else _count_studies
    most = max((count(cell) for cell in evidence_map.table.cells.values()), default=0)
    bubbles = []
    for row_number, row in enumerate(rows):
        for column_number, column in enumerate(columns):
            cell = evidence_map.table.cells.get((row.code, column.code))
            if cell is not None:
                bubbles.append(_bubble(count(cell), row_number, column_number, most, layout))
    return MapFigure(
        id="map-narrow" if is_narrow else "map-wide",
        title=(
            _("Mapa de evidencia: evaluaciones por %(rows)s y %(columns)s")
            if evidence_map.counts_evaluations
            else _("Mapa de evidencia: estudios por %(rows)s y %(columns)s")
        )
        % {
            name: dimensions.lower_first(str(dimensions.NAMES[code]))
            for name, code in (("rows", evidence_map.axes.rows), ("columns", evidence_map.axes.columns))
        },
        width=max(_LEAST_WIDTH, layout.heads + layout.column * len(columns)),
        height=layout.top + layout.row * len(rows) + 8,
        rows=tuple(_row_label(row.label, number, layout) for number, row in enumerate(rows)),
        columns=tuple(_column_label(column.label, number, layout) for number, column in enumerate(columns)),
        lines=tuple(layout.top + layout.row * number for number in range(len(rows) + 1)),
        bubbles=tuple(bubbles),
    )


def map_picture(evidence_map: EvidenceMap, address: str) -> Picture:
    """Return the picture of a map as a file: with title and legend. `address` is the whole address of the map."""
    figure = draw_map(evidence_map)
    legend = [
        _("El área de cada disco es el número de evaluaciones; el aro, estudios sin evaluación.")
        if evidence_map.counts_evaluations
        else _("El área de cada disco es el número de estudios."),
        _("Un espacio vacío es «ninguno en este banco»: no se ha buscado de forma sistemática."),
    ]
    return Picture(
        template="evidence/map_figure.html",
        context={"figure": figure},
        width=figure.width,
        height=figure.height,
        title=figure.title,
        subtitle=capfirst(describe_criteria(evidence_map.body.criteria, evidence_map.language)),
        legend=tuple(legend),
        address=address,
    )


def file_lines(evidence_map: EvidenceMap) -> Iterator[str]:
    """Yield the map as CSV: a row for each cell, empty ones too, codes beside their names."""
    effects = [term.code for term in vocabularies.current().terms("effects")]
    yield from write_table(_csv_rows(evidence_map, effects))


def _csv_rows(evidence_map: EvidenceMap, effects: list[str]) -> Iterator[list[str]]:
    axes = evidence_map.axes
    counted = ("evaluations", "studies", "reviews", *effects, "together")
    yield [axes.rows, f"{axes.rows}_label", axes.columns, f"{axes.columns}_label", *counted, "newest_year"]
    for row in evidence_map.row_entries:
        for column in evidence_map.column_entries:
            cell = evidence_map.table.cell(row.code, column.code)
            by_effect = cell.count_by_effect()
            numbers = [cell.evaluations, len(cell.studies), len(cell.reviews)]
            numbers += [by_effect[effect] for effect in effects] + [len(cell.together)]
            newest = str(cell_text.newest_year(cell, evidence_map.body.evidence)) if cell.studies else ""
            yield [row.code, row.label, column.code, column.label, *map(str, numbers), newest]


def _count_evaluations(cell: Tally) -> int:
    return cell.evaluations


def _count_studies(cell: Tally) -> int:
    return len(cell.studies)


def _bubble(count: int, row: int, column: int, most: int, layout: _Layout) -> Bubble:
    x = _middle_of(column, layout)
    # People compare areas, so it is the area that is proportional to the count.
    radius = max(_SMALLEST_RADIUS, layout.largest_radius * math.sqrt(count / most)) if count else _SMALLEST_RADIUS
    is_wide = radius > _WIDE_FOR_A_COUNT
    return Bubble(
        x=str(x),
        y=layout.top + layout.row * row + layout.bubble_y,
        radius=f"{radius:.1f}",
        count=count,
        is_wide=is_wide,
        count_x=str(x) if is_wide else f"{x + radius + 3:.1f}",
    )


def _middle_of(column: int, layout: _Layout) -> int:
    return layout.heads + layout.column * column + layout.column // 2


def _row_label(text: str, row: int, layout: _Layout) -> FigureLabel:
    parts = _wrap_label(text, layout.letters_of_head, layout.lines_of_head)
    first = layout.top + layout.row * row + layout.head_y - (len(parts) - 1) * _LINE // 2
    return FigureLabel(tuple((0, first + _LINE * number, part) for number, part in enumerate(parts)))


def _column_label(text: str, column: int, layout: _Layout) -> FigureLabel:
    parts = _wrap_label(text, layout.letters_of_column, layout.lines_of_column)
    x, before = _middle_of(column, layout), (len(parts) - 1) * _LINE // 2
    if layout.is_turned:
        first, y = x - before + 4, layout.top - 6
        return FigureLabel(
            tuple((first + _LINE * number, y, part) for number, part in enumerate(parts)), is_turned=True
        )
    first = layout.top // 2 - before
    return FigureLabel(tuple((x, first + _LINE * number, part) for number, part in enumerate(parts)))


def _wrap_label(text: str, letters: int, most: int) -> list[str]:
    parts = textwrap.wrap(text, letters, break_long_words=False)
    if len(parts) > most:
        parts = [*parts[: most - 1], textwrap.shorten(" ".join(parts[most - 1 :]), letters, placeholder="…")]
    return parts
