"""Appraisals: instruments as data, the final appraisal of a study, and the assessments that lead to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from studies.models.study import Study
from studies.models.vocabulary import Term


class Instrument(models.Model):
    """One version of a tool for appraisal. A new version is another instrument, so that old appraisals stay valid."""

    class Rule(models.TextChoices):
        WORST_DOMAIN = "worst-domain", _("el peor dominio decide")
        CRITICAL_FLAWS = "critical-flaws", _("fallas críticas y no críticas")

    slug = models.SlugField(_("identificador"), max_length=120, unique=True)
    name = models.CharField(_("nombre"), max_length=100)
    version = models.CharField(_("versión"), max_length=100)
    purpose_es = models.CharField(_("para qué sirve, en español"), max_length=200)
    purpose_en = models.CharField(_("para qué sirve, en inglés"), max_length=200)
    citation = models.TextField(_("cómo se cita"))
    url = models.URLField(_("dirección"), max_length=2000)
    rule = models.CharField(_("regla del juicio global"), max_length=20, choices=Rule, blank=True)
    designs = models.ManyToManyField(
        Term,
        verbose_name=_("diseños para los que se propone"),
        blank=True,
        related_name="instruments",
        limit_choices_to={"vocabulary": "designs", "is_retired": False},
    )
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    is_retired = models.BooleanField(_("ya no se ofrece"), default=False)
    loaded_hash = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("instrumento de evaluación de calidad")
        verbose_name_plural = _("instrumentos de evaluación de calidad")
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"

    @property
    def purpose(self) -> str:
        return self.purpose_en if get_language() == "en" else self.purpose_es


class InstrumentDomain(models.Model):
    """A domain that an instrument judges. `levels` are the codes of levels that it may have, or empty for all."""

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="domains")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    code = models.SlugField(_("código"), max_length=120)
    label_es = models.CharField(_("nombre en español"), max_length=200)
    label_en = models.CharField(_("nombre en inglés"), max_length=200)
    hint_es = models.TextField(_("qué se juzga, en español"), blank=True)
    hint_en = models.TextField(_("qué se juzga, en inglés"), blank=True)
    is_critical = models.BooleanField(_("crítico"), default=False)
    levels = models.JSONField(_("niveles que admite"), default=list, blank=True)

    class Meta:
        verbose_name = _("dominio")
        verbose_name_plural = _("dominios")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["instrument", "code"], name="instrument_domain_unique")]

    def __str__(self) -> str:
        return self.label_es


class InstrumentLevel(models.Model):
    """A level of judgement, of a domain or of the whole; `risk_of_bias` is the same in the facet's words."""

    class Scope(models.TextChoices):
        DOMAIN = "domain", _("de un dominio")
        OVERALL = "overall", _("del juicio global")

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="levels")
    scope = models.CharField(_("de qué"), max_length=10, choices=Scope)
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    code = models.SlugField(_("código"), max_length=120)
    label_es = models.CharField(_("nombre en español"), max_length=200)
    label_en = models.CharField(_("nombre en inglés"), max_length=200)
    risk_of_bias = models.ForeignKey(
        Term,
        verbose_name=_("equivale a"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="instrument_levels",
        limit_choices_to={"vocabulary": "risk_of_bias", "is_retired": False},
    )

    class Meta:
        verbose_name = _("nivel")
        verbose_name_plural = _("niveles")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "scope", "code"], name="instrument_level_unique"),
            models.CheckConstraint(
                condition=models.Q(scope="domain") | models.Q(scope="overall", risk_of_bias__isnull=False),
                name="instrument_overall_level_has_risk_of_bias",
            ),
        ]

    def __str__(self) -> str:
        return self.label_es


class Appraisal(models.Model):
    """The final appraisal of a study by one instrument: part of the record, and public with it. Never a draft.

    The facet takes the one of position 0.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="appraisals")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    instrument = models.ForeignKey(
        Instrument, verbose_name=_("instrumento"), on_delete=models.PROTECT, related_name="appraisals"
    )
    overall = models.CharField(_("juicio global"), max_length=120)
    risk_of_bias = models.ForeignKey(
        Term,
        verbose_name=_("riesgo de sesgo"),
        on_delete=models.PROTECT,
        related_name="appraisals",
        limit_choices_to={"vocabulary": "risk_of_bias", "is_retired": False},
    )
    judgements = models.JSONField(_("juicios por dominio"), default=list, blank=True)
    note_es = models.TextField(_("nota en español"), blank=True)
    note_en = models.TextField(_("nota en inglés"), blank=True)
    appraisers = models.PositiveSmallIntegerField(_("personas que evaluaron"), default=1)
    appraised_on = models.DateField(_("fecha"))

    class Meta:
        verbose_name = _("evaluación de calidad")
        verbose_name_plural = _("evaluaciones de calidad")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["study", "instrument"], name="appraisal_once_per_instrument"),
            models.CheckConstraint(condition=models.Q(appraisers__gte=1), name="appraisal_has_appraisers"),
        ]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.instrument_id}"


class PublishedAppraisal(models.Model):
    """A judgement that others published about a study: part of the record, a fact with a source, never the bank's own.

    Instrument, domains and judgements are called what their authors call them.
    """

    class Judges(models.TextChoices):
        BIAS = "bias", _("sesgo o calidad")
        EFFECT = "effect", _("si el programa funciona")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="published_appraisals")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    instrument = models.CharField(_("instrumento, como lo nombran"), max_length=200)
    version = models.CharField(_("versión"), max_length=100, blank=True)
    judges = models.CharField(_("qué se juzgó"), max_length=6, choices=Judges, blank=True)
    result = models.CharField(_("resultado juzgado"), max_length=300, blank=True)
    overall = models.CharField(_("juicio global, como lo publicaron"), max_length=200, blank=True)
    risk_of_bias = models.ForeignKey(
        Term,
        verbose_name=_("equivale a"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="published_appraisals",
        limit_choices_to={"vocabulary": "risk_of_bias", "is_retired": False},
    )
    domains = models.JSONField(_("juicios por dominio"), default=dict, blank=True)
    by = models.CharField(_("quién juzgó"), max_length=500, blank=True)
    where = models.CharField(_("tabla o página"), max_length=200, blank=True)
    url = models.URLField(_("dirección"), max_length=2000, blank=True)
    licence = models.CharField(_("licencia"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("juicio publicado por otros")
        verbose_name_plural = _("juicios publicados por otros")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(instrument=""), name="published_appraisal_has_instrument"),
            models.CheckConstraint(
                condition=models.Q(risk_of_bias__isnull=True) | models.Q(judges="bias"),
                name="published_appraisal_bias_is_judged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument}: {self.overall}"


class Assessment(models.Model):
    """One person's judgement of a study with an instrument, or the consensus of two. Never public.

    Open until `closed_at`: after that it is kept, and nobody changes it. `version` rises with each save.
    """

    class Kind(models.TextChoices):
        OWN = "own", _("valoración")
        CONSENSUS = "consensus", _("consenso")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="assessments")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="assessments")
    kind = models.CharField(_("clase"), max_length=10, choices=Kind, default=Kind.OWN)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("persona"), on_delete=models.PROTECT, related_name="assessments"
    )
    judgements = models.JSONField(_("juicios por dominio"), default=list, blank=True)
    overall = models.CharField(_("juicio global"), max_length=120, blank=True)
    note_es = models.TextField(_("nota en español"), blank=True)
    note_en = models.TextField(_("nota en inglés"), blank=True)
    returned_note = models.TextField(_("motivo de la devolución"), blank=True)
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(_("comienzo"), auto_now_add=True)
    saved_at = models.DateTimeField(_("última modificación"), auto_now=True)
    done_at = models.DateTimeField(_("terminada"), null=True, blank=True)
    closed_at = models.DateTimeField(_("cerrada"), null=True, blank=True)
    seen_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="assessments_seen", blank=True)

    class Meta:
        verbose_name = _("valoración")
        verbose_name_plural = _("valoraciones")
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "instrument", "by"],
                condition=models.Q(kind="own", closed_at__isnull=True),
                name="assessment_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["study", "instrument"],
                condition=models.Q(kind="consensus", closed_at__isnull=True),
                name="assessment_one_consensus",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.instrument_id}"

    @property
    def is_done(self) -> bool:
        return self.done_at is not None
