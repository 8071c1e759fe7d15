"""Concepts of the thesaurus, programmes and evaluations. Their names and words are what the search reads (I2)."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from studies.admin.shared.base import BankAdmin, ChosenByWords, user_of
from studies.admin.shared.fields import Lines
from studies.learning.programmes import all_kin, ancestors
from studies.models import Concept, Evaluation, EvaluationStudy, Programme, ProgrammeStudy, Study
from studies.store.changes import bank_change, vocabulary_change
from studies.text.identifiers import is_web_address
from studies.text.normalize import folded

if TYPE_CHECKING:
    from django.forms.models import BaseInlineFormSet

    _ConceptForm = forms.ModelForm[Concept]
    _ProgrammeForm = forms.ModelForm[Programme]
    _Inline = admin.TabularInline[Any, Any]
    _MembersSet = BaseInlineFormSet[Any, Any, Any]
else:
    from django.forms.models import BaseInlineFormSet

    _ConceptForm = _ProgrammeForm = forms.ModelForm
    _Inline = admin.TabularInline
    _MembersSet = BaseInlineFormSet

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class WordsAdmin(BankAdmin):
    """Rows whose names are words of the search: each save raises the number of the vocabularies."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        has_changed = not change or form.has_changed() or any(formset.has_changed() for formset in formsets)
        with vocabulary_change() if has_changed else nullcontext():
            super().save_related(request, form, formsets, change)


_WORD_FIELDS = ("words_es", "words_en", "words_typed")


def check_slug(slug: str) -> str:
    """Return a slug as it may stand in an address. Raises ValidationError."""
    if not _SLUG.fullmatch(slug):
        raise ValidationError("Use solo minúsculas sin tilde, cifras y guiones sueltos.")
    return slug


def check_addresses(addresses: list[str]) -> list[str]:
    """Return addresses of the web. Raises ValidationError for the first that is none."""
    if wrong := [address for address in addresses if not is_web_address(address)]:
        raise ValidationError("No es una dirección completa de la web: %(wrong)s", params={"wrong": wrong[0]})
    return addresses


def _words(label: str, help_text: str = "Una por línea.", rows: int = 6) -> Lines:
    return Lines(
        label=label,
        required=False,
        max_length=10_000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "cols": 60}),
    )


class ConceptForm(_ConceptForm):
    """A concept, its words one a line."""

    words_es = _words("Palabras en español")
    words_en = _words("Palabras en inglés")
    words_typed = _words(
        "Palabras que solo se reconocen", "Una por línea: llevan al concepto cuando se escriben, pero no se añaden.", 3
    )

    class Meta:
        model = Concept
        exclude = ()

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = [(name, word) for name in _WORD_FIELDS for word in data.get(name) or ()]
        own: dict[tuple[str, str], str] = {}
        for name, word in typed:
            # One word may be both Spanish and English; what is only recognised needs no second place.
            side = name if name != "words_typed" else ""
            if (side, folded(word)) in own or (not side and any(folded(word) == held for _side, held in own)):
                self.add_error(name, f"«{word}» está dos veces: tildes y mayúsculas no cuentan.")
            own[side, folded(word)] = word
        if not data.get("is_ambiguous"):
            self._refuse_words_of_others(typed)
        return data

    def _refuse_words_of_others(self, typed: list[tuple[str, str]]) -> None:
        """Refuse a word that leads elsewhere already, unless one of both concepts says that it is ambiguous."""
        taken: dict[str, Concept] = {}
        for other in Concept.objects.exclude(pk=self.instance.pk).filter(is_ambiguous=False):
            taken |= {folded(word): other for name in _WORD_FIELDS for word in getattr(other, name)}
        for name, word in typed:
            if folded(word) in taken:
                self.add_error(
                    name,
                    f"«{word}» ya lleva al concepto «{taken[folded(word)]}». Quítela de uno de los dos, "
                    "o marque «ambiguo»: entonces se pregunta a quien busca cuál quiso decir.",
                )

    def clean_broader(self) -> Concept | None:
        broader: Concept | None = self.cleaned_data["broader"]
        above = broader
        while above is not None:
            if above.pk == self.instance.pk:
                raise ValidationError("Así el concepto estaría dentro de sí mismo.")
            above = above.broader
        return broader


@admin.register(Concept)
class ConceptAdmin(WordsAdmin):
    """The thesaurus."""

    form = ConceptForm
    list_display = ("slug", "spanish", "english", "broader", "expand")
    list_select_related = ("broader",)
    autocomplete_fields = ("terms", "broader")
    fields = (
        "slug",
        "words_es",
        "words_en",
        "words_typed",
        "terms",
        "broader",
        "expand",
        "only_in_capitals",
        "is_ambiguous",
        "note",
    )
    search_help_text = "Concepto o cualquiera de sus palabras."

    def words_of(self, row: Concept) -> str:
        return " ".join([row.slug, *row.words_es, *row.words_en, *row.words_typed])

    @admin.display(description="Español")
    def spanish(self, concept: Concept) -> str:
        return ", ".join(concept.words_es[:6])

    @admin.display(description="Inglés")
    def english(self, concept: Concept) -> str:
        return ", ".join(concept.words_en[:6])


class ProgrammeForm(_ProgrammeForm):
    """A programme, its other names and sources one a line."""

    aliases = _words("Otros nombres y siglas", rows=3)
    sources = _words("Fuentes", "Una dirección por línea.", 3)

    class Meta:
        model = Programme
        exclude = ("studies",)
        help_texts = {
            "name": "En su propio idioma: es el que llevan los estudios. Cambiarlo deja una revisión en cada uno.",
            "rests_on": "Otros que los suyos: lo que se sabía al diseñarlo. Se muestran los publicados.",
            "question_es": "Una oración entre signos de interrogación.",
            "is_published": "Sin esto no tiene página. Publicado, necesita al menos una fuente.",
            "description_es": "De 40 a 80 palabras propias. Una línea vacía separa párrafos; se admite HTML simple.",
        }

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"])

    def clean_sources(self) -> list[str]:
        return check_addresses(self.cleaned_data["sources"])

    def clean_aliases(self) -> list[str]:
        aliases: list[str] = self.cleaned_data["aliases"]
        taken = {alias.casefold() for other in self._others() for alias in other.aliases}
        if wrong := [alias for alias in aliases if alias.casefold() in taken]:
            raise ValidationError("Otro programa ya tiene este nombre: %(wrong)s", params={"wrong": wrong[0]})
        return aliases

    def clean_adapted_from(self) -> Programme | None:
        origin: Programme | None = self.cleaned_data["adapted_from"]
        if origin is not None and self.instance.pk is not None:
            line = ancestors(origin.pk, all_kin())
            if self.instance.pk in {origin.pk, *(each.id for each in line)}:
                raise ValidationError("Así el programa se adaptaría de sí mismo.")
        return origin

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("is_published") and "sources" in data and not data["sources"]:
            self.add_error("sources", "Un programa publicado necesita al menos una fuente.")
        return data

    def _others(self) -> QuerySet[Programme]:
        return Programme.objects.exclude(pk=self.instance.pk)


class Members(ChosenByWords, _Inline):
    """Studies of a programme or an evaluation: part of it, so that whoever may change it may change them."""

    autocomplete_fields: ClassVar[tuple[str, ...]] = ("study",)
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self._parent_allows("view", request) or self._parent_allows("change", request)

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self._parent_allows("add" if obj is None else "change", request)

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self._parent_allows("change", request)

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self._parent_allows("change", request)

    def _parent_allows(self, verb: str, request: HttpRequest) -> bool:
        return user_of(request).has_perm(f"studies.{verb}_{self.parent_model._meta.model_name}")


class ProgrammeStudies(Members):
    model = ProgrammeStudy
    verbose_name = "estudio del programa"
    verbose_name_plural = "estudios del programa, en su orden"


@admin.register(Programme)
class ProgrammeAdmin(WordsAdmin):
    """What organisations run."""

    form = ProgrammeForm
    inlines = (ProgrammeStudies,)
    list_display = ("name", "name_es", "organisation", "stage", "is_published")
    autocomplete_fields = ("countries", "themes", "adapted_from", "rests_on")
    fields = (
        "is_published",
        "slug",
        "name",
        ("name_es", "name_en"),
        "aliases",
        "organisation",
        "countries",
        "themes",
        "stage",
        ("question_es", "question_en"),
        "registration",
        "expected_results",
        "adapted_from",
        "rests_on",
        "description_es",
        "description_en",
        "sources",
        "questions_answered",
        "decisions",
    )
    search_help_text = "Nombre, sigla u organización."

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "questions_answered", "decisions")

    @admin.display(description="Preguntas de política a las que responde")
    def questions_answered(self, programme: Programme) -> str:
        """List them, with the way to record more."""
        return _listed(programme, programme.policy_questions, "programmes", "Registrar una pregunta")

    @admin.display(description="Decisiones")
    def decisions(self, programme: Programme) -> str:
        """List what was decided, with the way to record more."""
        return _listed(programme, programme.decisions, "programme", "Registrar una decisión")

    def words_of(self, row: Programme) -> str:
        return " ".join([row.name, row.name_es, row.name_en, row.organisation, row.slug, *row.aliases])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and "name" in form.changed_data:
            note = f"El programa «{form.initial['name']}» se llama ahora «{form.instance.name}»."
            with bank_change(by=user_of(request), note=note) as bank:
                for study in _carriers(form.instance):
                    bank.touch(study)

    def save_model(self, request: HttpRequest, obj: Programme, form: Any, change: bool) -> None:
        # The studies first, then the counter, as in every change: two that lock them in turn would wait for each other.
        if change:
            list(_carriers(obj).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        super().save_model(request, obj, form, change)


class EvaluationMembers(_MembersSet):
    """The studies of an evaluation. A study belongs to one trial at most, and to any number of data sets."""

    def clean(self) -> None:
        super().clean()
        if self.instance.kind != Evaluation.Kind.TRIAL:
            return
        for form in self.forms:
            study = form.cleaned_data.get("study") if form.is_valid() else None
            if study is None or form.cleaned_data.get("DELETE"):
                continue
            trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL, studies=study).exclude(pk=self.instance.pk)
            if other := trials.first():
                form.add_error("study", f"Este estudio ya es de «{other}», y un estudio es de un solo ensayo.")


class EvaluationStudies(Members):
    model = EvaluationStudy
    formset = EvaluationMembers
    verbose_name = "estudio que informa de la evaluación"
    verbose_name_plural = "estudios que informan de la evaluación, el principal primero"


@admin.register(Evaluation)
class EvaluationAdmin(WordsAdmin):
    """Trials that count once, and data sets."""

    inlines = (EvaluationStudies,)
    list_display = ("name_es", "kind", "programme")
    list_select_related = ("programme",)
    autocomplete_fields = ("programme",)
    fields = ("slug", "kind", ("name_es", "name_en"), "programme", "registration")
    search_help_text = "Nombre o registro."

    def words_of(self, row: Evaluation) -> str:
        return f"{row.name_es} {row.name_en} {row.registration} {row.slug}"


def _listed(programme: Programme, rows: Any, field: str, record: str) -> str:
    """Write rows that name a programme in `field`, each with its form, and the way to `record` one more."""
    if not programme.pk:
        return "Se registran cuando el programa está guardado."
    name = rows.model._meta.model_name
    links = [(reverse(f"admin:studies_{name}_change", args=[row.pk]), row) for row in rows.all()]
    listed = format_html_join("", '<li><a href="{}">{}</a></li>', links)
    address = f"{reverse(f'admin:studies_{name}_add')}?{field}={programme.pk}"
    return format_html('<ul>{}</ul><a href="{}">{}</a>', listed, address, record)


def _carriers(programme: Programme) -> QuerySet[Study]:
    return Study.objects.filter(programme=programme)
