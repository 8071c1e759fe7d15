"""How gunicorn serves the bank (`gunicorn -c python:evidencebank.serving`); GUNICORN_CMD_ARGS overrides each line."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from evidencebank import collector
from evidencebank.watching import liveness, logs

VAR_DIR = Path(__file__).resolve().parent.parent / (os.environ.get("VAR_DIR") or "var")
SHARED_MEMORY = Path("/dev/shm")  # nosec B108

# Inherited by the workers.
collector.tune_garbage_collector()

wsgi_app = "evidencebank.wsgi"
# Only this machine: a reverse proxy beside it answers the world and holds the certificate.
bind = f"127.0.0.1:{os.environ.get('PORT') or '8000'}"

# Threads share the index of their process; more processes only pay where there are more cores.
workers = 2
worker_class = "gthread"
# More than all files that may be written at once (EXPENSIVE_AT_ONCE): one process may get all of them, and pages wait.
threads = 6
timeout = 60
graceful_timeout = 10
keepalive = 5

# The largest that gunicorn allows: a search with many facets is one long address.
limit_request_line = 8190
# Django decides whom to believe (middleware.ForwardedRequests); gunicorn must not believe anybody before it.
forwarded_allow_ips = ""
# The bank writes a line for each request itself, without its query: that holds what people searched for.
accesslog = None
logconfig_dict = logs.gunicorn_config(VAR_DIR)
# gunicorn would open a control socket in the home directory, which a service account may not have.
control_socket_disable = True
# The workers' heartbeat is a file that must not wait for a slow disk.
worker_tmp_dir = str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None


def on_starting(server: Any) -> None:
    """Make the folder where the workers count together for `/metrics`. It begins empty."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        # In memory: a worker that counts in a file of a full disk is killed by the system (SIGBUS).
        parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else None
        server.metrics_dir = tempfile.mkdtemp(prefix="bank-metrics-", dir=parent)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics_dir


def when_ready(server: Any) -> None:
    """Answer monitors from here, where no page is in the way."""
    liveness.start(server)


def child_exit(server: Any, worker: Any) -> None:
    """Forget what only a living worker has."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Delete the folder, if it was made here."""
    if made_here := getattr(server, "metrics_dir", None):
        shutil.rmtree(made_here, ignore_errors=True)
