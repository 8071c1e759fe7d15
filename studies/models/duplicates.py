"""Duplicates: the pairs of studies that were found, and what people decided on them.

Decisions (`NotDuplicate`, `Merge`) are never deleted. The rest is derived: `studies.duplicates.finder` finds it again.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies.models.study import Stage, Study


class NotDuplicate(models.Model):
    """A person's decision that two studies are not duplicates. It holds until it is revoked (`taken_back_at`)."""

    first = models.ForeignKey(Study, verbose_name=_("estudio"), on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Study, verbose_name=_("otro estudio"), on_delete=models.CASCADE, related_name="+")
    note = models.TextField(_("nota"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("persona"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("fecha"), default=timezone.now)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("par que no es duplicado")
        verbose_name_plural = _("pares que no son duplicados")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="not_duplicate_in_order"),
            models.UniqueConstraint(
                fields=["first", "second"], condition=models.Q(taken_back_at=None), name="not_duplicate_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}, {self.second_id}"


class Merge(models.Model):
    """A merge of a study into another, with what undoing it needs.

    The records from before are in the revisions before `change_no`. `stage` and `stage_note` are those that `study`
    had. `carried` holds the ids of the rows that joined `into` to evaluations and programmes.
    """

    study = models.ForeignKey(Study, verbose_name=_("estudio"), on_delete=models.CASCADE, related_name="merges")
    into = models.ForeignKey(Study, verbose_name=_("unido a"), on_delete=models.PROTECT, related_name="merges_into")
    change_no = models.PositiveBigIntegerField(_("cambio"))
    stage = models.CharField(_("etapa"), max_length=12, choices=Stage)
    stage_note = models.TextField(_("motivo"), blank=True)
    carried = models.JSONField(default=dict)
    note = models.TextField(_("nota"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("persona"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("fecha"), default=timezone.now)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("unión")
        verbose_name_plural = _("uniones")
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(study=models.F("into")), name="merge_of_two"),
            models.UniqueConstraint(fields=["study"], condition=models.Q(undone_at=None), name="merge_once"),
        ]

    def __str__(self) -> str:
        return f"{self.study_id} → {self.into_id}"


class DuplicatePair(models.Model):
    """Two studies that may be one, at whatever stage, as a stored `matcher.StudyPair`. Only staff see it."""

    # No constraint in the database: a draft may be deleted while a search runs, which then stores stale pairs.
    first = models.ForeignKey(Study, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    second = models.ForeignKey(Study, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=12)
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="duplicate_pair_in_order"),
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}, {self.second_id}"


class StudyFeatures(models.Model):
    """The features of a study, at whatever stage, by which duplicates are looked up: `matcher.extract_features`."""

    study = models.OneToOneField(
        Study, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    features = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class DuplicateSearch(models.Model):
    """The one row with the state of the search for duplicates.

    The stored pairs are those of the bank at `change_no`, found by the version of rules and place names `made_with`,
    which is "" before the first search. Until `claimed_until` a process is searching, and has compared `done` of
    `total` studies.
    """

    ONLY_ROW = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW)
    made_with = models.CharField(max_length=40, default="", blank=True)
    change_no = models.PositiveBigIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="duplicate_search_has_one_row")]

    def __str__(self) -> str:
        return str(self.change_no)

    @classmethod
    def current(cls) -> DuplicateSearch:
        """Return the row, which the first call creates: one query after that."""
        search, _created = cls.objects.get_or_create(pk=cls.ONLY_ROW)
        return search
