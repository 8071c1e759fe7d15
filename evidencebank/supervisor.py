"""Runs the server and the worker together, as `make run` does (`python -m evidencebank.supervisor`).

A worker that dies is started again; when the server ends, so does the worker. A server of the public has systemd or a
compose file for this (docs/operations.md).
"""

from __future__ import annotations

import signal
import subprocess  # nosec B404
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER = (sys.executable, "-m", "gunicorn", "-c", "python:evidencebank.serving")
WORKER = (sys.executable, "manage.py", "work")
_LOOK_EVERY_S = 0.5
_RESTART_AFTER_S = 5.0
_PATIENCE_S = 30.0
"""How long the server and the job at hand may take to end; what is killed then goes on after the next start."""


def main() -> int:
    """Run both until one is told to stop. Return the exit code of the server."""
    stopping = threading.Event()
    # The two are in sessions of their own: Ctrl+C in the terminal reaches this process alone, which stops both.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_signal: stopping.set())
    server = _start(SERVER)
    worker, started_at = _start(WORKER), time.monotonic()
    while server.poll() is None and not stopping.wait(_LOOK_EVERY_S):
        if worker.poll() is not None and time.monotonic() - started_at > _RESTART_AFTER_S:
            print(f"The worker ended with {worker.returncode}; it is started again.", file=sys.stderr)
            worker, started_at = _start(WORKER), time.monotonic()
    for process in (server, worker):
        process.terminate()
    for process in (server, worker):
        _wait(process)
    return 0 if stopping.is_set() else server.returncode


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)  # nosec B603


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
