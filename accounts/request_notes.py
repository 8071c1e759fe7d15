"""What the accounts note on a request while it is answered, for a page or middleware further out to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from accounts.limits import TooManyFailures

_ATTRIBUTE = "accounts_notes"


@dataclass(slots=True)
class RequestNotes:
    refusal: TooManyFailures | None = None
    """Why an attempt was not even checked: the answer says 429 and how long to wait."""
    held_user: User | None = None
    """The person whose second step or new password is due, a stranger to every page until then."""
    proven_account: str = ""
    """The key (`limits.account_key`) of the account that proved itself: its browser is remembered as known."""
    session_was_ended: bool = False
    """The person signed out, or the session expired: the browser is told to drop what it keeps."""


def notes_of(request: HttpRequest) -> RequestNotes:
    """Return the notes on `request`, made empty when first asked for. What is set on them is seen by all."""
    notes: RequestNotes | None = request.__dict__.get(_ATTRIBUTE)
    if notes is None:
        notes = request.__dict__[_ATTRIBUTE] = RequestNotes()
    return notes
