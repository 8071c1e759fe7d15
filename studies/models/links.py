"""The results of checking the addresses in records: the last answer of each, with its date."""

from __future__ import annotations

import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _


class LinkCheck(models.Model):
    """The last check of an address. `failures` counts how often in a row it gave no page."""

    class State(models.TextChoices):
        OK = "ok", _("responde")
        DEAD = "dead", _("ya no existe")
        FAILING = "failing", _("no respondió")
        CLOSED = "closed", _("no deja comprobar")
        SKIPPED = "skipped", _("no se pregunta")

    # A hash, because addresses may be longer than PostgreSQL allows in an index.
    key = models.CharField(max_length=64, unique=True, editable=False)
    url = models.TextField(_("dirección"))
    state = models.CharField(_("respuesta"), max_length=10, choices=State)
    status = models.PositiveSmallIntegerField(_("código HTTP"), null=True, blank=True)
    detail = models.CharField(_("detalle"), max_length=300, blank=True)
    checked_at = models.DateTimeField(_("comprobada"))
    failures = models.PositiveSmallIntegerField(_("fallos seguidos"), default=0)
    failing_since = models.DateTimeField(_("falla desde"), null=True, blank=True)

    class Meta:
        verbose_name = _("enlace comprobado")
        verbose_name_plural = _("enlaces comprobados")
        ordering = ["-failures", "url"]
        default_permissions = ()
        indexes = [models.Index(fields=["state", "failures"], name="link_state_failures")]

    def __str__(self) -> str:
        return self.url

    @classmethod
    def hash_url(cls, url: str) -> str:
        """Return the `key` of an address."""
        return hashlib.sha256(url.encode()).hexdigest()
