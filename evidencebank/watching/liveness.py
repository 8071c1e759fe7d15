"""Answers on a socket of its own, from gunicorn's master, whether the workers give signs of life.

`/healthz` of the site waits for a free thread behind the pages, for seconds under load. A monitor has to know sooner,
so the proxy asks here: a thread of the master, which serves no page. Nothing of the site is loaded in that process.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer
from typing import Any

SOCKET_VARIABLE = "HEALTH_SOCKET"
"""Environment variable with the path of the socket. Without it there is none."""


def has_living_worker(arbiter: Any) -> bool:
    """Whether a worker of gunicorn's `Arbiter` gave a sign of life within the time limit after which it is killed."""
    for worker in list(arbiter.WORKERS.values()):
        # One that ends at this moment has closed its file.
        with suppress(OSError, ValueError):
            if time.monotonic() - worker.tmp.last_update() <= arbiter.timeout:
                return True
    return False


def answer_on(path: Path, is_alive: Callable[[], bool]) -> UnixStreamServer:
    """Begin to answer each request on a Unix socket: 200 while `is_alive()`, else 503. Return the server.

    Everybody may write to the socket, as to that of gunicorn: its folder says who can reach it.
    """

    class Answer(BaseHTTPRequestHandler):
        # Whoever connects and says nothing holds the only thread.
        timeout = 1.0

        def do_GET(self) -> None:
            body = b"ok\n" if is_alive() else b"no worker\n"
            self.send_response(200 if body == b"ok\n" else 503)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def version_string(self) -> str:
            return "bank"

        def log_message(self, format: str, *args: Any) -> None:
            """Tell nothing: it is asked every few seconds."""

    path.unlink(missing_ok=True)
    server = UnixStreamServer(str(path), Answer)
    path.chmod(0o666)
    threading.Thread(target=server.serve_forever, name="liveness", daemon=True).start()
    return server


def start(arbiter: Any) -> None:
    """Answer for the workers of gunicorn on the socket that the environment names, if it names one."""
    if path := os.environ.get(SOCKET_VARIABLE):
        answer_on(Path(path), lambda: has_living_worker(arbiter))
