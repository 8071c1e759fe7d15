"""Decisions on pairs of studies that may be one: that they are two, or belong to one evaluation.

`matching` compares records, `finder` finds and stores the pairs, and `merging` merges two studies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation import grouping
from studies.curation.roles import CHANGE_STUDY
from studies.curation.stages import CurationError
from studies.duplicates import finder
from studies.duplicates.finder import KnownPairs, read_place_words, to_matching_record
from studies.duplicates.matching.comparing import MatchKind, compare_records
from studies.duplicates.matching.matcher import StudyPair
from studies.duplicates.matching.record_profile import RecordProfile
from studies.models import Evaluation, NotDuplicate, Stage, Study
from studies.store import vocabularies

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class DuplicatesError(CurationError):
    """Base class of the refusals of this module."""


class AlreadyDecided(DuplicatesError):
    """Somebody else decided on the pair after the person had opened the page."""

    def __init__(self) -> None:
        super().__init__(_("Alguien lo decidió mientras usted miraba esta página."))


def list_open_pairs() -> list[StudyPair]:
    """Return the pairs on which nobody decided yet, those with the highest score first.

    Left out are pairs that were marked as two studies, and versions of one work that already share a trial. The first
    call compares the whole bank, later ones only what has changed, however long it takes.
    """
    return _filter_undecided(finder.find_pairs())


def list_known_pairs() -> KnownPairs:
    """Return the same without waiting: a long search is left to another process, whose progress is returned."""
    found = finder.find_pairs_or_ask_for_search()
    return found._replace(pairs=_filter_undecided(found.pairs))


def compare_studies(study: Study, other: Study) -> StudyPair | None:
    """Compare two studies, whatever was decided on them. Return None if they do not look like one."""
    first, second = sorted((study, other), key=lambda row: row.pk)
    vocabulary = vocabularies.current()
    rows = Study.objects.for_matching().filter(pk__in=(first.pk, second.pk))
    profiles = {row.pk: RecordProfile.of(to_matching_record(row, vocabulary)) for row in rows}
    found = compare_records(profiles[first.pk], profiles[second.pk], read_place_words(vocabulary))
    return StudyPair.of(first.pk, second.pk, found) if found else None


def find_decision(study: Study, other: Study) -> NotDuplicate | None:
    """Return the decision that the two are not duplicates, unless there is none or it was revoked."""
    first, second = sorted((study.pk, other.pk))
    held = NotDuplicate.objects.filter(first=first, second=second, taken_back_at=None)
    return held.select_related("by").first()


def mark_not_duplicate(study: Study, other: Study, *, by: User, note: str = "") -> NotDuplicate:
    """Store the decision that two studies are not duplicates. A second one changes nothing. Raises DuplicatesError."""
    _check_permission(by)
    if study.pk == other.pk or Stage.MERGED in (study.stage, other.stage):
        raise DuplicatesError(_("Solo se decide sobre dos estudios que no estén unidos."))
    first, second = sorted((study.pk, other.pk))
    decision, _is_new = NotDuplicate.objects.get_or_create(
        first_id=first, second_id=second, taken_back_at=None, defaults={"by": by, "note": note}
    )
    return decision


def mark_same_evaluation(study: Study, other: Study, evaluation: Evaluation, *, by: User, note: str = "") -> None:
    """Add two studies to one evaluation, and mark them as not duplicates. Raises CurationError."""
    with transaction.atomic():
        grouping.join(study, other, evaluation, by=by, note=note)
        sentence = _("Son de una evaluación: %s.") % evaluation.name_es
        mark_not_duplicate(study, other, by=by, note=f"{sentence} {note}".strip())


def revoke_not_duplicate(decision: NotDuplicate, *, by: User) -> None:
    """Revoke the decision, so that the pair is listed again. Its row is kept. Raises AlreadyDecided."""
    _check_permission(by)
    held = NotDuplicate.objects.filter(pk=decision.pk, taken_back_at=None)
    if not held.update(taken_back_by=by, taken_back_at=timezone.now()):
        raise AlreadyDecided


def _filter_undecided(found: Sequence[StudyPair]) -> list[StudyPair]:
    if not found:
        return []
    decided = set(NotDuplicate.objects.filter(taken_back_at=None).values_list("first_id", "second_id"))
    together = _list_pairs_of_one_trial()
    left = [
        pair
        for pair in found
        if pair[:2] not in decided and not (pair.kind == MatchKind.SAME_WORK and pair[:2] in together)
    ]
    return sorted(left, key=lambda pair: (-pair.score, pair.first, pair.second))


def _list_pairs_of_one_trial() -> set[tuple[int, int]]:
    members: dict[int, list[int]] = {}
    trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL)
    for evaluation, study in trials.order_by("pk").values_list("pk", "studies"):
        members.setdefault(evaluation, []).append(study)
    return {(a, b) for studies in members.values() for a in studies for b in studies if a and b and a < b}


def _check_permission(by: User) -> None:
    if not by.has_perm(CHANGE_STUDY):
        raise DuplicatesError(_("Su cuenta no tiene permiso para decidir sobre duplicados."))
