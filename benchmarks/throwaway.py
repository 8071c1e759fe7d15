"""A real bank for the time of one run: on SQLite, or in a new database of a PostgreSQL that is dropped at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def throwaway_bank(server: str = "", template: Path | None = None) -> Iterator[Path]:
    """Set a bank up, and let the environment name it. Yields its VAR_DIR, whose folder `index-0` is the index.

    `server` is the address of a PostgreSQL without a database, "" for SQLite; `template` a VAR_DIR that was set up, to
    copy instead of setting one up on SQLite.
    """
    # A process that tidies the index beside the servers may outlive them, and still write there.
    folder_for_now = tempfile.TemporaryDirectory(prefix="throwaway-bank-", ignore_cleanup_errors=True)
    with folder_for_now as folder, new_database(server) as address:
        var = Path(folder) / "var"
        os.environ |= {"VAR_DIR": str(var), "DATABASE_URL": address, "INDEX_DIR": str(var / "index-0")}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "evidencebank.settings", "LOG_LEVEL": "WARNING"}
        if template and not server:
            shutil.copytree(template, var)
            (var / "index").rename(var / "index-0")
        else:
            command = [sys.executable, "manage.py", "set_up", "--no-admin"]
            subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
        yield var


def start_django() -> None:
    """Make this process one of the bank that the environment names."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def give_word(slug: str, word: str) -> None:
    """Save a study with `word` as its publisher, which searches find."""
    from studies.models import Study
    from studies.store.changes import bank_change
    from studies.store.exchange import study as exchange_study

    with bank_change(note=word) as change:
        study = Study.objects.for_record().get(slug=slug)
        change.touch(exchange_study.save_record(replace(exchange_study.to_record(study), publisher=word), study))


def list_published_slugs() -> list[str]:
    """Return the slugs of all published studies."""
    from studies.models import Study

    return list(Study.objects.published().order_by("slug").values_list("slug", flat=True))


def read_fingerprints(changed_since: int = -1) -> dict[int, str]:
    """Return the fingerprint of every published record, as the database holds it, or only of those changed since."""
    from studies.models import Study
    from studies.records.study import fingerprint
    from studies.store.exchange.study import to_record

    studies = Study.objects.published().changed_since(changed_since).for_record()
    return {study.pk: fingerprint(to_record(study)) for study in studies}


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """Make a database on a PostgreSQL, and drop it at the end. Yields its address, "" without a server."""
    if not server:
        yield ""
        return
    import psycopg
    from psycopg import sql

    name = f"throwaway_{os.getpid()}"
    with psycopg.connect(f"{server.rstrip('/')}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server.rstrip('/')}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
