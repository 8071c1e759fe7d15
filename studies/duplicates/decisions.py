"""Which studies of the bank may be one, and what people said about it: two after all, or of one evaluation.

The matching itself is in `matching`, finding and keeping the pairs in `finder`, merging in `merging`.
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
from studies.duplicates.finder import Found, places, record_of
from studies.duplicates.matching.comparing import Kind, compare
from studies.duplicates.matching.matcher import Pair
from studies.duplicates.matching.portrait import Portrait
from studies.models import Evaluation, NotDuplicate, Stage, Study
from studies.store import vocabularies

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class DuplicatesError(CurationError):
    """Root of what is refused here."""


class AlreadyDecided(DuplicatesError):
    """Somebody else was faster."""

    def __init__(self) -> None:
        super().__init__(_("Alguien lo decidió mientras usted miraba esta página."))


def open_pairs() -> list[Pair]:
    """Return every two studies that may be one and of which nobody said otherwise, the likeliest first.

    Left out are pairs that were said to be two, and versions of one work that already share their evaluation. The
    pairs are kept by change number: the first question reads the whole bank, each later one only what has changed.
    """
    return _undecided(finder.find())


def listed_pairs() -> Found:
    """Return the same without waiting: what takes long is sought by another process, and told."""
    found = finder.bring_up()
    return found._replace(pairs=_undecided(found.pairs))


def pair_of(study: Study, other: Study) -> Pair | None:
    """Say what two studies may be to one another, whatever was decided; None where they do not look like one."""
    first, second = sorted((study, other), key=lambda row: row.pk)
    vocabulary = vocabularies.current()
    rows = Study.objects.for_matching().filter(pk__in=(first.pk, second.pk))
    portraits = {row.pk: Portrait.of(record_of(row, vocabulary)) for row in rows}
    found = compare(portraits[first.pk], portraits[second.pk], places(vocabulary))
    return Pair.of(first.pk, second.pk, found) if found else None


def decision_on(study: Study, other: Study) -> NotDuplicate | None:
    """Return the word that two studies are two, if it holds."""
    first, second = sorted((study.pk, other.pk))
    held = NotDuplicate.objects.filter(first=first, second=second, taken_back_at=None)
    return held.select_related("by").first()


def say_not_duplicate(study: Study, other: Study, *, by: User, note: str = "") -> NotDuplicate:
    """Remember that two studies are two. Raises DuplicatesError; saying it twice changes nothing."""
    _check_permission(by)
    if study.pk == other.pk or Stage.MERGED in (study.stage, other.stage):
        raise DuplicatesError(_("Solo se decide sobre dos estudios que no estén unidos."))
    first, second = sorted((study.pk, other.pk))
    word, _is_new = NotDuplicate.objects.get_or_create(
        first_id=first, second_id=second, taken_back_at=None, defaults={"by": by, "note": note}
    )
    return word


def say_same_evaluation(study: Study, other: Study, evaluation: Evaluation, *, by: User, note: str = "") -> None:
    """Put two studies under one evaluation, and remember that they are two. Raises CurationError."""
    with transaction.atomic():
        grouping.join(study, other, evaluation, by=by, note=note)
        told = _("Son de una evaluación: %s.") % evaluation.name_es
        say_not_duplicate(study, other, by=by, note=f"{told} {note}".strip())


def take_back(word: NotDuplicate, *, by: User) -> None:
    """Let a pair be a candidate again. The row stays, with who took it back. Raises AlreadyDecided."""
    _check_permission(by)
    held = NotDuplicate.objects.filter(pk=word.pk, taken_back_at=None)
    if not held.update(taken_back_by=by, taken_back_at=timezone.now()):
        raise AlreadyDecided


def _undecided(found: Sequence[Pair]) -> list[Pair]:
    if not found:
        return []
    decided = set(NotDuplicate.objects.filter(taken_back_at=None).values_list("first_id", "second_id"))
    together = _pairs_of_one_trial()
    left = [
        pair for pair in found if pair[:2] not in decided and not (pair.kind == Kind.SAME_WORK and pair[:2] in together)
    ]
    return sorted(left, key=lambda pair: (-pair.score, pair.first, pair.second))


def _pairs_of_one_trial() -> set[tuple[int, int]]:
    members: dict[int, list[int]] = {}
    trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL)
    for evaluation, study in trials.order_by("pk").values_list("pk", "studies"):
        members.setdefault(evaluation, []).append(study)
    return {(a, b) for studies in members.values() for a in studies for b in studies if a and b and a < b}


def _check_permission(by: User) -> None:
    if not by.has_perm(CHANGE_STUDY):
        raise DuplicatesError(_("Su cuenta no tiene permiso para decidir sobre duplicados."))
