"""Four processes that save and search at once on one SQLite bank: counts what failed, and how long a save took.

    .venv/bin/python benchmarks/concurrent_saves.py --seconds 10 --processes 4

Sets up a bank of its own in a temporary folder, or works on a copy of the one in `--bank` (a VAR_DIR). Ends with 1 if
a save failed or was lost, or if the index does not reach the last change. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SEARCHES = ("violencia", "mujeres rurales", '"medidas de protección"', "police", "xilófonos")


@dataclass
class Work:
    """What one process did. `failures` are the messages of what was raised; times are in milliseconds."""

    saves: int = 0
    searches: int = 0
    save_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--bank", type=Path, help="a VAR_DIR to copy; without it a new bank is set up")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="concurrent-saves-") as folder:
        var = Path(folder) / "var"
        os.environ |= {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "evidencebank.settings"}
        os.environ.pop("DATABASE_URL", None)
        if given.bank:
            shutil.copytree(given.bank, var)
        else:
            subprocess.run([sys.executable, "manage.py", "set_up", "--no-admin"], cwd=ROOT, check=True)
        report = measure(given.seconds, given.processes)
    print(json.dumps(report))
    is_sound = not report["failures"] and report["changes"] == report["saves"] and report["index"] == "ready"
    return 0 if is_sound and report["saves"] else 1


def measure(seconds: float, processes: int) -> dict[str, object]:
    """Let `processes` work for `seconds`, then bring the index to the end and compare it with the database."""
    _start_django()
    from django.db import connection

    from search import indexing
    from studies.models import Revision

    before, revisions = indexing.wanted_position().change_no, Revision.objects.count()
    connection.close()
    # Not fork: a child would share the parent's connections and open index.
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        done = pool.starmap(work, [(number, seconds) for number in range(processes)])
    reached = indexing.catch_up()
    health = indexing.health()
    times = sorted(each for one in done for each in one.save_ms)
    return {
        "processes": [asdict(replace(one, save_ms=[], failures=[])) for one in done],
        "saves": sum(one.saves for one in done),
        "changes": health.wanted.change_no - before,
        "revisions": Revision.objects.count() - revisions,
        "index": health.state if reached else "behind",
        "index_change": health.position.change_no if health.position else None,
        "change": health.wanted.change_no,
        "save_ms": {"median": round(times[len(times) // 2]), "slowest": round(times[-1])} if times else {},
        "failures": [failure for one in done for failure in one.failures],
    }


def work(number: int, seconds: float) -> Work:
    """Save a study, search, read a study, again and again. Half of the saves meet on a few studies."""
    _start_django()
    from search import services
    from search.criteria import Criteria
    from studies import exchange
    from studies.changes import bank_change
    from studies.models import Study

    chance, done, until = random.Random(number), Work(), time.monotonic() + seconds
    slugs = list(Study.objects.published().order_by("slug").values_list("slug", flat=True))
    while time.monotonic() < until:
        slug = chance.choice(slugs[:4] if chance.random() < 0.5 else slugs)
        begun = time.monotonic()
        try:
            with bank_change(note=f"process {number}") as change:
                study = Study.objects.for_record().get(slug=slug)
                record = replace(exchange.to_record(study), publisher=f"Editorial {number}-{done.saves}")
                change.touch(exchange.save_record(record, study))
            done.saves += 1
            done.save_ms.append((time.monotonic() - begun) * 1000)
            services.find(Criteria(q=chance.choice(SEARCHES), page_size=20))
            done.searches += 1
            Study.objects.for_detail().get(slug=chance.choice(slugs))
        except Exception as error:  # whatever it is, it is what this looks for
            done.failures.append(f"{type(error).__name__}: {error}")
    return done


def _start_django() -> None:
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
