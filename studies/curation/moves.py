"""The one table of moves: who may do what with a study, a proposal, an appraisal or a reviewed text (R3, R7).

`stages`, `proposals`, `studies.appraisals` and `studies.learning.reviewed_texts` make the moves and put a refusal into
words. `roles` says which role holds which permission.
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
from studies.models import Assessment, Proposal, ReviewedText, Revision, Stage, Study
from studies.models.querysets import StudyQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise

_Rows = TypeVar("_Rows", StudyQuerySet, QuerySet[Proposal])
_State = Proposal.State
_TextState = ReviewedText.State


class WorkOwner(Enum):
    """Whose work a guard admits: anybody's, one's own, or only that of others.

    A team of one may also do to its own work what is for OTHERS to do, unless the guard says that two people have to.
    """

    ANYBODY = auto()
    SELF = auto()
    OTHERS = auto()


class RefusalReason(Enum):
    """The reason why a person may not do something now. STAGE also stands for the state of a proposal or a text."""

    STAGE = auto()
    PERMISSION = auto()
    OWN_WORK = auto()
    OTHERS_WORK = auto()
    STUDY_NOT_PUBLISHED = auto()
    NOTE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The conditions for doing something. `starts` lists the stages of a study, or the states of a proposal or text.

    `needs_two_people`: the page tells readers that two people stand for it, so that no team is too small for that.
    """

    starts: Collection[str]
    permission: str
    owner: WorkOwner = WorkOwner.ANYBODY
    needs_note: bool = False
    needs_published_study: bool = False
    needs_two_people: bool = False

    @property
    def bars_own_work(self) -> bool:
        return self.owner is WorkOwner.OTHERS and (self.needs_two_people or not is_team_of_one())


@dataclass(frozen=True, slots=True)
class Move(Guard):
    """A transition of a study to another stage, or of a proposal or text to another state."""

    name: str
    label: _StrPromise
    to: str
    needs_publishable: bool = False


def _index_by_name(*moves: Move) -> Mapping[str, Move]:
    return {move.name: move for move in moves}


# fmt: off
MOVES = _index_by_name(
    Move("send", _("Enviar a revisión"), starts=(Stage.DRAFT,), to=Stage.IN_REVIEW, permission=CHANGE_STUDY),
    Move("publish", _("Publicar"), starts=(Stage.IN_REVIEW,), to=Stage.PUBLISHED, permission=REVIEW_STUDY,
         owner=WorkOwner.OTHERS, needs_publishable=True),
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
"""The one move that needs a second, published study. `studies.duplicates.merging` makes and undoes it."""
UNMERGE = Guard(starts=(Stage.MERGED,), permission=REVIEW_STUDY)
UNDO_MOVES: Mapping[str, Move] = {
    "send": Move("take-back", _("Devolver a borrador lo que se envió"), starts=(Stage.IN_REVIEW,), to=Stage.DRAFT,
                 permission=CHANGE_STUDY),
    "publish": MOVES["withdraw"],
}
"""The move that undoes each bulk move. A study that was public keeps its address, so it is withdrawn (R3)."""

EDIT = (
    Guard(starts=(Stage.DRAFT, Stage.IN_REVIEW), permission=CHANGE_STUDY),
    Guard(starts=(Stage.PUBLISHED,), permission=REVIEW_STUDY),
    Guard(starts=(Stage.WITHDRAWN,), permission=ADMINISTER_STUDY),
)
"""The guards for changing the content of a study, stage by stage. Nobody edits a merged study."""
CHECK = Guard(starts=(Stage.PUBLISHED,), permission=CHANGE_STUDY)
PROPOSE = Guard(starts=(Stage.PUBLISHED,), permission=CHANGE_STUDY)
PROPOSAL_MOVES = _index_by_name(
    Move("send", _("Cambiar y enviar otra vez"), starts=(_State.WAITING, _State.RETURNED, _State.WITHDRAWN),
         to=_State.WAITING, permission=CHANGE_STUDY, owner=WorkOwner.SELF, needs_published_study=True),
    Move("withdraw", _("Retirar la propuesta"), starts=(_State.WAITING, _State.RETURNED), to=_State.WITHDRAWN,
         permission=CHANGE_STUDY, owner=WorkOwner.SELF),
    Move("accept", _("Publicar la propuesta"), starts=(_State.WAITING,), to=_State.ACCEPTED, permission=REVIEW_STUDY,
         owner=WorkOwner.OTHERS, needs_published_study=True),
    Move("correct", _("Corregir y publicar"), starts=(_State.WAITING,), to=_State.ACCEPTED, permission=REVIEW_STUDY,
         owner=WorkOwner.OTHERS, needs_published_study=True),
    Move("return", _("Devolver con una nota"), starts=(_State.WAITING,), to=_State.RETURNED, permission=REVIEW_STUDY,
         owner=WorkOwner.OTHERS, needs_note=True),
)
"""The moves of a proposal from state to state."""

APPRAISE = Guard(starts=(Stage.DRAFT, Stage.IN_REVIEW, Stage.PUBLISHED), permission=CHANGE_STUDY)
DECIDE_APPRAISAL = Guard(starts=APPRAISE.starts, permission=REVIEW_STUDY, owner=WorkOwner.OTHERS)
"""Makes the judgements of others final, alone. Who holds its permission may also read them without appraising."""
WITHDRAW_APPRAISAL = Guard(starts=APPRAISE.starts, permission=REVIEW_STUDY)

WRITE_TEXT = Guard(starts=(_TextState.DRAFT,), permission=CHANGE_STUDY)
RENEW_TEXT = Guard(starts=(_TextState.PUBLISHED, _TextState.WITHDRAWN), permission=CHANGE_STUDY)
CONFIRM_TEXT = Guard(starts=(_TextState.PUBLISHED,), permission=REVIEW_STUDY, owner=WorkOwner.OTHERS,
                     needs_two_people=True)
"""Says that a published text still holds although a study under it changed."""
TEXT_MOVES = _index_by_name(
    Move("send", _("Enviar a revisión"), starts=(_TextState.DRAFT,), to=_TextState.IN_REVIEW, permission=CHANGE_STUDY),
    Move("publish", _("Publicar"), starts=(_TextState.IN_REVIEW,), to=_TextState.PUBLISHED, permission=REVIEW_STUDY,
         owner=WorkOwner.OTHERS, needs_two_people=True),
    Move("return", _("Devolver a borrador"), starts=(_TextState.IN_REVIEW,), to=_TextState.DRAFT,
         permission=REVIEW_STUDY, needs_note=True),
    Move("withdraw", _("Retirar de la publicación"), starts=(_TextState.PUBLISHED,), to=_TextState.WITHDRAWN,
         permission=REVIEW_STUDY, needs_note=True),
)
"""The moves of a conclusion, a judgement of certainty or a safety note from state to state."""
# fmt: on


def is_team_of_one() -> bool:
    """Return True if one person is the whole team, so that nothing can wait for somebody else."""
    return settings.TEAM_OF_ONE


def find_refusal(
    guard: Guard,
    item: Study | Proposal | ReviewedText,
    user: User,
    *,
    is_own: bool | None = None,
    note: str | None = None,
) -> RefusalReason | None:
    """Return why `user` may not do this to `item`, or None if they may: one query where its writers matter.

    Pass `is_own` where it is known, or where the work is not the item itself. `note` None means that the note is
    asked for later, so that a missing one is no reason.
    """
    if (item.stage if isinstance(item, Study) else item.state) not in guard.starts:
        return RefusalReason.STAGE
    if not user.has_perm(guard.permission):
        return RefusalReason.PERMISSION
    if guard.bars_own_work or guard.owner is WorkOwner.SELF:
        is_own = is_own_work(user, item) if is_own is None else is_own
        if is_own and guard.bars_own_work:
            return RefusalReason.OWN_WORK
        if not is_own and guard.owner is WorkOwner.SELF:
            return RefusalReason.OTHERS_WORK
    if guard.needs_published_study and isinstance(item, Proposal) and item.study.stage != Stage.PUBLISHED:
        return RefusalReason.STUDY_NOT_PUBLISHED
    if guard.needs_note and note is not None and not note.strip():
        return RefusalReason.NOTE
    return None


def filter_open_to(user: User, guard: Guard, rows: _Rows) -> _Rows:
    """Filter studies or proposals to those for which `find_refusal` returns None, before a note is written."""
    if not user.has_perm(guard.permission):
        return rows.none()
    condition = Q(stage__in=guard.starts) if rows.model is Study else Q(state__in=guard.starts)
    if guard.bars_own_work:
        condition &= ~own_work_filter(user, rows.model)
    if guard.owner is WorkOwner.SELF:
        condition &= own_work_filter(user, rows.model)
    if guard.needs_published_study:
        condition &= Q(study__stage=Stage.PUBLISHED)
    return rows.filter(condition)


def is_own_work(user: User, work: Study | Proposal | ReviewedText | Iterable[Assessment]) -> bool:
    """Return True if `user` wrote any of it: one query for a study, and for a text whose writers were not read."""
    if isinstance(work, ReviewedText):
        return any(writer.pk == user.pk for writer in work.writers.all())
    if isinstance(work, Study):
        return Study.objects.filter(own_work_filter(user, Study), pk=work.pk).exists()
    if isinstance(work, Proposal):
        return work.author_id == user.pk
    return any(row.by_id == user.pk for row in work)


def own_work_filter(user: User, model: type[Study | Proposal]) -> Q:
    """Return the filter that selects the studies or proposals for which `is_own_work` is True."""
    if model is Proposal:
        return Q(author=user)
    return Q(Exists(Revision.objects.filter(study=OuterRef("pk"), by=user, is_content=True)))
