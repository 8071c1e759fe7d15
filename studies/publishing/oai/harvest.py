"""Selects the studies to harvest: published ones, and as deleted those that were. A draft is never shown.

A datestamp is the time of the last change of a study, or of the vocabularies if that is later: the labels of its terms
are part of its description.
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
from studies.publishing.oai.protocol import TOKEN, OaiError, OaiRequest, parse_range
from studies.publishing.oai.tokens import ResumptionState
from studies.store import bank_state, vocabularies

if TYPE_CHECKING:
    from studies.models.querysets import StudyQuerySet
    from studies.store.vocabularies import TermView, Vocabularies

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class OaiItem:
    """A study as an item of the protocol, with the rows that its record needs prefetched."""

    study: Study
    datestamp: datetime.datetime
    is_deleted: bool

    @property
    def identifier(self) -> str:
        return f"{identifier_prefix()}{self.study.slug}"


@dataclass(frozen=True, slots=True)
class HarvestPage:
    """A page of a list. `token` is "" on the last page and None if the list has only one page.

    `cursor` counts the items before this page, `size` those of the whole list.
    """

    items: tuple[OaiItem, ...]
    token: str | None
    cursor: int
    size: int
    metadata_prefix: str


def identifier_prefix() -> str:
    """Return the prefix of all identifiers."""
    return f"oai:{settings.OAI_DOMAIN}:"


def read_page(request: OaiRequest) -> HarvestPage:
    """Return the page that `request` asks for: thirteen queries at most. Raises OaiError."""
    state = _read_state(request)
    wanted = _filter_studies(state.arguments)
    if state.given == 0:
        state = replace(state, size=wanted.count())
    rows = list(wanted.filter(pk__gt=state.last_key).order_by("pk").for_record()[: PAGE_SIZE + 1])
    if not rows and state.given == 0:
        raise OaiError("noRecordsMatch", "No record of this bank is of that set and of those dates.")
    shown = rows[:PAGE_SIZE]
    given = state.given + len(shown)
    if len(rows) > PAGE_SIZE:
        token: str | None = tokens.write_token(replace(state, last_key=shown[-1].pk, given=given))
    else:
        token = "" if state.given else None
    # Studies that were published since the first page belong to the list too.
    size = max(state.size, given)
    return HarvestPage(_make_items(shown), token, state.given, size, state.arguments["metadataPrefix"])


def get_item(identifier: str) -> OaiItem:
    """Return the item with an identifier: eleven queries. Raises OaiError if there is none."""
    if identifier.startswith(identifier_prefix()):
        slug = identifier.removeprefix(identifier_prefix())
        for item in _make_items(list(Study.objects.once_public().filter(slug=slug).for_record())):
            return item
    raise OaiError("idDoesNotExist", "No record of this bank has that identifier.")


def find_earliest_datestamp() -> datetime.datetime:
    """Return a time before which no record changed: one query."""
    first: datetime.datetime | None = Study.objects.once_public().aggregate(first=Min("updated_at"))["first"]
    return first or bank_state.current().changed_at


def list_sets(vocabulary: Vocabularies) -> tuple[TermView, ...]:
    """Return the sets of the protocol, which are the themes."""
    return vocabulary.terms(Vocabulary.THEMES)


def _read_state(request: OaiRequest) -> ResumptionState:
    if TOKEN in request.arguments:
        return tokens.read_token(request.arguments[TOKEN], request.verb)
    return ResumptionState(request.verb, dict(request.arguments), last_key=0, given=0, size=0)


def _filter_studies(arguments: Mapping[str, str]) -> StudyQuerySet:
    """Return the studies of the requested set and dates, unordered."""
    span = parse_range(arguments)
    wanted = Study.objects.once_public().changed_between(span.since, span.before, bank_state.current().vocabulary_at)
    if "set" not in arguments:
        return wanted
    vocabulary = vocabularies.current()
    if not list_sets(vocabulary):
        raise OaiError("noSetHierarchy", "This bank has no sets.")
    theme = vocabulary.find(Vocabulary.THEMES, arguments["set"])
    if theme is None:
        raise OaiError("noRecordsMatch", "This bank has no such set.")
    return wanted.with_term(theme.id)


def _make_items(rows: list[Study]) -> tuple[OaiItem, ...]:
    vocabulary_at = bank_state.current().vocabulary_at
    return tuple(
        OaiItem(study, max(study.updated_at, vocabulary_at), is_deleted=False)
        if study.stage == Stage.PUBLISHED
        else OaiItem(study, study.updated_at, is_deleted=True)
        for study in rows
    )
