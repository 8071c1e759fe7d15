"""The queue: asking for jobs, claiming, keeping and finishing them. A job is claimed by one worker at a time.

A claim is a conditional update of one row, which SQLite and PostgreSQL do alike; looking for work takes no lock.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from jobs.errors import JobRefused
from jobs.kinds import KINDS, Kind
from jobs.models import Job, Worker

if TYPE_CHECKING:
    from django.contrib.auth.models import User

State = Job.State
UNFINISHED = (State.WAITING, State.RUNNING)
LEASE = timedelta(seconds=60)
"""How long a claim holds after the last sign of life: so long a job waits whose worker was killed."""
ALIVE_FOR = timedelta(seconds=45)
"""A worker that has shown no sign of life for so long counts as gone."""
MOST_ATTEMPTS = 5
_PAUSE = timedelta(seconds=30)
"""How long a job waits before it is tried again, times the number of attempts."""
_PERIODS_KEPT = timedelta(days=14)
"""Longer than any period: what was done in this one must be known, or it is done again."""
_WORKERS_KEPT = timedelta(days=1)


def this_host() -> str:
    return socket.gethostname()[:100]


# --- Asking ----------------------------------------------------------------------------------------------------------


def ask(
    kind: str, arguments: Mapping[str, Any] | None = None, *, key: str = "", host: str = "", by: User | None = None
) -> Job:
    """Ask for a job, and return it. While the same one (by kind, key and host) is unfinished, that one is returned."""
    return _create(Job(kind=kind, arguments=dict(arguments or {}), key=key, host=host, by=by))


def ask_everywhere(kind: Kind, *, by: User | None = None) -> list[Job]:
    """Ask for a job; of a kind that each host does for itself, on each host that has a worker, or else on this one."""
    hosts = list_live_hosts() or [this_host()] if kind.is_per_host else [""]
    return [ask(kind.name, host=host, by=by) for host in hosts]


def ask_what_is_due(host: str) -> None:
    """Ask for the periodic jobs of the present period, and for what is behind; each once, whatever worker asks."""
    now = timezone.localtime()
    for kind in KINDS.values():
        if not kind.is_offered():
            continue
        own = host if kind.is_per_host else ""
        jobs = Job.objects.filter(kind=kind.name, host=own)
        if kind.period is not None:
            period = kind.period(now)
            # One that still waits from an earlier period does for this one too.
            if not jobs.filter(Q(period=period) | Q(state__in=UNFINISHED)).exists():
                _create(Job(kind=kind.name, host=own, period=period))
        elif kind.is_due is not None and not jobs.filter(state__in=UNFINISHED).exists() and kind.is_due():
            _create(Job(kind=kind.name, host=own))


def _create(job: Job) -> Job:
    """Insert a job, or return the one that another process asked for meanwhile."""
    is_same = Q(key=job.key, state__in=UNFINISHED)
    if job.period:
        is_same |= Q(period=job.period)
    while True:
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:
            # It may also have been finished since: then this one can be inserted.
            if found := Job.objects.filter(is_same, kind=job.kind, host=job.host).first():
                return found
        else:
            return job


# --- What a worker does ----------------------------------------------------------------------------------------------


def claim(worker: str, host: str) -> Job | None:
    """Claim for `worker` on `host` the job that has waited longest, or that a worker lost. None if there is none."""
    now = timezone.now()
    free = Job.objects.filter(
        Q(state=State.WAITING, run_after__lte=now) | Q(state=State.RUNNING, claimed_until__lt=now),
        state__in=UNFINISHED,
        host__in=("", host),
    )
    for job in free.order_by("period", "run_after", "id")[:5]:
        mine = f"{worker}/{secrets.token_hex(6)}"[:150]
        as_seen = Job.objects.filter(
            pk=job.pk, state=job.state, claim=job.claim, claimed_until=job.claimed_until, attempts=job.attempts
        )
        changes: dict[str, Any] = {
            "state": State.RUNNING,
            "claim": mine,
            "claimed_until": now + LEASE,
            "attempts": F("attempts") + 1,
        }
        if as_seen.update(**changes, started_at=job.started_at or now):
            job.refresh_from_db()
            return job
    return None


def keep(job: Job) -> bool:
    """Prolong the claim. Return False if it is lost. Until the end of the transaction no other worker can take it."""
    return bool(_mine(job).update(claimed_until=timezone.now() + LEASE))


def note_progress(job: Job, done: int, total: int, *, is_new_beginning: bool) -> bool:
    """Write how far the job is, and prolong the claim. Return False if it is lost."""
    job.done, job.total = done, total
    changes: dict[str, Any] = {"done": done, "total": total, "claimed_until": timezone.now() + LEASE}
    return bool(_mine(job).update(**changes, **({"attempts": 1} if is_new_beginning else {})))


def is_ending(job: Job) -> bool:
    return Job.objects.filter(pk=job.pk, is_ending=True).exists()


def comes_another_first(job: Job, host: str) -> bool:
    """Say whether a job waits for a worker on `host` that is done before `job`: one query."""
    waiting = Job.objects.filter(state=State.WAITING, run_after__lte=timezone.now(), host__in=("", host))
    return waiting.filter(period__lt=job.period).exists()


def put_back(job: Job) -> None:
    """Give the job back as it is: its worker stops, or does another one first."""
    _mine(job).update(state=State.WAITING, claim="", claimed_until=None, attempts=F("attempts") - 1)


def try_later(job: Job, why: str) -> bool:
    """Give the job back for another attempt after a pause. Return False, and do nothing, after the last attempt."""
    if job.attempts >= MOST_ATTEMPTS:
        return False
    run_after = timezone.now() + _PAUSE * job.attempts
    _mine(job).update(state=State.WAITING, claim="", claimed_until=None, run_after=run_after, outcome=why[:500])
    return True


def finish(job: Job, state: str, outcome: str) -> bool:
    """Finish a job that was claimed. Return False, and do nothing, if the claim is lost."""
    with transaction.atomic():
        if not _mine(job).update(**_finished(state), outcome=outcome[:500]):
            return False
        if state != State.DONE:
            _tell_stopped(job)
    return True


def _mine(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, claim=job.claim)


def _finished(state: str) -> dict[str, Any]:
    return {"state": state, "claim": "", "claimed_until": None, "finished_at": timezone.now(), "is_ending": False}


def _tell_stopped(job: Job) -> None:
    if kind := KINDS.get(job.kind):
        kind.after_stop(job.arguments)


# --- What people do --------------------------------------------------------------------------------------------------


def end(job: Job) -> Job:
    """End a job: one that waits is dropped, a running one stops after its present step. Raises JobRefused.

    One whose worker is lost is dropped too: no other may come.
    """
    with transaction.atomic():
        held = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
        if held.is_finished:
            raise JobRefused("Este trabajo ya había acabado.")
        if held.claimed_until and held.claimed_until > timezone.now():
            Job.objects.filter(pk=held.pk).update(is_ending=True)
        else:
            Job.objects.filter(pk=held.pk).update(
                **_finished(State.ENDED), outcome="Alguien lo terminó mientras esperaba."
            )
            _tell_stopped(held)
    held.refresh_from_db()
    return held


def retry(job: Job) -> Job:
    """Have a job that failed or was ended wait again. Raises JobRefused."""
    refusal = JobRefused("Solo se reintenta un trabajo que falló o que alguien terminó.")
    try:
        with transaction.atomic():
            again = Job.objects.filter(pk=job.pk, state__in=(State.FAILED, State.ENDED))
            fresh = {"run_after": timezone.now(), "attempts": 0, "finished_at": None, "started_at": None, "outcome": ""}
            if not again.update(state=State.WAITING, **fresh):
                raise refusal
    except IntegrityError as error:
        raise JobRefused("Ya hay otro trabajo igual en espera o en curso.") from error
    job.refresh_from_db()
    return job


# --- Signs of life ---------------------------------------------------------------------------------------------------


def show_life(worker: str, host: str) -> None:
    Worker.objects.update_or_create(name=worker, defaults={"host": host, "seen_at": timezone.now()})


def leave(worker: str) -> None:
    Worker.objects.filter(name=worker).delete()


def is_worker_alive() -> bool:
    """Say whether any worker has shown a sign of life lately: one query."""
    return _live_workers().exists()


def list_live_hosts() -> list[str]:
    return sorted(_live_workers().values_list("host", flat=True).distinct())


def find_waiting_too_long() -> bool:
    """Say whether jobs wait though no worker lives: at most two queries."""
    overdue = Job.objects.filter(state__in=UNFINISHED, run_after__lt=timezone.now() - ALIVE_FOR)
    return not is_worker_alive() and overdue.exists()


def _live_workers() -> QuerySet[Worker]:
    return Worker.objects.filter(seen_at__gt=timezone.now() - ALIVE_FOR)


# --- Clearing up -----------------------------------------------------------------------------------------------------


def forget_old(kept_for: timedelta) -> int:
    """Delete jobs that finished longer ago, what waits for a host that is gone, and signs of dead workers."""
    now = timezone.now()
    Worker.objects.filter(seen_at__lt=now - _WORKERS_KEPT).delete()
    old = Job.objects.exclude(state__in=UNFINISHED).filter(finished_at__lt=now - kept_for)
    number = old.filter(period="").delete()[0]
    number += old.exclude(period="").filter(finished_at__lt=now - max(kept_for, _PERIODS_KEPT)).delete()[0]
    live: Sequence[str] = list_live_hosts()
    abandoned = Job.objects.filter(state=State.WAITING, run_after__lt=now - kept_for).exclude(host="")
    return number + abandoned.exclude(host__in=live).delete()[0]
