"""Runs a program of `benchmarks/` in its short form, on the kind of database that the other tests run on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.bank_server import ROOT, environment


def run(program: str, *options: str, bank: Path, unused: Path) -> dict[str, Any]:
    """Return the one line of JSON that the program printed, with the code that it ended with as `exit`."""
    database = settings.DATABASES["default"]
    if "postgresql" in database["ENGINE"]:
        password = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
        place = f"{database['HOST'] or 'localhost'}:{database['PORT'] or 5432}"
        options = (*options, "--server", f"postgres://{database['USER']}{password}@{place}")
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{program}", "--bank", str(bank), *options],
        cwd=ROOT,
        env=environment(unused),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told | {"exit": done.returncode}
