"""Concepts of the thesaurus: the words, in two languages, that lead to a term or to one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError

from studies.admin.shared.words import WordsAdmin, check_slug, words_field
from studies.models import Concept
from studies.text.normalize import fold_text

if TYPE_CHECKING:
    _ConceptForm = forms.ModelForm[Concept]
else:
    _ConceptForm = forms.ModelForm

_WORD_FIELDS = ("words_es", "words_en", "words_typed")


class ConceptForm(_ConceptForm):
    """A concept, its words one a line."""

    words_es = words_field("Palabras en español")
    words_en = words_field("Palabras en inglés")
    words_typed = words_field(
        "Palabras que solo se reconocen", "Una por línea: llevan al concepto cuando se escriben, pero no se añaden.", 3
    )

    class Meta:
        model = Concept
        exclude = ()

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"])

    def clean(self) -> dict[str, Any]:
        """Refuse a word that is typed twice or leads to another concept."""
        data = super().clean() or {}
        typed = [(name, word) for name in _WORD_FIELDS for word in data.get(name) or ()]
        own: dict[tuple[str, str], str] = {}
        for name, word in typed:
            # A word may be both Spanish and English, but one that is only recognised has no language.
            side = name if name != "words_typed" else ""
            if (side, fold_text(word)) in own or (not side and any(fold_text(word) == held for _side, held in own)):
                self.add_error(name, f"«{word}» está dos veces: tildes y mayúsculas no cuentan.")
            own[side, fold_text(word)] = word
        if not data.get("is_ambiguous"):
            self._refuse_words_of_others(typed)
        return data

    def _refuse_words_of_others(self, typed: list[tuple[str, str]]) -> None:
        """Refuse a word that leads elsewhere already, unless one of both concepts says that it is ambiguous."""
        taken: dict[str, Concept] = {}
        for other in Concept.objects.exclude(pk=self.instance.pk).filter(is_ambiguous=False):
            taken |= {fold_text(word): other for name in _WORD_FIELDS for word in getattr(other, name)}
        for name, word in typed:
            if fold_text(word) in taken:
                self.add_error(
                    name,
                    f"«{word}» ya lleva al concepto «{taken[fold_text(word)]}». Quítela de uno de los dos, "
                    "o marque «ambiguo»: entonces se pregunta a quien busca cuál quiso decir.",
                )

    def clean_broader(self) -> Concept | None:
        """Refuse a broader concept that lies below this one."""
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

    def search_text(self, row: Concept) -> str:
        return " ".join([row.slug, *row.words_es, *row.words_en, *row.words_typed])

    @admin.display(description="Español")
    def spanish(self, concept: Concept) -> str:
        return ", ".join(concept.words_es[:6])

    @admin.display(description="Inglés")
    def english(self, concept: Concept) -> str:
        return ", ".join(concept.words_en[:6])
