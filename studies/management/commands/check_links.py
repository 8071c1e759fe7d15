"""Checks the addresses in records for dead links, as the worker does every week."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studies.health import link_checker


class Command(BaseCommand):
    help = (
        "Ask the addresses of studies and sources whether they still lead somewhere: HEAD, then GET, each host at "
        "most once in --delay seconds. What was answered is kept with its date and shown in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=link_checker.MOST_OF_A_RUN, help="addresses of this run (500)")
        days = link_checker.ASKED_AGAIN_AFTER.days
        parser.add_argument(
            "--days", type=int, default=days, help=f"leave out what was asked in the last DAYS ({days})"
        )
        parser.add_argument(
            "--delay", type=float, default=link_checker.DELAY_S, help="seconds between two questions to a host (2)"
        )
        parser.add_argument("--inside", action="store_true", help="ask hosts of the bank's own network too")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CONTACT_EMAIL:
            raise CommandError("Set CONTACT_EMAIL first: whoever is asked must be able to write to whoever asks.")
        due = link_checker.list_due(older_than=timedelta(days=max(0, options["days"])))
        asked: Counter[str] = Counter()
        chosen = due[: max(0, options["limit"])]
        for url, answer in link_checker.check_and_save(
            settings.CONTACT_EMAIL, chosen, delay_s=max(0.0, options["delay"]), allow_inside=options["inside"]
        ):
            asked[answer.state] += 1
            if answer.state not in (link_checker.State.OK, link_checker.State.CLOSED):
                self.stdout.write(self.style.WARNING(f"{answer.state}: {url} {answer.status or answer.detail}"))
        text = ", ".join(f"{count} {state}" for state, count in asked.items()) or "none"
        self.stdout.write(f"asked {asked.total()} of {len(due)} addresses that were due: {text}")
