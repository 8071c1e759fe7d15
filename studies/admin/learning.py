"""What follows from studies, in the workplace: decisions on programmes, and policy questions with their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone

from studies import resting
from studies.admin import unsettled
from studies.admin.base import BankAdmin
from studies.admin.evidence import Members, check_addresses, check_slug
from studies.admin.fields import Lines, PlainText, WebAddress
from studies.models import Decision, PolicyQuestion, QuestionSearch, RestsOnStudies, Stage

if TYPE_CHECKING:
    _RestingForm = forms.ModelForm[Any]
    _SearchForm = forms.ModelForm[QuestionSearch]
else:
    _RestingForm = _SearchForm = forms.ModelForm


class RestingForm(_RestingForm):
    """What rests on studies: on published ones, as they stood on a day that has come."""

    def clean_studies(self) -> Any:
        chosen = self.cleaned_data["studies"]
        held = set(self.instance.studies.values_list("pk", flat=True)) if self.instance.pk else set()
        for study in chosen:
            # One that was withdrawn since stays until somebody decides what follows from that.
            if study.pk not in held and study.stage != Stage.PUBLISHED:
                raise ValidationError("«%(study)s» no está publicado.", params={"study": study})
        return chosen

    def refuse_future(self, name: str) -> None:
        """Tell that a day is still to come."""
        day = self.cleaned_data.get(name)
        if day is not None and day > timezone.localdate():
            self.add_error(name, "Esta fecha todavía no ha llegado.")


class RestingAdmin(BankAdmin):
    """What rests on studies. Whoever may read or change programmes may do so here.

    `day_field` names the day as of which it rests on them: changes of the studies after it are told to curators.
    """

    day_field = ""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return request.user.has_perm("studies.view_programme") or self.has_change_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        return request.user.has_perm("studies.change_programme")

    def save_model(self, request: HttpRequest, obj: RestsOnStudies, form: Any, change: bool) -> None:
        day = getattr(obj, self.day_field)
        if day is not None and (not change or self.day_field in form.changed_data):
            obj.seen_no = resting.change_no_on(day)
        super().save_model(request, obj, form, change)


_FEW_LINES = forms.Textarea(attrs={"rows": 3, "cols": 80})


class DecisionForm(RestingForm):
    """A decision: what, when, on which programme, and where it is written."""

    document_url = WebAddress(
        label="Dirección del documento",
        required=False,
        max_length=2000,
        help_text="La norma, el presupuesto o el protocolo que lo dice. Sin ella no se publica.",
        widget=forms.TextInput(attrs={"size": 80}),
    )

    class Meta:
        model = Decision
        exclude = ()
        widgets = dict.fromkeys(("text_es", "text_en"), _FEW_LINES)
        help_texts = {
            "studies": "Los que se tuvieron en cuenta. Si uno cambia o se retira después, la mesa de trabajo avisa.",
            "text_es": "Una o dos oraciones: quién decidió qué.",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.refuse_future("decided_on")
        if data.get("is_published") and "document_url" in data and not data["document_url"]:
            self.add_error("document_url", "Una decisión publicada necesita la dirección de su documento.")
        return data


@admin.register(Decision)
class DecisionAdmin(RestingAdmin):
    """Decisions on programmes."""

    form = DecisionForm
    day_field = "decided_on"
    list_display = ("decided_on", "programme", "text_es", "is_published")
    list_display_links = ("decided_on", "text_es")
    list_select_related = ("programme",)
    autocomplete_fields = ("programme", "studies")
    fields = (
        "is_published",
        "programme",
        "decided_on",
        ("text_es", "text_en"),
        "document_title",
        "document_url",
        "studies",
    )
    search_help_text = "Programa, texto o documento."

    def own_urls(self) -> list[URLPattern]:
        return [path("cambios/", self.staff_view(unsettled.changes), name="studies_decision_changes")]

    def words_of(self, row: Decision) -> str:
        return f"{row.programme} {row.text_es} {row.text_en} {row.document_title} {row.document_url}"


LONGEST_CRITERIA = 2_000


class SearchAddress(PlainText):
    """The criteria of a list of results, taken from its address: without the page, and in the order of the address."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).strip()
        address, has_query, query = text.partition("?")
        if not has_query:
            address, query = ("", text) if "=" in text else (text, "")
        if address and not address.rstrip("/").endswith(("/estudios", "/studies")):
            raise ValidationError("Pegue la dirección de una lista de resultados (…/estudios/?q=…).")
        try:
            pairs = parse_qsl(query, max_num_fields=200)
        except ValueError:
            raise ValidationError("Esta dirección tiene demasiados criterios.") from None
        criteria = urlencode([(name, word.replace("\0", "")) for name, word in pairs if name != "page"])
        if len(criteria) > LONGEST_CRITERIA:
            raise ValidationError("Esta dirección tiene demasiados criterios.")
        return criteria


class SearchForm(_SearchForm):
    """A search that was made for a question."""

    criteria = SearchAddress(
        label="Dirección de la lista",
        required=False,
        help_text="Pegue la dirección de la página de resultados; vacía: todos los estudios.",
        widget=forms.TextInput(attrs={"size": 50}),
    )

    class Meta:
        model = QuestionSearch
        exclude = ()

    def clean_made_on(self) -> Any:
        if self.cleaned_data["made_on"] > timezone.localdate():
            raise ValidationError("Esta fecha todavía no ha llegado.")
        return self.cleaned_data["made_on"]


class QuestionSearches(Members):
    """The searches of a question, in the order of their dates."""

    model = QuestionSearch
    form = SearchForm
    autocomplete_fields = ()
    verbose_name = "búsqueda"
    verbose_name_plural = "búsquedas que se hicieron, con los estudios que la lista tenía ese día"

    def _parent_allows(self, verb: str, request: HttpRequest) -> bool:
        return request.user.has_perm(f"studies.{'view' if verb == 'view' else 'change'}_programme")


class QuestionForm(RestingForm):
    """A question, its answer and who reviewed it."""

    sources = Lines(
        label="Fuentes",
        required=False,
        max_length=10_000,
        help_text="Una dirección por línea: dónde se pidió o se publicó la respuesta, o en qué se apoya además.",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )

    class Meta:
        model = PolicyQuestion
        exclude = ()
        widgets = dict.fromkeys(("question_es", "question_en"), _FEW_LINES)
        help_texts = {
            "question_es": "Una oración entre signos de interrogación.",
            "answer_es": "Una línea vacía separa párrafos; se admite HTML simple.",
            "reviewed_by": "Como se mostrará en la página.",
            "programmes": "Los que se hicieron o se evalúan para responderla. Se muestran los publicados.",
            "studies": "Los que la sustentan. Si uno cambia después de la revisión, la mesa de trabajo avisa.",
        }

    def clean_slug(self) -> str:
        return check_slug(self.cleaned_data["slug"])

    def clean_sources(self) -> list[str]:
        return check_addresses(self.cleaned_data["sources"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.refuse_future("reviewed_on")
        if data.get("is_published"):
            for name, lack in _NEEDED.items():
                if name in data and not data[name]:
                    self.add_error(name, f"Una pregunta publicada necesita {lack}.")
        return data


_NEEDED = {
    "answer_es": "su respuesta",
    "reviewed_by": "quién revisó la respuesta",
    "reviewed_on": "la fecha en que se revisó",
    "sources": "al menos una fuente",
}


@admin.register(PolicyQuestion)
class PolicyQuestionAdmin(RestingAdmin):
    """Policy questions."""

    form = QuestionForm
    inlines = (QuestionSearches,)
    day_field = "reviewed_on"
    list_display = ("question_es", "reviewed_on", "reviewed_by", "is_published")
    autocomplete_fields = ("studies", "programmes")
    fields = (
        "is_published",
        "slug",
        ("question_es", "question_en"),
        ("answer_es", "answer_en"),
        "studies",
        "programmes",
        ("reviewed_by", "reviewed_on"),
        "sources",
    )
    search_help_text = "Pregunta o respuesta."

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def words_of(self, row: PolicyQuestion) -> str:
        return " ".join([row.slug, row.question_es, row.question_en, row.answer_es, row.answer_en])
