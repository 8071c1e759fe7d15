"""Bulk work: what to do with the chosen studies, the preview, what was done, and undoing it.

The rules are in `studies.curation.bulk`. The search chooses the studies, and is not known here.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from studies.admin.bulk.forms import ActionForm, BulkNoteForm, may_move
from studies.admin.bulk.groups import groups_of_items, groups_of_plan
from studies.admin.shared import notifications
from studies.admin.shared.base import BankAdmin, signed_in_user
from studies.admin.shared.sessions import AGAIN
from studies.curation.bulk import making, undoing
from studies.curation.bulk.making import BulkPlan
from studies.curation.moves import MOVES
from studies.curation.roles import CHANGE_STUDY
from studies.curation.stages import CurationError
from studies.models import BulkChange, BulkItem, Stage
from studies.store import bank_state
from studies.text.dates import format_short_datetime

Outcome = BulkItem.Outcome


@admin.register(BulkChange)
class BulkChangeAdmin(BankAdmin):
    """What was done with many studies at once: who, when, what, in how many, and whether it was undone."""

    read_with = (CHANGE_STUDY,)
    list_display = ("what", "by", "day", "touched", "state")
    list_per_page = 50
    list_select_related = ("by", "undone_by")
    search_help_text = "Lo que se hizo, el motivo o la persona."

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkChange]:
        done = BulkChange.objects.filter(done_at__isnull=False)
        touched = Q(items__outcome__in=(Outcome.CHANGED, Outcome.PROPOSED))
        return done.annotate(touched=Count("items", filter=touched)).order_by("-done_at", "-pk")

    def search_text(self, row: BulkChange) -> str:
        return f"{row.what} {row.note} {row.by}"

    @admin.display(description="fecha", ordering="done_at")
    def day(self, change: BulkChange) -> str:
        return format_short_datetime(change.done_at)

    @admin.display(description="estudios", ordering="touched")
    def touched(self, change: BulkChange) -> int:
        """Return the number of studies that were changed or got a proposal, which `get_queryset` counts."""
        return change.touched  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="deshecho")
    def state(self, change: BulkChange) -> str:
        return f"{format_short_datetime(change.undone_at)} ({change.undone_by})" if change.undone_at else "no"

    # --- Who may do what -----------------------------------------------------------------------------------------

    def own_urls(self) -> list[URLPattern]:
        return [
            path("<int:bulk_id>/preparar/", self.staff_view(self.prepare_view), name="studies_bulkchange_prepare"),
            path("<int:bulk_id>/deshacer/", self.staff_view(self.undo_view), name="studies_bulkchange_undo"),
        ]

    def prepare_view(self, request: HttpRequest, bulk_id: int) -> HttpResponse:
        """Ask what to do and show what would happen (GET), or do it (POST): only for who chose the studies."""
        change = self._change(request, bulk_id)
        if change.done_at is not None:
            return _redirect_to_change(change)
        user = signed_in_user(request)
        if change.by_id != user.pk:
            raise PermissionDenied
        form = ActionForm(request.GET if "do" in request.GET else None, selection=change, user=user)
        action = form.action()
        note = BulkNoteForm(request.POST if request.method == "POST" else None)
        with bank_state.cached_counter():
            if _is_sent(request, note) and action is not None:
                data = note.cleaned_data
                try:
                    made = making.apply_action(change, action, seen=data["seen"], by=user, note=data["note"])
                except CurationError as refusal:
                    messages.error(request, refusal.message)
                else:
                    notifications.notify_of_bulk_change(request, made, data["note"])
                    messages.success(request, f"Hecho: {change.what}.")
                    return _redirect_to_change(change)
            plan = making.plan_action(change, action, by=user) if action is not None else None
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
            "groups": groups_of_items(change),
            "may_undo": undoing.may_undo(change, signed_in_user(request)) and left.exists(),
        }
        return self._page(request, "done", "Trabajo en grupo", context)

    def undo_view(self, request: HttpRequest, bulk_id: int) -> HttpResponse:
        """Show what prevents undoing (GET), and undo (POST)."""
        change = self._change(request, bulk_id)
        user = signed_in_user(request)
        if not undoing.may_undo(change, user):
            raise PermissionDenied
        note = BulkNoteForm(request.POST if request.method == "POST" else None)
        if _is_sent(request, note):
            try:
                count = undoing.undo(
                    change, by=user, note=note.cleaned_data["note"], skip_hindered="skip" in request.POST
                )
            except CurationError as refusal:
                messages.error(request, refusal.message)
            else:
                messages.success(request, f"Se deshizo en {count} {'estudio' if count == 1 else 'estudios'}.")
                return _redirect_to_change(change)
        lines = undoing.plan_undo(change, by=user)
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
        return get_object_or_404(found, pk=_read_key(key))

    def _prepare_page(
        self, request: HttpRequest, change: BulkChange, form: ActionForm, plan: BulkPlan | None, note: BulkNoteForm
    ) -> TemplateResponse:
        user = signed_in_user(request)
        in_review = plan is not None and any(
            line.study.stage == Stage.IN_REVIEW for line in plan.lines_with(Outcome.CHANGED)
        )
        context = {
            "change": change,
            "count": change.items.filter(study__isnull=False).count(),
            "form": form,
            "plan": plan,
            "what": plan.action.in_words() if plan else "",
            "groups": groups_of_plan(plan) if plan else (),
            "note": note,
            "is_publishing": plan is not None and plan.action.move == "publish",
            "writes_under_review": in_review
            and plan is not None
            and plan.action.tagging is not None
            and may_move(user, "publish")
            and MOVES["publish"].bars_own_work,
        }
        return self._page(request, "prepare", "Trabajo en grupo: qué hacer", context)

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        common = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/studies/bulkchange/{name}.html", {**common, **context})


def _is_sent(request: HttpRequest, note: BulkNoteForm) -> bool:
    """Return True if the person asked for it to be done now, which a form that came back after a sign-in does not."""
    return request.method == "POST" and AGAIN not in request.POST and note.is_valid()


def _read_key(key: int | str) -> int:
    return int(key) if str(key).isdecimal() and int(key) < 2**63 else 0


def _redirect_to_change(change: BulkChange) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:studies_bulkchange_change", args=[change.pk]))
