"""What readers report about pages of the bank, for staff to settle."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PageReport(models.Model):
    """What a reader reported about a page of the bank: only staff read it, and nothing of the reader is kept.

    `path` is the address of the page in this bank. It waits until somebody settles it with an `outcome`.
    """

    class Reason(models.TextChoices):
        PERSONAL = "personal", _("Tiene datos de una persona")
        WRONG = "wrong", _("Dice algo falso")
        OFFENSIVE = "offensive", _("Ofende o acusa a alguien")
        OTHER = "other", _("Otro motivo")

    path = models.CharField("página", max_length=300)
    reason = models.CharField("motivo", max_length=9, choices=Reason)
    text = models.TextField("qué escribió", max_length=1_000, blank=True)
    made_at = models.DateTimeField("recibido el", default=timezone.now)
    settled_at = models.DateTimeField("resuelto el", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="resuelto por"
    )
    outcome = models.TextField("qué se hizo", max_length=1_000, blank=True)

    class Meta:
        verbose_name = "informe de un lector"
        verbose_name_plural = "informes de lectores"
        ordering = [models.F("settled_at").desc(nulls_first=True), "made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(path__startswith="/"), name="page_report_is_of_this_bank"),
            models.CheckConstraint(
                condition=models.Q(settled_at__isnull=True) | ~models.Q(outcome=""),
                name="page_report_settled_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.path}"
