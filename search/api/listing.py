"""Reads the keys of lists that are walked by a cursor: studies, their findings, changes. And the rows of one page.

Keys are sorted in Python, so that the order is that of `Position` on any database.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.api.paging import Position, Slice, take_slice
from search.criteria import codes
from search.services import public_search
from studies.models import Finding, Stage, Study
from studies.records.finding import FindingRecord
from studies.store import vocabularies
from studies.store.exchange.study import to_record

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """A finding with its study and its place in it, from 1."""

    study: Study
    place: int
    record: FindingRecord


@dataclass(frozen=True, slots=True)
class StudyChange:
    """The last change of a study that is or was public. `merged_into` is the id of the study that took its place."""

    position: Position
    changed_at: datetime.datetime
    stage: str
    merged_into: str | None


def slice_studies(
    criteria: Criteria, since: datetime.datetime | None, after: Position | None, size: int
) -> tuple[Slice, list[Study]]:
    """Return a page of the studies of a list in the order of their last change, with the rows of their records.

    Thirteen queries, whatever the number of studies.
    """
    studies = Study.objects.published()
    if since is not None:
        studies = studies.filter(updated_at__gte=since)
    keys = {Position(change, slug): pk for change, slug, pk in studies.values_list("changed_no", "slug", "pk")}
    wanted = _ids_of(criteria)
    page = take_slice(sorted(key for key, pk in keys.items() if wanted is None or pk in wanted), after, size)
    return page, Study.objects.for_export().in_order_of(keys[key] for key in page.keys)


def slice_findings(
    criteria: Criteria, since: datetime.datetime | None, after: Position | None, size: int
) -> tuple[Slice, list[PlacedFinding]]:
    """Return a page of the findings of the studies of a list, by last change of the study: thirteen queries.

    Where criteria name outcomes or effects, only findings on these: a study found by one finding has others.
    """
    rows = Finding.objects.filter(study__stage=Stage.PUBLISHED)
    if since is not None:
        rows = rows.filter(study__updated_at__gte=since)
    columns = ("study_id", "study__changed_no", "study__slug", "outcome_id", "effect_id")
    wanted, vocabulary = _ids_of(criteria), vocabularies.current()
    chosen = codes.resolve_codes(criteria, vocabulary).filters.chosen
    outcomes, effects = chosen.get("outcome"), chosen.get("effect")
    places: dict[int, int] = {}
    keys: dict[Position, int] = {}
    for pk, change, slug, outcome, effect in rows.order_by("study_id", "position", "id").values_list(*columns):
        places[pk] = place = places.get(pk, 0) + 1
        is_asked_for = (outcomes is None or vocabulary.by_id[outcome].code in outcomes) and (
            effects is None or vocabulary.by_id[effect].code in effects
        )
        if is_asked_for and (wanted is None or pk in wanted):
            keys[Position(change, slug, place)] = pk
    page = take_slice(sorted(keys), after, size)
    wanted_now = dict.fromkeys(keys[key] for key in page.keys)
    studies = {study.pk: study for study in Study.objects.for_export().in_order_of(wanted_now)}
    records = {pk: to_record(study, vocabulary) for pk, study in studies.items()}
    return page, [
        PlacedFinding(studies[pk], key.place, records[pk].findings[key.place - 1])
        for key in page.keys
        # A study that was withdrawn a moment ago is in the keys alone.
        if (pk := keys[key]) in studies and key.place <= len(records[pk].findings)
    ]


def slice_changes(
    since: datetime.datetime | None, after: Position | None, size: int
) -> tuple[Slice, Sequence[StudyChange]]:
    """Return a page of the studies that are or were public, in the order of their last change: one query."""
    rows = Study.objects.once_public()
    if since is not None:
        rows = rows.filter(updated_at__gte=since)
    columns = ("changed_no", "slug", "updated_at", "stage", "merged_into__slug")
    changes = {
        (position := Position(change, slug)): StudyChange(position, changed_at, stage, merged_into)
        for change, slug, changed_at, stage, merged_into in rows.values_list(*columns)
    }
    page = take_slice(sorted(changes), after, size)
    return page, [changes[key] for key in page.keys]


def _ids_of(criteria: Criteria) -> frozenset[int] | None:
    """Return the ids of the studies of a list; None for all."""
    if not criteria.q and not criteria.has_filters:
        return None
    return frozenset(public_search.list_ids(criteria))
