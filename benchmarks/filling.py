"""A bank of any size to measure on: the real studies, and made-up ones of `corpus` up to the number asked for.

    .venv/bin/python -m benchmarks.filling 10000

Kept below var/bench, and used again while fixtures, tables and corpus are the same. The rows are those that
`exchange.save_record` writes, inserted by the thousand; the index is built once, at the end. Prints the folder,
which a server takes as VAR_DIR.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bank import FOLDER, ROOT

if TYPE_CHECKING:
    from studies.records.study import StudyRecord

_BATCH = 1000
# What a person's shell may hold and a measured bank must not see.
_KEPT_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "VIRTUAL_ENV")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", type=int, help="how many studies the bank shall have, the real ones counted")
    parser.add_argument("--into", type=Path, help="make it in this folder, which does not exist")
    given = parser.parse_args()
    if given.into:
        make_bank(given.into, given.studies)
    else:
        print(prepare_bank(given.studies))
    return 0


def environment(var: Path) -> dict[str, str]:
    """Return the environment of a laptop whose bank is kept in `var`."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "evidencebank.settings"}


def prepare_bank(studies: int) -> Path:
    """Return the folder (VAR_DIR) of a bank with so many studies and its index, made where there is none."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = FOLDER / f"bank-{studies}-{_fixtures_stamp()}"
    with (FOLDER / "filling.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for old in FOLDER.glob(f"bank-{studies}-*"):
                shutil.rmtree(old)
            half = folder.with_name(f"bank-{studies}-half")
            _run("-m", "benchmarks.filling", str(studies), "--into", str(half), var=half)
            half.rename(folder)
        # Only what is left to do: an index of another version of the analysis is built again.
        _run("manage.py", "set_up", "--no-admin", var=folder)
    return folder


def make_bank(var: Path, studies: int) -> None:
    """Make a bank in `var` and fill it, in this process, which has not started Django yet. Tells times on stderr."""
    start_django(var)
    from django.core.management import call_command

    from studies.models import Study

    begun = time.monotonic()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_bank", verbosity=0, stdout=sys.stderr)
    wanted = studies - Study.objects.count()
    # While there is no index, no change of the bank waits for one.
    fill(_make_up_record(wanted))
    filled = time.monotonic()
    call_command("rebuild_index", stdout=sys.stderr)
    print(
        f"{Study.objects.count()} studies: rows {filled - begun:.0f} s, index {time.monotonic() - filled:.0f} s",
        file=sys.stderr,
    )


def fill(records: Iterable[StudyRecord]) -> int:
    """Save made-up records as published studies, each once, a thousand in a change of the bank. Return how many.

    The rows equal those of `exchange.save_record`, revisions included. What keeps a record from publication is not
    asked (R2): whoever makes the records answers for them.
    """
    waiting, saved = iter(records), 0
    while batch := list(islice(waiting, _BATCH)):
        _save(batch, saved)
        saved += len(batch)
    return saved


def _save(records: Sequence[StudyRecord], before: int) -> None:
    from django.utils import timezone

    from studies.models import Stage, Study
    from studies.store import bank_state
    from studies.store.changes import bank_change
    from studies.store.exchange import study as exchange_study

    with bank_state.cached_counter(), bank_change(note="Estudios inventados para medir.") as change:
        studies = []
        for number, record in enumerate(records, start=before):
            # Minutes apart, the first the oldest: so that "last added" is an order.
            published_at = timezone.now() - timedelta(days=365) + timedelta(minutes=number)
            study = Study(slug=record.id, stage=Stage.PUBLISHED, published_at=published_at)
            exchange_study.set_columns(study, record)
            studies.append(study)
        Study.objects.bulk_create(studies)
        exchange_study.insert_rows(
            [exchange_study.build_rows(study, record) for study, record in zip(studies, records, strict=True)]
        )
        for study in studies:
            change.touch(study)


def _make_up_record(number: int) -> Iterator[StudyRecord]:
    from benchmarks import corpus

    return iter(corpus.make_records(number))


def start_django(var: Path) -> None:
    """Set up Django in this process, which has not started it yet, for the bank in `var` and nothing else."""
    for name in set(os.environ).difference(_KEPT_ENVIRONMENT):
        del os.environ[name]
    os.environ |= environment(var)
    import django

    django.setup()


def _fixtures_stamp() -> str:
    """Return a name for all that a kept bank is made of."""
    parts = [ROOT / "benchmarks" / "corpus.py", ROOT / "studies" / "store" / "exchange" / "study.py"]
    parts += sorted((ROOT / "fixtures").iterdir()) + sorted((ROOT / "studies" / "migrations").glob("*.py"))
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()[:12]


def _run(*command: str, var: Path) -> None:
    # stdout of a benchmark is its result.
    subprocess.run([sys.executable, *command], cwd=ROOT, env=environment(var), check=True, stdout=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
