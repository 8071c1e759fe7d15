"""Moves a study from stage to stage, as `moves` allows it. Nothing else sets a stage (R2, R3, R7)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.curation.moves import EDIT, MERGE, MOVES, PROPOSE, UNMERGE, Move, Refusal, refusal
from studies.models import Stage, Study
from studies.records import rules
from studies.store.changes import bank_change
from studies.store.exchange.study import CODES_OF_FINDING, LISTS, SINGLE_CODES, to_record
from studies.store.vocabularies import current as current_vocabularies

if TYPE_CHECKING:
    from collections.abc import Mapping

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


_SENTENCES: Mapping[Refusal, _StrPromise] = {
    Refusal.PLACE: gettext_lazy("«%(move)s» no es posible: el estudio está en la etapa «%(stage)s»."),
    Refusal.PERMISSION: gettext_lazy("Su cuenta no tiene permiso para «%(move)s»."),
    Refusal.NOTE: gettext_lazy("Escriba el motivo: quedará en la historia del estudio."),
    Refusal.OWN_WORK: gettext_lazy("Otra persona tiene que publicar lo que usted escribió."),
}


def may_edit(study: Study, user: User) -> bool:
    """Whether `user` may change the content of `study` at its stage."""
    return any(refusal(guard, study, user) is None for guard in EDIT)


def may_propose(study: Study, user: User) -> bool:
    """Whether `user` may propose another record for `study` (R7)."""
    return refusal(PROPOSE, study, user) is None


def open_moves(study: Study, user: User) -> tuple[Move, ...]:
    """Return the moves that start at the study's stage and that `user` has the permission for: no query.

    Who wrote the study is asked only when it moves: the form offers its author the button, and the page says why not.
    """
    return tuple(move for move in MOVES.values() if refusal(move, study, user, is_own=False) is None)


def refusal_message(
    move: Move, study: Study, user: User, *, is_own: bool | None = None, note: str | None = None
) -> str | None:
    """Return the sentence that says what `moves.refusal` found, or None."""
    found = refusal(move, study, user, is_own=is_own, note=note)
    words = {"move": move.label, "stage": study.get_stage_display()}
    return str(_SENTENCES[found]) % words if found else None


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


def check_move(wanted: Move, study: Study, *, by: User, note: str | None, is_own: bool | None = None) -> None:
    """Raise what keeps `by` from this move: MoveRefused or NotPublishable. `is_own` and `note`: see `moves.refusal`."""
    if sentence := refusal_message(wanted, study, by, is_own=is_own, note=note):
        raise MoveRefused(sentence)
    if wanted.needs_publishable:
        require_publishable(study)


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
    if refusal(UNMERGE, study, by):
        raise MoveRefused(_("Su cuenta no tiene permiso para deshacer esta unión, o ya está deshecha."))
    if stage == Stage.PUBLISHED:
        require_publishable(study)
    study.merged_into = None
    _set_stage(study, stage, stage_note)


def require_publishable(study: Study) -> None:
    """Raise NotPublishable, with all its problems, where `study` breaks R2."""
    if found := problems(study):
        raise NotPublishable(found)


_KINDS = (*LISTS.values(), *SINGLE_CODES.values(), *CODES_OF_FINDING.values())


def _known_codes() -> Mapping[str, frozenset[str]]:
    return _codes_of(current_vocabularies())


@lru_cache(maxsize=2)
def _codes_of(vocabulary: Vocabularies) -> Mapping[str, frozenset[str]]:
    return {kind: frozenset(term.code for term in vocabulary.terms(kind)) for kind in _KINDS}


def _set_stage(study: Study, stage: str, note: str) -> None:
    study.stage = stage
    study.stage_note = note if stage == Stage.WITHDRAWN else ""
    if stage == Stage.PUBLISHED and study.published_at is None:
        study.published_at = timezone.now()
    study.save(update_fields=["stage", "stage_note", "merged_into", "published_at", "updated_at"])


def _doi_taken(doi: str, study: Study) -> bool:
    # The table holds a DOI once: what the study has already is nobody else's.
    return doi != study.doi and Study.objects.exclude(pk=study.pk).filter(doi=doi).exists()
