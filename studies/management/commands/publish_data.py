"""Writes the open data of today (an edition), as the worker does every night."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studies.publishing.offline import archive
from studies.publishing.opendata import editions, publishing


def _parse_count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"“{text}” is no number of editions, from 1 on")
    return int(text)


class Command(BaseCommand):
    help = "Write the open data of today for /datos/, if the bank has changed since the last time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--keep", type=_parse_count, default=settings.KEEP_EDITIONS, help="how many editions are kept"
        )
        parser.add_argument("--force", action="store_true", help="write them though nothing has changed")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            edition, is_new = publishing.publish(
                keep=options["keep"], force=options["force"], extra={editions.OFFLINE: archive.write}
            )
        except publishing.AlreadyPublishing:
            raise CommandError("another process is writing the open data") from None
        except publishing.BankKeptChanging:
            raise CommandError("the bank changed while its files were written, each time: try again later") from None
        if is_new:
            size_kb = sum(file.size for file in edition.files.values()) // 1024
            self.stdout.write(f"open data of {edition.day}: {len(edition.files)} files, {size_kb} kB")
        else:
            self.stdout.write(f"nothing has changed since the open data of {edition.day}")
