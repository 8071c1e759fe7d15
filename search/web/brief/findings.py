"""The summary of findings of a brief: rows of the outcomes that come first, as many as its sheets hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.brief.blocks import BriefRun, BriefRuns, Citation, TableBlock, TableCell, TableColumn, runs_of
from search.web.brief.paper import CELL_LINE_MM, measure_row
from search.web.brief.references import CitedStudies
from search.web.evidence.answer import SAID_FIRST, GroupView, RowView
from search.web.evidence.basis import Basis
from search.web.evidence.effect_words import of_each_thousand
from search.web.evidence.sentences import Sentence
from search.web.shared.evidence_request import with_query
from studies.text.numbers import format_number

MOST_ABSOLUTE = 1
"""Estimates per 1,000 in a row; the page of the answer has the others."""

MOST_OTHERS = 6

_WIDTHS_MM = (26, 36, 44, 38, 34)
_WIDTHS_WITHOUT_ABSOLUTE_MM = (30, 44, 60, 44)
_AROUND_MM = 22.0
"""The height of the caption, the heads and the note."""


@dataclass(frozen=True)
class FindingsTable:
    """Rows by the groups that they stand in. `left_out` counts the other rows of outcomes that come first.

    The column on 1,000 people stands only where a row `has_absolute`: else the note says once that there is no number.
    """

    groups: tuple[tuple[GroupView, tuple[RowView, ...]], ...]
    left_out: int
    has_absolute: bool

    @classmethod
    def fit(cls, groups: Sequence[GroupView], room_mm: float) -> FindingsTable:
        """Choose rows: the first of each group, then the second of each, as long as there is room on paper."""
        narrow = cls._fit(groups, room_mm, has_absolute=True)
        if any(row.absolute for row in narrow.rows):
            return narrow
        wide = cls._fit(groups, room_mm, has_absolute=False)
        # More rows fit without the column: one of these may need it.
        return narrow if any(row.absolute for row in wide.rows) else wide

    @classmethod
    def _fit(cls, groups: Sequence[GroupView], room_mm: float, *, has_absolute: bool) -> FindingsTable:
        room_mm -= _AROUND_MM
        chosen: set[tuple[int, str]] = set()
        in_turn = [
            (place, row)
            for turn in zip_longest(*([(place, row) for row in group.rows] for place, group in enumerate(groups)))
            # What most evaluations measured is what the answer tells.
            for place, row in sorted(filter(None, turn), key=lambda each: -len(each[1].papers))
        ]
        opened: set[int] = set()
        for place, row in in_turn:
            height = _measure(row, has_absolute) + (0.0 if place in opened else measure_row([0], [10]) + CELL_LINE_MM)
            if height <= room_mm:
                room_mm -= height
                opened.add(place)
                chosen.add((place, row.code))
        kept = tuple(
            (group, tuple(row for row in group.rows if (place, row.code) in chosen))
            for place, group in enumerate(groups)
        )
        shown = tuple((group, rows) for group, rows in kept if rows)
        return cls(shown, len(in_turn) - len(chosen), has_absolute)

    @property
    def rows(self) -> tuple[RowView, ...]:
        return tuple(row for _, rows in self.groups for row in rows)

    def block(self, cited: CitedStudies, basis: Basis) -> TableBlock:
        """Return the table."""
        page = with_query(reverse("evidence"), basis.query)
        return TableBlock(
            _("Resumen de resultados"),
            tuple(self._columns(basis.language)),
            tuple(self._lines(cited, page)),
            note=self._note(page, basis.language),
            role="findings",
        )

    def _columns(self, language: str) -> Iterator[TableColumn]:
        absolute = (of_each_thousand(language),) if self.has_absolute else ()
        heads = (_("Resultado"), _("Qué lo mide"), _("Efecto"), *absolute, _("Cuán seguros"))
        for head, width in zip(heads, _widths_mm(self.has_absolute), strict=True):
            yield TableColumn(head, width, is_labelled=True)

    def _lines(self, cited: CitedStudies, page: str) -> Iterator[tuple[TableCell, ...]]:
        for group, rows in self.groups:
            yield (runs_of(group.heading),)
            for row in rows:
                yield (
                    (BriefRun(row.outcome, look="strong"),),
                    # What it is compared with stands in the line of its group.
                    (*_join(row.measured[:1]), *cited.citation(row.papers)),
                    _join(row.briefly),
                    *((_absolute(row, page),) if self.has_absolute else ()),
                    _join(row.sure),
                )

    def holds_first_of(self, groups: Iterable[GroupView]) -> bool:
        """Return True if it has the first row of those groups of which the answer tells it."""
        first = sorted((group.rows[0] for group in groups if group.rows), key=lambda row: -len(row.papers))
        shown = {id(row) for row in self.rows}
        return all(id(row) in shown for row in first[:SAID_FIRST])

    def _explained(self) -> Iterator[str]:
        """Yield what the words of its rows mean, of those that stand in any."""
        said = " ".join(str(sentence) for row in self.rows for sentence in row.briefly).casefold()
        if _("no concluye") in said:
            yield _("«No concluye»: el intervalo incluye menos y más.")
        if _("resultados distintos") in said:
            yield _("«Resultados distintos»: en una evaluación, según el grupo, el momento, la medida o quién informa.")

    def _note(self, page: str, language: str) -> BriefRuns:
        text = " ".join(self._explained())
        if not self.has_absolute:
            absent = _("Cuántas personas de cada %(thousand)s: sin dato en estas filas.")
            text = f"{text} {absent % {'thousand': format_number(1000, language)}}".strip()
        where = BriefRun(_("Todos los resultados, estudio por estudio"), page)
        if not self.left_out:
            return BriefRun(f"{text} ".lstrip()), where, BriefRun(".")
        more = ngettext(
            "Por espacio falta %(number)s fila de la tabla.",
            "Por espacio faltan %(number)s filas de la tabla.",
            self.left_out,
        ) % {"number": format_number(self.left_out, language)}
        return BriefRun(f"{text} {more} ".lstrip()), where, BriefRun(".")


def other_outcomes(groups: Iterable[GroupView]) -> Iterator[BriefRuns]:
    """Yield the outcomes that do not come first, behind what they are compared with, a line for each group."""
    for group in groups:
        if group.others:
            yield BriefRun(f"{group.heading} ", look="strong"), *_join(group.others[:MOST_OTHERS])


def _absolute(row: RowView, page: str) -> BriefRuns:
    if not row.absolute:
        return (BriefRun(_("Sin dato"), look="soft"),)
    more = len(row.absolute) - MOST_ABSOLUTE
    if more <= 0:
        return _join(row.absolute)
    text = ngettext("y %(number)s estimación más", "y %(number)s estimaciones más", more) % {"number": more}
    return *_join(row.absolute[:MOST_ABSOLUTE]), BriefRun(" "), BriefRun(text, page), BriefRun(".")


def _join(sentences: Iterable[Sentence]) -> BriefRuns:
    runs: list[BriefRun | Citation] = []
    for sentence in sentences:
        if runs:
            runs.append(BriefRun(" "))
        runs.extend(runs_of(sentence))
    return tuple(runs)


def _widths_mm(has_absolute: bool) -> tuple[int, ...]:
    return _WIDTHS_MM if has_absolute else _WIDTHS_WITHOUT_ABSOLUTE_MM


def _measure(row: RowView, has_absolute: bool) -> float:
    """Return the height of a row on paper in millimetres."""
    cited = 4 * min(len(row.papers), 5)
    absolute = (row.absolute[:MOST_ABSOLUTE],) if has_absolute else ()
    cells = ([row.outcome], row.measured[:1], row.briefly, *absolute, row.sure)
    letters = [sum(len(str(each)) + 1 for each in cell) for cell in cells]
    letters[1] += cited
    return measure_row(letters, _widths_mm(has_absolute))
