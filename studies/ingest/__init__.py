"""Imports: a file becomes rows, rows are read and compared, a person ticks, then all is written at once, or undone."""

from studies.ingest.bad_rows import file_of_errors
from studies.ingest.batches import counts, earlier, open_batch, open_dois, open_pasted, read_all, read_on, waiting
from studies.ingest.errors import ImportRefused, IngestError, LookUpImpossible
from studies.ingest.report import report
from studies.ingest.templates import TEMPLATES
from studies.ingest.writing import (
    Hindrance,
    discard,
    hindrances,
    made_by,
    read_again,
    tick,
    tick_all,
    tickable,
    undo,
    write,
)

__all__ = [
    "TEMPLATES",
    "Hindrance",
    "ImportRefused",
    "IngestError",
    "LookUpImpossible",
    "counts",
    "discard",
    "earlier",
    "file_of_errors",
    "hindrances",
    "made_by",
    "open_batch",
    "open_dois",
    "open_pasted",
    "read_again",
    "read_all",
    "read_on",
    "report",
    "tick",
    "tick_all",
    "tickable",
    "undo",
    "waiting",
    "write",
]
