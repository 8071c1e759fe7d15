"""Kills the worker (kill -9) in the middle of an import, again and again, and counts the drafts.

    .venv/bin/python -m benchmarks.killed_imports                              # 400 references, 5 kills, on SQLite
    .venv/bin/python -m benchmarks.killed_imports --references 5000 --kills 20
    .venv/bin/python -m benchmarks.killed_imports --server postgres://user@host

Works on a bank of its own that is thrown away. After the last kill two workers run at once until nothing is left; then
another worker is told to stop (SIGTERM) and has to end by itself. Prints one line of JSON, and ends with 1 if a
reference was lost or written twice, or a worker did not end as it should.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import throwaway

_PATIENCE_S = 180.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--references", type=int, default=400)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--bank", type=Path, help="a VAR_DIR to copy, instead of setting a bank up")
    parser.add_argument("--server", default="", help="postgres://user@host, instead of SQLite")
    given = parser.parse_args()
    with throwaway.throwaway_bank(given.server, given.bank):
        # Nobody outside is asked whether links lead somewhere.
        os.environ.pop("CONTACT_EMAIL", None)
        throwaway.start_django()
        report = kill_while_importing(given.references, given.kills)
    print(json.dumps(report))
    return 1 if report["faults"] else 0


def kill_while_importing(count: int, kills: int) -> dict[str, Any]:
    """Import `count` made-up references while workers are killed. Return what came of it, with `faults` in words."""
    from benchmarks.imports import make_up_file
    from jobs.models import Job
    from studies.imports import batches, job
    from studies.models import Revision, Study

    _mark_periodic_jobs_as_done()
    before = Study.objects.count()
    batch = batches.open_batch("prueba.ris", make_up_file(count, "ris"), by=None)
    batches.read_all(batch)
    asked = job.ask(batch, by=None)
    drawn = random.Random(1)
    killed_at = []
    for _ in range(kills):
        worker = start_worker()
        at = batch.rows.filter(made__isnull=False).count()
        _wait_until(lambda at=at: batch.rows.filter(made__isnull=False).count() > at or _is_done(asked))  # type: ignore[misc]
        time.sleep(drawn.uniform(0, 0.4))
        worker.kill()
        worker.wait()
        killed_at.append(batch.rows.filter(made__isnull=False).count())
        # As if its claim had run out.
        Job.objects.filter(pk=asked.pk, state="running").update(claimed_until="2026-01-01T00:00Z")
    at_once = [start_worker("--until-idle") for _ in range(2)]
    codes = [worker.wait(_PATIENCE_S) for worker in at_once]
    stopped = start_worker()
    _wait_until(lambda: _has_begun(stopped.pid))
    stopped.send_signal(signal.SIGTERM)
    codes.append(stopped.wait(_PATIENCE_S))
    made = list(batch.rows.values_list("made", flat=True))
    asked.refresh_from_db()
    report: dict[str, Any] = {
        "references": count,
        "killed_at": killed_at,
        "state": asked.state,
        "made": len(set(made) - {None}),
        "in_bank": Study.objects.count() - before,
        "revisions": Revision.objects.filter(study__import_rows__batch=batch).count(),
        "codes": codes,
    }
    expected = {"state": "done", "made": count, "in_bank": count, "revisions": count, "codes": [0, 0, 0]}
    wrong = {name: value for name, value in expected.items() if report[name] != value}
    report["faults"] = [f"{name}: {report[name]} instead of {value}" for name, value in wrong.items()]
    return report


def start_worker(*options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "work", *options]
    return subprocess.Popen(command, cwd=throwaway.ROOT, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def _mark_periodic_jobs_as_done() -> None:
    """Spare the run what a worker does every night."""
    from django.utils import timezone

    from jobs import kinds, queue
    from jobs.models import Job

    now = timezone.now()
    for kind in kinds.KINDS.values():
        if kind.period:
            period = kind.period(timezone.localtime(now))
            host = queue.this_host() if kind.is_per_host else ""
            Job.objects.create(kind=kind.name, period=period, host=host, state="done", finished_at=now)


def _is_done(asked: Any) -> bool:
    asked.refresh_from_db()
    return bool(asked.is_finished)


def _has_begun(pid: int) -> bool:
    from jobs.models import Worker

    return Worker.objects.filter(name__contains=f":{pid}:").exists()


def _wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError("what the run waits for did not happen")
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
