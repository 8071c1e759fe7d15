"""Programmes and evaluations, to which studies belong."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from studies.models.study import Study
from studies.models.vocabulary import Term


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Programmes, filtered by who may see them."""

    def public(self) -> Self:
        """Programmes with a public page."""
        return self.filter(is_published=True)

    def public_or_named(self) -> Self:
        """Public programmes, and those that a published study names: its page could not be read without the name."""
        return self.with_is_named().filter(is_named=True)

    def with_is_named(self) -> Self:
        """Annotate each programme with `is_named`, whether its name is public (see `public_or_named`)."""
        carried = Study.objects.published().filter(programme=models.OuterRef("pk"))
        return self.annotate(
            is_named=models.Case(models.When(is_published=True, then=True), default=models.Exists(carried))
        )


class Programme(models.Model):
    """A programme that an organisation runs, with its stage in the learning cycle."""

    class Stage(models.TextChoices):
        DIAGNOSIS = "diagnosis", _("diagnóstico")
        EVIDENCE = "evidence", _("estudiado sin medir su efecto")
        DESIGN = "design", _("diseño")
        EVALUATION = "evaluation", _("evaluación en curso")
        RESULTS = "results", _("con resultados")
        SCALE_UP = "scale-up", _("a gran escala")
        CLOSED = "closed", _("cerrado")
        UNKNOWN = "unknown", _("sin dato")

    slug = models.SlugField(_("identificador"), max_length=120, unique=True)
    name = models.CharField(_("nombre propio"), max_length=300, unique=True)
    name_es = models.CharField(_("nombre en español"), max_length=300)
    name_en = models.CharField(_("nombre en inglés"), max_length=300)
    aliases = models.JSONField(_("otros nombres y siglas"), default=list, blank=True)
    organisation = models.CharField(_("organización"), max_length=300, blank=True)
    countries = models.ManyToManyField(
        Term,
        verbose_name=_("países"),
        blank=True,
        related_name="programmes_in_country",
        limit_choices_to={"vocabulary": "countries", "is_retired": False},
    )
    themes = models.ManyToManyField(
        Term,
        verbose_name=_("temas"),
        blank=True,
        related_name="programmes_of_theme",
        limit_choices_to={"vocabulary": "themes", "is_retired": False},
    )
    stage = models.CharField(_("etapa"), max_length=12, choices=Stage, default=Stage.UNKNOWN)
    registration = models.CharField(_("registro de la evaluación"), max_length=300, blank=True)
    expected_results = models.CharField(_("resultados anunciados para"), max_length=100, blank=True)
    adapted_from = models.ForeignKey(
        "self", verbose_name=_("adaptado de"), on_delete=models.PROTECT, null=True, blank=True, related_name="adapted"
    )
    studies = models.ManyToManyField(Study, through="ProgrammeStudy", related_name="programmes")
    rests_on = models.ManyToManyField(
        Study, verbose_name=_("estudios en los que se apoya"), blank=True, related_name="programmes_resting_on_it"
    )
    question_es = models.TextField(_("pregunta que responde, en español"), blank=True)
    question_en = models.TextField(_("pregunta que responde, en inglés"), blank=True)
    description_es = models.TextField(_("descripción en español"), blank=True)
    description_en = models.TextField(_("descripción en inglés"), blank=True)
    sources = models.JSONField(_("fuentes"), default=list, blank=True)
    is_published = models.BooleanField(_("publicado"), default=False)
    loaded_hash = models.CharField(max_length=32, blank=True, editable=False)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programa")
        verbose_name_plural = _("programas")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(adapted_from__isnull=True) | ~models.Q(adapted_from=models.F("id")),
                name="programme_not_adapted_from_itself",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    stage__in=[
                        "diagnosis",
                        "evidence",
                        "design",
                        "evaluation",
                        "results",
                        "scale-up",
                        "closed",
                        "unknown",
                    ]
                ),
                name="programme_stage_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(is_published=False) | ~models.Q(sources=[]), name="programme_published_has_source"
            ),
        ]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_es

    def get_absolute_url(self) -> str:
        return reverse("programme", args=[self.slug])


class ProgrammeStudy(models.Model):
    """A study of a programme: first those that name it, then those that bear on it."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="programme_studies")
    study = models.ForeignKey(Study, verbose_name=_("estudio"), on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["programme", "study"], name="programme_study_unique")]

    def __str__(self) -> str:
        return f"{self.programme_id}: {self.study_id}"


class Evaluation(models.Model):
    """A trial that several studies report and that counts once, or a shared data set, which only prevents pooling."""

    class Kind(models.TextChoices):
        TRIAL = "trial", _("ensayo o comparación que se cuenta una vez")
        DATA_SET = "data-set", _("base de datos compartida")

    slug = models.SlugField(_("identificador"), max_length=120, unique=True)
    kind = models.CharField(_("clase"), max_length=10, choices=Kind)
    name_es = models.CharField(_("nombre en español"), max_length=300)
    name_en = models.CharField(_("nombre en inglés"), max_length=300)
    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programa"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="evaluations",
    )
    registration = models.CharField(_("registro"), max_length=300, blank=True)
    studies = models.ManyToManyField(Study, through="EvaluationStudy", related_name="evaluations")
    loaded_hash = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("evaluación")
        verbose_name_plural = _("evaluaciones")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["trial", "data-set"]), name="evaluation_kind")
        ]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_es


class EvaluationStudy(models.Model):
    """A study that reports an evaluation: the main or earliest one first."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="evaluation_studies")
    study = models.ForeignKey(
        Study, verbose_name=_("estudio"), on_delete=models.CASCADE, related_name="evaluation_studies"
    )
    position = models.PositiveSmallIntegerField(_("orden"), default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "study"], name="evaluation_study_unique")]

    def __str__(self) -> str:
        return f"{self.evaluation_id}: {self.study_id}"
