"""Vocabularies: labels, definitions, order and place of a term; retiring it, and merging it into another (R4)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from studies.admin.shared.base import BankAdmin, signed_in_user
from studies.admin.shared.fields import PlainTextField, use_datalist_if_many
from studies.admin.shared.filters import RetiredFilter, VocabularyFilter
from studies.curation import terms
from studies.models import Term, Vocabulary
from studies.models.vocabulary import PARENT_OF
from studies.text.normalize import fold_text

if TYPE_CHECKING:
    _TermForm = forms.ModelForm[Term]
else:
    _TermForm = forms.ModelForm

# What these mean is in the code (plots, counts, stages of a study): a new one there would mean nothing.
CLOSED = frozenset(
    {
        *(Vocabulary.ROLES, Vocabulary.EFFECTS, Vocabulary.HARMS, Vocabulary.RISK_OF_BIAS),
        *(Vocabulary.STATUSES, Vocabulary.MEASURES),
    }
)
NAMED_BY_WORDS = frozenset({Vocabulary.UNITS, Vocabulary.SAMPLE_UNITS})
_CODES = {
    Vocabulary.COUNTRIES: (re.compile(r"[A-Z]{2}"), "El código de un país son las dos mayúsculas de ISO 3166."),
    **dict.fromkeys(
        NAMED_BY_WORDS, (re.compile(r"[a-z][a-z' -]*"), "El código de una unidad es su nombre inglés en minúsculas.")
    ),
}
_CODE = (
    re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*"),
    "Use solo minúsculas sin tilde, cifras y guiones sueltos: transferencias-monetarias.",
)


class TermForm(_TermForm):
    """A term. Vocabulary and code are chosen once."""

    singular_es = PlainTextField(
        label="Nombre en español, en singular", required=False, max_length=200, help_text="Solo de las unidades."
    )

    after = forms.ModelChoiceField(
        Term.objects.none(),
        label="Va después de",
        required=False,
        empty_label="(el primero de su vocabulario)",
        help_text="El orden en que se lee en listas y filtros.",
    )

    class Meta:
        model = Term
        fields = (
            *("vocabulary", "code", "label_es", "label_en"),
            *("definition_es", "definition_en", "coding_es", "coding_en", "parent"),
        )
        widgets = {
            f"{name}_{language}": forms.Textarea(attrs={"rows": 4, "cols": 80})
            for name in ("definition", "coding")
            for language in ("es", "en")
        }
        help_texts = {
            "code": "No cambia ni se usa otra vez para otra cosa: hay direcciones que lo llevan.",
            "definition_es": "Qué es, en una oración llana: la lee el público, y también quien codifica.",
            "coding_es": "Cuándo se usa y cuándo no: solo la lee quien codifica, junto a cada casilla.",
            "parent": "El tema de una intervención, el grupo de un resultado, la familia de un diseño, "
            "la región de un país.",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        is_new = self.instance.pk is None
        kind = None if is_new else Vocabulary(self.instance.vocabulary)
        if is_new and "vocabulary" in self.fields:
            open_ones = [(one.value, one.label) for one in Vocabulary if one not in CLOSED]
            self.fields["vocabulary"].choices = [("", "—"), *open_ones]  # type: ignore[attr-defined]
        if "parent" in self.fields:
            self._limit_parent(kind)
        self._offer_places(kind)
        self.initial["singular_es"] = self.instance.attributes.get("es_singular", "")

    def _offer_places(self, kind: Vocabulary | None) -> None:
        after = self.fields["after"]
        assert isinstance(after, forms.ModelChoiceField)
        if kind is None:
            # A new term goes to the end: the vocabulary, and so its neighbours, are only chosen on this page.
            del self.fields["after"]
            return
        after.queryset = Term.objects.filter(vocabulary=kind, is_retired=False).exclude(pk=self.instance.pk)
        use_datalist_if_many(after)
        self.initial["after"] = terms.find_predecessor(self.instance)

    def _limit_parent(self, kind: Vocabulary | None) -> None:
        parents = PARENT_OF.values() if kind is None else [PARENT_OF[kind]]
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Term.objects.filter(vocabulary__in=parents, is_retired=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = Vocabulary(data.get("vocabulary") or self.instance.vocabulary or Vocabulary.THEMES)
        if "code" in data:
            shape, sentence = _CODES.get(kind, _CODE)
            if not shape.fullmatch(data["code"]):
                self.add_error("code", sentence)
        self._check_parent(kind, data.get("parent"))
        self._check_labels(kind, data)
        if kind in NAMED_BY_WORDS and not data.get("singular_es"):
            self.add_error("singular_es", "Escriba también el singular: «1 mujer».")
        return data

    def _check_labels(self, kind: Vocabulary, data: dict[str, Any]) -> None:
        others = list(Term.objects.filter(vocabulary=kind, is_retired=False).exclude(pk=self.instance.pk))
        for name in ("label_es", "label_en"):
            label = fold_text(data.get(name) or "")
            same = next((other for other in others if label and fold_text(getattr(other, name)) == label), None)
            if same is not None:
                self.add_error(name, f"Ya se llama así otro término de «{kind.label}»: {same} ({same.code}).")

    def save(self, commit: bool = True) -> Term:
        term = super().save(commit=commit)
        if term.vocabulary in NAMED_BY_WORDS:
            term.attributes = {**term.attributes, "es_singular": self.cleaned_data["singular_es"]}
        return term

    def _check_parent(self, kind: Vocabulary, parent: Term | None) -> None:
        if "parent" not in self.fields or "parent" in self.errors:
            return
        wanted = PARENT_OF.get(kind)
        if wanted and (parent is None or parent.vocabulary != wanted):
            self.add_error("parent", f"Elija un término de «{wanted.label}».")
        if not wanted and parent is not None:
            self.add_error("parent", "Los términos de este vocabulario no van dentro de otro.")


class MergeTermForm(forms.Form):
    """The term that takes the place."""

    into = forms.ModelChoiceField(Term.objects.none(), label="Unir a", empty_label="—")

    def __init__(self, *args: Any, term: Term, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["into"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Term.objects.filter(vocabulary=term.vocabulary, is_retired=False).exclude(pk=term.pk)
        use_datalist_if_many(field)


@admin.register(Term)
class TermAdmin(BankAdmin):
    """All vocabularies in one list, filtered by vocabulary."""

    form = TermForm
    change_form_template = "admin/studies/term/change_form.html"
    list_display = ("label_es", "label_en", "vocabulary", "code", "parent", "position", "is_retired", "merged_into")
    list_filter = (VocabularyFilter, RetiredFilter)
    list_select_related = ("parent", "merged_into")
    list_per_page = 100
    search_help_text = "Nombre en español o en inglés, o código."

    def search_text(self, row: Term) -> str:
        return f"{row.label_es} {row.label_en} {row.code}"

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> tuple[str, ...]:
        return ("vocabulary", "code", "state", "use", "leading_words", "other_data") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Term | None = None) -> tuple[str, ...]:
        fields = ["vocabulary", "code", "label_es", "label_en", "singular_es"]
        fields += ["definition_es", "definition_en", "coding_es", "coding_en", "parent"]
        if obj is not None:
            fields += ["after"] if self.has_change_permission(request, obj) else []
            fields += ["state", "use", "leading_words", *(["other_data"] if obj.attributes else [])]
            if obj.vocabulary not in NAMED_BY_WORDS:
                fields.remove("singular_es")
            if obj.vocabulary not in PARENT_OF:
                fields.remove("parent")
        return tuple(fields)

    @admin.display(description="vigencia")
    def state(self, term: Term) -> str:
        if term.merged_into is not None:
            return f"unido a «{term.merged_into}»"
        return "retirado" if term.is_retired else "vigente"

    @admin.display(description="uso")
    def use(self, term: Term) -> str:
        count = terms.list_studies_with(term).count()
        return "1 estudio" if count == 1 else f"{count} estudios"

    @admin.display(description="palabras que llevan aquí")
    def leading_words(self, term: Term) -> SafeString:
        lines = (
            (
                reverse("admin:studies_concept_change", args=[one.pk]),
                one.slug,
                ", ".join([*one.words_es, *one.words_en]),
            )
            for one in term.concepts.order_by("slug")
        )
        told = format_html_join("", '<p><a href="{}">{}</a>: {}</p>', lines)
        if told:
            return told
        new = f"{reverse('admin:studies_concept_add')}?terms={term.pk}"
        return format_html('Solo su nombre. <a href="{}">Añadir sinónimos en el tesauro</a>', new)

    @admin.display(description="otros datos")
    def other_data(self, term: Term) -> str:
        return json.dumps(term.attributes, ensure_ascii=False) if term.attributes else ""

    def has_change_permission(self, request: HttpRequest, obj: Term | None = None) -> bool:
        """A retired term keeps its code and is left as it was."""
        return super().has_change_permission(request, obj) and (obj is None or not obj.is_retired)

    def save_model(self, request: HttpRequest, obj: Term, form: Any, change: bool) -> None:
        if not change:
            obj.position = _last_position(obj.vocabulary) + 1
        if not change or set(form.changed_data) - {"after"}:
            terms.edit(obj, by=signed_in_user(request))
        if "after" in form.changed_data:
            terms.move_behind(obj, form.cleaned_data["after"])

    # --- Retiring and merging ------------------------------------------------------------------------------------

    def own_urls(self) -> list[URLPattern]:
        return [
            path("<int:term_id>/retirar/", self.staff_view(self.retire_view), name="studies_term_retire"),
            path("<int:term_id>/unir/", self.staff_view(self.merge_view), name="studies_term_merge"),
        ]

    def retire_view(self, request: HttpRequest, term_id: int) -> HttpResponse:
        """Ask (GET), then retire a term whose code stays taken (POST). Terms of CLOSED vocabularies stay."""
        term = self._term(request, term_id)
        if term.vocabulary in CLOSED:
            return self._closed(request, term)
        if request.method == "POST":
            try:
                terms.retire(term)
            except terms.TermError as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, f"«{term}» está retirado. Su código no se usará otra vez.")
            return _redirect_to_term(term)
        return self._page(request, "retire", "Retirar un término", {"term": term, "is_used": terms.is_used(term)})

    def merge_view(self, request: HttpRequest, term_id: int) -> HttpResponse:
        """Ask into which term, show the effect (GET), and merge (POST). Terms of CLOSED vocabularies stay."""
        term = self._term(request, term_id)
        if term.vocabulary in CLOSED:
            return self._closed(request, term)
        data = request.POST if request.method == "POST" else request.GET
        form = MergeTermForm(data or None, term=term)
        into = form.cleaned_data["into"] if form.is_bound and form.is_valid() else None
        if request.method == "POST" and into is not None:
            try:
                touched = terms.merge(term, into, by=signed_in_user(request))
            except terms.TermError as refusal:
                messages.error(request, refusal.message)
                return _redirect_to_term(term)
            messages.success(request, f"«{term}» se unió a «{into}». Estudios cambiados: {touched}.")
            return _redirect_to_term(into)
        context = {
            "term": term,
            "form": form,
            "into": into,
            "effect": terms.preview_merge(term, into) if into is not None else None,
            "touched": terms.list_studies_with(term).count() if into is None else 0,
        }
        return self._page(request, "merge", "Unir un término a otro", context)

    def _closed(self, request: HttpRequest, term: Term) -> HttpResponse:
        """Refuse to retire or merge what the program itself gives a meaning to."""
        messages.error(
            request,
            f"Los términos de «{term.get_vocabulary_display()}» tienen un sentido en el programa (gráficos, conteos): "
            "se les cambia el nombre y la definición, pero no se retiran ni se unen.",
        )
        return _redirect_to_term(term)

    def _term(self, request: HttpRequest, term_id: int) -> Term:
        term = get_object_or_404(Term, pk=term_id)
        if not self.has_change_permission(request) or term.is_retired:
            raise PermissionDenied
        return term

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
        common = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/studies/term/{name}.html", {**common, **context})


def _last_position(vocabulary: str) -> int:
    last: int | None = Term.objects.filter(vocabulary=vocabulary).aggregate(last=Max("position"))["last"]
    return last or 0


def _redirect_to_term(term: Term) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:studies_term_change", args=[term.pk]))
