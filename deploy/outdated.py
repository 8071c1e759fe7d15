"""Compares the versions that the lock names for direct dependencies with the newest that pip finds; `make outdated`.

It tells and never fails: without a way to the package index it says so. Needs nothing but pip.
"""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def read_direct(text: str) -> list[str]:
    """Return the names in a requirements.in, in lower case, without extras and versions."""
    found = (re.match(r"[A-Za-z0-9][\w.-]*", line) for line in text.splitlines() if not line.startswith(("-", "#")))
    return [_normal(match[0]) for match in found if match]


def read_locked(text: str) -> dict[str, list[str]]:
    """Return the versions of each package in a lock; several where they differ by version of Python."""
    locked: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE):
        locked.setdefault(_normal(name), []).append(version)
    return locked


def ask_pip(name: str) -> str | None:
    """Return the newest version of a package, or None where pip gets no answer."""
    command = [sys.executable, "-m", "pip", "index", "versions", name, "--disable-pip-version-check"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return None
    found = re.match(r"\S+ \(([^)]+)\)", done.stdout)
    return found[1] if found else None


def compare(locked: dict[str, list[str]], names: list[str], ask: Callable[[str], str | None]) -> list[str]:
    """Return the lines of the report, without its head."""
    lines, unanswered = [], []
    for name in names:
        newest = ask(name)
        if newest is None:
            unanswered.append(name)
            if len(unanswered) == 3 and not lines:
                return ["the package index does not answer: nothing was compared"]
        elif newest not in locked.get(name, []):
            lines.append(f"{name}: {', '.join(locked.get(name, ['not locked']))} is locked, {newest} is the newest")
    if unanswered:
        lines.append(f"no answer on: {', '.join(unanswered)}")
    return lines or ["every direct dependency is the newest"]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    names = read_direct((ROOT / "requirements.in").read_text(encoding="utf-8"))
    locked = read_locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    today = datetime.datetime.now().astimezone().date()
    print(f"Direct dependencies on {today.isoformat()}:", *compare(locked, names, ask_pip), sep="\n  ")


if __name__ == "__main__":
    main()
