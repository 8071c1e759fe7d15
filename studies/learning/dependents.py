"""Dependents of studies: decisions, answers and reviewed texts whose studies changed since somebody looked at them.

The workplace lists them. Changes of studies come from `curation.history`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F, IntegerField, Value
from django.utils import timezone

from studies.curation import history
from studies.models import (
    CertaintyJudgement,
    Conclusion,
    Decision,
    PolicyQuestion,
    ReviewedText,
    Revision,
    SafetyNote,
    Stage,
)
from studies.store import bank_state
from studies.store.changes import answer_change

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.curation.history import HistoryEvent
    from studies.models import Study

AnyReviewedText = Conclusion | CertaintyJudgement | SafetyNote
Dependent = Decision | PolicyQuestion | AnyReviewedText
STUDIES_OF_TEXTS: dict[type[AnyReviewedText], str] = {
    Conclusion: "sentences__studies",
    CertaintyJudgement: "studies",
    SafetyNote: "studies",
}
"""The path from a reviewed text to its studies."""


@dataclass(frozen=True, slots=True)
class ChangedStudy:
    """A study that changed after its dependent was last reviewed. `merged_into` is set if it was merged since."""

    study: Study
    events: tuple[HistoryEvent, ...]
    merged_into: Study | None

    @property
    def first_at(self) -> datetime.datetime:
        """Return when it first changed after its dependent was reviewed."""
        return self.events[0].on if self.events else self.study.updated_at


@dataclass(frozen=True, slots=True)
class UnsettledDependent:
    """A decision, an answer or a text, with those of its studies that changed since it was made or last reviewed."""

    row: Dependent
    studies: tuple[ChangedStudy, ...]

    @property
    def since(self) -> datetime.date:
        """Return the day since which it is to be reviewed."""
        return timezone.localdate(min(changed.first_at for changed in self.studies))


def find_change_no(day: datetime.date) -> int:
    """Return the bank's change number at the end of `day`, or today the current one; 0 before the first. One query."""
    if day >= timezone.localdate():
        return bank_state.current().change_no
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min)
    until = Revision.objects.filter(at__lt=timezone.make_aware(midnight))
    return until.order_by("-change_no").values_list("change_no", flat=True).first() or 0


def list_unsettled() -> list[UnsettledDependent]:
    """Return what rests on studies that were changed, withdrawn or merged after it: all that counts as said.

    That is decisions, reviewed answers, and published texts. One query if no study of theirs changed; else at most
    seventeen, whatever their number, and one for each merged study.
    """
    touched = _find_touched()
    rows: list[Dependent] = [
        *Decision.objects.filter(pk__in=touched[Decision])
        .select_related("programme")
        .prefetch_related("studies__merged_into"),
        *PolicyQuestion.objects.filter(pk__in=touched[PolicyQuestion]).prefetch_related("studies__merged_into"),
    ]
    for model, path in STUDIES_OF_TEXTS.items():
        texts = model._default_manager.filter(pk__in=touched[model])
        rows += texts.prefetch_related("writers", f"{path}__merged_into")
    return find_unsettled(rows)


def _find_touched() -> dict[type[Dependent], set[int]]:
    """Return the keys of all that counts as said and has a study that changed in any way after it, by model: one query.

    The first page of the workplace counts them, and on most days there are none.
    """
    kinds: list[tuple[type[Dependent], QuerySet[Any], str]] = [
        (Decision, Decision.objects.all(), "studies"),
        (PolicyQuestion, PolicyQuestion.objects.filter(reviewed_on__isnull=False), "studies"),
    ]
    for model, path in STUDIES_OF_TEXTS.items():
        kinds.append((model, model._default_manager.filter(state=ReviewedText.State.PUBLISHED), path))
    first, *others = (
        rows.filter(**{f"{path}__changed_no__gt": F("seen_no")})
        .order_by()
        .annotate(kind=Value(place, IntegerField()))
        .values_list("kind", "pk")
        for place, (_model, rows, path) in enumerate(kinds)
    )
    found: dict[type[Dependent], set[int]] = {model: set() for model, _rows, _path in kinds}
    for place, key in first.union(*others):
        found[kinds[place][0]].add(key)
    return found


def find_unsettled(rows: Sequence[Dependent]) -> list[UnsettledDependent]:
    """Return those of `rows` whose studies changed after them: one query if their studies and mergers were prefetched.

    `STUDIES_OF_TEXTS` has the path to prefetch. One more query for each merged study; none if no row names a study.
    """
    keys = {study.pk for row in rows for study in list_studies(row)}
    histories = history.read_public_histories(keys) if keys else {}
    found = (UnsettledDependent(row, tuple(_iterate_changed_studies(row, histories))) for row in rows)
    return [each for each in found if each.studies]


def list_studies(row: Dependent) -> list[Study]:
    """Return the studies that `row` names, whatever their stage, each once. Sentences name those of a conclusion."""
    if isinstance(row, Conclusion):
        return list({study.pk: study for sentence in row.sentences.all() for study in sentence.studies.all()}.values())
    return list(row.studies.all())


def mark_seen(row: Dependent, until_no: int) -> None:
    """Record that the studies of `row` were reviewed as of change `until_no`, so that only later changes are listed."""
    until_no = min(until_no, bank_state.current().change_no)
    # Of a text the page tells that it is to be reviewed; of decisions and answers nothing is public.
    with answer_change() if isinstance(row, ReviewedText) else nullcontext():
        type(row).objects.filter(pk=row.pk, seen_no__lt=until_no).update(seen_no=until_no)


def _iterate_changed_studies(row: Dependent, histories: dict[int, tuple[HistoryEvent, ...]]) -> Iterable[ChangedStudy]:
    for study in list_studies(row):
        # Publication is no change of what the decision or answer already depends on.
        new = [
            event for event in histories.get(study.pk, ()) if event.last_no > row.seen_no and event.kind != "published"
        ]
        is_merged = study.stage == Stage.MERGED and study.changed_no > row.seen_no
        if new or is_merged:
            yield ChangedStudy(study, tuple(new), study.follow_merges() if is_merged else None)
