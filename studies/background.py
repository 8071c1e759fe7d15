"""Runs a management command in a process of its own, for long work of a server that nobody waits for.

Beside a thread at work in the same interpreter, every page takes ten times as long.
"""

from __future__ import annotations

import subprocess  # nosec B404
import sys
from collections.abc import Collection

from django.conf import settings


def start(*command: str, pass_fds: Collection[int] = ()) -> subprocess.Popen[bytes]:
    """Start `manage.py COMMAND` and return at once; `pass_fds` stay open in the new process.

    It has the environment of this process and writes errors where this one does, but has no input and no other output.
    """
    return subprocess.Popen(  # nosec B603
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *command],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=pass_fds,
        # Ctrl+C in the terminal of the server, or the end of a worker, does not end it.
        start_new_session=True,
    )
