"""Changes of the bank: transactions that end by raising the counter, writing revisions and sending signals (I2, R8).

Every use case that writes studies, vocabularies or what answers show beside studies runs inside `bank_change`,
`vocabulary_change` or `answer_change`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from studies.models import BankCounter, Revision, Study
from studies.records.diff import list_changed_fields
from studies.records.older_formats import in_current_format
from studies.store import bank_state, vocabularies
from studies.store.exchange import study as exchange_study
from studies.store.signals import study_changed, vocabulary_changed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.records.json_record import Json

_BATCH = 500


class Change:
    """Collects the studies that one use case touches, and whether their content or only their stage changed."""

    def __init__(self, by: User | None, note: str, reviewed_by: User | None) -> None:
        self.by = by
        self.note = note
        self.reviewed_by = reviewed_by
        self._content: dict[int, bool] = {}
        self._touches_answers = False
        self.may_name_a_programme = False
        """Whether a study was touched that carries, or carried, the name of a programme that is not published."""

    def touch(self, study: Study, *, content: bool = True) -> None:
        """Mark `study`, which is saved already, as changed. Pass `content=False` if nobody wrote its record anew."""
        self._content[study.pk] = content or self._content.get(study.pk, False)

    def touch_answers(self) -> None:
        """Mark what answers show beside studies as changed: a public text, the order of outcomes, a baseline."""
        self._touches_answers = True

    def finish(self) -> int | None:
        """Raise the counter and write the revisions. Return the change number, or None if nothing was touched."""
        if not self._content and not self._touches_answers:
            return None
        # Rows before the counter, as in every change: two changes that lock them the other way round would deadlock.
        touched = Study.objects.filter(pk__in=self._content)
        keys = list(touched.select_for_update().order_by("pk").values_list("pk", flat=True))
        moment = timezone.now()
        number = _raise_number("change_no", "changed_at", moment)
        # An import touches thousands of studies: in batches, their whole records never fill the memory at once.
        for place in range(0, len(keys), _BATCH):
            self._finish_some(keys[place : place + _BATCH], number, moment)
        return number

    def _finish_some(self, keys: Sequence[int], number: int, moment: datetime) -> None:
        before = _read_last_records(keys)
        touched = Study.objects.filter(pk__in=keys)
        touched.update(changed_no=number, updated_at=moment)
        studies = list(touched.for_record())
        vocabulary = vocabularies.current()
        records = [exchange_study.to_record(study, vocabulary).to_json() for study in studies]
        Revision.objects.bulk_create(
            self._revision(study, number, moment, record, before.get(study.pk))
            for study, record in zip(studies, records, strict=True)
        )
        unpublished = {programme.name for programme in vocabulary.programmes if not programme.is_published}
        if any(record.get("programme") in unpublished for record in (*records, *before.values())):
            self.may_name_a_programme = True

    def _revision(self, study: Study, number: int, moment: datetime, record: Json, before: Json | None) -> Revision:
        return Revision(
            study=study,
            change_no=number,
            stage=study.stage,
            is_content=self._content[study.pk],
            record=record,
            changed=list_changed_fields(in_current_format(before), record) if before is not None else (),
            note=self.note,
            by=self.by,
            reviewed_by=self.reviewed_by,
            at=moment,
        )


def _read_last_records(studies: Iterable[int]) -> dict[int, Json]:
    """Return the record in each study's last revision, by study id. New studies are left out."""
    last = Revision.objects.filter(study__in=studies, change_no=F("study__changed_no"))
    return dict(last.values_list("study_id", "record"))


@contextmanager
def bank_change(*, by: User | None = None, note: str = "", reviewed_by: User | None = None) -> Iterator[Change]:
    """Run one use case on studies as one change. `by` None stands for the program itself, as when it loads fixtures.

    `reviewed_by` is who published what `by` had proposed.
    """
    with transaction.atomic():
        change = Change(by, note, reviewed_by)
        yield change
        number = change.finish()
        # The name of an unpublished programme becomes public, or ceases to be, with a study that carries it.
        named_at = (
            _raise_number("vocabulary_no", "vocabulary_at", timezone.now()) if change.may_name_a_programme else None
        )
    if number is not None:
        bank_state.clear_cache()
        transaction.on_commit(lambda: _announce_studies(number))
    if named_at is not None:
        transaction.on_commit(lambda: _announce_vocabulary(named_at))


@contextmanager
def answer_change() -> Iterator[None]:
    """Run one use case on a public text, a decision, a question, the order of outcomes or a baseline as one change.

    It has a change number, so that a version of the bank says what its pages said, and no revision: no study changed.
    """
    with bank_change() as change:
        yield
        change.touch_answers()


@contextmanager
def vocabulary_change() -> Iterator[None]:
    """Run one use case on labels, definitions, thesaurus words or names of programmes as one change."""
    with transaction.atomic():
        yield
        number = _raise_number("vocabulary_no", "vocabulary_at", timezone.now())
    bank_state.clear_cache()
    transaction.on_commit(lambda: _announce_vocabulary(number))


def _raise_number(field: str, time_field: str, moment: datetime) -> int:
    """Raise one number of the counter and return it.

    The row stays locked until the commit, so that numbers have the order of the commits.
    """
    BankCounter.current()
    BankCounter.objects.filter(pk=BankCounter.ONLY_ROW).update(**{field: F(field) + 1, time_field: moment})
    number: int = BankCounter.objects.values_list(field, flat=True).get(pk=BankCounter.ONLY_ROW)
    return number


def _announce_studies(number: int) -> None:
    bank_state.clear_cache()
    study_changed.send_robust(sender=Study, change_no=number)


def _announce_vocabulary(number: int) -> None:
    bank_state.clear_cache()
    vocabulary_changed.send_robust(sender=BankCounter, vocabulary_no=number)
