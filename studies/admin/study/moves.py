"""Moves of a study from stage to stage: a page that states what happens, and a button. The rules: `curation.moves`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from studies.admin.record_form.problems import describe_problems
from studies.admin.shared import notifications
from studies.admin.shared.base import signed_in_user
from studies.admin.shared.move_form import MoveForm
from studies.admin.shared.sessions import AGAIN
from studies.curation import stages
from studies.curation.moves import MOVES, Move
from studies.curation.stages import CurationError, NotPublishable
from studies.models import Study

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.contrib.auth.models import User

CONSEQUENCES: Mapping[str, str] = {
    "send": "Quien revisa podrá publicarlo o devolverlo con un motivo. Hasta entonces nadie de fuera lo ve.",
    "publish": "Cualquier persona podrá encontrarlo, leerlo y exportarlo. Su dirección ya no cambiará, y no podrá "
    "eliminarse, solo retirarse.",
    "return": "Volverá a ser borrador, con el motivo que usted escriba.",
    "withdraw": "Saldrá de la búsqueda, de los conteos y de las exportaciones. Su página seguirá en su dirección, "
    "con un aviso y el motivo que usted escriba: el motivo se publica.",
    "restore": "Volverá a la búsqueda, a los conteos y a las exportaciones, y el aviso de retiro desaparecerá.",
}


class MoveView:
    """Shows what a move does (GET) and makes it (POST)."""

    def __init__(self, admin: ModelAdmin[Study]) -> None:
        self.admin = admin
        self.__name__ = "move"  # admin_view() wraps functions

    def __call__(self, request: HttpRequest, study_id: int, name: str) -> HttpResponse:
        move = MOVES.get(name)
        if move is None:
            raise Http404(name)
        study = get_object_or_404(Study, pk=study_id)
        user = signed_in_user(request)
        if not user.has_perm(move.permission):
            raise PermissionDenied
        if request.method == "POST":
            return self._make(request, study, move, user)
        if sentence := stages.explain_refusal(move, study, user, is_own=False):
            messages.warning(request, sentence)
            return _redirect_to_study(study)
        return self._page(request, study, move, MoveForm(move=move, initial={"seen_no": study.changed_no}))

    def _make(self, request: HttpRequest, study: Study, move: Move, user: User) -> HttpResponse:
        form = MoveForm(request.POST, move=move)
        if form.is_valid() and AGAIN not in request.POST:
            if form.cleaned_data["seen_no"] not in (None, study.changed_no):
                messages.warning(request, "El estudio cambió desde que usted abrió esa página. Revíselo primero.")
                return _redirect_to_study(study)
            try:
                stages.move(study, move.name, by=user, note=form.cleaned_data["note"])
            except NotPublishable:
                pass  # The page lists the problems.
            except CurationError as refusal:
                form.add_error(None, refusal.message)
            else:
                study.refresh_from_db()
                notifications.notify_of_study_move(request, study, move.name, form.cleaned_data["note"])
                messages.success(request, f"«{study.slug}» está ahora en la etapa «{study.get_stage_display()}».")
                return _redirect_to_study(study)
        return self._page(request, study, move, form)

    def _page(self, request: HttpRequest, study: Study, move: Move, form: MoveForm) -> HttpResponse:
        context = {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "title": move.label,
            "study": study,
            "move": move,
            "consequence": CONSEQUENCES[move.name],
            "form": form,
            "problems": describe_problems(stages.find_problems(study)) if move.needs_publishable else (),
            "study_url": reverse("admin:studies_study_change", args=[study.pk]),
        }
        return TemplateResponse(request, "admin/studies/study/move.html", context)


def _redirect_to_study(study: Study) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:studies_study_change", args=[study.pk]))
