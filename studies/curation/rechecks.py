"""Checking published records again: who compared one with its sources, when, and when it is due the next time."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation.moves import CHECK, refusal
from studies.curation.stages import CurationError
from studies.models import Check, Stage, Study

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.models.querysets import StudyQuerySet


class CheckRefused(CurationError):
    """The study is not published, the person may not check it, or the date is no date to come."""


def may_check(study: Study, user: User) -> bool:
    """Whether `user` may say that the record holds."""
    return refusal(CHECK, study, user) is None


def due_on(study: Study) -> datetime.date | None:
    """Return the day from which the study waits to be checked again; None before its first publication."""
    if study.recheck_on is not None or study.published_at is None:
        return study.recheck_on
    return months_later(timezone.localdate(study.published_at), settings.RECHECK_MONTHS)


def due() -> StudyQuerySet:
    """Return the published studies that are due today."""
    return Study.objects.filter(is_due())


def is_due() -> models.Q:
    """Return the condition of a published study that is due today."""
    today = timezone.localdate()
    # A study that was never checked counts from its publication.
    last = months_later(today, -settings.RECHECK_MONTHS)
    never = models.Q(recheck_on__isnull=True, published_at__lt=start_of(last + datetime.timedelta(days=1)))
    return models.Q(stage=Stage.PUBLISHED) & (models.Q(recheck_on__lte=today) | never)


@transaction.atomic
def check(study: Study, *, by: User, again_on: datetime.date | None = None, note: str = "") -> Check:
    """Say that `by` compared the record with its sources today, and when it is due again. Raises CheckRefused.

    It is no change of the bank: neither its number nor the study's history moves.
    """
    today = timezone.localdate()
    put_off(study, again_on or months_later(today, settings.RECHECK_MONTHS), by=by)
    return Check.objects.create(study=study, by=by, note=note.strip())


def put_off(study: Study, again_on: datetime.date, *, by: User) -> None:
    """Set the day on which the study is due. Raises CheckRefused."""
    if not may_check(study, by):
        raise CheckRefused(_("Solo se comprueba un estudio publicado, y con una cuenta que pueda cambiarlo."))
    if again_on <= timezone.localdate():
        raise CheckRefused(_("La próxima comprobación tiene que ser un día por venir."))
    Study.objects.filter(pk=study.pk).update(recheck_on=again_on)
    study.recheck_on = again_on


def months_later(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of a later month (of an earlier one for a negative number), or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = datetime.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - datetime.timedelta(days=1)).day
    return datetime.date(year, month + 1, min(day.day, last))


def start_of(day: datetime.date) -> datetime.datetime:
    """Return the first moment of a day where the bank is."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
