"""Takes what readers report about a page of the bank, for staff to settle. None of it is public."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from search.models import PageReport
from studies.text.characters import replace_unstorable

LONGEST_TEXT = 1_000


def file_report(path: str, reason: str, text: str) -> PageReport:
    """Keep a report about the page at `path`, an address in this bank, for one of PageReport.Reason: one query."""
    plain = replace_unstorable(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    return PageReport.objects.create(path=path, reason=reason, text=plain[:LONGEST_TEXT])


def forget_settled_reports(kept_for: timedelta) -> int:
    """Delete the reports that were settled longer ago than `kept_for`. Return how many."""
    return PageReport.objects.filter(settled_at__lt=timezone.now() - kept_for).delete()[0]


def count_waiting_reports() -> int:
    """Count the reports that nobody has settled: one query."""
    return PageReport.objects.filter(settled_at=None).count()
