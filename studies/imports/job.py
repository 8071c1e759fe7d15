"""Writing a batch as a job of the worker, for lists that are too long for a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from jobs import queue
from jobs.errors import JobFailed
from jobs.kinds import RunningJob
from jobs.models import Job
from studies.imports import writing
from studies.imports.errors import ImportRefused
from studies.models import ImportBatch
from studies.store import bank_state

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KIND = "import"


def ask(batch: ImportBatch, *, by: User | None) -> Job:
    """Ask the worker to write the ticked rows of `batch`, or those that are left. Raises ImportRefused."""
    with transaction.atomic():
        if batch.state != ImportBatch.State.WRITING:
            writing.begin(batch)
        return queue.ask(KIND, {"batch": batch.pk}, key=str(batch.pk), by=by)


def find_last(batch: ImportBatch) -> Job | None:
    """Return the newest job that writes, or wrote, `batch`: one query."""
    return Job.objects.filter(kind=KIND, key=str(batch.pk)).first()


def run(job: RunningJob) -> str:
    """Write the batch of the job in steps. Raises JobFailed with a sentence, and what ends or interrupts a job."""
    batch = _find(job.arguments)
    if batch is None:
        raise JobFailed("La importación ya no está: alguien la descartó.")
    if batch.state == ImportBatch.State.WRITTEN and not writing.count_left(batch):
        return "Ya estaba escrita."
    try:
        with bank_state.cached_counter():
            job.checkpoint(*writing.count_handled(batch))
            made = writing.write(batch, by=job.by, hold=job.hold, between=job.checkpoint)
    except ImportRefused as refusal:
        raise JobFailed(refusal.message) from refusal
    return "Se creó 1 borrador." if made == 1 else f"Se crearon {made} borradores."


def after_stop(arguments: Mapping[str, Any]) -> None:
    """Leave the batch of a job that failed or was ended with what was written of it."""
    if (batch := _find(arguments)) is not None:
        writing.stop(batch)


def _find(arguments: Mapping[str, Any]) -> ImportBatch | None:
    return ImportBatch.objects.filter(pk=arguments["batch"]).first()
