"""Notes between colleagues on a record: add, resolve, reopen. They are never public and never exported."""

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
    """The person may not write notes, or the note is empty."""


def may_write_notes(user: User) -> bool:
    """Return True if `user` may write and resolve notes, as every curator may."""
    return user.has_perm(CHANGE_STUDY)


def add(study: Study, text: str, *, by: User) -> Note:
    """Add a note to a study at any stage. Raises NoteRefused."""
    _require_permission(by)
    if not text.strip():
        raise NoteRefused(_("Escriba la nota."))
    return Note.objects.create(study=study, author=by, text=text.strip())


def resolve(note: Note, *, by: User) -> None:
    """Mark a note as resolved. One that is resolved already keeps its person and time. Raises NoteRefused."""
    _require_permission(by)
    Note.objects.filter(pk=note.pk, resolved_at=None).update(resolved_by=by, resolved_at=timezone.now())


def reopen(note: Note, *, by: User) -> None:
    """Mark a note as open again. Raises NoteRefused."""
    _require_permission(by)
    Note.objects.filter(pk=note.pk).update(resolved_by=None, resolved_at=None)


def _require_permission(user: User) -> None:
    if not may_write_notes(user):
        raise NoteRefused(_("Su cuenta no puede escribir notas."))
