"""`manage.py work`: the worker, which does the jobs that pages ask for and those of every night."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evidencebank.backup import BackupError, in_use
from evidencebank.watching import reports, slow_queries
from jobs.worker import Worker
from search.index import sync
from studies.store import schema


class Command(BaseCommand):
    help = (
        "Do the jobs that pages ask for and those of every night, until told to stop (Ctrl+C, SIGTERM). Any number of "
        "workers may run, on one host or on several: each job is done by one of them."
    )

    # A worker is started often, and the checks would take longer than that.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--until-idle", action="store_true", help="end when there is nothing left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            in_use.hold_while_serving()
        except BackupError as error:
            raise CommandError(str(error)) from None
        schema.check_at_start()
        slow_queries.watch()
        reports.start_sentry()
        # A step that writes many drafts does not wait for the index, as a page does not.
        sync.leave_long_work_to_background()
        worker = Worker()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: worker.stop())
        worker.run(until_idle=options["until_idle"])
