"""The work queues of a curator: own work, reviews to do, returned work, rechecks that are due. It only reads."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from studies.curation import rechecks
from studies.curation.moves import MOVES, PROPOSAL_MOVES, filter_open_to, own_work_filter
from studies.models import Proposal, Revision, Stage, Study

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from studies.models.querysets import StudyQuerySet

Queue = Literal["mine", "review", "returned", "recheck"]
QUEUES: tuple[Queue, ...] = ("review", "returned", "mine", "recheck")
_REVIEWS = (MOVES["publish"], PROPOSAL_MOVES["accept"])
_SortKey = tuple[datetime.datetime, str, int]


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A study, or a proposal for one, in a queue since `since`.

    `person` made the last move, and `note` is what they wrote with it, such as why they returned it.
    """

    study: Study
    proposal: Proposal | None
    since: datetime.datetime
    person: str
    note: str


def count_items(user: User) -> Mapping[Queue, int]:
    """Count the items of each queue of `user`: seven queries, five for a person who may not review."""
    return {
        name: _filter_studies(user, name).count() + _filter_proposals(user, name).count() for name in _list_queues(user)
    }


def list_items(user: User, name: Queue, start: int, size: int) -> list[QueueItem]:
    """Return a page of a queue, the oldest items first: two queries for the ids, and thirteen for the items."""
    keys = sorted([*_list_study_keys(user, name), *_list_proposal_keys(user, name)])[start : start + size]
    studies = Study.objects.for_record().in_bulk([pk for _since, kind, pk in keys if kind == "study"])
    found = Proposal.objects.select_related("study", "author").prefetch_related("steps__by")
    proposals = found.in_bulk([pk for _since, kind, pk in keys if kind == "proposal"])
    last = _read_last_moves(studies) if studies and name != "recheck" else {}
    waiting = []
    for since, kind, pk in keys:
        if kind == "study" and pk in studies:
            move = last.get(pk)
            person, note = (str(move.by or ""), move.note) if move else ("", "")
            waiting.append(QueueItem(studies[pk], None, since, person, note))
        elif pk in proposals:
            waiting.append(_make_proposal_item(proposals[pk], since))
    return waiting


def _list_queues(user: User) -> tuple[Queue, ...]:
    reviews = any(user.has_perm(move.permission) for move in _REVIEWS)
    return tuple(name for name in QUEUES if name != "review" or reviews)


def _filter_studies(user: User, name: Queue) -> StudyQuerySet:
    by_user = own_work_filter(user, Study)
    # A draft that was ever in review was returned: it is in that queue, not in "mine".
    came_back = Exists(Revision.objects.filter(study=OuterRef("pk"), stage=Stage.IN_REVIEW))
    if name == "mine":
        return Study.objects.filter(by_user, Q(stage=Stage.IN_REVIEW) | (Q(stage=Stage.DRAFT) & ~Q(came_back)))
    if name == "returned":
        return Study.objects.filter(by_user, came_back, stage=Stage.DRAFT)
    if name == "recheck":
        return rechecks.list_due()
    return filter_open_to(user, MOVES["publish"], Study.objects.all())


def _filter_proposals(user: User, name: Queue) -> QuerySet[Proposal]:
    if name == "review":
        return filter_open_to(user, PROPOSAL_MOVES["accept"], Proposal.objects.all())
    states = {"mine": [Proposal.State.WAITING], "returned": [Proposal.State.RETURNED]}
    return Proposal.objects.filter(own_work_filter(user, Proposal), state__in=states.get(name, []))


def _list_study_keys(user: User, name: Queue) -> list[_SortKey]:
    studies = _filter_studies(user, name)
    if name == "recheck":
        rows = studies.only("recheck_on", "published_at")
        return [
            (rechecks.start_of_day(rechecks.get_due_date(study) or timezone.localdate()), "study", study.pk)
            for study in rows
        ]
    # A study that was created past the use cases has no revision, and waits since it was last saved.
    since = studies.annotate(since=Coalesce(_entered_stage_at(), "updated_at"))
    return [(at, "study", pk) for pk, at in since.order_by().values_list("pk", "since")]


def _list_proposal_keys(user: User, name: Queue) -> list[_SortKey]:
    return [(at, "proposal", pk) for pk, at in _filter_proposals(user, name).order_by().values_list("pk", "moved_at")]


def _entered_stage_at() -> Subquery:
    """Return when a study came to its present stage: its first revision there after the last one elsewhere."""
    elsewhere = Revision.objects.filter(study=OuterRef("study")).exclude(stage=OuterRef("stage"))
    last = elsewhere.order_by("-change_no").values("change_no")[:1]
    here = Revision.objects.filter(study=OuterRef("pk"), stage=OuterRef("stage"))
    first = here.filter(change_no__gt=Coalesce(Subquery(last), 0)).order_by("change_no")
    return Subquery(first.values("at")[:1])


def _read_last_moves(studies: Mapping[int, Study]) -> dict[int, Revision]:
    """Return the revision of each study's last move, or its first revision if it never moved: one query."""
    rows = Revision.objects.filter(study__in=studies).select_related("by").defer("record").order_by("change_no")
    found: dict[int, Revision] = {}
    stage: dict[int, str] = {}
    for row in rows:
        if stage.get(row.study_id) != row.stage:
            found[row.study_id] = row
        stage[row.study_id] = row.stage
    return found


def _make_proposal_item(proposal: Proposal, since: datetime.datetime) -> QueueItem:
    steps = list(proposal.steps.all())
    last = steps[-1] if steps else None
    person = str(last.by) if last and proposal.state == Proposal.State.RETURNED else str(proposal.author)
    return QueueItem(proposal.study, proposal, since, person, last.note if last else "")
