"""The table of stages and who may move a study between them. Nothing else sets a stage (R2, R3, R7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.models import Revision, Stage, Study
from studies.records import rules
from studies.store.changes import bank_change
from studies.store.exchange.study import LISTS, to_record
from studies.store.vocabularies import current as current_vocabularies

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise

    from studies.records.rules import Problem
    from studies.records.study import StudyRecord
    from studies.store.changes import Change
    from studies.store.vocabularies import Vocabularies


class CurationError(Exception):
    """Root of what curation refuses. `message` is a sentence for the curator."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MoveRefused(CurationError):
    """The study is not at a stage from which this move starts, or the person may not make it, or a note is missing."""


class NotPublishable(CurationError):
    """The record breaks R2. `problems` lists every breach at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(_("Al registro le falta algo para poder publicarse."))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Move:
    """One way from stage to stage. `permission` is that of `studies`; a note may be needed."""

    name: str
    label: _StrPromise
    starts: frozenset[Stage]
    to: Stage
    permission: str
    needs_note: bool = False
    needs_publishable: bool = False
    not_ones_own: bool = False


MOVES: Mapping[str, Move] = {
    move.name: move
    for move in (
        Move("send", gettext_lazy("Enviar a revisión"), frozenset({Stage.DRAFT}), Stage.IN_REVIEW, "change_study"),
        Move(
            "publish",
            gettext_lazy("Publicar"),
            frozenset({Stage.IN_REVIEW}),
            Stage.PUBLISHED,
            "review_study",
            needs_publishable=True,
            not_ones_own=True,
        ),
        Move(
            "return",
            gettext_lazy("Devolver a borrador"),
            frozenset({Stage.IN_REVIEW}),
            Stage.DRAFT,
            "review_study",
            needs_note=True,
        ),
        Move(
            "withdraw",
            gettext_lazy("Retirar de la publicación"),
            frozenset({Stage.PUBLISHED}),
            Stage.WITHDRAWN,
            "administer_study",
            needs_note=True,
        ),
        Move(
            "restore",
            gettext_lazy("Volver a publicar"),
            frozenset({Stage.WITHDRAWN}),
            Stage.PUBLISHED,
            "administer_study",
            needs_note=True,
            needs_publishable=True,
        ),
    )
}

MERGE = Move(
    "merge",
    gettext_lazy("Unir a otro estudio"),
    frozenset(Stage) - {Stage.MERGED},
    Stage.MERGED,
    "review_study",
)
"""The one move that needs a second study, a published one; `merging` makes it and undoes it."""
TAKEN_BACK: Mapping[str, Move] = {
    "send": Move(
        "take-back",
        gettext_lazy("Devolver a borrador lo que se envió"),
        frozenset({Stage.IN_REVIEW}),
        Stage.DRAFT,
        "change_study",
    ),
    "publish": MOVES["withdraw"],
}
"""What undoes a move that many studies made at once. What was public keeps its address: it is withdrawn (R3)."""

_EDIT_PERMISSION = {
    Stage.DRAFT: "change_study",
    Stage.IN_REVIEW: "change_study",
    Stage.PUBLISHED: "review_study",
    Stage.WITHDRAWN: "administer_study",
}


def may_edit(study: Study, user: User) -> bool:
    """Say whether `user` may change the content of `study` at its stage. A merged study is edited by nobody."""
    permission = _EDIT_PERMISSION.get(Stage(study.stage))
    return permission is not None and user.has_perm(f"studies.{permission}")


def may_propose(study: Study, user: User) -> bool:
    """Say whether `user` may propose another record for `study`: whoever edits drafts, for what is published (R7)."""
    return study.stage == Stage.PUBLISHED and user.has_perm("studies.change_study")


def open_moves(study: Study, user: User) -> tuple[Move, ...]:
    """Return the moves that start at the study's stage and that `user` has the permission for."""
    return tuple(
        move for move in MOVES.values() if study.stage in move.starts and user.has_perm(f"studies.{move.permission}")
    )


def problems(study: Study) -> tuple[Problem, ...]:
    """Return everything that keeps `study` from publication (R2), in the order of the record.

    No query: that no two studies have one DOI is held by the database.
    """
    return problems_beside_doi(to_record(study))


def problems_of(record: StudyRecord, study: Study) -> tuple[Problem, ...]:
    """Return everything that would keep `study` from publication if it had this record: a query for another DOI."""
    return rules.problems(record, doi_taken=lambda doi: _doi_taken(doi, study), known_codes=_known_codes())


def problems_beside_doi(record: StudyRecord) -> tuple[Problem, ...]:
    """Return the same for a record whose DOI is known to be its own: no query."""
    return rules.problems(record, known_codes=_known_codes())


def move(study: Study, name: str, *, by: User, note: str = "") -> Study:
    """Move `study` along one row of the table and write the revision.

    Raises MoveRefused, and NotPublishable where the move needs a publishable record. Nothing is written then.
    """
    with bank_change(by=by, note=note) as change:
        study = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
        move_within(change, study, MOVES[name], by=by, note=note)
    study.refresh_from_db()
    return study


def move_within(change: Change, study: Study, wanted: Move, *, by: User, note: str) -> None:
    """Make a move as a part of a change of several studies; the row is locked. Raises what `move` raises."""
    check_move(wanted, study, by=by, note=note)
    _set_stage(study, wanted.to, note)
    change.touch(study, content=False)


def check_move(wanted: Move, study: Study, *, by: User, note: str, written: Container[int] | None = None) -> None:
    """Raise what keeps `by` from this move: MoveRefused or NotPublishable.

    `written` are the keys of the studies that `by` wrote (`written_by`); where it is not given it is asked for.
    """
    if study.stage not in wanted.starts:
        raise MoveRefused(
            _("«%(move)s» no es posible: el estudio está en la etapa «%(stage)s».")
            % {"move": wanted.label, "stage": study.get_stage_display()}
        )
    if not by.has_perm(f"studies.{wanted.permission}"):
        raise MoveRefused(_("Su cuenta no tiene permiso para «%(move)s».") % {"move": wanted.label})
    if wanted.needs_note and not note.strip():
        raise MoveRefused(_("Escriba el motivo: quedará en la historia del estudio."))
    needs_others = wanted.not_ones_own and not settings.TEAM_OF_ONE
    if needs_others and study.pk in (written_by(by, [study.pk]) if written is None else written):
        raise MoveRefused(_("Otra persona tiene que publicar lo que usted escribió."))
    if wanted.needs_publishable:
        require_publishable(study)


def written_by(user: User, keys: Iterable[int]) -> set[int]:
    """Return the keys of the studies of which `user` wrote anything since they were last public: one query."""
    public = Revision.objects.filter(study=OuterRef("study"), stage=Stage.PUBLISHED).order_by("-change_no")
    own = Revision.objects.filter(study__in=list(keys), is_content=True, by=user)
    own = own.annotate(last_public=Subquery(public.values("change_no")[:1])).order_by()
    own = own.filter(Q(last_public__isnull=True) | Q(change_no__gt=F("last_public")))
    return set(own.values_list("study_id", flat=True))


def publish_unreviewed(study: Study) -> None:
    """Publish a study that comes reviewed from outside: a line of the fixtures. Raises NotPublishable.

    Call it inside `changes.bank_change` and touch the study there.
    """
    require_publishable(study)
    _set_stage(study, Stage.PUBLISHED, "")


def merge(study: Study, into: Study, *, by: User) -> None:
    """Put `study` at the stage "merged", leading to `into`. Raises MoveRefused.

    Call it inside `changes.bank_change`, with both rows locked, and touch the study there. `merging` does the rest.
    """
    check_move(MERGE, study, by=by, note="")
    if into.pk == study.pk or into.stage != Stage.PUBLISHED:
        raise MoveRefused(_("Un estudio solo se une a otro que esté publicado."))
    study.merged_into = into
    _set_stage(study, Stage.MERGED, "")


def unmerge(study: Study, stage: Stage, stage_note: str, *, by: User) -> None:
    """Give a merged study back the stage and the reason that it had. Raises MoveRefused and NotPublishable.

    Call it inside `changes.bank_change`, with the row locked and its record restored, and touch the study there.
    """
    if study.stage != Stage.MERGED or not by.has_perm(f"studies.{MERGE.permission}"):
        raise MoveRefused(_("Su cuenta no tiene permiso para deshacer esta unión, o ya está deshecha."))
    if stage == Stage.PUBLISHED:
        require_publishable(study)
    study.merged_into = None
    _set_stage(study, stage, stage_note)


def require_publishable(study: Study) -> None:
    """Raise NotPublishable, with all its problems, where `study` breaks R2."""
    if found := problems(study):
        raise NotPublishable(found)


_KINDS = (*LISTS.values(), "effects", "statuses", "types", "languages", "measures", "units", "sample_units")


def _known_codes() -> Mapping[str, frozenset[str]]:
    return _codes_of(current_vocabularies())


@lru_cache(maxsize=2)
def _codes_of(vocabulary: Vocabularies) -> Mapping[str, frozenset[str]]:
    return {kind: frozenset(term.code for term in vocabulary.terms(kind)) for kind in _KINDS}


def _set_stage(study: Study, stage: Stage, note: str) -> None:
    study.stage = stage
    study.stage_note = note if stage == Stage.WITHDRAWN else ""
    if stage == Stage.PUBLISHED and study.published_at is None:
        study.published_at = timezone.now()
    study.save(update_fields=["stage", "stage_note", "merged_into", "published_at", "updated_at"])


def _doi_taken(doi: str, study: Study) -> bool:
    # The table holds a DOI once: what the study has already is nobody else's.
    return doi != study.doi and Study.objects.exclude(pk=study.pk).filter(doi=doi).exists()
