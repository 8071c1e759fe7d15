"""Sends the digests of e-mail alerts, each once.

A digest is claimed in the database before it is handed over and noted after it. What happens in between decides:

- The mail server is down, or refuses: the claim is given back, and the next run tries again. Nothing was sent.
- The connection breaks while the server has the letter, or the program is killed before it noted it: nobody knows
  whether it was sent. It counts as sent, so that nothing is sent twice, and the next digest carries an address that
  tells everything since before the doubtful one, so that nothing is lost.
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

from search.lists.alerts import next_date, search_of
from search.lists.list_diff import CannotCompare, difference
from search.models import Alert
from studies.store import bank_state

if TYPE_CHECKING:
    from django.core.mail import EmailMessage
    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

    from search.lists.list_diff import Difference

logger = logging.getLogger(__name__)

MOST_TOUCHED = 5_000
"""Studies touched since the last digest that are compared; the digest of more says so and leads to the list."""

_STALE = datetime.timedelta(hours=1)
"""A digest that was claimed so long ago is in nobody's hands any more."""
# The server answered and said no: it has not taken the letter. All else is doubtful.
_REFUSALS = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPHeloError,
    smtplib.SMTPNotSupportedError,
)

Compose = Callable[[Alert, "Difference | None"], "EmailMessage"]
"""Writes the digest; None stands for more changes than are compared."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `is_server_down`: the server could not be reached, and the rest is left to the next run."""

    sent: int = 0
    nothing_new: int = 0
    refused: int = 0
    doubtful: int = 0
    is_server_down: bool = False


def due(today: datetime.date) -> QuerySet[Alert]:
    """Return the alerts that are due and that nobody is sending."""
    return Alert.objects.filter(due_on__lte=today, claimed_no=None)


def send_due(compose: Compose) -> Report:
    """Send every digest that is due. A second run at the same time, or after a crash, sends none again.

    The index must be where the database is: a digest tells up to the change that the index is at. Raises IndexMissing.
    """
    _settle_stale()
    today, report = timezone.localdate(), Report()
    connection = get_connection()
    for key in list(due(today).values_list("pk", flat=True)):
        alert = due(today).filter(pk=key).first()
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
    """No connection could be made: nothing was sent."""


def _send(alert: Alert, compose: Compose, connection: BaseEmailBackend, today: datetime.date) -> str:
    """Send one digest and return the field of Report that counts it; "" where another process has it."""
    found, until_no = _what_changed(alert)
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


def _what_changed(alert: Alert) -> tuple[Difference | None, int]:
    """Return what changed since the last digest, None for too much of it, and up to which change that tells."""
    criteria = search_of(alert.query)
    try:
        found = difference(criteria, alert.told_no, MOST_TOUCHED)
    except CannotCompare as refusal:
        now = bank_state.current().change_no
        if refusal.reason == "too-much":
            return None, now
        # A backup was restored: what the reader was told of is not there any more, so all begins anew.
        return difference(criteria, now, MOST_TOUCHED), now
    return found, found.until_no


def _claim(alert: Alert, until_no: int) -> bool:
    """Note that this process sends the digest, unless another does or did."""
    mine = Alert.objects.filter(pk=alert.pk, told_no=alert.told_no, claimed_no=None)
    return bool(mine.update(claimed_no=until_no, claimed_at=timezone.now()))


def _settle(alert: Alert, until_no: int, today: datetime.date) -> None:
    """Note that the reader knows everything up to a change."""
    Alert.objects.filter(pk=alert.pk, told_no=alert.told_no).update(
        told_no=until_no,
        due_on=next_date(today, alert.frequency),
        claimed_no=None,
        claimed_at=None,
        unsure_since=None,
    )


def _settle_stale() -> None:
    """Settle the digests that a run claimed and never noted: it was killed, before or after they were sent."""
    stale = Alert.objects.filter(claimed_at__lt=timezone.now() - _STALE)
    if stale.exists():
        logger.warning("a run was stopped while it sent digests: they count as sent, and the next ones say so")
    _settle_doubtful(stale, timezone.localdate())


def _settle_doubtful(alerts: QuerySet[Alert], today: datetime.date) -> None:
    """Count digests as sent of which nobody knows, and remember since when their readers may know nothing."""
    for frequency in Alert.Frequency.values:
        alerts.filter(frequency=frequency).update(
            unsure_since=Coalesce(F("unsure_since"), F("told_no")),
            told_no=F("claimed_no"),
            due_on=next_date(today, frequency),
            claimed_no=None,
            claimed_at=None,
        )
