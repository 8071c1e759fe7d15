"""E-mail alerts: requested, confirmed, ended. `digests` sends them.

Nothing is stored before the confirmation: the signed link in the letter carries the request.
"""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from search.criteria.filters import read_criteria
from search.models import Alert
from studies.store import bank_state

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria

LONGEST_QUERY = 1_000
"""Characters of a search's query string: what fits into a link that mail programs do not break."""
LONGEST_EMAIL = 254
CONFIRM_WITHIN = datetime.timedelta(days=3)

_SALT = "search.alerts"


class AlertRefused(Exception):
    """A request for an alert is not valid. `field` is "email", "frequency" or "query"."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class LinkExpired(Exception):
    """The link of a confirmation is too old, or was not signed by this bank."""


@dataclass(frozen=True, slots=True)
class AlertRequest:
    """A valid request for an alert, not confirmed yet."""

    email: str
    query: str
    language: str
    frequency: str

    @property
    def criteria(self) -> Criteria:
        return parse_criteria(self.query)

    def token(self) -> str:
        """Return the signed text that a confirmation link carries."""
        return signing.dumps([self.email, self.query, self.language, self.frequency], salt=_SALT, compress=True)


def are_offered() -> bool:
    """Return True if this bank can send alerts: it needs a mail server, and SITE_URL for the links in letters."""
    return bool(settings.SENDS_MAIL and settings.SITE_URL)


def request_alert(email: str, criteria: Criteria, language: str, frequency: str) -> AlertRequest:
    """Validate a request for an alert. Stores nothing. Raises AlertRefused."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise AlertRefused("email") from error
    if len(email) > LONGEST_EMAIL:
        raise AlertRefused("email")
    if frequency not in Alert.Frequency.values:
        raise AlertRefused("frequency")
    query = criteria.as_set().query_string
    if len(query) > LONGEST_QUERY:
        raise AlertRefused("query")
    return AlertRequest(email, query, language, frequency)


def parse_criteria(query: str) -> Criteria:
    """Read the criteria that an alert stores as a query string."""
    return read_criteria(QueryDict(query))


def read_token(token: str) -> AlertRequest:
    """Read the request from a confirmation link. Raises LinkExpired."""
    try:
        return AlertRequest(*signing.loads(token, salt=_SALT, max_age=CONFIRM_WITHIN))
    except signing.BadSignature as error:
        raise LinkExpired from error


def confirm_alert(asked: AlertRequest) -> Alert:
    """Store a confirmed alert. Confirming twice, or with another frequency, stores one."""
    try:
        with transaction.atomic():
            return Alert.objects.create(
                email=asked.email,
                query=asked.query,
                language=asked.language,
                frequency=asked.frequency,
                told_no=bank_state.current().change_no,
                due_on=next_due_date(timezone.localdate(), asked.frequency),
            )
    except IntegrityError:
        # The constraint alert_once_per_search: this address is told of this search already.
        same = Alert.objects.filter(email__iexact=asked.email, query=asked.query)
        same.update(frequency=asked.frequency, language=asked.language)
        return same.get()


def end_alert(key: str) -> bool:
    """Delete an alert, with the address of its owner. Return True if there was one."""
    deleted, _by_model = Alert.objects.filter(key=key).delete()
    return bool(deleted)


def next_due_date(day: datetime.date, frequency: str) -> datetime.date:
    """Return the due date of the digest after that of `day`: in a month, the same day or the month's last one."""
    if frequency == Alert.Frequency.WEEKLY:
        return day + datetime.timedelta(days=7)
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
