"""What one person writes and another reviews: conclusions, judgements of certainty, safety notes.

Each version is a row of its own. `studies.learning.reviewed_texts` moves them, `studies.learning.published_texts` reads
what the public sees.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from studies.models.learning import PolicyQuestion, SeenUntil
from studies.models.study import Study
from studies.models.vocabulary import Term


class ReviewedText(SeenUntil):
    """Base of one version of a text about a subject. Only a draft is changed; what was published is kept.

    `writers` are all who saved the draft, and none of them may publish it. The two names are as the page prints them.
    `saved_no` counts the saves, so that nobody publishes another text than the one they read.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("borrador")
        IN_REVIEW = "in-review", _("en revisión")
        PUBLISHED = "published", _("publicado")
        REPLACED = "replaced", _("reemplazado por otra versión")
        WITHDRAWN = "withdrawn", _("retirado")

    OPEN: ClassVar = (State.DRAFT, State.IN_REVIEW)
    SUBJECT: ClassVar[tuple[str, ...]] = ()
    """The fields that say what it is about. They never change."""

    state = models.CharField(_("etapa"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    version = models.PositiveSmallIntegerField(_("versión"), default=1, editable=False)
    writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("quiénes lo escribieron"), related_name="%(class)ss_written"
    )
    author_name = models.CharField(_("quién escribe, como se mostrará"), max_length=300)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("quién lo revisó"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    reviewer_name = models.CharField(_("quién revisa, como se mostrará"), max_length=300, blank=True, editable=False)
    reviewed_on = models.DateField(_("fecha de la revisión"), null=True, blank=True, editable=False)
    state_note = models.TextField(_("motivo de la devolución o del retiro"), blank=True, editable=False)
    saved_no = models.PositiveIntegerField(default=0, editable=False)
    saved_at = models.DateTimeField(_("última modificación"), auto_now=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="published")
                | (
                    models.Q(reviewed_by__isnull=False, reviewed_on__isnull=False)
                    & ~models.Q(author_name="")
                    & ~models.Q(reviewer_name="")
                ),
                name="%(class)s_published_is_reviewed",
            )
        ]

    def list_siblings(self) -> models.QuerySet[Self]:
        """Return the other versions of the same subject."""
        subject = {name: getattr(self, name) for name in self.SUBJECT}
        return type(self)._default_manager.filter(**subject).exclude(pk=self.pk)


def _once_per_subject(model: str, *fields: str) -> list[models.UniqueConstraint]:
    """Return the rules that a subject has one version under way and one published at most."""
    states = {"open": ("draft", "in-review"), "published": ("published",)}
    return [
        models.UniqueConstraint(
            fields=fields, condition=models.Q(state__in=values), name=f"{model}_one_{name}_{fields[0]}"
        )
        for name, values in states.items()
    ]


class Conclusion(ReviewedText):
    """What people conclude on an intervention, a theme or a policy question. It is its sentences."""

    SUBJECT = ("term", "question")
    MOST_SENTENCES = 5
    """The sentences of a conclusion are about three; from here on it is another kind of text."""

    term = models.ForeignKey(
        Term,
        verbose_name=_("intervención o tema"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="conclusions",
        limit_choices_to={"vocabulary__in": ("interventions", "themes"), "is_retired": False},
    )
    question = models.ForeignKey(
        PolicyQuestion,
        verbose_name=_("pregunta de política"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="conclusions",
    )

    class Meta:
        verbose_name = _("conclusión")
        verbose_name_plural = _("conclusiones")
        ordering = ["-saved_at", "-id"]
        default_permissions = ()
        constraints = [
            *ReviewedText.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(term__isnull=True, question__isnull=False)
                | models.Q(term__isnull=False, question__isnull=True),
                name="conclusion_has_one_subject",
            ),
            *_once_per_subject("conclusion", "term"),
            *_once_per_subject("conclusion", "question"),
        ]

    def __str__(self) -> str:
        return f"{self.term or self.question} ({self.version})"


class ConclusionSentence(models.Model):
    """A sentence of a conclusion, with the studies that support it."""

    conclusion = models.ForeignKey(Conclusion, on_delete=models.CASCADE, related_name="sentences")
    position = models.PositiveSmallIntegerField(_("orden"), default=0)
    text_es = models.TextField(_("oración en español"))
    text_en = models.TextField(_("oración en inglés"))
    studies = models.ManyToManyField(
        Study, verbose_name=_("estudios que la sustentan"), related_name="conclusion_sentences"
    )

    class Meta:
        verbose_name = _("oración")
        verbose_name_plural = _("oraciones")
        ordering = ["position", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(text_es="") & ~models.Q(text_en=""), name="conclusion_sentence_has_text"
            )
        ]

    def __str__(self) -> str:
        return self.text_es


GRADE_DOMAINS = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias", "other")
"""The domains of GRADE, and what raises certainty, such as a large effect: each has a reason in both languages."""


class CertaintyJudgement(ReviewedText):
    """How certain people are of the effect of an intervention on an outcome, in the words of GRADE.

    `comparison` is the kind of comparison that it speaks of, or empty for all. Reasons are free text by domain.
    """

    class Level(models.TextChoices):
        HIGH = "high", _("alta")
        MODERATE = "moderate", _("moderada")
        LOW = "low", _("baja")
        VERY_LOW = "very-low", _("muy baja")

    SUBJECT = ("intervention", "outcome", "comparison")

    intervention = models.ForeignKey(
        Term,
        verbose_name=_("intervención"),
        on_delete=models.PROTECT,
        related_name="certainty_judgements",
        limit_choices_to={"vocabulary": "interventions", "is_retired": False},
    )
    outcome = models.ForeignKey(
        Term,
        verbose_name=_("resultado"),
        on_delete=models.PROTECT,
        related_name="certainty_judgements_of_outcome",
        limit_choices_to={"vocabulary": "outcomes", "is_retired": False},
    )
    comparison = models.CharField(_("tipo de comparación"), max_length=40, blank=True)
    level = models.CharField(_("certeza"), max_length=10, choices=Level)
    risk_of_bias_es = models.TextField(_("riesgo de sesgo"), blank=True)
    risk_of_bias_en = models.TextField(_("riesgo de sesgo, en inglés"), blank=True)
    inconsistency_es = models.TextField(_("inconsistencia"), blank=True)
    inconsistency_en = models.TextField(_("inconsistencia, en inglés"), blank=True)
    indirectness_es = models.TextField(_("evidencia indirecta"), blank=True)
    indirectness_en = models.TextField(_("evidencia indirecta, en inglés"), blank=True)
    imprecision_es = models.TextField(_("imprecisión"), blank=True)
    imprecision_en = models.TextField(_("imprecisión, en inglés"), blank=True)
    publication_bias_es = models.TextField(_("sesgo de publicación"), blank=True)
    publication_bias_en = models.TextField(_("sesgo de publicación, en inglés"), blank=True)
    other_es = models.TextField(_("otras razones"), blank=True)
    other_en = models.TextField(_("otras razones, en inglés"), blank=True)
    studies = models.ManyToManyField(
        Study, verbose_name=_("estudios que se juzgaron"), related_name="certainty_judgements"
    )

    class Meta:
        verbose_name = _("juicio de certeza")
        verbose_name_plural = _("juicios de certeza")
        ordering = ["-saved_at", "-id"]
        default_permissions = ()
        constraints = [
            *ReviewedText.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(level__in=["high", "moderate", "low", "very-low"]), name="certainty_level_is_known"
            ),
            *_once_per_subject("certainty", "intervention", "outcome", "comparison"),
        ]

    def __str__(self) -> str:
        return f"{self.intervention}: {self.outcome} ({self.version})"

    def list_reasons(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return (domain, reason) of the domains of GRADE that have a reason in "es" or "en", in their order."""
        reasons = ((domain, getattr(self, f"{domain}_{language}")) for domain in GRADE_DOMAINS)
        return tuple((domain, reason) for domain, reason in reasons if reason)


class SafetyNote(ReviewedText):
    """What whoever carries out an intervention has to mind so that nobody is put at risk."""

    SUBJECT = ("intervention",)

    intervention = models.ForeignKey(
        Term,
        verbose_name=_("intervención"),
        on_delete=models.PROTECT,
        related_name="safety_notes",
        limit_choices_to={"vocabulary": "interventions", "is_retired": False},
    )
    text_es = models.TextField(_("nota en español"))
    text_en = models.TextField(_("nota en inglés"))
    studies = models.ManyToManyField(
        Study, verbose_name=_("estudios en los que se apoya"), blank=True, related_name="safety_notes"
    )

    class Meta:
        verbose_name = _("nota de seguridad")
        verbose_name_plural = _("notas de seguridad")
        ordering = ["-saved_at", "-id"]
        default_permissions = ()
        constraints = [
            *ReviewedText.Meta.constraints,
            models.CheckConstraint(condition=~models.Q(text_es="") & ~models.Q(text_en=""), name="safetynote_has_text"),
            *_once_per_subject("safetynote", "intervention"),
        ]

    def __str__(self) -> str:
        return f"{self.intervention} ({self.version})"
