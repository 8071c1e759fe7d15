"""Sends e-mail when something goes to review or comes back, for the pages of the workplace.

`studies.curation.notifications` writes the e-mails and knows who gets them.
"""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from studies.admin.shared.base import signed_in_user
from studies.curation import notifications
from studies.curation.bulk.making import BulkPlan
from studies.curation.moves import MOVES, PROPOSAL_MOVES
from studies.models import BulkItem, Proposal, Study


def notify_of_study_move(request: HttpRequest, study: Study, move: str, note: str) -> None:
    """Send e-mail if others wait for this move of a study."""
    url = _absolute_url(request, reverse("admin:studies_study_change", args=[study.pk]))
    by, on_failure = signed_in_user(request), partial(_warn_of_failure, request)
    if move == "send":
        notifications.notify_reviewers(study, answer=MOVES["publish"], by=by, note=note, url=url, on_failure=on_failure)
    elif move == "return":
        notifications.notify_study_returned(study, by=by, note=note, url=url, on_failure=on_failure)


def notify_of_proposal_move(request: HttpRequest, proposal: Proposal, move: str, note: str) -> None:
    """Send e-mail if others wait for this move of a proposal."""
    url = _absolute_url(request, reverse("admin:studies_proposal_change", args=[proposal.pk]))
    by, study, on_failure = signed_in_user(request), proposal.study, partial(_warn_of_failure, request)
    if move == "send":
        answer = PROPOSAL_MOVES["accept"]
        notifications.notify_reviewers(study, answer=answer, by=by, note=note, url=url, on_failure=on_failure)
    elif move == "return":
        notifications.notify_proposal_returned(proposal.author, study, by=by, note=note, url=url, on_failure=on_failure)


def notify_of_bulk_change(request: HttpRequest, made: BulkPlan, note: str) -> None:
    """Send one e-mail if many studies or proposals went to review at once."""
    proposed, changed = len(made.lines_with(BulkItem.Outcome.PROPOSED)), len(made.lines_with(BulkItem.Outcome.CHANGED))
    count = proposed or (changed if made.action.move == "send" else 0)
    if count:
        url = _absolute_url(request, f"{reverse('admin:studies_study_queue')}?cola=review")
        by, what, on_failure = signed_in_user(request), made.action.in_words(), partial(_warn_of_failure, request)
        answer = PROPOSAL_MOVES["accept"] if proposed else MOVES["publish"]
        notifications.notify_reviewers_of_bulk(
            count, what, answer=answer, by=by, note=note, url=url, on_failure=on_failure
        )


def _absolute_url(request: HttpRequest, path: str) -> str:
    return request.build_absolute_uri(path)


def _warn_of_failure(request: HttpRequest) -> None:
    messages.warning(request, "Lo hecho quedó hecho, pero el correo a sus colegas no se pudo enviar: avíseles usted.")
