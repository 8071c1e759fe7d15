"""Controlled vocabularies and the thesaurus. Codes are for storage and addresses, labels for people."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Vocabulary(models.TextChoices):
    """The vocabularies, named as in the exchange format."""

    THEMES = "themes", _("Temas")
    INTERVENTIONS = "interventions", _("Intervenciones")
    ROLES = "roles", _("Papeles de una intervención")
    EXPOSURES = "exposures", _("Factores estudiados (exposiciones)")
    DATA_SOURCES = "data_sources", _("Fuentes de datos")
    OUTCOME_GROUPS = "outcome_groups", _("Grupos de resultados")
    OUTCOMES = "outcomes", _("Resultados medidos")
    DESIGN_FAMILIES = "design_families", _("Familias de diseños")
    DESIGNS = "designs", _("Diseños")
    POPULATIONS = "populations", _("Poblaciones")
    SETTINGS = "settings", _("Ámbitos")
    EFFECTS = "effects", _("Efectos")
    COMPARATORS = "comparators", _("Comparadores")
    REPORTERS = "reporters", _("Quién dio el dato")
    HARMS = "harms", _("Daños")
    RISK_OF_BIAS = "risk_of_bias", _("Riesgo de sesgo")
    STATUSES = "statuses", _("Estados del estudio")
    TYPES = "types", _("Tipos de publicación")
    LANGUAGES = "languages", _("Idiomas de publicación")
    MEASURES = "measures", _("Medidas")
    UNITS = "units", _("Unidades")
    SAMPLE_UNITS = "sample_units", _("Unidades de la muestra")
    REGIONS = "regions", _("Regiones")
    COUNTRIES = "countries", _("Países")


PARENT_OF = {
    Vocabulary.INTERVENTIONS: Vocabulary.THEMES,
    Vocabulary.OUTCOMES: Vocabulary.OUTCOME_GROUPS,
    Vocabulary.DESIGNS: Vocabulary.DESIGN_FAMILIES,
    Vocabulary.COUNTRIES: Vocabulary.REGIONS,
}
"""The vocabulary of the parents: each term of the left one has a parent in the right one."""


class Term(models.Model):
    """A term of a vocabulary. Its code is never changed or reused (R4), so rows are never deleted."""

    vocabulary = models.CharField(_("vocabulario"), max_length=20, choices=Vocabulary)
    code = models.CharField(_("código"), max_length=80)
    label_es = models.CharField(_("nombre en español"), max_length=200)
    label_en = models.CharField(_("nombre en inglés"), max_length=200)
    definition_es = models.TextField(_("definición en español"), blank=True)
    definition_en = models.TextField(_("definición en inglés"), blank=True)
    coding_es = models.TextField(_("nota para quien codifica, en español"), blank=True)
    coding_en = models.TextField(_("nota para quien codifica, en inglés"), blank=True)
    position = models.PositiveIntegerField(_("orden"), default=0)
    parent = models.ForeignKey(
        "self", verbose_name=_("dentro de"), on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    merged_into = models.ForeignKey(
        "self", verbose_name=_("unido a"), on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    is_retired = models.BooleanField(_("retirado"), default=False)
    attributes = models.JSONField(_("otros datos"), default=dict, blank=True)
    loaded_hash = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("término")
        verbose_name_plural = _("términos")
        ordering = ["vocabulary", "position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["vocabulary", "code"], name="term_code_unique"),
            models.CheckConstraint(condition=~models.Q(code=""), name="term_has_code"),
            models.CheckConstraint(condition=~models.Q(label_es="") & ~models.Q(label_en=""), name="term_has_labels"),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(is_retired=True), name="term_merged_is_retired"
            ),
        ]

    def __str__(self) -> str:
        return self.label_en if get_language() == "en" else self.label_es


@receiver(pre_delete, sender=Term)
def _keep_its_code(instance: Term, **_signal: Any) -> None:
    """Refuse to delete a term, whoever asks (R4): its code could be reused with another meaning."""
    raise models.ProtectedError("A term is never deleted, only retired or merged into another.", {instance})


class Concept(models.Model):
    """A concept of the thesaurus: the words, in two languages, that lead to terms or to one another."""

    class Expand(models.TextChoices):
        YES = "yes", _("Sus palabras y las de todos los conceptos más específicos")
        ONE_LEVEL = "one-level", _("Sus palabras y las de los conceptos del nivel siguiente")
        OWN_WORDS_ONLY = "own-words-only", _("Solo sus palabras")
        NO = "no", _("Nada")

    slug = models.SlugField(_("concepto"), max_length=80, unique=True)
    terms = models.ManyToManyField(Term, verbose_name=_("términos"), blank=True, related_name="concepts")
    words_es = models.JSONField(_("palabras en español"), default=list, blank=True)
    words_en = models.JSONField(_("palabras en inglés"), default=list, blank=True)
    words_typed = models.JSONField(_("palabras que solo se reconocen"), default=list, blank=True)
    broader = models.ForeignKey(
        "self", verbose_name=_("más general"), on_delete=models.PROTECT, null=True, blank=True, related_name="narrower"
    )
    expand = models.CharField(_("qué añade"), max_length=20, choices=Expand, default=Expand.YES)
    only_in_capitals = models.BooleanField(_("siglas solo en mayúsculas"), default=False)
    is_ambiguous = models.BooleanField(_("ambiguo"), default=False)
    note = models.TextField(_("nota"), blank=True)
    loaded_hash = models.CharField(max_length=32, blank=True, editable=False)

    class Meta:
        verbose_name = _("concepto del tesauro")
        verbose_name_plural = _("conceptos del tesauro")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(broader__isnull=True) | ~models.Q(broader=models.F("id")),
                name="concept_not_broader_than_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.slug
