"""Moves studies from stage to stage, as the table in `moves` allows. No other module sets a stage (R2, R3, R7)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies.curation.moves import EDIT, MERGE, MOVES, PROPOSE, UNMERGE, Move, RefusalReason, find_refusal
from studies.models import Stage, Study, Vocabulary
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
    """Base class of the refusals of curation. `message` is a sentence for the curator."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MoveRefused(CurationError):
    """The move does not start at the study's stage, the person may not make it, or a note is missing."""


class NotPublishable(CurationError):
    """The record breaks the rules of publication (R2). `problems` lists every breach."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(_("Al registro le falta algo para poder publicarse."))
        self.problems = problems


_SENTENCES: Mapping[RefusalReason, _StrPromise] = {
    RefusalReason.STAGE: gettext_lazy("«%(move)s» no es posible: el estudio está en la etapa «%(stage)s»."),
    RefusalReason.PERMISSION: gettext_lazy("Su cuenta no tiene permiso para «%(move)s»."),
    RefusalReason.NOTE: gettext_lazy("Escriba el motivo: quedará en la historia del estudio."),
    RefusalReason.OWN_WORK: gettext_lazy("Otra persona tiene que publicar lo que usted escribió."),
}


def may_edit(study: Study, user: User) -> bool:
    """Return True if `user` may change the content of `study` at its stage."""
    return any(find_refusal(guard, study, user) is None for guard in EDIT)


def may_propose(study: Study, user: User) -> bool:
    """Return True if `user` may propose another record for `study` (R7)."""
    return find_refusal(PROPOSE, study, user) is None


def list_moves(study: Study, user: User) -> tuple[Move, ...]:
    """Return the moves that start at the study's stage and for which `user` has the permission: no query.

    It does not check who wrote the study, which costs a query. The form offers its author the button, and the page
    behind it says why they may not use it.
    """
    return tuple(move for move in MOVES.values() if find_refusal(move, study, user, is_own=False) is None)


def explain_refusal(
    move: Move, study: Study, user: User, *, is_own: bool | None = None, note: str | None = None
) -> str | None:
    """Return the reason of `find_refusal` as a sentence for the curator, or None."""
    found = find_refusal(move, study, user, is_own=is_own, note=note)
    words = {"move": move.label, "stage": study.get_stage_display()}
    return str(_SENTENCES[found]) % words if found else None


def find_problems(study: Study) -> tuple[Problem, ...]:
    """Return everything that keeps `study` from publication (R2), in the order of the record: no query.

    No query, and one for what a review includes: that no two studies have one DOI is held by the database.
    """
    return find_problems_without_doi(to_record(study))


def find_record_problems(record: StudyRecord, study: Study) -> tuple[Problem, ...]:
    """Return everything that would keep `study` from publication if it had this record: a query for another DOI."""
    return rules.find_problems(
        record,
        doi_taken=lambda doi: _is_doi_taken(doi, study),
        never_public=Study.objects.never_public,
        known_codes=_read_known_codes(),
    )


def find_problems_without_doi(record: StudyRecord) -> tuple[Problem, ...]:
    """Return the same for a record whose DOI is known to be its own: no query, and one for what a review includes."""
    return rules.find_problems(record, never_public=Study.objects.never_public, known_codes=_read_known_codes())


def move(study: Study, name: str, *, by: User, note: str = "") -> Study:
    """Make the move called `name` in MOVES, write its revision, and return the study as it is then.

    Raises MoveRefused, and NotPublishable where the move needs a publishable record. Nothing is written then.
    """
    with bank_change(by=by, note=note) as change:
        study = Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
        move_in_change(change, study, MOVES[name], by=by, note=note)
    study.refresh_from_db()
    return study


def move_in_change(change: Change, study: Study, wanted: Move, *, by: User, note: str) -> None:
    """Make a move as a part of `change`, with the study's row locked by the caller. Raises what `move` raises."""
    check_move(wanted, study, by=by, note=note)
    _set_stage(study, wanted.to, note)
    change.touch(study, content=False)


def check_move(wanted: Move, study: Study, *, by: User, note: str | None, is_own: bool | None = None) -> None:
    """Raise MoveRefused or NotPublishable if `by` may not make this move. `is_own`, `note`: see `find_refusal`."""
    if sentence := explain_refusal(wanted, study, by, is_own=is_own, note=note):
        raise MoveRefused(sentence)
    if wanted.needs_publishable:
        require_publishable(study)


def publish_unreviewed(study: Study) -> None:
    """Publish a study of the fixtures, which were reviewed before they were shipped. Raises NotPublishable.

    Call it inside `changes.bank_change` and touch the study there.
    """
    require_publishable(study)
    _set_stage(study, Stage.PUBLISHED, "")


def merge(study: Study, into: Study, *, by: User) -> None:
    """Move `study` to the stage "merged", so that its address redirects to `into`. Raises MoveRefused.

    Call it inside `changes.bank_change`, with both rows locked, and touch the study there. Records and members are
    merged by `studies.duplicates.merging`.
    """
    check_move(MERGE, study, by=by, note="")
    if into.pk == study.pk or into.stage != Stage.PUBLISHED:
        raise MoveRefused(_("Un estudio solo se une a otro que esté publicado."))
    study.merged_into = into
    _set_stage(study, Stage.MERGED, "")


def unmerge(study: Study, stage: Stage, stage_note: str, *, by: User) -> None:
    """Restore the stage and the reason that a merged study had. Raises MoveRefused and NotPublishable.

    Call it inside `changes.bank_change`, with the row locked and its record restored, and touch the study there.
    """
    if find_refusal(UNMERGE, study, by):
        raise MoveRefused(_("Su cuenta no tiene permiso para deshacer esta unión, o ya está deshecha."))
    if stage == Stage.PUBLISHED:
        require_publishable(study)
    study.merged_into = None
    _set_stage(study, stage, stage_note)


def require_publishable(study: Study) -> None:
    """Raise NotPublishable, with all its problems, if `study` breaks R2."""
    if found := find_problems(study):
        raise NotPublishable(found)


_VOCABULARIES = (
    *(*LISTS.values(), *SINGLE_CODES.values(), *CODES_OF_FINDING.values()),
    *(Vocabulary.INTERVENTIONS, Vocabulary.ROLES, Vocabulary.RISK_OF_BIAS),
)


def _read_known_codes() -> Mapping[str, frozenset[str]]:
    return _list_codes(current_vocabularies())


# A snapshot is hashed by identity, so that new vocabularies make a new entry.
@lru_cache(maxsize=2)
def _list_codes(vocabulary: Vocabularies) -> Mapping[str, frozenset[str]]:
    return {kind: frozenset(term.code for term in vocabulary.terms(kind)) for kind in _VOCABULARIES}


def _set_stage(study: Study, stage: str, note: str) -> None:
    study.stage = stage
    study.stage_note = note if stage == Stage.WITHDRAWN else ""
    if stage == Stage.PUBLISHED and study.published_at is None:
        study.published_at = timezone.now()
    study.save(update_fields=["stage", "stage_note", "merged_into", "published_at", "updated_at"])


def _is_doi_taken(doi: str, study: Study) -> bool:
    # DOIs are unique in the table, so the one that the study has already needs no query.
    return doi != study.doi and Study.objects.exclude(pk=study.pk).filter(doi=doi).exists()
