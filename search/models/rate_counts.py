"""How often something expensive was used, by whom, in a span of time: what all workers and hosts count together."""

from __future__ import annotations

from django.db import models


class RateCount(models.Model):
    """The uses of one limit by one sender until `ends_at`; `search.rate_limits` writes it and deletes old ones.

    `key` is a keyed hash: the table holds no address of a person.
    """

    key = models.CharField("clave", max_length=64, unique=True)
    used = models.PositiveIntegerField("usos")
    ends_at = models.DateTimeField("cuenta hasta", db_index=True)

    class Meta:
        verbose_name = "cuenta de usos"
        verbose_name_plural = "cuentas de usos"

    def __str__(self) -> str:
        return f"{self.pk}"
