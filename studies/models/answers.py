"""The two tables behind answers that curators keep: which outcomes come first, and how frequent violence is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from studies.models.vocabulary import Term


class PriorityOutcome(models.Model):
    """An outcome that answers show before all others: on every page, or on the pages of one theme.

    It has nothing to do with what authors declare primary, which a finding says of itself.
    """

    outcome = models.ForeignKey(
        Term,
        verbose_name=_("resultado"),
        on_delete=models.PROTECT,
        related_name="priorities",
        limit_choices_to={"vocabulary": "outcomes", "is_retired": False},
    )
    theme = models.ForeignKey(
        Term,
        verbose_name=_("solo en el tema"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="priorities_of_theme",
        limit_choices_to={"vocabulary": "themes", "is_retired": False},
    )
    position = models.PositiveSmallIntegerField(_("orden"))
    is_retired = models.BooleanField(_("ya no es prioritario"), default=False)
    loaded_hash = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("resultado prioritario")
        verbose_name_plural = _("resultados prioritarios")
        ordering = ["position", "id"]
        default_permissions = ()
        constraints = [
            # Two, because a theme that is not there equals no other in a database.
            models.UniqueConstraint(
                fields=["outcome", "theme"],
                name="priority_once_in_a_theme",
                violation_error_message=_("Este resultado ya está en la lista de este tema."),
            ),
            models.UniqueConstraint(
                fields=["outcome"],
                condition=models.Q(theme__isnull=True),
                name="priority_once_for_all_themes",
                violation_error_message=_("Este resultado ya está en la lista de todos los temas."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.outcome}"


class Baseline(models.Model):
    """How many in a hundred lived an outcome in a window of time, as a survey says: the base of absolute effects.

    Only an effect on the same outcome, in the same window and form of violence, may be applied to it. A table of
    indicators, once there is one, joins it.
    """

    class Window(models.TextChoices):
        LAST_12_MONTHS = "last-12-months", _("últimos 12 meses")
        EVER = "ever", _("alguna vez")

    class Form(models.TextChoices):
        PHYSICAL_OR_SEXUAL = "physical-or-sexual", _("física o sexual")
        ANY_FORM = "any-form", _("psicológica, física o sexual")

    slug = models.SlugField(_("identificador"), max_length=120, unique=True)
    outcome = models.ForeignKey(
        Term,
        verbose_name=_("resultado"),
        on_delete=models.PROTECT,
        related_name="baselines",
        limit_choices_to={"vocabulary": "outcomes", "is_retired": False},
    )
    form = models.CharField(_("formas que cuenta"), max_length=20, choices=Form, blank=True)
    window = models.CharField(_("periodo"), max_length=20, choices=Window)
    asked_es = models.CharField(_("a quién se pregunta, en español"), max_length=300)
    asked_en = models.CharField(_("a quién se pregunta, en inglés"), max_length=300)
    percent = models.FloatField(_("valor, en porcentaje"))
    year = models.PositiveSmallIntegerField(_("año"))
    source_name = models.CharField(_("fuente"), max_length=300)
    url = models.URLField(_("dirección donde se leyó"), max_length=2000)
    is_from_press = models.BooleanField(_("cifra leída en la prensa"), default=False)
    note_es = models.TextField(_("nota en español"), blank=True)
    note_en = models.TextField(_("nota en inglés"), blank=True)
    is_retired = models.BooleanField(_("ya no se usa"), default=False)
    loaded_hash = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("frecuencia de partida")
        verbose_name_plural = _("frecuencias de partida")
        ordering = ["outcome__position", "form", "window", "-year", "slug"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__gt=0, percent__lt=100),
                name="baseline_is_a_share",
                violation_error_message=_("El porcentaje va entre 0 y 100."),
            ),
            models.CheckConstraint(
                condition=models.Q(window__in=["last-12-months", "ever"]), name="baseline_window_is_known"
            ),
            models.UniqueConstraint(
                fields=["outcome", "form", "window", "year"],
                condition=models.Q(is_retired=False),
                name="baseline_once_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome}, {self.get_window_display()}, {self.year}"
