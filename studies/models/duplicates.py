"""What people decided about two studies that look like one: not the same, or merged. Nothing of it is ever deleted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.study import Stage, Study


class NotDuplicate(models.Model):
    """The word of a person that two studies are two. It holds until it is taken back."""

    first = models.ForeignKey(Study, verbose_name=_("estudio"), on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Study, verbose_name=_("otro estudio"), on_delete=models.CASCADE, related_name="+")
    note = models.TextField(_("nota"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("persona"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("fecha"), default=timezone.now)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("par que no es duplicado")
        verbose_name_plural = _("pares que no son duplicados")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="not_duplicate_in_order"),
            models.UniqueConstraint(
                fields=["first", "second"], condition=models.Q(taken_back_at=None), name="not_duplicate_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}, {self.second_id}"


class Merge(models.Model):
    """A study that was merged into another, with what undoing it needs.

    The records as they were are the revisions before `change_no`. `stage` and `stage_note` are those that `study` had;
    `carried` holds, by name, the ids of the rows that went over to the other study.
    """

    study = models.ForeignKey(Study, verbose_name=_("estudio"), on_delete=models.CASCADE, related_name="merges")
    into = models.ForeignKey(Study, verbose_name=_("unido a"), on_delete=models.PROTECT, related_name="merges_into")
    change_no = models.PositiveBigIntegerField(_("cambio"))
    stage = models.CharField(_("etapa"), max_length=12, choices=Stage)
    stage_note = models.TextField(_("motivo"), blank=True)
    carried = models.JSONField(default=dict)
    note = models.TextField(_("nota"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("persona"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("fecha"), default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("unión")
        verbose_name_plural = _("uniones")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(study=models.F("into")), name="merge_of_two"),
            models.UniqueConstraint(fields=["study"], condition=models.Q(undone_at=None), name="merge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} → {self.into_id}"
