"""The blocks of a brief, in the order in which it is read. They say what a brief holds; renderers say how it looks.

A kind of block has one template, for page and PDF, and one function in `search.web.brief.docx`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from search.web.evidence.coverage import Step
from search.web.evidence.forest_view import ForestView
from search.web.evidence.harvest_view import HarvestView
from studies.citations import runs as citation_runs
from studies.text.bilingual import Text


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text, a link if it has a `url`. The space around it is part of the text."""

    text: str
    url: str = ""
    look: Literal["", "strong", "soft"] = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """The references that the text before it rests on. Renderers put a space before it."""

    numbers: tuple[int, ...]


Runs = tuple[Run | Citation, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """`note` is a small addition; `id` is the anchor on the page."""

    template: ClassVar = "brief/blocks/heading.html"
    text: str
    level: Literal[1, 2] = 2
    note: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    template: ClassVar = "brief/blocks/paragraph.html"
    runs: Runs
    role: Literal["", "eyebrow", "lead", "soft", "notice"] = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs of one author, whom `label` names where there are two; `is_own` marks the preparer's text."""

    template: ClassVar = "brief/blocks/passage.html"
    label: str
    paragraphs: tuple[Runs, ...]
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class BulletList:
    template: ClassVar = "brief/blocks/bullet_list.html"
    items: tuple[Runs, ...]


@dataclass(frozen=True, slots=True)
class EffectOn:
    """An effect that authors judged, and the outcome that it is on."""

    code: str
    label: str
    outcome: str


@dataclass(frozen=True, slots=True)
class EffectList:
    """Effects in a cell, at least one. `more` counts those left out, which are at `url`."""

    effects: tuple[EffectOn, ...]
    more: str
    url: str


Cell = Runs | Text | EffectList


@dataclass(frozen=True, slots=True)
class Column:
    """`width_mm` is for Word. A phone shows each cell on a line of its own, after the head where `is_labelled`."""

    head: str
    width_mm: int
    is_labelled: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A page draws `figure` before the table; Word has its numbers as a table behind, which can be edited."""

    template: ClassVar = "brief/blocks/table.html"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: Runs = ()
    figure: Figure | None = None

    @property
    def rows_by_column(self) -> list[list[tuple[Column, Cell]]]:
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, as `template` makes it of `plot`. The same numbers are in `table`, and on the page at `url`."""

    template: str
    plot: ForestView | HarvestView
    url: str
    table: Table


@dataclass(frozen=True, slots=True)
class Ladder:
    """What there is at each step of nearness to Peru."""

    template: ClassVar = "brief/blocks/ladder.html"
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of the list of references; `language` is that of the work."""

    number: int
    runs: citation_runs.Runs
    language: str


@dataclass(frozen=True, slots=True)
class ReferenceList:
    template: ClassVar = "brief/blocks/reference_list.html"
    references: tuple[Reference, ...]


Block = Heading | Paragraph | Passage | BulletList | Table | Ladder | ReferenceList
