"""Who is written to when something goes to review or comes back, from the pages of the workplace."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from studies.admin.shared.base import user_of
from studies.curation import notifications
from studies.curation.bulk.making import BulkPlan
from studies.curation.moves import MOVES, PROPOSAL_MOVES
from studies.models import BulkItem, Proposal, Study


def study_moved(request: HttpRequest, study: Study, move: str, note: str) -> None:
    """Write where the move is one that others wait for."""
    url = _whole(request, reverse("admin:studies_study_change", args=[study.pk]))
    by, on_failure = user_of(request), partial(_tell_failure, request)
    if move == "send":
        notifications.notify_reviewers(study, answer=MOVES["publish"], by=by, note=note, url=url, on_failure=on_failure)
    elif move == "return":
        notifications.notify_study_returned(study, by=by, note=note, url=url, on_failure=on_failure)


def proposal_moved(request: HttpRequest, proposal: Proposal, move: str, note: str) -> None:
    """Write where the move is one that others wait for."""
    url = _whole(request, reverse("admin:studies_proposal_change", args=[proposal.pk]))
    by, study, on_failure = user_of(request), proposal.study, partial(_tell_failure, request)
    if move == "send":
        answer = PROPOSAL_MOVES["accept"]
        notifications.notify_reviewers(study, answer=answer, by=by, note=note, url=url, on_failure=on_failure)
    elif move == "return":
        notifications.notify_proposal_returned(proposal.author, study, by=by, note=note, url=url, on_failure=on_failure)


def bulk_made(request: HttpRequest, made: BulkPlan, note: str) -> None:
    """Write once where many studies or proposals went to review at once."""
    proposed, changed = len(made.lines_with(BulkItem.Outcome.PROPOSED)), len(made.lines_with(BulkItem.Outcome.CHANGED))
    count = proposed or (changed if made.action.move == "send" else 0)
    if count:
        url = _whole(request, f"{reverse('admin:studies_study_queue')}?cola=review")
        by, what, on_failure = user_of(request), made.action.in_words(), partial(_tell_failure, request)
        answer = PROPOSAL_MOVES["accept"] if proposed else MOVES["publish"]
        notifications.notify_reviewers_of_bulk(
            count, what, answer=answer, by=by, note=note, url=url, on_failure=on_failure
        )


def _whole(request: HttpRequest, path: str) -> str:
    return request.build_absolute_uri(path)


def _tell_failure(request: HttpRequest) -> None:
    messages.warning(request, "Lo hecho quedó hecho, pero el correo a sus colegas no se pudo enviar: avíseles usted.")
