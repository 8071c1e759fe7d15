"""Resumption tokens: all that is needed to go on, signed, so that no host has to remember a harvest.

A list is walked by the keys of its studies, which never change: whatever happens to studies meanwhile, none comes twice
and none that was there is passed over. A token holds for as long as the bank and its secret key do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.core import signing

from studies.publishing.oai.protocol import OaiError
from studies.store import bank_state

_SALT = "studies.oai.tokens"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a harvest is: its verb and arguments, the last key that was given, how many were, and of how many."""

    verb: str
    arguments: Mapping[str, str]
    last_key: int
    given: int
    size: int


def write(place: Place) -> str:
    """Write a place down for the harvester."""
    return signing.dumps([str(bank_state.current().bank_id), asdict(place)], salt=_SALT, compress=True)


def read(token: str, verb: str) -> Place:
    """Return the place that a token tells. Raises OaiError for one that we did not write, or for another verb."""
    try:
        bank_id, told = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise OaiError("badResumptionToken", "This bank did not write that token.") from None
    if bank_id != str(bank_state.current().bank_id):
        raise OaiError("badResumptionToken", "The token is of another bank.")
    place = Place(**told)
    if place.verb != verb:
        raise OaiError("badResumptionToken", f"The token is of {place.verb}.")
    return place
