"""Writes the rows with errors back as a file of their own format, to be corrected and uploaded again."""

from __future__ import annotations

from studies.imports.formats.registry import FORMATS
from studies.models import ImportBatch, ImportRow


def build_error_file(batch: ImportBatch) -> tuple[str, str, bytes]:
    """Return name, media type and content of the file."""
    known = FORMATS[batch.format]
    raws = batch.rows.filter(outcome=ImportRow.Outcome.ERROR).order_by("position").values_list("raw", flat=True)
    return f"importacion-{batch.pk}-errores.{known.extensions[0]}", known.media_type, known.join(list(raws), batch.head)
