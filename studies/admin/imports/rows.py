"""The rows of an import as the preview prints them: outcome, match and reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studies.admin.differences.values import ValueWriter
from studies.admin.record_form.problems import field_labels
from studies.citations.names import format_short_authors
from studies.imports.formats.columns import COLUMNS
from studies.imports.keywords import ProposedTerms, propose_terms
from studies.imports.mapping import as_record
from studies.models import ImportRow, Study
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import in_current_format
from studies.store import vocabularies
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies

Outcome = ImportRow.Outcome
OUTCOME_LABELS = {
    Outcome.NEW: "Nueva",
    Outcome.DUPLICATE: "Ya está",
    Outcome.SAME_WORK: "Otra versión",
    Outcome.ERROR: "Con error",
}
PLURAL_LABELS = {
    Outcome.NEW: "Nuevas",
    Outcome.DUPLICATE: "Ya están",
    Outcome.SAME_WORK: "Otras versiones",
    Outcome.ERROR: "Con error",
}
_LONGEST_TITLE = 300
_LONGEST_EXCERPT = 160


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One row of the table. `excerpt` shows how a row begins whose title is not known; `terms` are the names of its
    terms; `field` names what is wrong as the form of a study does; `made` is the draft, if any.
    """

    pk: int
    row_number: int
    outcome: str
    label: str
    title: str
    excerpt: str
    detail: str
    terms: tuple[str, ...]
    match: Study | None
    match_row: int | None
    field: str
    reason: str
    notes: tuple[str, ...]
    proposed: ProposedTerms
    is_tickable: bool
    is_taken: bool
    made: Study | None


def make_lines(rows: Iterable[ImportRow], *, is_written: bool = False) -> list[ImportLine]:
    """Return the lines of rows that come with `match` and `made`: no query but that of the vocabularies."""
    held = vocabularies.current()
    return [_make_line(row, held, is_written=is_written) for row in rows]


def _make_line(row: ImportRow, held: Vocabularies, *, is_written: bool) -> ImportLine:
    title = str(row.record.get("title") or "")
    doi = row.record.get("doi")
    has_its_doi = doi is not None and row.match is not None and row.match.doi == doi
    return ImportLine(
        pk=row.pk,
        row_number=row.row_number,
        outcome=row.outcome,
        label=OUTCOME_LABELS.get(Outcome(row.outcome), ""),
        title=title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE]}…",
        excerpt="" if title else " ".join(row.raw.split())[:_LONGEST_EXCERPT],
        detail=_citation_line(row),
        terms=tuple(_term_names(row, held)),
        match=row.match,
        match_row=row.match_row,
        field=_field_label(row.field),
        reason=". ".join(reason.rstrip(".") for reason in row.reasons) + "." if row.reasons else "",
        notes=(*_fate_notes(row, is_written=is_written), *row.notes),
        proposed=propose_terms(row.suggested_words, title, held),
        is_tickable=row.outcome in (Outcome.NEW, Outcome.SAME_WORK, Outcome.DUPLICATE) and not has_its_doi,
        is_taken=row.is_taken,
        made=row.made,
    )


def _fate_notes(row: ImportRow, *, is_written: bool) -> Iterator[str]:
    """Yield what became of a row that has no draft to link to."""
    if is_written and row.is_taken and row.made is None:
        yield "Su borrador ya no está."
    elif is_written and row.outcome in (Outcome.NEW, Outcome.SAME_WORK) and not row.is_taken:
        yield "No se importó: no estaba marcada."


def _term_names(row: ImportRow, held: Vocabularies) -> Iterator[str]:
    for name, kind in LISTS.items():
        for code in row.record.get(name, ()):
            if term := held.find(kind, code):
                yield term.es
    values = ValueWriter(held)
    for each in in_current_format(row.record).get("interventions", ()):
        yield values.row_name("interventions", each)


def _citation_line(row: ImportRow) -> str:
    try:
        record = as_record(row.record)
    except RecordInvalid:
        return ""
    parts = (
        format_short_authors(record.authors, "es"),
        str(record.year or ""),
        record.container_title or "",
        record.doi or "",
    )
    return " · ".join(part for part in parts if part)


def _field_label(path: str) -> str:
    key = path.split("[")[0].split(".")[0]
    if key in ("keywords", "abstract"):
        return next(column.label.capitalize() for column in COLUMNS if column.code == key)
    try:
        return field_labels([key])[0] if key else ""
    except KeyError:
        return f"«{key}»"
