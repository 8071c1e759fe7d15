"""What rests on studies: decisions on programmes, and policy questions with their searches and answers."""

from __future__ import annotations

from urllib.parse import unquote_plus

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from studies.models.evidence import Programme
from studies.models.study import Study
from studies.text.dates import format_short_date


class SeenUntil(models.Model):
    """Base of what depends on studies. Somebody has looked at their changes up to change `seen_no` of the bank."""

    seen_no = models.PositiveBigIntegerField(_("cambio del banco hasta el que se miró"), default=0, editable=False)

    class Meta:
        abstract = True


class RestsOnStudies(SeenUntil):
    """Base of decisions and policy questions, which name the studies that they rest on."""

    studies = models.ManyToManyField(
        Study, verbose_name=_("estudios en los que se apoya"), blank=True, related_name="%(class)ss_resting_on_it"
    )
    is_published = models.BooleanField(_("publicado"), default=False)

    class Meta:
        abstract = True


class Decision(RestsOnStudies):
    """A decision on a programme, with the document that states it."""

    programme = models.ForeignKey(
        Programme, verbose_name=_("programa"), on_delete=models.PROTECT, related_name="decisions"
    )
    decided_on = models.DateField(_("fecha de la decisión"))
    text_es = models.TextField(_("qué se decidió, en español"))
    text_en = models.TextField(_("qué se decidió, en inglés"), blank=True)
    document_title = models.CharField(_("nombre del documento"), max_length=300, blank=True)
    document_url = models.URLField(_("dirección del documento"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("decisión")
        verbose_name_plural = _("decisiones")
        ordering = ["-decided_on", "-id"]
        # Permissions on programmes cover the decisions on them.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~models.Q(text_es=""), name="decision_says_what"),
            models.CheckConstraint(
                condition=models.Q(is_published=False) | ~models.Q(document_url=""),
                name="decision_published_has_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{format_short_date(self.decided_on)}: {self.text_es[:100]}"


class PolicyQuestion(RestsOnStudies):
    """A question of a decision maker to the evidence, with the searches made for it and the answer."""

    slug = models.SlugField(_("identificador"), max_length=120, unique=True)
    question_es = models.TextField(_("pregunta en español"))
    question_en = models.TextField(_("pregunta en inglés"), blank=True)
    answer_es = models.TextField(_("respuesta en español"), blank=True)
    answer_en = models.TextField(_("respuesta en inglés"), blank=True)
    reviewed_by = models.CharField(_("quién la revisó"), max_length=300, blank=True)
    reviewed_on = models.DateField(_("fecha de la revisión"), null=True, blank=True)
    sources = models.JSONField(_("fuentes"), default=list, blank=True)
    programmes = models.ManyToManyField(
        Programme, verbose_name=_("programas que responden a ella"), blank=True, related_name="policy_questions"
    )

    class Meta:
        verbose_name = _("pregunta de política")
        verbose_name_plural = _("preguntas de política")
        ordering = ["-reviewed_on", "slug"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~models.Q(question_es=""), name="policyquestion_asks"),
            models.CheckConstraint(
                condition=models.Q(is_published=False)
                | (
                    ~models.Q(answer_es="")
                    & ~models.Q(reviewed_by="")
                    & models.Q(reviewed_on__isnull=False)
                    & ~models.Q(sources=[])
                ),
                name="policyquestion_published_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return (self.question_en if get_language() == "en" else "") or self.question_es

    def get_absolute_url(self) -> str:
        return reverse("question", args=[self.slug])


# It is in an index together with the criteria, and PostgreSQL limits the size of index rows.
LONGEST_PLACE = 600


class QuestionSearch(models.Model):
    """A search that was made for a question, and how many studies it found then.

    In the bank: the criteria of its list, counted at change `change_no` and vocabulary number `vocabulary_no`. Both are
    None in old rows, whose number a person typed. Elsewhere: `elsewhere` says where and how, and `found` was typed.
    """

    question = models.ForeignKey(PolicyQuestion, on_delete=models.CASCADE, related_name="searches")
    made_on = models.DateField(_("fecha"))
    criteria = models.TextField(_("criterios"), blank=True)
    elsewhere = models.CharField(_("dónde, si no en este banco"), max_length=LONGEST_PLACE, blank=True)
    found = models.PositiveIntegerField(_("estudios que halló"))
    change_no = models.PositiveBigIntegerField(_("cambio del banco"), null=True, editable=False)
    vocabulary_no = models.PositiveBigIntegerField(_("versión de los vocabularios"), null=True, editable=False)

    class Meta:
        verbose_name = _("búsqueda")
        verbose_name_plural = _("búsquedas")
        ordering = ["made_on", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["question", "made_on", "criteria", "elsewhere"],
                name="question_search_once_a_day",
                violation_error_message=_("Esta búsqueda ya está registrada ese día."),
            ),
            models.CheckConstraint(
                condition=models.Q(elsewhere="") | models.Q(criteria="", change_no__isnull=True),
                name="question_search_here_or_elsewhere",
            ),
        ]

    def __str__(self) -> str:
        asked = self.elsewhere or unquote_plus(self.criteria).replace("&", " & ")
        return f"{format_short_date(self.made_on)}: {asked}"
