"""A study, and the rows below it: terms, authors, findings, sources."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from studies.models.querysets import StudyQuerySet
from studies.models.vocabulary import Term


class Stage(models.TextChoices):
    """The stage of a record. Only `studies.curation.stages` moves a study from one to another."""

    DRAFT = "draft", _("borrador")
    IN_REVIEW = "in-review", _("en revisión")
    PUBLISHED = "published", _("publicado")
    WITHDRAWN = "withdrawn", _("retirado")
    MERGED = "merged", _("unido a otro")


class Study(models.Model):
    """One publication in the bank."""

    slug = models.SlugField(_("identificador"), max_length=120, unique=True)
    title = models.TextField(_("título original"))
    title_es = models.TextField(_("título en español"), blank=True)
    title_en = models.TextField(_("título en inglés"), blank=True)
    language = models.ForeignKey(
        Term,
        verbose_name=_("idioma"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="studies_in_language",
        limit_choices_to={"vocabulary": "languages", "is_retired": False},
    )
    editors = models.JSONField(_("editores"), default=list, db_default=[], blank=True)
    translators = models.JSONField(_("traductores"), default=list, db_default=[], blank=True)
    year = models.PositiveSmallIntegerField(_("año"), null=True, blank=True)
    month = models.PositiveSmallIntegerField(_("mes"), null=True, blank=True)
    day = models.PositiveSmallIntegerField(_("día"), null=True, blank=True)
    type = models.ForeignKey(
        Term,
        verbose_name=_("tipo de publicación"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="studies_of_type",
        limit_choices_to={"vocabulary": "types", "is_retired": False},
    )
    container_title = models.TextField(_("revista, libro o sitio"), blank=True)
    volume = models.CharField(_("volumen"), max_length=50, blank=True)
    issue = models.CharField(_("número de la revista"), max_length=50, blank=True)
    pages = models.CharField(_("páginas"), max_length=80, blank=True)
    publisher = models.TextField(_("editorial o institución"), blank=True)
    place = models.CharField(_("lugar de publicación"), max_length=200, blank=True, default="", db_default="")
    edition = models.CharField(_("edición"), max_length=80, blank=True, default="", db_default="")
    conference = models.CharField(_("congreso"), max_length=500, blank=True, default="", db_default="")
    number = models.CharField(_("número de la serie"), max_length=120, blank=True)
    issn = models.JSONField(_("ISSN"), default=list, db_default=[], blank=True)
    isbn = models.JSONField(_("ISBN"), default=list, db_default=[], blank=True)
    pmid = models.CharField(_("número en PubMed"), max_length=50, blank=True, default="", db_default="")
    doi = models.CharField(_("DOI"), max_length=250, null=True, blank=True)  # noqa: DJ001 -- unique where present
    url = models.URLField(_("dirección"), max_length=2000, blank=True)
    open_copy = models.URLField(_("copia que se lee sin pagar"), max_length=2000, blank=True, default="", db_default="")
    text_license = models.CharField(_("licencia del texto"), max_length=200, blank=True, default="", db_default="")
    open_access = models.BooleanField(_("acceso libre"), null=True, blank=True)
    status = models.ForeignKey(
        Term,
        verbose_name=_("estado del estudio"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="studies_of_status",
        limit_choices_to={"vocabulary": "statuses", "is_retired": False},
    )
    programme = models.ForeignKey(
        "studies.Programme",
        verbose_name=_("programa"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="named_by",
    )
    sample_size = models.PositiveBigIntegerField(_("tamaño de la muestra"), null=True, blank=True)
    sample_unit = models.ForeignKey(
        Term,
        verbose_name=_("unidad de la muestra"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="studies_by_sample_unit",
        limit_choices_to={"vocabulary": "sample_units", "is_retired": False},
    )
    period = models.CharField(_("periodo"), max_length=50, blank=True)
    key_finding_es = models.TextField(_("hallazgo principal en español"), blank=True)
    key_finding_en = models.TextField(_("hallazgo principal en inglés"), blank=True)
    summary_es = models.TextField(_("resumen en español"), blank=True)
    summary_en = models.TextField(_("resumen en inglés"), blank=True)
    registration = models.JSONField(_("registros del estudio"), default=list, blank=True)
    delivery_es = models.TextField(_("cómo se dio, en español"), blank=True)
    delivery_en = models.TextField(_("cómo se dio, en inglés"), blank=True)
    harms = models.ForeignKey(
        Term,
        verbose_name=_("daños"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="studies_with_harms",
        limit_choices_to={"vocabulary": "harms", "is_retired": False},
    )
    harms_es = models.TextField(_("qué daños, en español"), blank=True)
    harms_en = models.TextField(_("qué daños, en inglés"), blank=True)
    harms_about = models.ManyToManyField(
        Term,
        verbose_name=_("intervenciones a las que se deben los daños"),
        blank=True,
        related_name="studies_with_harms_about",
        limit_choices_to={"vocabulary": "interventions", "is_retired": False},
    )
    note_es = models.TextField(_("nota del banco en español"), blank=True)
    note_en = models.TextField(_("nota del banco en inglés"), blank=True)
    limitations_es = models.TextField(_("límites en español"), blank=True)
    limitations_en = models.TextField(_("límites en inglés"), blank=True)
    terms = models.ManyToManyField(Term, through="StudyTerm", through_fields=("study", "term"), related_name="studies")

    stage = models.CharField(_("etapa"), max_length=12, choices=Stage, default=Stage.DRAFT, editable=False)
    stage_note = models.TextField(_("motivo"), blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged", editable=False
    )
    published_at = models.DateTimeField(_("publicado por primera vez"), null=True, blank=True, editable=False)
    recheck_on = models.DateField(_("volver a comprobar el"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("creado"), auto_now_add=True)
    updated_at = models.DateTimeField(_("última modificación"), auto_now=True)
    # Written by `studies.store.changes` alone: the index reads what is above its own number (I2).
    changed_no = models.PositiveBigIntegerField(default=0, editable=False, db_index=True)
    # Written by `studies.store.exchange.study`, for searches without an index.
    folded = models.TextField(default="", editable=False)
    # The hash of the fixture that it was loaded from (R9), written by `fixtures` and `terms` of `studies.curation`.
    loaded_hash = models.CharField(max_length=32, blank=True, editable=False)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = _("estudio")
        verbose_name_plural = _("estudios")
        ordering = ["-year", "slug"]
        indexes = [
            models.Index(fields=["stage", "-year", "slug"], name="study_stage_year"),
            models.Index(fields=["stage", "recheck_on"], name="study_stage_recheck"),
        ]
        permissions = [
            ("review_study", _("Puede publicar y devolver estudios")),
            ("administer_study", _("Puede retirar y restablecer estudios publicados")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["doi"], name="study_doi_unique"),
            models.CheckConstraint(condition=~models.Q(slug="") & ~models.Q(title=""), name="study_has_slug_and_title"),
            models.CheckConstraint(
                condition=models.Q(doi__isnull=True) | models.Q(doi__startswith="10."), name="study_doi_is_bare"
            ),
            models.CheckConstraint(condition=models.Q(stage__in=Stage.values), name="study_stage_is_known"),
            models.CheckConstraint(
                condition=models.Q(sample_unit__isnull=True) | models.Q(sample_size__isnull=False),
                name="study_sample_unit_has_size",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage=Stage.PUBLISHED) | models.Q(year__isnull=False, published_at__isnull=False),
                name="study_published_is_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(stage=Stage.MERGED, merged_into__isnull=False)
                | (~models.Q(stage=Stage.MERGED) & models.Q(merged_into__isnull=True)),
                name="study_merged_has_target",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage=Stage.WITHDRAWN) | ~models.Q(stage_note=""), name="study_withdrawn_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title_es or self.title or self.slug

    def get_absolute_url(self) -> str:
        return reverse("study", args=[self.slug])

    def follow_merges(self) -> Study:
        """Return the study at the end of the chain of merges, or itself if it is not merged: a query a step."""
        study = self
        while study.merged_into is not None:
            study = study.merged_into
        return study


@receiver(pre_delete, sender=Study)
def _keep_what_was_public(instance: Study, **_signal: Any) -> None:
    """Refuse to delete a study once published, whoever asks (R3): the index would not notice it (I2)."""
    if instance.published_at is not None:
        raise models.ProtectedError("A study once published is never deleted, only withdrawn.", {instance})


class StudyTerm(models.Model):
    """A term that a study carries. `position` orders designs (main one first) and means nothing elsewhere.

    `role` is what the study does with an intervention; None of any other term, and of an intervention of which nobody
    has said it yet.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="study_terms")
    term = models.ForeignKey(Term, verbose_name=_("término"), on_delete=models.PROTECT, related_name="study_terms")
    role = models.ForeignKey(
        Term,
        verbose_name=_("papel en el estudio"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="study_terms_in_role",
        limit_choices_to={"vocabulary": "roles", "is_retired": False},
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["study", "term"], name="study_term_unique")]

    def __str__(self) -> str:
        return f"{self.study_id}: {self.term_id}"


class Authorship(models.Model):
    """One author of a study, a person or an institution, in published order."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="authorships")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    family = models.CharField(_("apellidos"), max_length=200, blank=True)
    given = models.CharField(_("nombres"), max_length=200, blank=True)
    non_dropping_particle = models.CharField(_("partícula antes del apellido"), max_length=50, blank=True)
    dropping_particle = models.CharField(_("partícula que se pospone"), max_length=50, blank=True)
    literal = models.CharField(_("institución"), max_length=500, blank=True)
    orcid = models.CharField(_("ORCID"), max_length=50, blank=True, default="", db_default="")
    ror = models.CharField(_("ROR"), max_length=50, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("autor o autora")
        verbose_name_plural = _("autores")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(~models.Q(family="") & models.Q(literal=""))
                | (
                    ~models.Q(literal="")
                    & models.Q(family="", given="", non_dropping_particle="", dropping_particle="")
                ),
                name="authorship_is_person_or_institution",
            ),
        ]

    def __str__(self) -> str:
        return self.literal or " ".join(filter(None, [self.given, self.non_dropping_particle, self.family]))


class Finding(models.Model):
    """One result of a study: outcome, effect, statement, numbers as the source states them.

    `about` are the interventions that it tests, if `is_about_all` does not say that it tests all the study evaluates.
    `trial` is the slug of an evaluation, which may be entered later than the study.
    """

    class HigherIs(models.TextChoices):
        BETTER = "better", _("mejor para las mujeres")
        WORSE = "worse", _("peor para las mujeres")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="findings")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    outcome = models.ForeignKey(
        Term,
        verbose_name=_("resultado medido"),
        on_delete=models.PROTECT,
        related_name="findings",
        limit_choices_to={"vocabulary": "outcomes", "is_retired": False},
    )
    effect = models.ForeignKey(
        Term,
        verbose_name=_("efecto"),
        on_delete=models.PROTECT,
        related_name="findings_with_effect",
        limit_choices_to={"vocabulary": "effects", "is_retired": False},
    )
    is_about_all = models.BooleanField(_("habla de todo lo que el estudio evalúa"), default=True)
    about = models.ManyToManyField(
        Term,
        verbose_name=_("intervenciones que pone a prueba"),
        blank=True,
        related_name="findings_about",
        limit_choices_to={"vocabulary": "interventions", "is_retired": False},
    )
    trial = models.SlugField(_("ensayo"), max_length=120, blank=True)
    arm_es = models.CharField(_("grupo con programa, en español"), max_length=300, blank=True)
    arm_en = models.CharField(_("grupo con programa, en inglés"), max_length=300, blank=True)
    subgroup_es = models.CharField(_("subgrupo en español"), max_length=300, blank=True)
    subgroup_en = models.CharField(_("subgrupo en inglés"), max_length=300, blank=True)
    comparator = models.ForeignKey(
        Term,
        verbose_name=_("qué recibió el otro grupo"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings_with_comparator",
        limit_choices_to={"vocabulary": "comparators", "is_retired": False},
    )
    comparator_es = models.CharField(_("el otro grupo, en español"), max_length=300, blank=True)
    comparator_en = models.CharField(_("el otro grupo, en inglés"), max_length=300, blank=True)
    reporter = models.ForeignKey(
        Term,
        verbose_name=_("quién dio el dato"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings_with_reporter",
        limit_choices_to={"vocabulary": "reporters", "is_retired": False},
    )
    inconclusive = models.BooleanField(_("no permite saberlo"), null=True, blank=True)
    primary = models.BooleanField(_("resultado principal"), null=True, blank=True)
    statement_es = models.TextField(_("hallazgo en español"), blank=True)
    statement_en = models.TextField(_("hallazgo en inglés"), blank=True)
    measure = models.ForeignKey(
        Term,
        verbose_name=_("medida"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings_with_measure",
        limit_choices_to={"vocabulary": "measures", "is_retired": False},
    )
    unit = models.ForeignKey(
        Term,
        verbose_name=_("unidad"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings_in_unit",
        limit_choices_to={"vocabulary": "units", "is_retired": False},
    )
    value = models.FloatField(_("valor"), null=True, blank=True)
    ci_low = models.FloatField(_("límite inferior del intervalo"), null=True, blank=True)
    ci_high = models.FloatField(_("límite superior del intervalo"), null=True, blank=True)
    ci_level = models.FloatField(_("nivel del intervalo (%)"), null=True, blank=True)
    p = models.FloatField(_("valor p"), null=True, blank=True)
    p_below = models.FloatField(_("valor p menor que"), null=True, blank=True)
    se = models.FloatField(_("error estándar"), null=True, blank=True)
    adjusted = models.BooleanField(_("estimación ajustada"), null=True, blank=True)
    higher_is = models.CharField(_("un valor más alto es"), max_length=6, choices=HigherIs, blank=True)
    n = models.PositiveBigIntegerField(_("personas o unidades analizadas"), null=True, blank=True)
    arms = models.JSONField(_("datos por grupo"), default=list, blank=True)
    follow_up = models.CharField(_("seguimiento"), max_length=50, blank=True)
    follow_up_months = models.FloatField(_("seguimiento en meses"), null=True, blank=True)

    class Meta:
        verbose_name = _("hallazgo")
        verbose_name_plural = _("hallazgos")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(p__isnull=True) | models.Q(p__gte=0, p__lte=1), name="finding_p_is_probability"
            ),
            models.CheckConstraint(
                condition=models.Q(ci_low__isnull=True)
                | models.Q(ci_high__isnull=True)
                | models.Q(ci_low__lte=models.F("ci_high")),
                name="finding_interval_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(p_below__isnull=True) | models.Q(p_below__gt=0, p_below__lte=1, p__isnull=True),
                name="finding_p_below_stands_alone",
            ),
            models.CheckConstraint(
                condition=models.Q(se__isnull=True) | models.Q(se__gt=0), name="finding_se_is_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(higher_is__in=["", "better", "worse"]), name="finding_higher_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.statement_es[:80] or f"{self.outcome}: {self.effect}"


class Cost(models.Model):
    """A cost as the source states it."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="costs")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    amount = models.FloatField(_("monto"))
    currency = models.CharField(_("moneda (ISO 4217)"), max_length=3)
    year = models.PositiveSmallIntegerField(_("año de los precios"), null=True, blank=True)
    per = models.CharField(_("por"), max_length=200, blank=True)
    statement_es = models.TextField(_("costo en una frase, en español"), blank=True)
    statement_en = models.TextField(_("costo en una frase, en inglés"), blank=True)

    class Meta:
        verbose_name = _("costo")
        verbose_name_plural = _("costos")
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(currency=""), name="cost_has_currency")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Inclusion(models.Model):
    """A study of the bank that a review says it includes, by its slug: it may be entered later than the review."""

    review = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="inclusions")
    slug = models.SlugField(_("identificador del estudio incluido"), max_length=120)

    class Meta:
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["review", "slug"], name="inclusion_unique")]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.slug}"


class Source(models.Model):
    """A public page that the record is based on, and which of its parts it supports."""

    class Supports(models.TextChoices):
        BIBLIOGRAPHY = "bibliography", _("bibliografía")
        FINDINGS = "findings", _("hallazgos")
        DESIGN = "design", _("diseño")
        LIMITATIONS = "limitations", _("límites")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    url = models.URLField(_("dirección"), max_length=2000)
    supports = models.JSONField(_("sustenta"), default=list, blank=True)

    class Meta:
        verbose_name = _("fuente")
        verbose_name_plural = _("fuentes")
        ordering = ["position", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(url=""), name="source_has_url")]

    def __str__(self) -> str:
        return self.url
