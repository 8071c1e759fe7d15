"""`manage.py set_up`: all steps from the installed packages to a bank that answers, in one process.

Each step is idempotent, so that the command can run before every start.
"""

import hashlib
import os
import re
import secrets
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from evidencebank import catalogue

ADMINISTRATOR = "administrador"
UNCHANGED_LINE = re.compile(r"\S+: \d+ unchanged")


class Command(BaseCommand):
    help = "Migrates, loads the bank, makes the first administrator, prepares texts, static files and the index."
    # The commands below check what they need; all checks at each start would cost more than the start.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-admin", action="store_true", help="make no administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        output = {"stdout": self.stdout, "stderr": self.stderr}
        call_command("migrate", interactive=False, verbosity=0, **output)
        catalogue.compile_all(settings.LOCALE_PATHS[0])
        self._load_bank()
        self._collect_static()
        try:
            call_command("rebuild_index", if_needed=True, **output)
        except CommandError as refusal:
            # The bank answers without an index too, and catches up by itself.
            self.stderr.write(str(refusal))
        if not options["no_admin"]:
            self._make_administrator()

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
        password = secrets.token_urlsafe(12)
        users.create_superuser(ADMINISTRATOR, password=password)
        self.stdout.write(
            "\nThe first administrator (the password is shown only this once):\n"
            f"  name         {ADMINISTRATOR}\n"
            f"  password     {password}\n"
            f"  to change    .venv/bin/python manage.py changepassword {ADMINISTRATOR}"
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
