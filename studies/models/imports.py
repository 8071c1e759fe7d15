"""Imports of reference lists: a batch is one file (or one list of DOIs), a row is one reference of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.study import Study


class ImportBatch(models.Model):
    """One uploaded file or list of DOIs: who, when, what it was, its state. Only `studies.imports` writes it."""

    class State(models.TextChoices):
        READING = "reading", _("leyéndose")
        PREVIEW = "preview", _("por decidir")
        WRITING = "writing", _("escribiéndose")
        WRITTEN = "written", _("importada")
        UNDONE = "undone", _("deshecha")

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("persona"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("subida"), default=timezone.now)
    file_name = models.CharField(_("archivo"), max_length=255)
    checksum = models.CharField(_("suma de comprobación (SHA-256)"), max_length=64)
    size = models.PositiveBigIntegerField(_("tamaño en bytes"), default=0)
    format = models.CharField(_("formato"), max_length=10)
    language = models.CharField(_("idioma indicado"), max_length=10, blank=True)
    head = models.TextField(blank=True)
    notes = models.JSONField(_("notas"), default=list, blank=True)
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.READING)
    row_count = models.PositiveIntegerField(_("referencias"), default=0)
    change_no = models.PositiveBigIntegerField(null=True, blank=True)
    """The version of the bank that the rows were compared with."""
    written_to = models.PositiveIntegerField(null=True, blank=True)
    """The position of the last row that writing has handled."""
    written_at = models.DateTimeField(_("importada el"), null=True, blank=True)

    class Meta:
        verbose_name = _("importación")
        verbose_name_plural = _("importaciones")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["reading", "preview", "writing", "written", "undone"]),
                name="import_state_is_known",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """One reference of a batch: as in the file (`raw`), as a record, and its outcome."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("por leer")
        NEW = "new", _("nueva")
        DUPLICATE = "duplicate", _("ya está")
        SAME_WORK = "same_work", _("otra versión")
        ERROR = "error", _("con error")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    row_number = models.PositiveIntegerField(_("fila"))
    raw = models.TextField()
    problem = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    is_taken = models.BooleanField(_("se toma"), default=False)
    record = models.JSONField(default=dict, blank=True)
    suggested_words = models.JSONField(_("palabras sugeridas"), default=list, blank=True)
    abstract = models.TextField(_("resumen publicado"), blank=True)
    notes = models.JSONField(default=list, blank=True)
    match = models.ForeignKey(Study, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    match_row = models.PositiveIntegerField(null=True, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    field = models.CharField(max_length=100, blank=True)
    made = models.ForeignKey(Study, on_delete=models.SET_NULL, null=True, blank=True, related_name="import_rows")

    class Meta:
        verbose_name = _("referencia importada")
        verbose_name_plural = _("referencias importadas")
        ordering = ["batch", "position"]
        indexes = [models.Index(fields=["batch", "outcome", "position"], name="import_row_outcome")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="import_row_position"),
            models.CheckConstraint(
                condition=models.Q(is_taken=False) | ~models.Q(outcome__in=["waiting", "error"]),
                name="import_row_taken_is_readable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.row_number}"
