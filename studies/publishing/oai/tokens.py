"""Resumption tokens: the state of a harvest, signed, so that the server stores nothing and any host can continue it.

A list is walked by primary key, which never changes: whatever happens to studies meanwhile, none is listed twice and
none is skipped. A token stays valid until the bank is replaced or SECRET_KEY changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.core import signing

from studies.publishing.oai.protocol import OaiError
from studies.store import bank_state

_SALT = "studies.oai.tokens"


@dataclass(frozen=True, slots=True)
class ResumptionState:
    """The state of a harvest: the request, the last primary key sent, the number of items sent, and the total."""

    verb: str
    arguments: Mapping[str, str]
    last_key: int
    given: int
    size: int


def write_token(state: ResumptionState) -> str:
    """Return the signed token of `state`."""
    return signing.dumps([str(bank_state.current().bank_id), asdict(state)], salt=_SALT, compress=True)


def read_token(token: str, verb: str) -> ResumptionState:
    """Return the state in a token. Raises OaiError for a token of another bank or verb, or one that we did not sign."""
    try:
        bank_id, values = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise OaiError("badResumptionToken", "This bank did not write that token.") from None
    if bank_id != str(bank_state.current().bank_id):
        raise OaiError("badResumptionToken", "The token is of another bank.")
    state = ResumptionState(**values)
    if state.verb != verb:
        raise OaiError("badResumptionToken", f"The token is of {state.verb}.")
    return state
