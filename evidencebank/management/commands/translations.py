"""`manage.py translations`: updates, checks or compiles the English catalogue of the Spanish texts."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from evidencebank import catalogue


class Command(BaseCommand):
    help = "Compares the translations with the texts in code and templates, updates or compiles them."
    # A broken page must not keep anybody from mending a translation.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        choice = parser.add_mutually_exclusive_group(required=True)
        choice.add_argument("--update", action="store_true", help="add new texts, drop those no longer used")
        choice.add_argument("--check", action="store_true", help="fail when anything is missing or wrong")
        choice.add_argument("--compile", action="store_true", help="write the .mo files that are older than their .po")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.LOCALE_PATHS[0])
        if options["compile"]:
            self.stdout.write("compiled" if catalogue.compile_all(folder) else "nothing to compile")
            return
        path = folder / "en" / "LC_MESSAGES" / "django.po"
        found = catalogue.extract_texts(Path(settings.BASE_DIR))
        if options["update"]:
            catalogue.write(catalogue.update(catalogue.read(path), found), path)
        faults = catalogue.find_faults(catalogue.read(path), found)
        for line in faults:
            self.stderr.write(line)
        if options["check"] and faults:
            raise CommandError(f"{path.relative_to(settings.BASE_DIR)}: {len(faults)} to mend")
        self.stdout.write(f"{len(found)} texts, {len(faults)} to mend")
