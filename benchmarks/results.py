"""The measured figures, `benchmarks/results.json`: one section for each command, each written whole by its own.

`python -m benchmarks report` makes docs/benchmarks.md of all sections.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.bank import FOLDER, ROOT

PATH = ROOT / "benchmarks" / "results.json"
QUICK_PATH = FOLDER / "quick.json"
"""Of a quick run, which measures too little to be told."""


def load_results(path: Path = PATH) -> dict[str, Any]:
    """Read all sections; none where nothing was measured yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def save_section(section: str, content: Mapping[str, Any], path: Path = PATH) -> None:
    """Replace one section."""
    sections = load_results(path) | {section: content}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(sections, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def describe_machine() -> dict[str, str]:
    """Name what a measurement depends on: processor, memory, system, Python, and the date and commit."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "processor": _processor_name(),
        "cores": f"{os.cpu_count()}, of which this could use {len(os.sched_getaffinity(0))}",
        "memory": f"{memory:.0f} GiB",
        "system": f"{system}, Linux {platform.release()}",
        "python": platform.python_version(),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit.stdout.strip() or "unknown",
    }


def _processor_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
