"""E-mail between colleagues: a review is wanted, something came back. Only where a mail server is set (`MAIL_SERVER`).

A letter goes out after the commit; a server that fails undoes nothing, is logged, and is told to whoever moved.
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


def review_wanted(study: Study, *, answer: Move, by: User, note: str, url: str, on_failure: Callable[[], None]) -> None:
    """Write to all who may make `answer`, but to `by`, that `by` sent a study or a proposal. `url` leads to it."""
    if settings.SENDS_MAIL:
        people = get_user_model().objects.with_perm(answer.permission, backend=_BACKEND)
        text = f"{by} envió a revisión: {study}.\n{_quoted(note)}\nPara revisarlo: {url}"
        _after_commit(people, by, f"Por revisar: {study}", text, on_failure)


def many_wait(
    count: int, what: str, *, answer: Move, by: User, note: str, url: str, on_failure: Callable[[], None]
) -> None:
    """Write to all who may make `answer`, but to `by`, one letter for all that a bulk change sent to review."""
    if settings.SENDS_MAIL:
        people = get_user_model().objects.with_perm(answer.permission, backend=_BACKEND)
        studies = "1 estudio" if count == 1 else f"{count} estudios"
        text = f"{by} envió a revisión {studies} con un trabajo en grupo. {what}.\n{_quoted(note)}\nPara revisar: {url}"
        _after_commit(people, by, f"Por revisar: {studies}", text, on_failure)


def returned(study: Study, *, by: User, note: str, url: str, on_failure: Callable[[], None]) -> None:
    """Write to those who wrote a study that `by` returned it, and why."""
    if settings.SENDS_MAIL:
        people = get_user_model().objects.filter(
            pk__in=study.revisions.filter(is_content=True, by__isnull=False).values("by"), is_active=True
        )
        _tell_returned(people, study, by, note, url, on_failure)


def proposal_returned(
    author: User, study: Study, *, by: User, note: str, url: str, on_failure: Callable[[], None]
) -> None:
    """Write to the author of a proposal that `by` returned it, and why."""
    if settings.SENDS_MAIL:
        people = get_user_model().objects.filter(pk=author.pk, is_active=True)
        _tell_returned(people, study, by, note, url, on_failure)


def _tell_returned(
    people: QuerySet[User], study: Study, by: User, note: str, url: str, on_failure: Callable[[], None]
) -> None:
    text = f"{by} devolvió: {study}.\n{_quoted(note)}\nPara seguir: {url}"
    _after_commit(people, by, f"Devuelto: {study}", text, on_failure)


def _after_commit(people: QuerySet[User], by: User, subject: str, text: str, on_failure: Callable[[], None]) -> None:
    addresses = list(people.exclude(pk=by.pk).exclude(email="").values_list("email", flat=True).distinct())
    transaction.on_commit(lambda: _send(addresses, subject, text, on_failure))


def _send(addresses: Iterable[str], subject: str, text: str, on_failure: Callable[[], None]) -> None:
    """Send a letter to each, so that nobody reads the others' addresses, over one connection."""
    # A title may hold line ends; a subject must not.
    line = " ".join(f"[Banco de Evidencias] {subject}".split())[:200]
    letters = [EmailMessage(line, text, settings.MAIL_FROM, [address]) for address in addresses]
    try:
        if letters:
            get_connection().send_messages(letters)
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; a ValueError is an address it cannot write
        logger.error("could not send %d letters: %s", len(letters), error)
        on_failure()


def _quoted(note: str) -> str:
    return f"\n«{note.strip()}»\n" if note.strip() else ""
