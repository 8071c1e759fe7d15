"""Revisions of records, and the counter row that numbers the changes of the bank (I2, R8)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.study import Stage, Study


class Revision(models.Model):
    """A whole record as it was after one change, with person, time and note.

    `changed` are the keys of the record that differ from the previous revision, none in a study's first one.
    `reviewed_by` is who published what `by` had proposed.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="revisions")
    change_no = models.PositiveBigIntegerField(_("cambio"))
    stage = models.CharField(_("etapa"), max_length=12, choices=Stage)
    is_content = models.BooleanField(_("cambia el registro"))
    record = models.JSONField(_("registro"))
    changed = models.JSONField(_("campos que cambiaron"), default=list, blank=True)
    note = models.TextField(_("nota"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("persona"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("revisó"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("fecha"), default=timezone.now)

    class Meta:
        verbose_name = _("revisión")
        verbose_name_plural = _("revisiones")
        ordering = ["-change_no", "-id"]
        constraints = [models.UniqueConstraint(fields=["study", "change_no"], name="revision_once_per_change")]

    def __str__(self) -> str:
        return f"{self.change_no}: {self.study_id}"


class BankCounter(models.Model):
    """The one row with the bank's identity and version. Only `studies.store.changes` raises its numbers."""

    ONLY_ROW = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW)
    bank_id = models.UUIDField(default=uuid.uuid4, editable=False)
    change_no = models.PositiveBigIntegerField(default=0)
    vocabulary_no = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)
    vocabulary_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("contador de cambios")
        verbose_name_plural = _("contador de cambios")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="counter_has_one_row")]

    def __str__(self) -> str:
        return str(self.change_no)

    @classmethod
    def current(cls) -> BankCounter:
        """Return the counter, which the first call creates: one query after that."""
        counter, _created = cls.objects.get_or_create(pk=cls.ONLY_ROW)
        return counter
