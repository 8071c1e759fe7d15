"""The worker: claims one job after another, does it, and asks for what is due. `manage.py work` runs it.

It waits while the database is away, and puts back the job at hand when it is told to stop.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
import traceback
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.utils import translation

from jobs import queue
from jobs.errors import ClaimLost, GivesWay, JobEnded, JobFailed, TryAgainLater, WorkerStops
from jobs.kinds import KINDS
from jobs.models import Job
from jobs.running import ClaimedJob

logger = logging.getLogger("evidencebank.jobs")
POLL_S = 1.0
BEAT_S = 10.0
_DUE_EVERY_S = 30.0
_LONGEST_PAUSE_S = 30.0
_AWAY = (DatabaseError, InterfaceError)
_LOST_OFTEN = "El proceso que lo hacía murió {} veces seguidas; el registro del servidor puede decir por qué."
_DATABASE_REFUSED = "La base de datos no respondió, o estaba ocupada."


class Worker:
    """Does jobs until `stop` is called, or, with `until_idle`, until none is left that may run now."""

    def __init__(self, host: str = "") -> None:
        self.host = host or queue.this_host()
        self.name = f"{self.host}:{os.getpid()}:{secrets.token_hex(3)}"
        self.stopping = threading.Event()
        self._current: Job | None = None
        self._next_look_for_due = 0.0

    def stop(self) -> None:
        self.stopping.set()

    def run(self, *, until_idle: bool = False) -> None:
        """Work until told to stop. An error of the database is waited out."""
        logger.info("worker %s begins", self.name)
        beating = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        beating.start()
        pause_s = 0.0
        while not self.stopping.wait(pause_s):
            try:
                is_idle = not self.run_one()
                if pause_s > POLL_S:
                    logger.info("the database answers again")
                pause_s = POLL_S if is_idle else 0.0
                if is_idle and until_idle:
                    break
            except _AWAY as error:
                if pause_s <= POLL_S:
                    logger.warning("the database does not answer (%s); waiting for it", type(error).__name__)
                connection.close()
                pause_s = min(_LONGEST_PAUSE_S, max(2.0, pause_s * 2))
        self.stopping.set()
        beating.join(timeout=2)
        self._say_goodbye()

    def run_one(self) -> bool:
        """Do one job, if there is one. Return False if there was none."""
        self._look_for_due()
        job = queue.claim(self.name, self.host)
        if job is None:
            # A connection is not held while nothing happens for long: the server may have dropped it.
            connection.close_if_unusable_or_obsolete()
            return False
        self._current = job
        try:
            self._do(job)
        finally:
            self._current = None
        return True

    def _look_for_due(self) -> None:
        if time.monotonic() >= self._next_look_for_due:
            self._next_look_for_due = time.monotonic() + _DUE_EVERY_S
            queue.ask_what_is_due(self.host)

    def _do(self, job: Job) -> None:
        began = time.monotonic()
        if job.is_ending:
            self._finish(job, Job.State.ENDED, "Alguien lo terminó.", began)
        elif job.attempts > queue.MOST_ATTEMPTS:
            self._finish(job, Job.State.FAILED, _LOST_OFTEN.format(queue.MOST_ATTEMPTS), began)
        elif job.kind not in KINDS:
            self._finish(job, Job.State.FAILED, "Esta versión del banco no conoce este trabajo.", began)
        else:
            logger.info("job %s begins: %s", job.pk, job.kind)
            self._run(job, began)

    def _run(self, job: Job, began: float) -> None:
        kind = KINDS[job.kind]
        try:
            # What jobs write into the bank is in its own language.
            with translation.override("es"):
                outcome = kind.run(ClaimedJob(job, self.host, self.stopping, is_resumable=kind.is_resumable))
        except WorkerStops:
            queue.put_back(job)
            logger.info("job %s is put back: the worker stops", job.pk)
        except GivesWay:
            queue.put_back(job)
            logger.info("job %s gives way to another one", job.pk)
        except ClaimLost:
            logger.warning("job %s is another worker's by now", job.pk)
        except JobEnded:
            self._finish(job, Job.State.ENDED, "Alguien lo terminó; lo hecho hasta entonces queda.", began)
        except TryAgainLater as error:
            self._try_later(job, error.message, began)
        except JobFailed as error:
            self._finish(job, Job.State.FAILED, error.message, began)
        except _AWAY:
            logger.exception("job %s: the database refused", job.pk)
            # The transaction of a broken connection cannot be used for what follows.
            connection.close()
            self._try_later(job, _DATABASE_REFUSED, began)
        except Exception as error:
            logger.exception("job %s failed", job.pk)
            self._finish(job, Job.State.FAILED, _describe(error), began)
        else:
            self._finish(job, Job.State.DONE, outcome, began)

    def _try_later(self, job: Job, why: str, began: float) -> None:
        if queue.try_later(job, why):
            logger.warning("job %s is tried again later, after attempt %s", job.pk, job.attempts)
        else:
            self._finish(job, Job.State.FAILED, why, began)

    def _finish(self, job: Job, state: str, outcome: str, began: float) -> None:
        if queue.finish(job, state, outcome):
            logger.info("job %s %s after %.1f s", job.pk, state, time.monotonic() - began)

    # --- Signs of life -----------------------------------------------------------------------------------------------

    def _beat(self) -> None:
        """Show that the worker lives, and keep its claim: in a thread, as a step may take minutes."""
        pause_s = 0.0
        while not self.stopping.wait(pause_s) or self._current is not None:
            pause_s = BEAT_S
            try:
                queue.show_life(self.name, self.host)
                if (job := self._current) is not None:
                    queue.keep(job)
            except _AWAY:
                # The main thread tells that the database is away.
                connection.close()
            if self.stopping.is_set():
                time.sleep(1)
        connection.close()

    def _say_goodbye(self) -> None:
        try:
            queue.leave(self.name)
        except _AWAY:
            connection.close()
        logger.info("worker %s ends", self.name)


def _describe(error: Exception) -> str:
    """Return the kind and the place of an error. Its text may quote a record or a secret: only the log has that."""
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(settings.BASE_DIR) and ".venv" not in path.parts:
            place = f", en {path.relative_to(settings.BASE_DIR)}, línea {frame.lineno}"
    return f"Error del programa ({type(error).__name__}{place}). El registro del servidor dice más."
