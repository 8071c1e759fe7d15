"""Who is written to when something goes to review or comes back, from the pages of the workplace."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from studies.admin.shared.base import user_of
from studies.curation import notifications
from studies.curation.bulk.making import Plan
from studies.models import BulkItem, Proposal, Study


def study_moved(request: HttpRequest, study: Study, move: str, note: str) -> None:
    """Write where the move is one that others wait for."""
    letter = {"send": notifications.review_wanted, "return": notifications.returned}.get(move)
    if letter is not None:
        url = _whole(request, reverse("admin:studies_study_change", args=[study.pk]))
        letter(study, by=user_of(request), note=note, url=url, on_failure=lambda: _tell_failure(request))


def proposal_moved(request: HttpRequest, proposal: Proposal, move: str, note: str) -> None:
    """Write where the move is one that others wait for."""
    url = _whole(request, reverse("admin:studies_proposal_change", args=[proposal.pk]))
    by, study = user_of(request), proposal.study
    if move == "send":
        notifications.review_wanted(study, by=by, note=note, url=url, on_failure=lambda: _tell_failure(request))
    elif move == "return":
        notifications.proposal_returned(
            proposal.author, study, by=by, note=note, url=url, on_failure=lambda: _tell_failure(request)
        )


def bulk_made(request: HttpRequest, made: Plan, note: str) -> None:
    """Write once where many studies or proposals went to review at once."""
    proposed, changed = len(made.of(BulkItem.Outcome.PROPOSED)), len(made.of(BulkItem.Outcome.CHANGED))
    count = proposed or (changed if made.action.move == "send" else 0)
    if count:
        url = _whole(request, f"{reverse('admin:studies_study_queue')}?cola=review")
        by, what = user_of(request), made.action.in_words()
        notifications.many_wait(count, what, by=by, note=note, url=url, on_failure=lambda: _tell_failure(request))


def _whole(request: HttpRequest, path: str) -> str:
    return request.build_absolute_uri(path)


def _tell_failure(request: HttpRequest) -> None:
    messages.warning(request, "Lo hecho quedó hecho, pero el correo a sus colegas no se pudo enviar: avíseles usted.")
