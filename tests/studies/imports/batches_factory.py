"""Makes batches of references: read, or written as drafts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from studies.imports import batches, writing
from studies.models import ImportBatch
from tests.studies.reference_files import records, written


def batch_of(data: bytes | str, name: str = "lista.ris", **options: Any) -> ImportBatch:
    """Upload a list and read it to its end."""
    content = data.encode() if isinstance(data, str) else data
    batch = batches.open_batch(name, content, by=options.pop("by", None), **options)
    batches.read_all(batch)
    return batch


def written_batch(count: int = 3, by: User | None = None) -> ImportBatch:
    batch = batch_of(written("ris", records(count)), by=by)
    writing.write(batch, by=by)
    return batch


def outcomes(batch: ImportBatch) -> list[str]:
    return list(batch.rows.order_by("position").values_list("outcome", flat=True))
