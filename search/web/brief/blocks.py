"""The blocks that a brief is made of: its content without any look. Page, PDF and Word render the same blocks.

A kind of block has one template, for page and PDF, and one method in `search.web.brief.docx`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from search.web.evidence.forest_view import ForestView
from search.web.evidence.sentences import Sentence
from studies.citations import runs as citation_runs
from studies.text.bilingual import LocalizedText


@dataclass(frozen=True, slots=True)
class BriefRun:
    """A run of text, a link if it has a `url`. `text` includes the space around it: renderers add none."""

    text: str
    url: str = ""
    look: Literal["", "strong", "soft"] = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """The numbers of the references that support the text before it. Renderers put a space before it."""

    numbers: tuple[int, ...]


BriefRuns = tuple[BriefRun | Citation, ...]


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
    runs: BriefRuns
    role: Literal["", "eyebrow", "lead", "soft", "notice"] = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Paragraphs of one author. `label` names the author if a brief has two; `is_own` marks the preparer's text."""

    template: ClassVar = "brief/blocks/passage.html"
    label: str
    paragraphs: tuple[BriefRuns, ...]
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class BulletList:
    template: ClassVar = "brief/blocks/bullet_list.html"
    items: tuple[BriefRuns, ...]


TableCell = BriefRuns | LocalizedText


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`width_mm` is for Word. A phone shows each cell on its own line, behind `head` if the column `is_labelled`."""

    head: str
    width_mm: int
    is_labelled: bool = False


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table. A row of one cell is the heading of the rows below it, and spans all columns. `role` gives widths."""

    template: ClassVar = "brief/blocks/table.html"
    caption: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    note: BriefRuns = ()
    role: Literal["findings", "studies", "estimates"] = "studies"

    @property
    def rows_by_column(self) -> list[list[tuple[TableColumn, TableCell]]]:
        return [list(zip(self.columns, row, strict=len(row) > 1)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """A forest plot, which a page draws. Word prints `table`, its numbers, which can be edited. So has page `url`."""

    template: ClassVar = "brief/blocks/forest_figure.html"
    plot: ForestView
    url: str
    table: TableBlock


@dataclass(frozen=True, slots=True)
class BriefReference:
    """An entry of the list of references; `language` is that of the work."""

    number: int
    runs: citation_runs.TextRuns
    language: str


@dataclass(frozen=True, slots=True)
class ReferenceListBlock:
    template: ClassVar = "brief/blocks/reference_list.html"
    references: tuple[BriefReference, ...]


Block = Heading | Paragraph | Passage | BulletList | TableBlock | FigureBlock | ReferenceListBlock


def runs_of(sentence: Sentence) -> BriefRuns:
    """Return a sentence as runs."""
    return tuple(BriefRun(part.text, part.url) for part in sentence.parts)
