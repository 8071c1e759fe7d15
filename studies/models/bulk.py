"""Changes of many studies at once: what was selected, what was done with each, what was undone. Never public."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.review import Proposal
from studies.models.study import Study


class BulkChange(models.Model):
    """One change of many studies. Until `done_at` it is a selection: `criteria` is the query string that made it.

    `action` is what `studies.curation.bulk.actions` reads. `change_no` is the number of the change, None where it only
    made proposals.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("persona"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    criteria = models.TextField(blank=True)
    action = models.JSONField(null=True, blank=True)
    what = models.TextField(_("qué se hizo"), blank=True)
    note = models.TextField(_("motivo"), blank=True)
    change_no = models.PositiveBigIntegerField(_("cambio"), null=True, blank=True)
    done_at = models.DateTimeField(_("fecha"), null=True, blank=True)
    undone_at = models.DateTimeField(_("deshecho"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("trabajo en grupo")
        verbose_name_plural = _("trabajos en grupo")
        ordering = ["-done_at", "-id"]
        # Who may edit one study may edit many, so it needs no permissions of its own.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, undone_at__isnull=True)
                | models.Q(done_at__isnull=False, action__isnull=False),
                name="bulk_change_done_before_undone",
            )
        ]

    def __str__(self) -> str:
        return self.what or str(self.pk)


class BulkItem(models.Model):
    """A study of a bulk change, and its outcome. `before_no` is its change number before the change.

    `problems` are the problems of `rules` that prevented the change, as [field, code]. `reason` is any other sentence.
    """

    class Outcome(models.TextChoices):
        CHANGED = "changed", _("cambió")
        PROPOSED = "proposed", _("quedó como propuesta")
        SAME = "same", _("no había nada que cambiar")
        REFUSED = "refused", _("no se pudo")

    bulk = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="items")
    study = models.ForeignKey(Study, on_delete=models.SET_NULL, null=True, related_name="bulk_items")
    slug = models.CharField(max_length=120)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    reason = models.TextField(blank=True)
    problems = models.JSONField(default=list, blank=True)
    before_no = models.PositiveBigIntegerField(default=0)
    proposal = models.ForeignKey(Proposal, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["bulk", "study"], name="bulk_item_once_per_study")]

    def __str__(self) -> str:
        return f"{self.slug}: {self.outcome}"
