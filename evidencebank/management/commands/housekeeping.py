"""`manage.py housekeeping`: removes what is kept no longer, and renews the database's statistics; run every night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from evidencebank import housekeeping


class Command(BaseCommand):
    help = "Removes expired sessions, old sign-ins and counts, settled reports and what restores set aside."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, number in housekeeping.clean_up():
            self.stdout.write(f"{what}: {number} removed")
        housekeeping.update_statistics()
