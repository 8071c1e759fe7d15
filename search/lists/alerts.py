"""E-mail alerts: asked for, confirmed, ended. `digests` sends them.

Before the confirmation nothing is stored: what was asked for travels in the link.
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

from search.criteria.filters import criteria_of
from search.models import Alert
from studies.store import bank_state

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria

LONGEST_QUERY = 1_000
"""Letters of the address of a search: what fits into a link that mail programs leave whole."""
LONGEST_EMAIL = 254
CONFIRM_WITHIN = datetime.timedelta(days=3)

_SALT = "search.alerts"


class AlertRefused(Exception):
    """What was asked for cannot be an alert. `field` is "email", "frequency" or "query"."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class LinkExpired(Exception):
    """The link of a confirmation is too old, or not of this bank."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An alert that somebody asks for, not confirmed yet."""

    email: str
    query: str
    language: str
    frequency: str

    @property
    def criteria(self) -> Criteria:
        return search_of(self.query)

    def token(self) -> str:
        """Return what a link carries to confirm this."""
        return signing.dumps([self.email, self.query, self.language, self.frequency], salt=_SALT, compress=True)


def are_offered() -> bool:
    """Say whether this bank sends alerts: it needs a mail server, and a name for the links in its letters."""
    return bool(settings.SENDS_MAIL and settings.SITE_URL)


def ask(email: str, criteria: Criteria, language: str, frequency: str) -> Asked:
    """Check what somebody asks for. Nothing is stored. Raises AlertRefused."""
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
    return Asked(email, query, language, frequency)


def search_of(query: str) -> Criteria:
    """Return the criteria that an alert keeps as a query string."""
    return criteria_of(QueryDict(query))


def read_token(token: str) -> Asked:
    """Return what the link of a confirmation asks for. Raises LinkExpired."""
    try:
        return Asked(*signing.loads(token, salt=_SALT, max_age=CONFIRM_WITHIN))
    except signing.BadSignature as error:
        raise LinkExpired from error


def confirm(asked: Asked) -> Alert:
    """Keep an alert that its owner confirmed. Confirming twice, or with another frequency, keeps one."""
    try:
        with transaction.atomic():
            return Alert.objects.create(
                email=asked.email,
                query=asked.query,
                language=asked.language,
                frequency=asked.frequency,
                told_no=bank_state.current().change_no,
                due_on=next_date(timezone.localdate(), asked.frequency),
            )
    except IntegrityError:
        same = Alert.objects.filter(email__iexact=asked.email, query=asked.query)
        same.update(frequency=asked.frequency, language=asked.language)
        return same.get()


def end(key: str) -> bool:
    """End an alert and forget its owner. Return whether there was one."""
    deleted, _by_model = Alert.objects.filter(key=key).delete()
    return bool(deleted)


def next_date(day: datetime.date, frequency: str) -> datetime.date:
    """Return when the digest after that of `day` is due."""
    if frequency == Alert.Frequency.WEEKLY:
        return day + datetime.timedelta(days=7)
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
