"""What conclusions, judgements of certainty and safety notes share in the workplace: draft, review, versions.

Who may do what: `studies.curation.moves`. What a move does: `studies.learning.reviewed_texts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from studies.admin.shared.base import BankAdmin, signed_in_user
from studies.admin.shared.fields import PlainTextField, limit_texts
from studies.curation.moves import TEXT_MOVES, Move
from studies.curation.roles import CHANGE_STUDY
from studies.learning import dependents, reviewed_texts
from studies.learning.reviewed_texts import TextRefused
from studies.models import ReviewedText

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    _TextForm = forms.ModelForm[Any]
else:
    _TextForm = forms.ModelForm

CONSEQUENCES: Mapping[str, str] = {
    "send": "Otra persona podrá publicarlo o devolverlo con un motivo. Mientras tanto no se puede cambiar, y nadie de "
    "fuera lo ve.",
    "publish": "Cualquier persona podrá leerlo, con los dos nombres y la fecha de hoy. La versión anterior, si la hay, "
    "dejará de mostrarse y se conserva. Lo publicado no se cambia ni se elimina: se escribe otra versión.",
    "return": "Volverá a ser borrador, con el motivo que usted escriba.",
    "withdraw": "Dejará de mostrarse. Se conserva aquí, con el motivo que usted escriba.",
}


class ReviewedTextForm(_TextForm):
    """A version under way of a text about a subject, which is chosen once and has no other version under way."""

    longest_text = 1_000

    author_name = forms.CharField(
        label="Quién escribe, como se mostrará",
        max_length=300,
        help_text="Nombre y oficina. Se publica junto con el nombre de quien revisa.",
        widget=forms.TextInput(attrs={"size": 80}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        limit_texts(self, self.longest_text)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None:
            subject = {name: data.get(name) for name in self._meta.model.SUBJECT}
            row = self._meta.model(**{name: value for name, value in subject.items() if value})
            if not self.errors and (found := reviewed_texts.find_open_version(row)):
                raise forms.ValidationError(
                    "Ya hay una versión en preparación sobre lo mismo: «%(text)s». Continúe esa.",
                    params={"text": found},
                )
        return data


class MoveTextForm(forms.Form):
    """The note of a move, the name of whoever publishes, and the save that the person read."""

    reviewer_name = PlainTextField(
        label="Quién revisa, como se mostrará",
        max_length=300,
        help_text="Su nombre y oficina.",
        widget=forms.TextInput(attrs={"size": 80}),
    )
    note = PlainTextField(label="Motivo", max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}))
    seen_no = forms.IntegerField(min_value=0, max_value=10**9, widget=forms.HiddenInput)

    def __init__(self, *args: Any, move: Move, **options: Any) -> None:
        super().__init__(*args, **options)
        limit_texts(self)
        if move.name != "publish":
            del self.fields["reviewer_name"]
        if not move.needs_note:
            del self.fields["note"]


class TextStateFilter(admin.SimpleListFilter):
    """Filters texts by their state."""

    title = "etapa"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, state.label) for state in ReviewedText.State]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class ReviewedTextAdmin(BankAdmin):
    """Admin of a reviewed text: curators write drafts, reviewers publish those of others. Nothing is deleted."""

    read_with = write_with = (CHANGE_STUDY,)
    change_form_template = "admin/studies/reviewed_text/change_form.html"
    list_display: tuple[str, ...] = ("__str__", "state", "version", "reviewed_on", "to_review_since")
    list_filter = (TextStateFilter,)
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("writers", dependents.STUDIES_OF_TEXTS[self.model])

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return request.user.is_authenticated and reviewed_texts.may_write(obj, request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:
        return self.model.SUBJECT if obj else ()

    @admin.display(description="por revisar desde", empty_value="no")
    def to_review_since(self, row: Any) -> Any:
        """Return the day since which a published text is to be reviewed, or None: a query for each row."""
        found = dependents.find_unsettled([row]) if row.state == row.State.PUBLISHED else []
        return found[0].since if found else None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        reviewed_texts.record_save(form.instance, by=signed_in_user(request))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> Any:
        row = context.get("original")
        if row is not None:
            user = signed_in_user(request)
            context |= {
                "moves": reviewed_texts.list_moves(row, user),
                "move_url_name": self._url_name("move"),
                "renew_url_name": self._url_name("renew") if reviewed_texts.may_renew(row, user) else "",
                "problems": reviewed_texts.list_problems(row) if row.state in row.OPEN else [],
            }
        return super().render_change_form(request, context, *args, **options)

    def own_urls(self) -> list[URLPattern]:
        return [
            path("<int:text_id>/etapa/<slug:name>/", self.staff_view(self.move_view), name=self._url_name("move")[6:]),
            path(
                "<int:text_id>/otra-version/",
                self.staff_view(require_POST(self.renew_view)),
                name=self._url_name("renew")[6:],
            ),
        ]

    def move_view(self, request: HttpRequest, text_id: int, name: str) -> HttpResponse:
        """Show what a move does (GET) and make it (POST)."""
        move = TEXT_MOVES.get(name)
        if move is None:
            raise Http404(name)
        row = get_object_or_404(self.get_queryset(request), pk=text_id)
        user = signed_in_user(request)
        if not user.has_perm(move.permission):
            raise PermissionDenied
        if request.method != "POST":
            return self._move_page(request, row, move, MoveTextForm(move=move, initial=_initial(row, user)))
        form = MoveTextForm(request.POST, move=move)
        if form.is_valid():
            try:
                row = reviewed_texts.move(row, move.name, by=user, **form.cleaned_data)
            except TextRefused as refusal:
                form.add_error(None, refusal.message)
            else:
                self.log_change(request, row, f"{move.label}. {row.state_note}".strip())
                messages.success(request, f"«{row}» está ahora en la etapa «{row.get_state_display()}».")
                return self._redirect_to(row)
        return self._move_page(request, row, move, form)

    def renew_view(self, request: HttpRequest, text_id: int) -> HttpResponse:
        """Begin the next version, and lead to its form."""
        row = get_object_or_404(self.model, pk=text_id)
        user = signed_in_user(request)
        if not user.has_perm(CHANGE_STUDY):
            raise PermissionDenied
        try:
            draft = reviewed_texts.start_next_version(row, by=user)
        except TextRefused as refusal:
            messages.warning(request, refusal.message)
            return self._redirect_to(row)
        self.log_addition(request, draft, f"Se empezó a partir de la versión {row.version}.")
        return self._redirect_to(draft)

    def _move_page(self, request: HttpRequest, row: Any, move: Move, form: MoveTextForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": move.label,
            "row": row,
            "move": move,
            "consequence": CONSEQUENCES[move.name],
            "form": form,
            "row_url": reverse(self._url_name("change"), args=[row.pk]),
        }
        return TemplateResponse(request, "admin/studies/reviewed_text/move.html", context)

    def _redirect_to(self, row: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(self._url_name("change"), args=[row.pk]))

    def _url_name(self, page: str) -> str:
        return f"admin:studies_{self.opts.model_name}_{page}"


def _initial(row: Any, user: User) -> dict[str, Any]:
    return {"seen_no": row.saved_no, "reviewer_name": user.get_full_name()}
