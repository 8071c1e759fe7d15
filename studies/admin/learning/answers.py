"""What people say in answers: conclusions, judgements of certainty and safety notes, each with its own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from studies.admin.learning.decisions import FEW_LINES, refuse_unpublished
from studies.admin.learning.reviewed_texts import ReviewedTextAdmin, ReviewedTextForm
from studies.admin.shared.fields import limit_texts
from studies.admin.shared.words import ParentPermissionsInline
from studies.curation.roles import CHANGE_STUDY
from studies.learning import reviewed_texts
from studies.models import GRADE_DOMAINS, CertaintyJudgement, Conclusion, ConclusionSentence, SafetyNote
from studies.synthesis.comparators import COMPARATOR_KINDS, KIND_BY_CODE

if TYPE_CHECKING:
    _SentenceForm = forms.ModelForm[ConclusionSentence]
    _SentencesSet = BaseInlineFormSet[ConclusionSentence, Conclusion, Any]
else:
    _SentenceForm = forms.ModelForm
    _SentencesSet = BaseInlineFormSet

LONGEST_SENTENCE = 600
LONGEST_REASON = 1_000
LONGEST_NOTE = 1_500
CITED = "Los que la sustentan, publicados. Si uno cambia o se retira después, la página dirá «Por revisar»."


class SentenceForm(_SentenceForm):
    """A sentence in both languages, with its studies."""

    position = forms.IntegerField(
        label="Orden", initial=0, min_value=0, max_value=99, help_text="Se leen de menor a mayor."
    )

    class Meta:
        model = ConclusionSentence
        exclude = ()
        widgets = dict.fromkeys(("text_es", "text_en"), FEW_LINES)
        help_texts = {"studies": CITED}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        limit_texts(self, LONGEST_SENTENCE)

    def clean_studies(self) -> Any:
        return refuse_unpublished(self)


class SentencesFormSet(_SentencesSet):
    """The sentences of a conclusion: about three."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        if sum(not form.cleaned_data.get("DELETE") for form in kept if form.is_valid()) > Conclusion.MOST_SENTENCES:
            raise forms.ValidationError(f"Una conclusión tiene hasta {Conclusion.MOST_SENTENCES} oraciones.")


class SentencesInline(ParentPermissionsInline):
    """The sentences of a conclusion, which change only while it is a draft."""

    model = ConclusionSentence
    form = SentenceForm
    formset = SentencesFormSet
    # As a table it would be wider than the page.
    template = "admin/edit_inline/stacked.html"
    autocomplete_fields = ("studies",)
    fields = ("position", ("text_es", "text_en"), "studies")
    verbose_name_plural = "oraciones, unas tres, cada una con los estudios que la sustentan"

    def get_extra(self, request: HttpRequest, obj: Any | None = None, **options: Any) -> int:
        """Offer a new conclusion the three sentences that it is to have."""
        return 1 if obj else 3

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return request.user.has_perm(CHANGE_STUDY)

    def has_add_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        if obj is None:
            return request.user.has_perm(CHANGE_STUDY)
        return request.user.is_authenticated and reviewed_texts.may_write(obj, request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return self.has_change_permission(request, obj)


class ConclusionForm(ReviewedTextForm):
    """A conclusion: on what, and by whom. Its sentences are below."""

    class Meta:
        model = Conclusion
        exclude = ("writers",)
        help_texts = {
            "term": "Una intervención o un tema. Déjelo vacío si es sobre una pregunta de política.",
            "question": "Déjelo vacío si es sobre una intervención o un tema.",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance.pk is None and bool(data.get("term")) == bool(data.get("question")):
            raise forms.ValidationError("Elija una intervención o un tema, o bien una pregunta de política.")
        return data


@admin.register(Conclusion)
class ConclusionAdmin(ReviewedTextAdmin):
    """Conclusions."""

    form = ConclusionForm
    inlines = (SentencesInline,)
    fields = (("term", "question"), "author_name")
    list_select_related = ("term", "question")
    search_help_text = "De qué trata, o una oración."

    def search_text(self, row: Conclusion) -> str:
        return " ".join(
            [str(row), row.author_name, *(f"{sentence.text_es} {sentence.text_en}" for sentence in row.sentences.all())]
        )


ANY_COMPARISON = "cualquier comparación"
LEVELS = (
    "Alta: mucha confianza en que el efecto verdadero está cerca del estimado. "
    "Moderada: es probable que esté cerca, pero puede ser bastante distinto. "
    "Baja: la confianza es limitada, el verdadero puede ser bastante distinto. "
    "Muy baja: muy poca confianza, es probable que sea bastante distinto."
)
DOMAINS = {
    "risk_of_bias": "Fallas de los estudios: cómo se asignó, a quiénes se perdió, cómo se midió, qué no se informó.",
    "inconsistency": "Los estudios difieren entre sí más de lo que explica el azar.",
    "indirectness": "Las personas, el programa, la comparación o el resultado no son los de la pregunta.",
    "imprecision": "Hay pocas personas, o el intervalo incluye efectos que llevarían a decidir distinto.",
    "publication_bias": "Cabe pensar que faltan estudios sin efecto o con daño.",
    "other": "Lo que sube la certeza, como un efecto muy grande.",
}
"""What each domain of GRADE asks, in our own words."""


class CertaintyForm(ReviewedTextForm):
    """A judgement of certainty: of what, the word, and the reasons by domain."""

    longest_text = LONGEST_REASON

    comparison = forms.ChoiceField(
        label="Frente a qué",
        required=False,
        choices=[("", ANY_COMPARISON), *((kind.code, kind.name) for kind in COMPARATOR_KINDS)],
        help_text="El juicio vale solo para las evaluaciones con este tipo de comparación.",
    )

    class Meta:
        model = CertaintyJudgement
        exclude = ("writers",)
        widgets = {
            f"{domain}_{language}": forms.Textarea(attrs={"rows": 2, "cols": 60})
            for domain in GRADE_DOMAINS
            for language in ("es", "en")
        }
        help_texts = {
            "level": LEVELS,
            "studies": "Todos los que se tuvieron en cuenta. Si uno cambia después, la página dirá «Por revisar».",
            **{f"{domain}_es": text for domain, text in DOMAINS.items()},
        }

    def clean_studies(self) -> Any:
        return refuse_unpublished(self)


@admin.register(CertaintyJudgement)
class CertaintyAdmin(ReviewedTextAdmin):
    """Judgements of certainty."""

    form = CertaintyForm
    autocomplete_fields = ("studies",)
    fields = (
        ("intervention", "outcome"),
        "comparison",
        "level",
        *((f"{domain}_es", f"{domain}_en") for domain in GRADE_DOMAINS),
        "studies",
        "author_name",
    )
    list_select_related = ("intervention", "outcome")
    search_help_text = "Intervención o resultado."

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> list[Any]:
        """Name the kind of comparison in words once it is chosen: none means any, and not that it is unknown."""
        return ["compared_with" if obj and name == "comparison" else name for name in self.fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "compared_with")

    @admin.display(description="frente a qué")
    def compared_with(self, row: CertaintyJudgement) -> str:
        """Return the name of the kind of comparison."""
        kind = KIND_BY_CODE.get(row.comparison)
        return kind.name if kind else row.comparison or ANY_COMPARISON


class SafetyNoteForm(ReviewedTextForm):
    """A safety note."""

    longest_text = LONGEST_NOTE

    class Meta:
        model = SafetyNote
        exclude = ("writers",)
        widgets = dict.fromkeys(("text_es", "text_en"), FEW_LINES)
        help_texts = {
            "text_es": "Qué debe cuidar quien la lleva a cabo para no poner en riesgo a las mujeres ni al personal. "
            "Dos o tres oraciones.",
            "studies": "Si los hay. Si uno cambia después, la página dirá «Por revisar».",
        }

    def clean_studies(self) -> Any:
        return refuse_unpublished(self)


@admin.register(SafetyNote)
class SafetyNoteAdmin(ReviewedTextAdmin):
    """Safety notes."""

    form = SafetyNoteForm
    autocomplete_fields = ("studies",)
    fields = ("intervention", ("text_es", "text_en"), "studies", "author_name")
    list_select_related = ("intervention",)
    search_help_text = "Intervención o texto."

    def search_text(self, row: SafetyNote) -> str:
        return f"{row} {row.text_es} {row.text_en}"
