"""`manage.py set_up`: all steps from the installed packages to a bank that answers, in one process.

Each step is idempotent, so that the command can run before every start. A read-only host takes only those steps that
write nothing into the database.
"""

import hashlib
import os
import re
import secrets
import time
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from accounts.models import RequiredPasswordChange
from evidencebank import catalogue
from evidencebank.watching.audit import note_settings
from studies.store import replica, schema

ADMINISTRATOR = "administrador"
TABLES_WAIT_S = 30
"""How long a read-only host waits for what a host that writes has just migrated."""
UNCHANGED_LINE = re.compile(r"\S+: \d+ unchanged")


class Command(BaseCommand):
    help = "Migrates, loads the bank, makes the first administrator, prepares texts, static files and the index."
    # The commands below check what they need; all checks at each start would cost more than the start.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-admin", action="store_true", help="make no administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.READ_ONLY:
            self._wait_for_tables()
            self._compile_translations()
            self._collect_static()
            self._build_index()
            return
        self._refuse_foreign_database()
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout, stderr=self.stderr)
        note_settings(settings.SETTINGS_READ)
        self._compile_translations()
        self._load_bank()
        self._collect_static()
        self._build_index()
        if not options["no_admin"]:
            self._make_administrator()

    def _wait_for_tables(self) -> None:
        """Wait until the replica has the tables of this version. Raises CommandError if they do not come soon."""
        deadline = time.monotonic() + TABLES_WAIT_S
        while True:
            try:
                difference = schema.read_difference()
                problem = difference.sentence
            except DatabaseError:
                difference, problem = None, "the database does not answer, or has no tables yet"
            if difference and difference.is_usable:
                return
            if (difference and difference.state == "newer") or time.monotonic() >= deadline:
                advice = " on a host that writes, before this one" if difference and difference.older else ""
                raise CommandError(f"this host only reads (READ_ONLY): {problem}{advice}")
            time.sleep(1)

    def _build_index(self) -> None:
        try:
            call_command("rebuild_index", if_needed=True, stdout=self.stdout, stderr=self.stderr)
        except CommandError as refusal:
            # The bank answers without an index too, and catches up by itself.
            self.stderr.write(str(refusal))

    def _refuse_foreign_database(self) -> None:
        """Raise CommandError for a replica, and for a database of a newer version, which this code would damage."""
        try:
            if replica.is_misplaced():
                raise CommandError(replica.MISPLACED)
            difference = schema.read_difference()
        except DatabaseError:
            return  # no tables yet; what else may be wrong, the migrations tell
        if difference.state == "newer":
            raise CommandError(difference.sentence)

    def _compile_translations(self) -> None:
        try:
            catalogue.compile_all(settings.LOCALE_PATHS[0])
        except OSError as error:
            # The sandbox of a service: the program's folder is not written while it runs.
            raise CommandError(f"the translations are stale ({error.strerror}): run make install first") from None

    def _load_bank(self) -> None:
        """Load the fixtures, and print only what was added or changed: nothing at most starts."""
        report = StringIO()
        call_command("load_bank", stdout=report, stderr=self.stderr)
        for line in report.getvalue().splitlines():
            if not UNCHANGED_LINE.fullmatch(line):
                self.stdout.write(line)

    def _collect_static(self) -> None:
        """Collect the static files again if any of them was added, changed or removed since the last time."""
        stamp = Path(settings.VAR_DIR) / "static.stamp"
        state = _fingerprint_of_static_files()
        if stamp.exists() and stamp.read_text() == state and Path(settings.STATIC_ROOT).is_dir():
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(state)

    def _make_administrator(self) -> None:
        """Make the first administrator and print the password, which is stored only as a hash."""
        users = User.objects
        if users.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(16)
        administrator = users.create_superuser(ADMINISTRATOR, password=password)
        # It is on the screen now, and in the journal of a server.
        RequiredPasswordChange.objects.create(user=administrator)
        self.stdout.write(
            "\nThe first administrator (the password is shown only this once):\n"
            f"  name         {ADMINISTRATOR}\n"
            f"  password     {password}\n"
            "The bank asks for another one at the first sign-in, before anything else."
        )
        if _write_team_of_one():
            self.stdout.write(
                "A team of one: whoever wrote a record may publish it too.\n"
                f"  to change    TEAM_OF_ONE=false in {settings.VAR_DIR / 'env'}, then start again"
            )
        self.stdout.write("")


def _write_team_of_one() -> bool:
    """Write TEAM_OF_ONE=true to the file that settings.py reads. Return False if it is set, or the site is public."""
    if settings.IS_PUBLIC or os.environ.get("TEAM_OF_ONE"):
        return False
    with (settings.VAR_DIR / "env").open("a", encoding="utf-8") as file:
        file.write("TEAM_OF_ONE=true\n")
    return True


def _fingerprint_of_static_files() -> str:
    """Return a hash of names, sizes and times of all static files, which takes much less time than to copy them."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=None):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
