"""What is harvested: every study that is published, and every one that was, as deleted. Never one that was not.

A datestamp is the moment from which a record reads as it does: the last change of the study or, as the labels of its
terms are part of it, of the vocabularies.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Min

from studies.models import Stage, Study, Vocabulary
from studies.publishing.oai import tokens
from studies.publishing.oai.protocol import TOKEN, OaiError, OaiRequest, span_of
from studies.publishing.oai.tokens import Place
from studies.store import bank_state, vocabularies

if TYPE_CHECKING:
    from studies.models.querysets import StudyQuerySet
    from studies.store.vocabularies import TermView, Vocabularies

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Item:
    """A study as harvesters know it. `study` has the rows of its record unless it is deleted."""

    study: Study
    datestamp: datetime.datetime
    is_deleted: bool

    @property
    def identifier(self) -> str:
        return f"{prefix()}{self.study.slug}"


@dataclass(frozen=True, slots=True)
class Harvested:
    """A page of a list. `token` is empty on the last page, None where the page is the whole list."""

    items: tuple[Item, ...]
    token: str | None
    cursor: int
    size: int
    metadata_prefix: str


def prefix() -> str:
    """Return what all identifiers begin with."""
    return f"oai:{settings.OAI_DOMAIN}:"


def page(request: OaiRequest) -> Harvested:
    """Return the page that is asked for: nine queries at most. Raises OaiError."""
    place = _place(request)
    wanted = _wanted(place.arguments)
    if place.given == 0:
        place = replace(place, size=wanted.count())
    rows = list(wanted.filter(pk__gt=place.last_key).order_by("pk").for_record()[: PAGE_SIZE + 1])
    if not rows and place.given == 0:
        raise OaiError("noRecordsMatch", "No record of this bank is of that set and of those dates.")
    shown = rows[:PAGE_SIZE]
    given = place.given + len(shown)
    if len(rows) > PAGE_SIZE:
        token: str | None = tokens.write(replace(place, last_key=shown[-1].pk, given=given))
    else:
        token = "" if place.given else None
    # Studies that came meanwhile belong to the list too.
    size = max(place.size, given)
    return Harvested(_items(shown), token, place.given, size, place.arguments["metadataPrefix"])


def item(identifier: str) -> Item:
    """Return one study by its identifier: seven queries. Raises OaiError."""
    if identifier.startswith(prefix()):
        slug = identifier.removeprefix(prefix())
        for found in _items(list(Study.objects.once_public().filter(slug=slug).for_record())):
            return found
    raise OaiError("idDoesNotExist", "No record of this bank has that identifier.")


def earliest_datestamp() -> datetime.datetime:
    """Return a moment before which nothing can have changed: one query."""
    first: datetime.datetime | None = Study.objects.once_public().aggregate(first=Min("updated_at"))["first"]
    return first or bank_state.current().changed_at


def sets(vocabulary: Vocabularies) -> tuple[TermView, ...]:
    """Return the themes, which are the sets."""
    return vocabulary.terms(Vocabulary.THEMES)


def _place(request: OaiRequest) -> Place:
    if TOKEN in request.arguments:
        return tokens.read(request.arguments[TOKEN], request.verb)
    return Place(request.verb, dict(request.arguments), last_key=0, given=0, size=0)


def _wanted(arguments: Mapping[str, str]) -> StudyQuerySet:
    """Return the studies of the set and of the dates that are asked for, in no order."""
    span = span_of(arguments)
    wanted = Study.objects.once_public().changed_between(span.since, span.before, bank_state.current().vocabulary_at)
    if "set" not in arguments:
        return wanted
    vocabulary = vocabularies.current()
    if not sets(vocabulary):
        raise OaiError("noSetHierarchy", "This bank has no sets.")
    theme = vocabulary.find(Vocabulary.THEMES, arguments["set"])
    if theme is None:
        raise OaiError("noRecordsMatch", "This bank has no such set.")
    return wanted.with_term(theme.id)


def _items(rows: list[Study]) -> tuple[Item, ...]:
    vocabulary_at = bank_state.current().vocabulary_at
    return tuple(
        Item(study, max(study.updated_at, vocabulary_at), is_deleted=False)
        if study.stage == Stage.PUBLISHED
        else Item(study, study.updated_at, is_deleted=True)
        for study in rows
    )
