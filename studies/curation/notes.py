"""Notes between colleagues on a record: written, resolved, opened again. Never public, in no export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation.roles import CHANGE_STUDY
from studies.curation.stages import CurationError
from studies.models import Note, Study

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class NoteRefused(CurationError):
    """The person may not write here, or wrote nothing."""


def may_write(user: User) -> bool:
    """Say whether `user` may write and resolve notes: whoever curates."""
    return user.has_perm(CHANGE_STUDY)


def add(study: Study, text: str, *, by: User) -> Note:
    """Write a note on a study at any stage. Raises NoteRefused."""
    _require(by)
    if not text.strip():
        raise NoteRefused(_("Escriba la nota."))
    return Note.objects.create(study=study, author=by, text=text.strip())


def resolve(note: Note, *, by: User) -> None:
    """Mark a note as resolved; one that is already resolved keeps who did it. Raises NoteRefused."""
    _require(by)
    Note.objects.filter(pk=note.pk, resolved_at=None).update(resolved_by=by, resolved_at=timezone.now())


def reopen(note: Note, *, by: User) -> None:
    """Take back that a note is resolved. Raises NoteRefused."""
    _require(by)
    Note.objects.filter(pk=note.pk).update(resolved_by=None, resolved_at=None)


def _require(user: User) -> None:
    if not may_write(user):
        raise NoteRefused(_("Su cuenta no puede escribir notas."))
