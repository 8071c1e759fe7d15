"""E-mail between colleagues: requests for review, and returned work. Sent only if `MAIL_SERVER` is set.

Messages go out after the commit. A failing server undoes nothing: it is logged, and `on_failure` tells the sender.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from studies.curation.moves import Move
from studies.models import Study

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def notify_reviewers(
    study: Study, *, answer: Move, by: User, note: str, url: str, on_failure: Callable[[], None]
) -> None:
    """Tell all who may make the move `answer`, except `by`, that `by` sent a study or proposal, found at `url`."""
    if settings.SENDS_MAIL:
        people = get_user_model().objects.with_perm(answer.permission, backend=_BACKEND)
        text = f"{by} envió a revisión: {study}.\n{_quote(note)}\nPara revisarlo: {url}"
        _send_after_commit(people, by, f"Por revisar: {study}", text, on_failure)


def notify_reviewers_of_bulk(
    count: int, what: str, *, answer: Move, by: User, note: str, url: str, on_failure: Callable[[], None]
) -> None:
    """Tell all who may make the move `answer`, except `by`, how much a bulk change sent to review, in one message."""
    if settings.SENDS_MAIL:
        people = get_user_model().objects.with_perm(answer.permission, backend=_BACKEND)
        studies = "1 estudio" if count == 1 else f"{count} estudios"
        text = f"{by} envió a revisión {studies} con un trabajo en grupo. {what}.\n{_quote(note)}\nPara revisar: {url}"
        _send_after_commit(people, by, f"Por revisar: {studies}", text, on_failure)


def notify_study_returned(study: Study, *, by: User, note: str, url: str, on_failure: Callable[[], None]) -> None:
    """Tell everybody who wrote a study that `by` returned it, and why."""
    if settings.SENDS_MAIL:
        people = get_user_model().objects.filter(
            pk__in=study.revisions.filter(is_content=True, by__isnull=False).values("by"), is_active=True
        )
        _notify_returned(people, study, by, note, url, on_failure)


def notify_proposal_returned(
    author: User, study: Study, *, by: User, note: str, url: str, on_failure: Callable[[], None]
) -> None:
    """Tell the author of a proposal that `by` returned it, and why."""
    if settings.SENDS_MAIL:
        people = get_user_model().objects.filter(pk=author.pk, is_active=True)
        _notify_returned(people, study, by, note, url, on_failure)


def _notify_returned(
    people: QuerySet[User], study: Study, by: User, note: str, url: str, on_failure: Callable[[], None]
) -> None:
    text = f"{by} devolvió: {study}.\n{_quote(note)}\nPara seguir: {url}"
    _send_after_commit(people, by, f"Devuelto: {study}", text, on_failure)


def _send_after_commit(
    people: QuerySet[User], by: User, subject: str, text: str, on_failure: Callable[[], None]
) -> None:
    addresses = list(people.exclude(pk=by.pk).exclude(email="").values_list("email", flat=True).distinct())
    transaction.on_commit(lambda: _send(addresses, subject, text, on_failure))


def _send(addresses: Iterable[str], subject: str, text: str, on_failure: Callable[[], None]) -> None:
    """Send a message of its own to each address, so that nobody sees the others, over one connection."""
    # A title may hold line ends; a subject must not.
    line = " ".join(f"[Banco de Evidencias] {subject}".split())[:200]
    letters = [EmailMessage(line, text, settings.MAIL_FROM, [address]) for address in addresses]
    try:
        if letters:
            get_connection().send_messages(letters)
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; a ValueError is an address it cannot write
        logger.error("could not send %d letters: %s", len(letters), error)
        on_failure()


def _quote(note: str) -> str:
    return f"\n«{note.strip()}»\n" if note.strip() else ""
