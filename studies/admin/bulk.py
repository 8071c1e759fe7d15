"""Bulk work: what to do with the chosen studies, the preview, what was done, and undoing it. The rules are in `bulk`.

The studies are chosen by the search, which is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from studies.admin.record_form.problems import ProblemLine, in_words
from studies.admin.shared import notifications
from studies.admin.shared.base import BankAdmin, user_of
from studies.admin.shared.fields import PlainText, TermBoxes, definitions_of, grouped_choices, type_if_many
from studies.admin.shared.sessions import AGAIN
from studies.curation.bulk import actions, making, undoing
from studies.curation.bulk.actions import Action
from studies.curation.bulk.making import Plan
from studies.curation.moves import MOVES
from studies.curation.roles import CHANGE_STUDY
from studies.curation.stages import CurationError
from studies.models import BulkChange, BulkItem, Stage, StudyTerm
from studies.records.diff import code_changes
from studies.records.rules import Problem
from studies.records.term_edits import Tagging
from studies.store import bank_state, vocabularies
from studies.store.exchange.study import LISTS, to_record
from studies.text.dates import short_moment

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.curation.bulk.making import Line

Outcome = BulkItem.Outcome
_Shown = TypeVar("_Shown")
SHOWN = 100
"""Studies of one outcome that are listed; those that are refused are all listed."""

DOINGS = (
    ("add", "Añadir términos"),
    ("remove", "Quitar términos"),
    ("replace", "Cambiar unos términos por otro"),
    *((name, str(MOVES[name].label)) for name in actions.MOVES),
)
_HEADINGS = {
    Outcome.CHANGED: "Cambian",
    Outcome.PROPOSED: "Quedan como propuesta",
    Outcome.REFUSED: "No se puede",
    Outcome.SAME: "No cambia nada",
}


class ActionForm(forms.Form):
    """What to do, asked step by step: each answer shows the next question. Its address is the whole answer."""

    do = forms.ChoiceField(label="Qué se hará", widget=forms.RadioSelect)
    field = forms.ChoiceField(
        label="En qué vocabulario",
        required=False,
        choices=[("", "—"), *((name, kind.label) for name, kind in LISTS.items())],
    )
    codes = forms.MultipleChoiceField(label="Términos", required=False, widget=TermBoxes)
    into = forms.ChoiceField(label="Por este término", required=False)

    def __init__(self, data: QueryDict | None, *, selection: BulkChange, user: User, **options: Any) -> None:
        super().__init__(data, **options)
        do = self.fields["do"]
        assert isinstance(do, forms.ChoiceField)
        do.choices = [pair for pair in DOINGS if pair[0] not in MOVES or _may_move(user, pair[0])]
        doing, name = (data.get("do", ""), data.get("field", "")) if data else ("", "")
        if doing not in ("add", "remove", "replace"):
            for unused in ("field", "codes", "into"):
                del self.fields[unused]
            return
        if name not in LISTS:
            del self.fields["codes"], self.fields["into"]
            return
        known, kind = vocabularies.current(), LISTS[name]
        every = grouped_choices(known, kind)
        codes, into = self.fields["codes"], self.fields["into"]
        assert isinstance(codes, forms.MultipleChoiceField)
        assert isinstance(into, forms.ChoiceField)
        codes.choices = every if doing == "add" else _carried(selection, kind)
        codes.widget.definitions = definitions_of(known, kind)
        into.choices = [("", "—"), *every]
        type_if_many(into)
        if doing != "replace":
            del self.fields["into"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("into") and data["into"] in data.get("codes", ()):
            self.add_error("into", "Elija un término distinto de los que se quitan.")
        return data

    def action(self) -> Action | None:
        """Return what was chosen, or None while a question is open."""
        if not self.is_bound or not self.is_valid():
            return None
        data = self.cleaned_data
        if data["do"] in actions.MOVES:
            return Action(move=data["do"])
        if not data.get("codes") or (data["do"] == "replace" and not data.get("into")):
            return None
        return Action(Tagging(data["do"], data["field"], tuple(data["codes"]), data.get("into", "")))


class NoteForm(forms.Form):
    """The reason of a change, and what the person saw before it."""

    note = PlainText(
        label="Motivo",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Queda en la historia de cada estudio.",
    )
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class Row:
    """A study of a preview or of what was done. `study_id` None where the draft was deleted."""

    study_id: int | None
    name: str
    stage: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str = ""
    problems: tuple[ProblemLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The studies of one outcome; `more` are not listed."""

    outcome: str
    heading: str
    count: int
    rows: tuple[Row, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@admin.register(BulkChange)
class BulkChangeAdmin(BankAdmin):
    """What was done with many studies at once: who, when, what, in how many, and whether it was undone."""

    list_display = ("what", "by", "day", "touched", "state")
    list_per_page = 50
    list_select_related = ("by", "undone_by")
    search_help_text = "Lo que se hizo, el motivo o la persona."

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkChange]:
        done = BulkChange.objects.filter(done_at__isnull=False)
        touched = Q(items__outcome__in=(Outcome.CHANGED, Outcome.PROPOSED))
        return done.annotate(touched=Count("items", filter=touched)).order_by("-done_at", "-pk")

    def words_of(self, row: BulkChange) -> str:
        return f"{row.what} {row.note} {row.by}"

    @admin.display(description="fecha", ordering="done_at")
    def day(self, change: BulkChange) -> str:
        return short_moment(change.done_at)

    @admin.display(description="estudios", ordering="touched")
    def touched(self, change: BulkChange) -> int:
        return change.touched  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="deshecho")
    def state(self, change: BulkChange) -> str:
        return f"{short_moment(change.undone_at)} ({change.undone_by})" if change.undone_at else "no"

    # --- Who may do what -----------------------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: BulkChange | None = None) -> bool:
        return request.user.has_perm(CHANGE_STUDY)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BulkChange | None = None) -> bool:
        return False

    # --- The pages -----------------------------------------------------------------------------------------------

    def own_urls(self) -> list[URLPattern]:
        return [
            path("<int:bulk_id>/preparar/", self.staff_view(self.prepare_view), name="studies_bulkchange_prepare"),
            path("<int:bulk_id>/deshacer/", self.staff_view(self.undo_view), name="studies_bulkchange_undo"),
        ]

    def prepare_view(self, request: HttpRequest, bulk_id: int) -> HttpResponse:
        """Ask what to do, show what would happen (GET), and do it (POST)."""
        change = self._change(request, bulk_id)
        if change.done_at is not None:
            return _to_change(change)
        user = user_of(request)
        if change.by_id != user.pk:
            raise PermissionDenied
        form = ActionForm(request.GET if "do" in request.GET else None, selection=change, user=user)
        action = form.action()
        note = NoteForm(request.POST if request.method == "POST" else None)
        with bank_state.remembering():
            if _is_sent(request, note) and action is not None:
                data = note.cleaned_data
                try:
                    made = making.apply(change, action, seen=data["seen"], by=user, note=data["note"])
                except CurationError as refusal:
                    messages.error(request, refusal.message)
                else:
                    notifications.bulk_made(request, made, data["note"])
                    messages.success(request, f"Hecho: {change.what}.")
                    return _to_change(change)
            plan = making.plan(change, action, by=user) if action is not None else None
            return self._prepare_page(request, change, form, plan, note).render()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what was done with each study."""
        change = self._change(request, object_id)
        if change.done_at is None:
            return HttpResponseRedirect(reverse("admin:studies_bulkchange_prepare", args=[change.pk]))
        left = change.items.filter(outcome__in=(Outcome.CHANGED, Outcome.PROPOSED), is_undone=False)
        context = {
            "change": change,
            "groups": _groups_of_items(change),
            "may_undo": undoing.may_undo(change, user_of(request)) and left.exists(),
        }
        return self._page(request, "done", "Trabajo en grupo", context)

    def undo_view(self, request: HttpRequest, bulk_id: int) -> HttpResponse:
        """Say what hinders undoing (GET), and undo (POST)."""
        change = self._change(request, bulk_id)
        user = user_of(request)
        if not undoing.may_undo(change, user):
            raise PermissionDenied
        note = NoteForm(request.POST if request.method == "POST" else None)
        if _is_sent(request, note):
            try:
                count = undoing.undo(
                    change, by=user, note=note.cleaned_data["note"], skip_hindered="skip" in request.POST
                )
            except CurationError as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, f"Se deshizo en {count} {'estudio' if count == 1 else 'estudios'}.")
                return _to_change(change)
        lines = undoing.undo_plan(change, by=user)
        context = {
            "change": change,
            "free": sum(1 for line in lines if not line.hindrance),
            "hindered": [line for line in lines if line.hindrance],
            "has_proposals": any(line.item.proposal_id for line in lines),
            "was_published": (change.action or {}).get("move") == "publish",
            "note": note,
        }
        return self._page(request, "undo", "Deshacer un trabajo en grupo", context)

    def _change(self, request: HttpRequest, key: int | str) -> BulkChange:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = BulkChange.objects.select_related("by", "undone_by")
        return get_object_or_404(found, pk=_key(key))

    def _prepare_page(
        self, request: HttpRequest, change: BulkChange, form: ActionForm, plan: Plan | None, note: NoteForm
    ) -> TemplateResponse:
        user = user_of(request)
        in_review = plan is not None and any(line.study.stage == Stage.IN_REVIEW for line in plan.of(Outcome.CHANGED))
        context = {
            "change": change,
            "count": change.items.filter(study__isnull=False).count(),
            "form": form,
            "plan": plan,
            "what": plan.action.in_words() if plan else "",
            "groups": _groups_of_plan(plan) if plan else (),
            "note": note,
            "is_publishing": plan is not None and plan.action.move == "publish",
            "writes_under_review": in_review
            and plan is not None
            and plan.action.tagging is not None
            and _may_move(user, "publish")
            and MOVES["publish"].bars_own_work,
        }
        return self._page(request, "prepare", "Trabajo en grupo: qué hacer", context)

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        common = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/studies/bulkchange/{name}.html", {**common, **context})


def _is_sent(request: HttpRequest, note: NoteForm) -> bool:
    """Say whether the person asked for it to be done now: not where the form came back after a sign-in."""
    return request.method == "POST" and AGAIN not in request.POST and note.is_valid()


def _may_move(user: User, name: str) -> bool:
    return user.has_perm(MOVES[name].permission)


def _carried(selection: BulkChange, kind: str) -> list[tuple[str, str]]:
    """Return the terms that the chosen studies carry, with the number of those that do: one query."""
    carried = StudyTerm.objects.filter(study__bulk_items__bulk=selection, term__vocabulary=kind).order_by()
    counts = dict(carried.values_list("term").annotate(Count("study", distinct=True)))
    known = vocabularies.current()
    terms = sorted((known.by_id[key] for key in counts), key=lambda term: known.order(term.id))
    return [(term.code, f"{term.es} ({counts[term.id]})") for term in terms]


def _groups_of_plan(plan: Plan) -> tuple[Group, ...]:
    found = ((outcome, plan.of(outcome)) for outcome in _HEADINGS)
    return tuple(
        Group(outcome.value, _HEADINGS[outcome], len(lines), tuple(map(_row_of_line, _shown(outcome, lines))))
        for outcome, lines in found
        if lines
    )


def _groups_of_items(change: BulkChange) -> tuple[Group, ...]:
    items = list(change.items.select_related("study"))
    headings = {**_HEADINGS, Outcome.CHANGED: "Cambiaron", Outcome.PROPOSED: "Quedaron como propuesta"}
    headings |= {Outcome.REFUSED: "No se pudo", Outcome.SAME: "No había nada que cambiar"}
    found = ((outcome, [item for item in items if item.outcome == outcome]) for outcome in _HEADINGS)
    return tuple(
        Group(outcome.value, headings[outcome], len(rows), tuple(map(_row_of_item, _shown(outcome, rows))))
        for outcome, rows in found
        if rows
    )


def _shown(outcome: Outcome, rows: Sequence[_Shown]) -> Sequence[_Shown]:
    return rows if outcome == Outcome.REFUSED else rows[:SHOWN]


def _row_of_line(line: Line) -> Row:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    if line.record is not None:
        before, after, known = to_record(line.study), line.record, vocabularies.current()
        for name, kind in LISTS.items():
            new, gone = code_changes(getattr(before, name), getattr(after, name))
            added += tuple(known.label(kind, code, "es") for code in new)
            removed += tuple(known.label(kind, code, "es") for code in gone)
    return Row(
        line.study.pk,
        str(line.study),
        line.study.get_stage_display(),
        added,
        removed,
        line.reason,
        in_words(line.problems),
    )


def _row_of_item(item: BulkItem) -> Row:
    found = in_words(Problem(field, code) for field, code in item.problems)
    reason = "Se deshizo." if item.is_undone else item.reason
    if item.study is None:
        return Row(None, item.slug, "eliminado", reason=reason, problems=found)
    return Row(item.study.pk, str(item.study), item.study.get_stage_display(), reason=reason, problems=found)


def _key(key: int | str) -> int:
    return int(key) if str(key).isdecimal() and int(key) < 2**63 else 0


def _to_change(change: BulkChange) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:studies_bulkchange_change", args=[change.pk]))
