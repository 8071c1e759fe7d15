"""What waits for whom: own work, what others sent to review, what came back, what is due to be checked again."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from studies.curation import rechecks
from studies.curation.moves import MOVES, PROPOSAL_MOVES, open_to, own_work
from studies.models import Proposal, Revision, Stage, Study

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from studies.models.querysets import StudyQuerySet

Queue = Literal["mine", "review", "returned", "recheck"]
QUEUES: tuple[Queue, ...] = ("review", "returned", "mine", "recheck")
_REVIEWS = (MOVES["publish"], PROPOSAL_MOVES["accept"])
_Key = tuple[datetime.datetime, str, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A study, or a proposal for one, and since when it waits. `note` is what was said when it came back."""

    study: Study
    proposal: Proposal | None
    since: datetime.datetime
    person: str
    note: str


def counts(user: User) -> Mapping[Queue, int]:
    """Return how much waits in each queue of `user`: seven queries, five for who does not review."""
    return {name: _studies(user, name).count() + _proposals(user, name).count() for name in _open_to(user)}


def page(user: User, name: Queue, start: int, size: int) -> list[Waiting]:
    """Return a part of a queue, what waits longest first: two queries for the keys, and nine for what is shown."""
    keys = sorted([*_study_keys(user, name), *_proposal_keys(user, name)])[start : start + size]
    studies = Study.objects.for_record().in_bulk([pk for _since, kind, pk in keys if kind == "study"])
    found = Proposal.objects.select_related("study", "author").prefetch_related("steps__by")
    proposals = found.in_bulk([pk for _since, kind, pk in keys if kind == "proposal"])
    last = _last_moves(studies) if studies and name != "recheck" else {}
    waiting = []
    for since, kind, pk in keys:
        if kind == "study" and pk in studies:
            move = last.get(pk)
            person, note = (str(move.by or ""), move.note) if move else ("", "")
            waiting.append(Waiting(studies[pk], None, since, person, note))
        elif pk in proposals:
            waiting.append(_of_proposal(proposals[pk], since))
    return waiting


def _open_to(user: User) -> tuple[Queue, ...]:
    reviews = any(user.has_perm(move.permission) for move in _REVIEWS)
    return tuple(name for name in QUEUES if name != "review" or reviews)


def _studies(user: User, name: Queue) -> StudyQuerySet:
    by_user = own_work(user, Study)
    came_back = Exists(Revision.objects.filter(study=OuterRef("pk"), stage=Stage.IN_REVIEW))
    if name == "mine":
        return Study.objects.filter(by_user, Q(stage=Stage.IN_REVIEW) | (Q(stage=Stage.DRAFT) & ~Q(came_back)))
    if name == "returned":
        return Study.objects.filter(by_user, came_back, stage=Stage.DRAFT)
    if name == "recheck":
        return rechecks.due()
    return open_to(user, MOVES["publish"], Study.objects.all())


def _proposals(user: User, name: Queue) -> QuerySet[Proposal]:
    if name == "review":
        return open_to(user, PROPOSAL_MOVES["accept"], Proposal.objects.all())
    states = {"mine": [Proposal.State.WAITING], "returned": [Proposal.State.RETURNED]}
    return Proposal.objects.filter(own_work(user, Proposal), state__in=states.get(name, []))


def _study_keys(user: User, name: Queue) -> list[_Key]:
    studies = _studies(user, name)
    if name == "recheck":
        rows = studies.only("recheck_on", "published_at")
        return [
            (rechecks.start_of(rechecks.due_on(study) or timezone.localdate()), "study", study.pk) for study in rows
        ]
    since = studies.annotate(since=Coalesce(_entered_stage(), "updated_at"))
    return [(at, "study", pk) for pk, at in since.order_by().values_list("pk", "since")]


def _proposal_keys(user: User, name: Queue) -> list[_Key]:
    return [(at, "proposal", pk) for pk, at in _proposals(user, name).order_by().values_list("pk", "moved_at")]


def _entered_stage() -> Subquery:
    """When a study came to the stage where it is: its first revision there after the last one elsewhere."""
    elsewhere = Revision.objects.filter(study=OuterRef("study")).exclude(stage=OuterRef("stage"))
    last = elsewhere.order_by("-change_no").values("change_no")[:1]
    here = Revision.objects.filter(study=OuterRef("pk"), stage=OuterRef("stage"))
    first = here.filter(change_no__gt=Coalesce(Subquery(last), 0)).order_by("change_no")
    return Subquery(first.values("at")[:1])


def _last_moves(studies: Mapping[int, Study]) -> dict[int, Revision]:
    """Return the last move of each study, else its first revision: who sent it, or why it came back. One query."""
    rows = Revision.objects.filter(study__in=studies).select_related("by").defer("record").order_by("change_no")
    found: dict[int, Revision] = {}
    stage: dict[int, str] = {}
    for row in rows:
        if stage.get(row.study_id) != row.stage:
            found[row.study_id] = row
        stage[row.study_id] = row.stage
    return found


def _of_proposal(proposal: Proposal, since: datetime.datetime) -> Waiting:
    steps = list(proposal.steps.all())
    last = steps[-1] if steps else None
    person = str(last.by) if last and proposal.state == Proposal.State.RETURNED else str(proposal.author)
    return Waiting(proposal.study, proposal, since, person, last.note if last else "")
