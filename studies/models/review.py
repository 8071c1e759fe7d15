"""The work of colleagues on a record: proposals for published studies, notes, checks. Never public or exported."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.study import Study


class Proposal(models.Model):
    """A whole record that somebody proposes for a published study, as edited from its change `base_no` (R7)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("espera revisión")
        RETURNED = "returned", _("devuelta")
        ACCEPTED = "accepted", _("publicada")
        WITHDRAWN = "withdrawn", _("retirada por su autor o autora")

    OPEN = (State.WAITING, State.RETURNED)

    study = models.ForeignKey(Study, verbose_name=_("estudio"), on_delete=models.CASCADE, related_name="proposals")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("autor o autora"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("estado"), max_length=10, choices=State, default=State.WAITING)
    base_no = models.PositiveBigIntegerField(_("cambio de partida"))
    record = models.JSONField(_("registro propuesto"))
    accepted_no = models.PositiveBigIntegerField(_("cambio con el que se publicó"), null=True, blank=True)
    created_at = models.DateTimeField(_("creada"), default=timezone.now)
    moved_at = models.DateTimeField(_("en este estado desde"), default=timezone.now)

    class Meta:
        verbose_name = _("propuesta")
        verbose_name_plural = _("propuestas")
        ordering = ["-moved_at", "-id"]
        # Editors propose and reviewers publish, so it needs no permissions of its own.
        default_permissions = ()
        indexes = [models.Index(fields=["state", "moved_at"], name="proposal_state_moved")]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "author"],
                condition=models.Q(state__in=["waiting", "returned"]),
                name="proposal_one_open_per_author",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "returned", "accepted", "withdrawn"]), name="proposal_state"
            ),
        ]

    def __str__(self) -> str:
        return str(self.study)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class ProposalStep(models.Model):
    """One step in the history of a proposal. `record` is what was sent or published with it, else None."""

    class Kind(models.TextChoices):
        SENT = "sent", _("enviada")
        RETURNED = "returned", _("devuelta")
        CORRECTED = "corrected", _("corregida y publicada")
        ACCEPTED = "accepted", _("publicada")
        WITHDRAWN = "withdrawn", _("retirada")

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)
    record = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.kind}"


class Note(models.Model):
    """A note between colleagues on a record, open until somebody resolves it."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField()
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resolved_by__isnull=True, resolved_at__isnull=True)
                | models.Q(resolved_by__isnull=False, resolved_at__isnull=False),
                name="note_resolved_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Check(models.Model):
    """A check of a published record against its sources. `Study.recheck_on` says when the next one is due."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="checks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.study_id}: {self.at:%Y-%m-%d}"
