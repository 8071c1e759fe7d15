"""A job in the hands of a worker: what is behind `kinds.RunningJob`."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jobs import queue
from jobs.errors import ClaimLost, GivesWay, JobEnded, WorkerStops

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from jobs.models import Job


class ClaimedJob:
    """The job that a worker has claimed, until it is told to stop."""

    def __init__(self, job: Job, host: str, stopping: threading.Event, *, is_resumable: bool = False) -> None:
        self.job = job
        self._host = host
        self._stopping = stopping
        self._is_resumable = is_resumable

    @property
    def arguments(self) -> Mapping[str, Any]:
        arguments: Mapping[str, Any] = self.job.arguments
        return arguments

    @property
    def by(self) -> User | None:
        return self.job.by

    def checkpoint(self, done: int = 0, total: int = 0) -> None:
        """Write how far the job is, outside of transactions. Raises JobEnded, WorkerStops, GivesWay and ClaimLost."""
        if not queue.note_progress(self.job, done, total, is_new_beginning=self._is_resumable and done > 0):
            raise ClaimLost
        if queue.is_ending(self.job):
            raise JobEnded
        if self._stopping.is_set():
            raise WorkerStops
        if self._is_resumable and self.job.period and queue.comes_another_first(self.job, self._host):
            raise GivesWay

    def hold(self) -> None:
        """Lock the job until the end of the transaction, so that no other worker does the same. Raises ClaimLost."""
        if not queue.keep(self.job):
            raise ClaimLost
