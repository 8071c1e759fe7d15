"""Policy questions in the workplace. A search of this bank is counted as it is recorded; others are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from search.api import parameters
from search.api.problems import BadParameters
from search.contract import IndexMissing
from search.criteria import codes
from search.criteria.filters import read_criteria
from search.lists.stored_counts import count_list
from studies.admin.learning.decisions import FEW_LINES, RestsOnStudiesAdmin, RestsOnStudiesForm
from studies.admin.shared.fields import LinesField, PlainTextField
from studies.admin.shared.words import ParentPermissionsInline, check_addresses, check_slug
from studies.models import PolicyQuestion, QuestionSearch
from studies.store import vocabularies
from studies.text.dates import format_short_date
from studies.text.numbers import format_number

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria

    _SearchForm = forms.ModelForm[QuestionSearch]
    _BaseSearchFormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    _SearchForm = forms.ModelForm
    _BaseSearchFormSet = forms.BaseInlineFormSet

LONGEST_CRITERIA = 2_000
_TOO_MANY = "Esta dirección tiene demasiados criterios."


class SearchAddressField(PlainTextField):
    """The address of a list of results as a form field. Its value is the canonical query string, without the page.

    It is read strictly: a page ignores what it cannot read, but a count must not pass for one of other criteria.
    `kept`, the stored value, is not read again, as codes of that time may be gone from the vocabularies.
    """

    kept = ""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value).strip()
        if typed == self.kept:
            return typed
        criteria = _read_criteria(_query_from_address(typed))
        if len(criteria.query_string) > LONGEST_CRITERIA:
            raise ValidationError(_TOO_MANY)
        return criteria.query_string

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            typed = self.to_python(data)
        except ValidationError:
            return True
        return typed not in (self.kept, _canonical_query(initial or ""))


def _query_from_address(text: str) -> str:
    """Return the query string of a pasted address, or of one that is typed without its beginning."""
    address, _, query = text.partition("?")
    if "=" in address:
        address, query = "", text
    if address and not _is_list_address(address):
        raise ValidationError(
            "Pegue la dirección de una lista de resultados de este banco (…/estudios/?q=…). Si se buscó en otro sitio,"
            " escriba en cuál."
        )
    return query.partition("#")[0]


def _is_list_address(address: str) -> bool:
    """Return True if this is the address of a list; with a host, of one that this bank answers to."""
    try:
        parts = urlsplit(address if address.startswith("/") or "://" in address else f"//{address}")
    except ValueError:
        return False
    is_here = not parts.netloc or validate_host(split_domain_port(parts.netloc)[0], settings.ALLOWED_HOSTS)
    return is_here and parts.path.rstrip("/").endswith(("/estudios", "/studies"))


def _read_criteria(query: str) -> Criteria:
    try:
        parse_qsl(query, max_num_fields=200)
        parsed = parameters.parse_parameters(QueryDict(query))
    except ValueError:
        raise ValidationError(_TOO_MANY) from None
    except BadParameters as refusal:
        raise ValidationError([f"«{fault.parameter}»: {fault.detail}" for fault in refusal.faults]) from None
    strange = [f"«{name}» no es un criterio de las listas de este banco." for name in parsed.ignored]
    vocabulary = vocabularies.current()
    concepts = {concept.slug for concept in vocabulary.concepts}
    unknown = [*codes.resolve_codes(parsed.criteria, vocabulary).unknown]
    unknown += [("without", slug) for slug in parsed.criteria.without if slug not in concepts]
    strange += [f"«{name}» no tiene la opción «{code}»." for name, code in unknown]
    if strange:
        raise ValidationError([sentence[:200] for sentence in strange])
    return parsed.criteria.as_set()


def _canonical_query(query: str) -> str:
    return read_criteria(QueryDict(query)).as_set().query_string


class SearchForm(_SearchForm):
    """A search that was made for a question: in this bank, or elsewhere with the number that was found there."""

    criteria = SearchAddressField(
        label="Dirección de la lista",
        required=False,
        help_text="En este banco: pegue la dirección de la página de resultados; …/estudios/ sola: todos los estudios.",
        widget=forms.TextInput(attrs={"size": 80}),
    )

    class Meta:
        model = QuestionSearch
        exclude = ("change_no", "vocabulary_no")
        help_texts = {
            "made_on": "En este banco, la de hoy.",
            "elsewhere": "Base de datos y consulta, como se escribió.",
            "found": "En este banco se cuentan al guardar.",
        }
        widgets = {"elsewhere": forms.Textarea(attrs={"rows": 2, "cols": 80})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("made_on", "found"):
            # People who may only read get a form without fields.
            if name in self.fields:
                self.fields[name].required = False
        address = self.fields.get("criteria")
        if isinstance(address, SearchAddressField):
            address.kept = self.instance.criteria

    def has_changed(self) -> bool:
        """Return True if anything was typed. The address of all studies has no criteria, but is no empty row."""
        is_pasted = self.instance._state.adding and "criteria" in self.fields and bool(self["criteria"].data)
        return is_pasted or super().has_changed()

    def clean_made_on(self) -> Any:
        day = self.cleaned_data["made_on"]
        if day is not None and day > timezone.localdate():
            raise ValidationError("Esta fecha todavía no ha llegado.")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("elsewhere"):
            self._take_as_typed(data)
            if data.get("criteria"):
                self.add_error("criteria", "Una búsqueda es de este banco o de otro sitio: deje uno de los dos vacío.")
        elif {"criteria", "elsewhere"} & self.errors.keys():
            # A field that cannot be read does not say whether the search was made here or elsewhere.
            pass
        elif self._is_new_here(data):
            self._count(data)
        elif self.instance.change_no is None:
            self._take_as_typed(data)
        else:
            self._keep_as_counted(data)
        return data

    def _is_new_here(self, data: dict[str, Any]) -> bool:
        was_here = self.instance.pk is not None and not self.instance.elsewhere
        return not was_here or "criteria" in self.changed_data

    def _take_as_typed(self, data: dict[str, Any]) -> None:
        self.instance.change_no = self.instance.vocabulary_no = None
        for name, lack in (("made_on", "Escriba cuándo se buscó."), ("found", "Escriba cuántos estudios halló.")):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, lack)

    def _count(self, data: dict[str, Any]) -> None:
        today = timezone.localdate()
        if data.get("made_on") not in (None, today):
            self.add_error("made_on", "Una búsqueda de este banco se cuenta hoy: deje la fecha vacía.")
        try:
            counted = count_list(read_criteria(QueryDict(data.get("criteria", ""))))
        except IndexMissing:
            self.add_error(
                "criteria", "La búsqueda no está completa por ahora y no se puede contar. Guárdela de nuevo más tarde."
            )
            return
        data |= {"made_on": today, "found": counted.found}
        self.instance.change_no, self.instance.vocabulary_no = counted.change_no, counted.vocabulary_no

    def _keep_as_counted(self, data: dict[str, Any]) -> None:
        """Refuse another number or date: those stored belong to a day and to a version of the bank."""
        # A model form fills its instance only after `clean`: this is still the stored row.
        held = self.instance
        for name in ("made_on", "found"):
            if name in data and data[name] not in (None, getattr(held, name)):
                self.add_error(
                    name, f"Se contó el {format_short_date(held.made_on)}. Para contarla hoy, agregue otra búsqueda."
                )
        data |= {"made_on": held.made_on, "found": held.found}


class _SearchFormSet(_BaseSearchFormSet):
    def get_unique_error_message(self, unique_check: Any) -> str:
        return "Una misma búsqueda se registra una sola vez al día."


class QuestionSearchesInline(ParentPermissionsInline):
    """The searches of a question, in the order of their dates."""

    model = QuestionSearch
    form = SearchForm
    formset = _SearchFormSet
    # As a table it would be wider than the page.
    template = "admin/edit_inline/stacked.html"
    autocomplete_fields = ()
    fields = ("criteria", "elsewhere", ("made_on", "found", "version"))
    readonly_fields = ("version",)
    verbose_name = "búsqueda"
    verbose_name_plural = "búsquedas que se hicieron, con los estudios que hallaron ese día"

    @admin.display(description="Versión del banco")
    def version(self, search: QuestionSearch) -> str:
        """Return the change number of the bank at which it was counted, or why there is none."""
        if search.change_no is not None:
            return format_number(search.change_no, "es")
        return "El número se escribió a mano." if search.pk else "Se sabe al guardarla."

    def _parent_allows(self, verb: str, request: HttpRequest) -> bool:
        return request.user.has_perm(f"studies.{'view' if verb == 'view' else 'change'}_programme")


class QuestionForm(RestsOnStudiesForm):
    """A question, its answer and who reviewed it."""

    sources = LinesField(
        label="Fuentes",
        required=False,
        max_length=10_000,
        help_text="Una dirección por línea: dónde se pidió o se publicó la respuesta, o en qué se apoya además.",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )

    class Meta:
        model = PolicyQuestion
        exclude = ()
        widgets = dict.fromkeys(("question_es", "question_en"), FEW_LINES)
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
            for name, lack in _NEEDED_TO_PUBLISH.items():
                if name in data and not data[name]:
                    self.add_error(name, f"Una pregunta publicada necesita {lack}.")
        return data


_NEEDED_TO_PUBLISH = {
    "answer_es": "su respuesta",
    "reviewed_by": "quién revisó la respuesta",
    "reviewed_on": "la fecha en que se revisó",
    "sources": "al menos una fuente",
}


@admin.register(PolicyQuestion)
class PolicyQuestionAdmin(RestsOnStudiesAdmin):
    """Policy questions."""

    form = QuestionForm
    inlines = (QuestionSearchesInline,)
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

    def search_text(self, row: PolicyQuestion) -> str:
        return " ".join([row.slug, row.question_es, row.question_en, row.answer_es, row.answer_en])
