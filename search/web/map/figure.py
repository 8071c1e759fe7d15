"""The map as a picture of bubbles and as a CSV file, with the same numbers as its table."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.web.evidence import cell_text, dimensions
from search.web.map.axes import EvidenceMap
from studies.exports.tabular import write_table
from studies.store import vocabularies
from studies.synthesis.tables import Tally

# Pixels: the width of the row heads and of a column, the height of a row.
_HEADS, _COLUMN, _ROW = 300, 92, 44
_TOP = 92
_LARGEST_RADIUS, _SMALLEST_RADIUS, _WIDE_FOR_A_COUNT = 19.0, 3.0, 9.0
_LETTERS_OF_HEAD, _LETTERS_OF_COLUMN = 40, 14
_LINE = 15


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
    """The label of a row or column, wrapped: each line with its y."""

    x: int
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class MapFigure:
    """The whole picture; lengths in pixels."""

    title: str
    width: int
    height: int
    rows: tuple[FigureLabel, ...]
    columns: tuple[FigureLabel, ...]
    lines: tuple[int, ...]
    bubbles: tuple[Bubble, ...]


def draw_map(evidence_map: EvidenceMap) -> MapFigure:
    """Return the picture of a map."""
    rows, columns = evidence_map.row_entries, evidence_map.column_entries
    count = _count_evaluations if evidence_map.counts_evaluations else _count_studies
    most = max((count(cell) for cell in evidence_map.table.cells.values()), default=0)
    bubbles = []
    for row_number, row in enumerate(rows):
        for column_number, column in enumerate(columns):
            cell = evidence_map.table.cells.get((row.code, column.code))
            if cell is not None:
                bubbles.append(_bubble(count(cell), row_number, column_number, most))
    return MapFigure(
        title=(
            _("Mapa de evidencia: evaluaciones por %(rows)s y %(columns)s")
            if evidence_map.counts_evaluations
            else _("Mapa de evidencia: estudios por %(rows)s y %(columns)s")
        )
        % {
            name: dimensions.lower_first(str(dimensions.NAMES[code]))
            for name, code in (("rows", evidence_map.axes.rows), ("columns", evidence_map.axes.columns))
        },
        width=_HEADS + _COLUMN * len(columns),
        height=_TOP + _ROW * len(rows) + 8,
        rows=tuple(
            FigureLabel(0, _wrap_label(row.label, _LETTERS_OF_HEAD, _TOP + _ROW * number + _ROW // 2 + 5))
            for number, row in enumerate(rows)
        ),
        columns=tuple(
            FigureLabel(
                _HEADS + _COLUMN * number + _COLUMN // 2,
                _wrap_label(column.label, _LETTERS_OF_COLUMN, _TOP // 2, most=5),
            )
            for number, column in enumerate(columns)
        ),
        lines=tuple(_TOP + _ROW * number for number in range(len(rows) + 1)),
        bubbles=tuple(bubbles),
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


def _bubble(count: int, row: int, column: int, most: int) -> Bubble:
    x = _HEADS + _COLUMN * column + _COLUMN // 2
    # People compare areas, so it is the area that is proportional to the count.
    radius = max(_SMALLEST_RADIUS, _LARGEST_RADIUS * math.sqrt(count / most)) if count else _SMALLEST_RADIUS
    is_wide = radius > _WIDE_FOR_A_COUNT
    return Bubble(
        x=str(x),
        y=_TOP + _ROW * row + _ROW // 2,
        radius=f"{radius:.1f}",
        count=count,
        is_wide=is_wide,
        count_x=str(x) if is_wide else f"{x + radius + 3:.1f}",
    )


def _wrap_label(text: str, letters: int, middle: int, most: int = 2) -> tuple[tuple[int, str], ...]:
    parts = textwrap.wrap(text, letters)
    if len(parts) > most:
        parts = [*parts[: most - 1], textwrap.shorten(" ".join(parts[most - 1 :]), letters, placeholder="…")]
    first = middle - (len(parts) - 1) * _LINE // 2
    return tuple((first + _LINE * number, part) for number, part in enumerate(parts))
