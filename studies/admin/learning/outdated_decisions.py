"""The page of what rests on studies that changed after it: curators mark decisions and answers that they have seen.

A published text is marked by a reviewer who did not write it: two people stand for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import override

from studies.admin.shared.base import signed_in_user
from studies.curation.moves import CONFIRM_TEXT, find_refusal
from studies.curation.roles import CHANGE_STUDY
from studies.learning import dependents
from studies.learning.dependents import ChangedStudy, Dependent, UnsettledDependent
from studies.models import CertaintyJudgement, Conclusion, Decision, PolicyQuestion, ReviewedText, SafetyNote
from studies.store import bank_state
from studies.text.dates import format_short_date
from studies.web.study.record_history import describe_event

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TITLE = "Decisiones, respuestas y conclusiones por volver a mirar"
_MODELS: dict[str, type[Dependent]] = {
    "decision": Decision,
    "question": PolicyQuestion,
    "conclusion": Conclusion,
    "certainty": CertaintyJudgement,
    "safety-note": SafetyNote,
}
_KINDS = {model: kind for kind, model in _MODELS.items()}


@dataclass(frozen=True, slots=True)
class ChangedStudyLine:
    """A study that changed: what happened to it in words, and the address of its history."""

    title: str
    stage: str
    url: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnsettledLine:
    """A decision, an answer or a text with its changed studies. `kind` and `key` name it in the form."""

    kind: str
    key: int
    title: str
    about: str
    url: str
    studies: tuple[ChangedStudyLine, ...]
    may_mark: bool


def outdated_decisions(request: HttpRequest) -> HttpResponse:
    """List them (GET); mark one as seen, up to the change of the bank that the page showed (POST)."""
    user = signed_in_user(request)
    if not user.has_perm("studies.view_study"):
        raise PermissionDenied
    if request.method == "POST":
        return _mark_seen(request, user)
    with bank_state.cached_counter(), override("es"):
        context = {
            **admin.site.each_context(request),
            "title": TITLE,
            "lines": [_make_line(each, user) for each in dependents.list_unsettled()],
            "until_no": bank_state.current().change_no,
        }
        return TemplateResponse(request, "admin/studies/decision/changes.html", context).render()


def _mark_seen(request: HttpRequest, user: User) -> HttpResponse:
    if not user.has_perm(CHANGE_STUDY):
        raise PermissionDenied
    model = _MODELS.get(request.POST.get("kind", ""))
    key, until = request.POST.get("key", ""), request.POST.get("until", "")
    known = model is not None and _is_number(key) and _is_number(until)
    row: Dependent | None = model._default_manager.filter(pk=int(key)).first() if model and known else None
    if row is None:
        raise Http404
    if not _may_mark(row, user):
        raise PermissionDenied
    dependents.mark_seen(row, int(until))
    admin.site._registry[type(row)].log_change(request, row, f"Visto lo que cambió hasta el cambio {int(until)}.")
    messages.success(request, "Marcado como visto: si sus estudios vuelven a cambiar, aparecerá de nuevo.")
    return redirect("admin:studies_decision_changes")


def _may_mark(row: Dependent, user: User) -> bool:
    if isinstance(row, ReviewedText):
        return find_refusal(CONFIRM_TEXT, row, user) is None
    return user.has_perm(CHANGE_STUDY)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _make_line(each: UnsettledDependent, user: User) -> UnsettledLine:
    row = each.row
    if isinstance(row, Decision):
        title = row.text_es
        about = f"Decisión del {format_short_date(row.decided_on)} sobre {row.programme.name_es}"
    elif isinstance(row, PolicyQuestion):
        title = row.question_es
        about = f"Respuesta revisada el {format_short_date(row.reviewed_on)}"
    else:
        title = str(row)
        about = f"{str(row._meta.verbose_name).capitalize()}, revisión del {format_short_date(row.reviewed_on)}"
    return UnsettledLine(
        kind=_KINDS[type(row)],
        key=row.pk,
        title=title,
        about=about,
        url=reverse(f"admin:studies_{row._meta.model_name}_change", args=[row.pk]),
        studies=tuple(_make_study_line(changed) for changed in each.studies),
        may_mark=_may_mark(row, user),
    )


def _make_study_line(changed: ChangedStudy) -> ChangedStudyLine:
    return ChangedStudyLine(
        title=str(changed.study),
        stage=str(changed.study.get_stage_display()),
        url=reverse("admin:studies_study_history", args=[changed.study.pk]),
        what=tuple(_describe_changes(changed)),
    )


def _describe_changes(changed: ChangedStudy) -> Iterable[str]:
    for event in changed.events:
        yield f"{format_short_date(event.on)}: {describe_event(event, 'es')}"
    if changed.merged_into is not None:
        yield f"unido a «{changed.merged_into}»: nombre ese estudio en su lugar si sigue sustentándola"
