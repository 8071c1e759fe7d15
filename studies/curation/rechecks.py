"""Rechecks of published records against their sources: who checked one, when, and when the next check is due."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation.moves import CHECK, find_refusal
from studies.curation.stages import CurationError
from studies.models import Check, Stage, Study

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.models.querysets import StudyQuerySet


class CheckRefused(CurationError):
    """The study is not published, the person may not check it, or the date is not in the future."""


def may_check(study: Study, user: User) -> bool:
    """Return True if `user` may record a check of `study`."""
    return find_refusal(CHECK, study, user) is None


def get_due_date(study: Study) -> datetime.date | None:
    """Return the day from which a check of `study` is due, or None before its first publication."""
    if study.recheck_on is not None or study.published_at is None:
        return study.recheck_on
    return add_months(timezone.localdate(study.published_at), settings.RECHECK_MONTHS)


def list_due() -> StudyQuerySet:
    """Return the published studies whose check is due today."""
    return Study.objects.filter(due_filter())


def due_filter() -> models.Q:
    """Return the filter for published studies whose check is due today."""
    today = timezone.localdate()
    # A study that was never checked counts from its publication.
    last = add_months(today, -settings.RECHECK_MONTHS)
    never = models.Q(recheck_on__isnull=True, published_at__lt=start_of_day(last + datetime.timedelta(days=1)))
    return models.Q(stage=Stage.PUBLISHED) & (models.Q(recheck_on__lte=today) | never)


@transaction.atomic
def record_check(study: Study, *, by: User, again_on: datetime.date | None = None, note: str = "") -> Check:
    """Record that `by` compared the record with its sources today, and set the next due date. Raises CheckRefused.

    It is not a change of the bank: neither the change number nor the study's history moves.
    """
    today = timezone.localdate()
    set_due_date(study, again_on or add_months(today, settings.RECHECK_MONTHS), by=by)
    return Check.objects.create(study=study, by=by, note=note.strip())


def set_due_date(study: Study, again_on: datetime.date, *, by: User) -> None:
    """Set the day on which the next check is due. Raises CheckRefused."""
    if not may_check(study, by):
        raise CheckRefused(_("Solo se comprueba un estudio publicado, y con una cuenta que pueda cambiarlo."))
    if again_on <= timezone.localdate():
        raise CheckRefused(_("La próxima comprobación tiene que ser un día por venir."))
    Study.objects.filter(pk=study.pk).update(recheck_on=again_on)
    study.recheck_on = again_on


def add_months(day: datetime.date, months: int) -> datetime.date:
    """Return the same day `months` later (earlier if negative), or the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = datetime.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - datetime.timedelta(days=1)).day
    return datetime.date(year, month + 1, min(day.day, last))


def start_of_day(day: datetime.date) -> datetime.datetime:
    """Return midnight at the start of a day, in the bank's time zone."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
