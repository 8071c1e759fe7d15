"""The table of jobs, and the signs of life of the workers. Only `jobs.queue` writes either."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

_IS_UNFINISHED = Q(state__in=["waiting", "running"])


class Job(models.Model):
    """One piece of work: its kind, who asked for it, how far it is, what came of it.

    `key` tells jobs of a kind apart: while one is unfinished, the same is not asked for again. `period` is the day or
    week of a periodic job, which has one for each. `host` is "" where any worker may do it. A running job belongs to
    the worker that wrote `claim`, until `claimed_until`; then it is lost, and another worker goes on with it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "en espera"
        RUNNING = "running", "en curso"
        DONE = "done", "hecho"
        FAILED = "failed", "falló"
        ENDED = "ended", "terminado antes"

    kind = models.CharField("trabajo", max_length=40)
    arguments = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=80, blank=True)
    period = models.CharField(max_length=20, blank=True)
    host = models.CharField("servidor", max_length=100, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="persona",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    state = models.CharField("estado", max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField("pedido", default=timezone.now)
    run_after = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField("empezó", null=True, blank=True)
    finished_at = models.DateTimeField("terminó", null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    outcome = models.CharField("resultado", max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.CharField(max_length=150, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    is_ending = models.BooleanField(default=False)

    class Meta:
        verbose_name = "trabajo"
        verbose_name_plural = "trabajos"
        ordering = ["-asked_at", "-id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["period", "run_after", "id"], name="job_unfinished", condition=_IS_UNFINISHED),
            models.Index(fields=["-asked_at", "-id"], name="job_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed", "ended"]), name="job_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="running", claimed_until__isnull=False) & ~Q(claim="")
                | ~Q(state="running") & Q(claimed_until__isnull=True),
                name="job_running_is_claimed",
            ),
            models.UniqueConstraint(
                fields=["kind", "key", "host"],
                condition=_IS_UNFINISHED,
                name="job_once_unfinished",
            ),
            models.UniqueConstraint(
                fields=["kind", "period", "host"], condition=~Q(period=""), name="job_once_a_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.state not in (self.State.WAITING, self.State.RUNNING)


class Worker(models.Model):
    """A worker process and when it last showed that it lives."""

    name = models.CharField(max_length=150, unique=True)
    host = models.CharField(max_length=100)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "proceso de trabajos"
        verbose_name_plural = "procesos de trabajos"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
