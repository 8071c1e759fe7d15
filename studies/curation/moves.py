"""Who may do what with a study, a proposal or an appraisal: the one table of moves, and what refuses one (R3, R7).

`stages`, `proposals` and `views` make the moves and put a refusal into words. Which role holds which permission
is in `roles`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from studies.curation.roles import ADMINISTER_STUDY, CHANGE_STUDY, REVIEW_STUDY
from studies.models import Assessment, Proposal, Revision, Stage, Study
from studies.models.querysets import StudyQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise

_Rows = TypeVar("_Rows", StudyQuerySet, QuerySet[Proposal])
_State = Proposal.State


class Whose(Enum):
    """On whose work something may be done. A team of one may do to its own what is for OTHERS to do."""

    ANYBODYS = auto()
    OWN = auto()
    OTHERS = auto()


class Refusal(Enum):
    """Why a person may not do something now."""

    PLACE = auto()
    PERMISSION = auto()
    OWN_WORK = auto()
    OTHERS_WORK = auto()
    STUDY_NOT_PUBLISHED = auto()
    NOTE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Who may do something, and where: `starts` are stages of a study, or states of a proposal."""

    starts: Collection[str]
    permission: str
    whose: Whose = Whose.ANYBODYS
    needs_note: bool = False
    needs_published_study: bool = False

    @property
    def bars_own_work(self) -> bool:
        return self.whose is Whose.OTHERS and not team_of_one()


@dataclass(frozen=True, slots=True)
class Move(Guard):
    """What brings a study to another stage, or a proposal to another state."""

    name: str
    label: _StrPromise
    to: str
    needs_publishable: bool = False


def _by_name(*moves: Move) -> Mapping[str, Move]:
    return {move.name: move for move in moves}


# fmt: off
MOVES = _by_name(
    Move("send", _("Enviar a revisión"), starts=(Stage.DRAFT,), to=Stage.IN_REVIEW, permission=CHANGE_STUDY),
    Move("publish", _("Publicar"), starts=(Stage.IN_REVIEW,), to=Stage.PUBLISHED, permission=REVIEW_STUDY,
         whose=Whose.OTHERS, needs_publishable=True),
    Move("return", _("Devolver a borrador"), starts=(Stage.IN_REVIEW,), to=Stage.DRAFT, permission=REVIEW_STUDY,
         needs_note=True),
    Move("withdraw", _("Retirar de la publicación"), starts=(Stage.PUBLISHED,), to=Stage.WITHDRAWN,
         permission=ADMINISTER_STUDY, needs_note=True),
    Move("restore", _("Volver a publicar"), starts=(Stage.WITHDRAWN,), to=Stage.PUBLISHED,
         permission=ADMINISTER_STUDY, needs_note=True, needs_publishable=True),
)
"""The moves of a study from stage to stage that have a page of their own."""
MERGE = Move("merge", _("Unir a otro estudio"), starts=frozenset(Stage) - {Stage.MERGED}, to=Stage.MERGED,
             permission=REVIEW_STUDY)
"""The one move that needs a second study, a published one; `merging` makes it and undoes it."""
UNMERGE = Guard(starts=(Stage.MERGED,), permission=REVIEW_STUDY)
TAKEN_BACK: Mapping[str, Move] = {
    "send": Move("take-back", _("Devolver a borrador lo que se envió"), starts=(Stage.IN_REVIEW,), to=Stage.DRAFT,
                 permission=CHANGE_STUDY),
    "publish": MOVES["withdraw"],
}
"""What undoes a move that many studies made at once. What was public keeps its address: it is withdrawn (R3)."""

EDIT = (
    Guard(starts=(Stage.DRAFT, Stage.IN_REVIEW), permission=CHANGE_STUDY),
    Guard(starts=(Stage.PUBLISHED,), permission=REVIEW_STUDY),
    Guard(starts=(Stage.WITHDRAWN,), permission=ADMINISTER_STUDY),
)
"""Changing the content of a study, stage by stage. A merged study is edited by nobody."""
CHECK = Guard(starts=(Stage.PUBLISHED,), permission=CHANGE_STUDY)
PROPOSE = Guard(starts=(Stage.PUBLISHED,), permission=CHANGE_STUDY)
PROPOSAL_MOVES = _by_name(
    Move("send", _("Cambiar y enviar otra vez"), starts=(_State.WAITING, _State.RETURNED, _State.WITHDRAWN),
         to=_State.WAITING, permission=CHANGE_STUDY, whose=Whose.OWN, needs_published_study=True),
    Move("withdraw", _("Retirar la propuesta"), starts=(_State.WAITING, _State.RETURNED), to=_State.WITHDRAWN,
         permission=CHANGE_STUDY, whose=Whose.OWN),
    Move("accept", _("Publicar la propuesta"), starts=(_State.WAITING,), to=_State.ACCEPTED, permission=REVIEW_STUDY,
         whose=Whose.OTHERS, needs_published_study=True),
    Move("correct", _("Corregir y publicar"), starts=(_State.WAITING,), to=_State.ACCEPTED, permission=REVIEW_STUDY,
         whose=Whose.OTHERS, needs_published_study=True),
    Move("return", _("Devolver con una nota"), starts=(_State.WAITING,), to=_State.RETURNED, permission=REVIEW_STUDY,
         whose=Whose.OTHERS, needs_note=True),
)
"""The moves of a proposal from state to state."""

APPRAISE = Guard(starts=(Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED), permission=CHANGE_STUDY)
DECIDE_APPRAISAL = Guard(starts=APPRAISE.starts, permission=REVIEW_STUDY, whose=Whose.OTHERS)
"""Making the judgements of others final, alone. Its permission is also that of looking at them from outside."""
WITHDRAW_APPRAISAL = Guard(starts=APPRAISE.starts, permission=REVIEW_STUDY)
# fmt: on


def team_of_one() -> bool:
    """Whether one person is the whole team, so that nothing can wait for somebody else."""
    return settings.TEAM_OF_ONE


def refusal(
    guard: Guard, item: Study | Proposal, user: User, *, is_own: bool | None = None, note: str | None = None
) -> Refusal | None:
    """Return what keeps `user` from doing this to `item`, or None: a query where the writers of a study matter.

    `is_own` says whose work it is, where that is known or is not the item itself. A note of None is asked for later.
    """
    study, place = (item, item.stage) if isinstance(item, Study) else (item.study, item.state)
    if place not in guard.starts:
        return Refusal.PLACE
    if not user.has_perm(guard.permission):
        return Refusal.PERMISSION
    if guard.bars_own_work or guard.whose is Whose.OWN:
        is_own = is_own_work(user, item) if is_own is None else is_own
        if is_own and guard.bars_own_work:
            return Refusal.OWN_WORK
        if not is_own and guard.whose is Whose.OWN:
            return Refusal.OTHERS_WORK
    if guard.needs_published_study and study.stage != Stage.PUBLISHED:
        return Refusal.STUDY_NOT_PUBLISHED
    if guard.needs_note and note is not None and not note.strip():
        return Refusal.NOTE
    return None


def open_to(user: User, guard: Guard, rows: _Rows) -> _Rows:
    """Return those of the studies or proposals `rows` of which `refusal` says None, before a note is written."""
    if not user.has_perm(guard.permission):
        return rows.none()
    found = Q(stage__in=guard.starts) if rows.model is Study else Q(state__in=guard.starts)
    if guard.bars_own_work:
        found &= ~own_work(user, rows.model)
    if guard.whose is Whose.OWN:
        found &= own_work(user, rows.model)
    if guard.needs_published_study:
        found &= Q(study__stage=Stage.PUBLISHED)
    return rows.filter(found)


def is_own_work(user: User, work: Study | Proposal | Iterable[Assessment]) -> bool:
    """Whether `user` wrote any of it: of a study's content, a proposal, or assessments. One query for a study."""
    if isinstance(work, Study):
        return Study.objects.filter(own_work(user, Study), pk=work.pk).exists()
    if isinstance(work, Proposal):
        return work.author_id == user.pk
    return any(row.by_id == user.pk for row in work)


def own_work(user: User, model: type[Study | Proposal]) -> Q:
    """Return the condition of the studies or proposals of which `is_own_work` is true."""
    if model is Proposal:
        return Q(author=user)
    return Q(Exists(Revision.objects.filter(study=OuterRef("pk"), by=user, is_content=True)))
