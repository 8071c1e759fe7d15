"""Frozen lists: selections that readers published under a permanent address, and that never change."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

_MAY_CHANGE = {"removed_at", "removal_reason", "are_words_approved"}


class FrozenList(models.Model):
    """A frozen list. `manifest` is the file whose SHA-256 is `checksum`; `lists.frozen` writes and reads it.

    A row never changes, except that staff can withdraw it from the public, with a reason, and show the words of its
    maker. Lists of today have none. Those of before have a title, a name and notes, which are hidden until somebody of
    staff has read them and sets `are_words_approved` (R13).
    """

    code = models.CharField("código", max_length=30, unique=True)
    manifest = models.TextField("contenido")
    checksum = models.CharField("suma de control", max_length=64)
    frozen_at = models.DateTimeField("congelada el", default=timezone.now)
    removed_at = models.DateTimeField("retirada el", null=True, blank=True)
    removal_reason = models.TextField("motivo del retiro", blank=True)
    # The database has the default too: a host that still runs older code during an upgrade writes lists with words.
    are_words_approved = models.BooleanField("mostrar título, nombre y notas", default=False, db_default=False)

    class Meta:
        verbose_name = "lista congelada"
        verbose_name_plural = "listas congeladas"
        ordering = ["-frozen_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True) | ~models.Q(removal_reason=""),
                name="frozen_list_removed_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, **options: Any) -> None:
        """Save a new list, its withdrawal, or whether its words are shown.

        Raises TypeError for any other change, as lists are cited.
        """
        if not self._state.adding and not set(options.get("update_fields") or ["all"]) <= _MAY_CHANGE:
            raise TypeError("A frozen list does not change.")
        super().save(**options)

    def get_absolute_url(self) -> str:
        return reverse("frozen-list", args=[self.code])
