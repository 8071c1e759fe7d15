"""Sends the e-mail alerts that are due. To be run once a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.contract import IndexMissing
from search.index import indexing
from search.lists import alerts, digests
from search.web.alerts.emails import digest_email


class Command(BaseCommand):
    help = "Send the e-mail alerts that are due: what changed in a search since the last digest. To be run once a day."

    def handle(self, *args: Any, **options: Any) -> None:
        if not alerts.are_offered():
            raise CommandError("This bank sends no alerts: MAIL_SERVER and SITE_URL are needed.")
        try:
            if not indexing.catch_up():
                raise CommandError("Another process is writing the index; run this again when it is in step.")
            report = digests.send_due_digests(digest_email)
        except IndexMissing:
            raise CommandError("There is no index to read: run rebuild_index.") from None
        self.stdout.write(
            f"sent {report.sent}, nothing new {report.nothing_new}, "
            f"refused {report.refused}, doubtful {report.doubtful}"
        )
        if report.is_server_down:
            raise CommandError("The mail server could not be reached: the rest is left to the next run.")
        if report.refused or report.doubtful:
            raise CommandError("Not every digest arrived: the log says why.")
