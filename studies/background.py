"""Starts management commands in processes of their own, for long work that no page waits for.

A busy thread in the same interpreter would make every page ten times as slow.
"""

from __future__ import annotations

import subprocess  # nosec B404
import sys
from collections.abc import Collection

from django.conf import settings


def start_command(*command: str, pass_fds: Collection[int] = ()) -> subprocess.Popen[bytes]:
    """Start `manage.py COMMAND` and return at once; `pass_fds` stay open in the new process.

    The new process inherits the environment and standard error of this one. It has no input and no other output.
    """
    return subprocess.Popen(  # nosec B603
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *command],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=pass_fds,
        # So that Ctrl+C in the terminal of the server, or the end of a worker, does not kill it.
        start_new_session=True,
    )
