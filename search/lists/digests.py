"""Sends the digests of e-mail alerts, each at most once.

A digest is claimed in the database before it is handed to the mail server, and recorded as sent afterwards:

- If the mail server is down, nothing is claimed; if it refuses, the claim is released. The next run tries again.
- If the connection breaks during the handover, or the process is killed before it records the digest, nobody knows
  whether it was sent. It counts as sent, so that nothing is sent twice, and the next digest links to everything since
  before the doubtful one, so that nothing is lost.
"""

from __future__ import annotations

import datetime
import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.core.mail import get_connection
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from search.lists.alerts import next_due_date, parse_criteria
from search.lists.list_diff import CannotCompare, compare_list
from search.models import Alert
from studies.store import bank_state

if TYPE_CHECKING:
    from django.core.mail import EmailMessage
    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

    from search.lists.list_diff import ListDiff

logger = logging.getLogger(__name__)

MOST_TOUCHED = 5_000
"""Changed studies that a digest compares; beyond that it says so and links to the list."""

_STALE = datetime.timedelta(hours=1)
"""A claim that is older is of a process that was killed."""
# The server answered and refused, so it has not taken the letter. After any other error that is not known.
_REFUSALS = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
)

ComposeDigest = Callable[[Alert, "ListDiff | None"], "EmailMessage"]
"""Writes the e-mail of a digest; the difference is None if more changed than MOST_TOUCHED."""


@dataclass(frozen=True, slots=True)
class DigestReport:
    """Digests of one run by outcome. With `is_server_down`, the rest is left to the next run."""

    sent: int = 0
    nothing_new: int = 0
    refused: int = 0
    doubtful: int = 0
    is_server_down: bool = False


def list_due_alerts(today: datetime.date) -> QuerySet[Alert]:
    """Return the alerts that are due and that no process has claimed."""
    return Alert.objects.filter(due_on__lte=today, claimed_no=None)


def send_due_digests(compose: ComposeDigest) -> DigestReport:
    """Send every digest that is due. A second run at the same time, or after a crash, sends none of them again.

    The index must be up to date, as a digest covers changes up to the index's change number. Raises IndexMissing.
    """
    _settle_stale()
    today, report = timezone.localdate(), DigestReport()
    connection = get_connection()
    for key in list(list_due_alerts(today).values_list("pk", flat=True)):
        alert = list_due_alerts(today).filter(pk=key).first()
        if alert is None:  # ended, or sent by another process, since the run began
            continue
        try:
            outcome = _send(alert, compose, connection, today)
        except _ServerDown as error:
            logger.error("the mail server could not be reached: %s", error)
            report = replace(report, is_server_down=True)
            break
        if outcome:
            report = replace(report, **{outcome: getattr(report, outcome) + 1})
    connection.close()
    return report


class _ServerDown(Exception):
    """No connection to the mail server: nothing was sent."""


def _send(alert: Alert, compose: ComposeDigest, connection: BaseEmailBackend, today: datetime.date) -> str:
    """Send one digest and return the field of DigestReport that counts it, or "" if another process has claimed it."""
    found, until_no = _compare_since_last(alert)
    if found is not None and found.is_empty and alert.unsure_since is None:
        _settle(alert, until_no, today)
        return "nothing_new"
    letter = compose(alert, found)
    try:
        connection.open()
    except OSError as error:  # smtplib's errors are OSErrors
        raise _ServerDown(str(error)) from error
    if not _claim(alert, until_no):
        return ""
    try:
        connection.send_messages([letter])
    except (*_REFUSALS, ValueError) as error:
        logger.error("the mail server refused the digest of alert %s: %s", alert, type(error).__name__)
        Alert.objects.filter(pk=alert.pk).update(claimed_no=None, claimed_at=None)
        connection.close()
        return "refused"
    except OSError as error:
        logger.error("it is not known whether the digest of alert %s was sent: %s", alert, type(error).__name__)
        _settle_doubtful(Alert.objects.filter(pk=alert.pk), today)
        connection.close()
        return "doubtful"
    _settle(alert, until_no, today)
    return "sent"


def _compare_since_last(alert: Alert) -> tuple[ListDiff | None, int]:
    """Return the difference since the last digest, or None if it is too large, and the change number it goes up to."""
    criteria = parse_criteria(alert.query)
    try:
        found = compare_list(criteria, alert.told_no, MOST_TOUCHED, knew_the_list=True)
    except CannotCompare as refusal:
        now = bank_state.current().change_no
        if refusal.reason == "too-much":
            return None, now
        # A backup was restored, so the last change that the reader was told of does not exist: start from now.
        return compare_list(criteria, now, MOST_TOUCHED, knew_the_list=True), now
    return found, found.until_no


def _claim(alert: Alert, until_no: int) -> bool:
    """Claim the digest for this process. Return False if another process has claimed or sent it."""
    mine = Alert.objects.filter(pk=alert.pk, told_no=alert.told_no, claimed_no=None)
    return bool(mine.update(claimed_no=until_no, claimed_at=timezone.now()))


def _settle(alert: Alert, until_no: int, today: datetime.date) -> None:
    """Record that the reader was told everything up to a change."""
    # Only if no other process has settled it meanwhile.
    Alert.objects.filter(pk=alert.pk, told_no=alert.told_no).update(
        told_no=until_no,
        due_on=next_due_date(today, alert.frequency),
        claimed_no=None,
        claimed_at=None,
        unsure_since=None,
    )


def _settle_stale() -> None:
    """Settle digests that a killed run had claimed: it may have sent them or not."""
    stale = Alert.objects.filter(claimed_at__lt=timezone.now() - _STALE)
    if stale.exists():
        logger.warning("a run was stopped while it sent digests: they count as sent, and the next ones say so")
    _settle_doubtful(stale, timezone.localdate())


def _settle_doubtful(alerts: QuerySet[Alert], today: datetime.date) -> None:
    """Count doubtful digests as sent, and record since which change their readers may not have been told."""
    for frequency in Alert.Frequency.values:
        alerts.filter(frequency=frequency).update(
            unsure_since=Coalesce(F("unsure_since"), F("told_no")),
            told_no=F("claimed_no"),
            due_on=next_due_date(today, frequency),
            claimed_no=None,
            claimed_at=None,
        )
