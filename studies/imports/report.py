"""The outcome of a batch as one JSON object, for `import_references --json`."""

from __future__ import annotations

from typing import Any

from studies.imports.formats.registry import FORMATS
from studies.models import ImportBatch, ImportRow

OUTCOMES = (
    ImportRow.Outcome.NEW,
    ImportRow.Outcome.DUPLICATE,
    ImportRow.Outcome.SAME_WORK,
    ImportRow.Outcome.ERROR,
)


def build_report(batch: ImportBatch, *, is_dry_run: bool) -> dict[str, Any]:
    """Return counts by outcome, and each row with its outcome, the study that it matches, and why."""
    rows = [_row(row) for row in batch.rows.select_related("match", "made").defer("raw").order_by("position")]
    return {
        "file": batch.file_name,
        "checksum": batch.checksum,
        "format": FORMATS[batch.format].label,
        "dry_run": is_dry_run,
        "batch": None if is_dry_run else batch.pk,
        "notes": list(batch.notes),
        "counts": {outcome.value: sum(row["outcome"] == outcome for row in rows) for outcome in OUTCOMES},
        "written": sum(row["made"] is not None for row in rows),
        "rows": rows,
    }


def _row(row: ImportRow) -> dict[str, Any]:
    return {
        "row": row.row_number,
        "outcome": row.outcome,
        "title": row.record.get("title"),
        "study": row.match.slug if row.match else None,
        "same_as_row": row.match_row,
        "field": row.field or None,
        "reason": "; ".join(row.reasons) or None,
        "notes": list(row.notes),
        "made": row.made.slug if row.made else None,
    }
