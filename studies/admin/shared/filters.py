"""The filters beside the list of studies. A value that is not offered is ignored."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from studies.health import conditions, link_checker
from studies.models import LinkCheck, Proposal, Stage, Study, Vocabulary
from studies.store import vocabularies

CONDITION_LABELS = {
    "no-summary": "sin resumen en español",
    "no-summary-en": "sin resumen en inglés",
    "no-title-es": "sin título en español",
    "no-title-en": "sin título en inglés",
    "no-key-finding": "sin hallazgo principal en español",
    "no-source": "sin fuente",
    "no-role": "con una intervención cuyo papel nadie ha elegido",
    "not-appraised": "publicados sin evaluación de calidad",
    "dead-link": "con un enlace muerto",
    "doubtful-numbers": "con números por comprobar",
    "about-not-tested": "con un hallazgo sobre una intervención que no ponen a prueba",
    "violence-without-finding": "que midieron violencia, sin hallazgo ni nota que diga por qué",
    "trial-without-intervention": "con asignación al azar y sin intervención",
    "trial-without-country": "con asignación al azar y sin país",
    "rank-word": "con palabras de rango, como «el primer estudio» o «el más citado»",
    "summary-length": "con un resumen de menos de 50 o de más de 140 palabras",
    "delivery-long": "con más de 50 palabras sobre cómo se dio el programa",
    "full-stop": "con punto final en el hallazgo principal",
    "copy-as-main-link": "cuya dirección lleva a una copia en un sitio donde se comparten documentos",
    "example-source": "con un DOI o una dirección de ejemplo",
    "doi-comma": "con una coma en el DOI",
    "pages-prefix": "con «p.» o «pp.» en las páginas",
    "sample-without-unit": "con tamaño de la muestra y sin unidad",
    "trial-not-listed": "con un hallazgo de un ensayo que no los tiene entre sus estudios",
    "old-check": "por comprobar de nuevo con sus fuentes",
}
"""The conditions of `health.CONDITIONS`, in words."""


class _ListFilter(admin.SimpleListFilter):
    """Filters by one of the values that `lookups` gives."""

    template = "admin/folded_filter.html"

    def chosen(self) -> str | None:
        """Return the value that the query chooses; None where it is none of those offered."""
        value = self.value()
        return value if value in {str(key) for key, _label in self.lookup_choices} else None


class StageFilter(_ListFilter):
    title = "etapa"
    template = "admin/filter.html"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(stage.value, str(stage.label)) for stage in Stage]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Study]) -> QuerySet[Study]:
        chosen = self.chosen()
        return queryset.filter(stage=chosen) if chosen else queryset


class HealthFilter(_ListFilter):
    """Studies that need work; the page of the bank's health links here."""

    title = "pendiente"
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(CONDITION_LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Study]) -> QuerySet[Study]:
        chosen = self.chosen()
        return conditions.filter_by_condition(queryset, chosen) if chosen else queryset


class LinkAnswerFilter(_ListFilter):
    title = "respuesta"
    template = "admin/filter.html"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("broken", "muertos"), *((state.value, str(state.label)) for state in LinkCheck.State)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LinkCheck]) -> QuerySet[LinkCheck]:
        chosen = self.chosen()
        if chosen == "broken":
            return queryset.filter(link_checker.dead_link_condition())
        return queryset.filter(state=chosen) if chosen else queryset


class ChangedByMeFilter(_ListFilter):
    title = "persona"
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "los que yo he cambiado")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Study]) -> QuerySet[Study]:
        if not self.chosen():
            return queryset
        return queryset.filter(pk__in=Study.objects.filter(revisions__by=request.user.pk).values("pk"))


class PublicationYearFilter(_ListFilter):
    title = "año"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        years = Study.objects.filter(year__isnull=False).order_by("-year").values_list("year", flat=True).distinct()
        return [("none", "sin año"), *((str(year), str(year)) for year in years)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Study]) -> QuerySet[Study]:
        chosen = self.chosen()
        if not chosen:
            return queryset
        return queryset.filter(year__isnull=True) if chosen == "none" else queryset.filter(year=int(chosen))


class ProgrammeFilter(_ListFilter):
    title = "programa"
    parameter_name = "programme"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(programme.slug, programme.name) for programme in vocabularies.current().programmes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Study]) -> QuerySet[Study]:
        chosen = self.chosen()
        return queryset.filter(programme__slug=chosen) if chosen else queryset


class _TermFilter(_ListFilter):
    """Filters by a term of `vocabulary`, in the column `column` or among the terms that a study carries."""

    vocabulary: Vocabulary
    column = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(term.code, term.es) for term in vocabularies.current().terms(self.vocabulary)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Study]) -> QuerySet[Study]:
        chosen = self.chosen()
        if not chosen:
            return queryset
        term = vocabularies.current().term(self.vocabulary, chosen)
        if self.column:
            return queryset.filter(**{self.column: term.id})
        return queryset.filter(pk__in=Study.objects.filter(study_terms__term=term.id).values("pk"))


class ThemeFilter(_TermFilter):
    title = "tema"
    parameter_name = "theme"
    vocabulary = Vocabulary.THEMES


class DesignFilter(_TermFilter):
    title = "diseño"
    parameter_name = "design"
    vocabulary = Vocabulary.DESIGNS


class TypeFilter(_TermFilter):
    title = "tipo de publicación"
    parameter_name = "type"
    vocabulary = Vocabulary.TYPES
    column = "type"


class LanguageFilter(_TermFilter):
    title = "idioma"
    parameter_name = "language"
    vocabulary = Vocabulary.LANGUAGES
    column = "language"


class StatusFilter(_TermFilter):
    title = "estado del estudio"
    parameter_name = "status"
    vocabulary = Vocabulary.STATUSES
    column = "status"


class ProposalStateFilter(_ListFilter):
    title = "estado"
    template = "admin/filter.html"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "abiertas"), *((state.value, str(state.label)) for state in Proposal.State)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> QuerySet[Proposal]:
        chosen = self.chosen()
        if not chosen:
            return queryset
        return queryset.filter(state__in=Proposal.OPEN if chosen == "open" else [chosen])


class MyProposalsFilter(_ListFilter):
    title = "persona"
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "las mías")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Proposal]) -> QuerySet[Proposal]:
        return queryset.filter(author=request.user.pk) if self.chosen() else queryset


class VocabularyFilter(_ListFilter):
    title = "vocabulario"
    template = "admin/filter.html"
    parameter_name = "vocabulary"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(vocabulary.value, str(vocabulary.label)) for vocabulary in Vocabulary]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset.filter(vocabulary=chosen) if chosen else queryset


class RetiredFilter(_ListFilter):
    title = "vigencia"
    parameter_name = "retired"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "vigentes"), ("yes", "retirados o unidos a otro")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.chosen()
        return queryset.filter(is_retired=chosen == "yes") if chosen else queryset
