"""E-mail alerts that their readers confirmed. Nothing else about a reader is stored."""

from __future__ import annotations

from functools import partial
from secrets import token_urlsafe

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse


class Alert(models.Model):
    """A search whose changes are sent to `email`. `lists.alerts` creates and deletes it, `lists.digests` sends.

    `told_no` is the last change of the bank that the reader was told of. While a digest is being sent, `claimed_no` is
    the last change that it covers. `unsure_since` is set if a digest may not have arrived: the change after which it
    began.
    """

    class Frequency(models.TextChoices):
        WEEKLY = "weekly", "cada semana"
        MONTHLY = "monthly", "cada mes"

    # Whoever has the key can end the alert, so it must not be guessable.
    key = models.CharField("clave", max_length=40, unique=True, default=partial(token_urlsafe, 24), editable=False)
    email = models.EmailField("correo", max_length=254)
    query = models.TextField("búsqueda", blank=True)
    language = models.CharField("idioma", max_length=2)
    frequency = models.CharField("frecuencia", max_length=7, choices=Frequency)
    told_no = models.PositiveBigIntegerField("avisado hasta el cambio")
    due_on = models.DateField("próximo aviso", db_index=True)
    claimed_no = models.PositiveBigIntegerField("se avisa hasta el cambio", null=True, blank=True)
    claimed_at = models.DateTimeField("se empezó a enviar", null=True, blank=True)
    unsure_since = models.PositiveBigIntegerField("dudoso desde el cambio", null=True, blank=True)

    class Meta:
        verbose_name = "aviso por correo"
        verbose_name_plural = "avisos por correo"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), "query", name="alert_once_per_search"),
            models.CheckConstraint(condition=~models.Q(email=""), name="alert_has_email"),
            models.CheckConstraint(
                condition=models.Q(frequency__in=("weekly", "monthly")), name="alert_frequency_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(claimed_no__isnull=True, claimed_at__isnull=True)
                | models.Q(claimed_no__isnull=False, claimed_at__isnull=False),
                name="alert_claim_is_whole",
            ),
        ]

    def __str__(self) -> str:
        # Not the address: logs print this.
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("alert-end", args=[self.key])
