"""What happened at the border of the workplace and has no row elsewhere."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """One event: a failed sign-in, a changed password, changed settings. `watching.audit` writes and deletes rows.

    `person` is a user name, not a row: events outlive accounts. Nothing that somebody typed into a form is in `told`.
    """

    at = models.DateTimeField("cuándo", default=timezone.now, db_index=True)
    event = models.CharField("qué pasó", max_length=60)
    person = models.CharField("persona", max_length=150, blank=True)
    address = models.CharField("dirección", max_length=64, blank=True)
    told = models.JSONField("detalle", default=dict, blank=True)

    class Meta:
        verbose_name = "suceso"
        verbose_name_plural = "sucesos"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.event}"
