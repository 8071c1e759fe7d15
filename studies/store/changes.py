"""One change of the bank: a transaction that ends by raising the counter, writing revisions and announcing (I2, R8).

Every use case that writes studies or vocabularies runs inside `bank_change` or `vocabulary_change`.
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
from studies.records.diff import changed_fields
from studies.store import bank_state, vocabularies
from studies.store.exchange import study as exchange_study
from studies.store.signals import study_changed, vocabulary_changed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.records.json_record import Json

_AT_ONCE = 500


class Change:
    """The studies that one use case touches, and whether their content or only their stage changed."""

    def __init__(self, by: User | None, note: str, reviewed_by: User | None) -> None:
        self.by = by
        self.note = note
        self.reviewed_by = reviewed_by
        self._content: dict[int, bool] = {}
        self.may_name_a_programme = False
        """Whether a study was touched that carries, or carried, the name of a programme that is not published."""

    def touch(self, study: Study, *, content: bool = True) -> None:
        """Mark `study`, already saved, as changed. `content` False for a move from one stage to another."""
        self._content[study.pk] = content or self._content.get(study.pk, False)

    def finish(self) -> int | None:
        """Write number and revisions. Return the change number, or None if nothing was touched."""
        if not self._content:
            return None
        # The rows first, then the counter, as in every change: two that lock them in turn would wait for each other.
        touched = Study.objects.filter(pk__in=self._content)
        keys = list(touched.select_for_update().order_by("pk").values_list("pk", flat=True))
        moment = timezone.now()
        number = _raise("change_no", "changed_at", moment)
        # An import touches thousands: whole records of all of them at once would not be small.
        for place in range(0, len(keys), _AT_ONCE):
            self._finish_some(keys[place : place + _AT_ONCE], number, moment)
        return number

    def _finish_some(self, keys: Sequence[int], number: int, moment: datetime) -> None:
        before = _last_records(keys)
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
            changed=changed_fields(before, record) if before is not None else (),
            note=self.note,
            by=self.by,
            reviewed_by=self.reviewed_by,
            at=moment,
        )


def _last_records(studies: Iterable[int]) -> dict[int, Json]:
    """Return the record of each study as its last revision has it, by its key; a new study has none."""
    last = Revision.objects.filter(study__in=studies, change_no=F("study__changed_no"))
    return dict(last.values_list("study_id", "record"))


@contextmanager
def bank_change(*, by: User | None = None, note: str = "", reviewed_by: User | None = None) -> Iterator[Change]:
    """Run one use case on studies. `by` None stands for the program itself (loading the fixtures).

    `reviewed_by` is who published what `by` had proposed.
    """
    with transaction.atomic():
        change = Change(by, note, reviewed_by)
        yield change
        number = change.finish()
        # With its study the name of a programme becomes public, or ceases to be.
        named_at = _raise("vocabulary_no", "vocabulary_at", timezone.now()) if change.may_name_a_programme else None
    if number is not None:
        bank_state.forget()
        transaction.on_commit(lambda: _announce_studies(number))
    if named_at is not None:
        transaction.on_commit(lambda: _announce_vocabulary(named_at))


@contextmanager
def vocabulary_change() -> Iterator[None]:
    """Run one use case on labels, definitions, thesaurus words or names of programmes."""
    with transaction.atomic():
        yield
        number = _raise("vocabulary_no", "vocabulary_at", timezone.now())
    bank_state.forget()
    transaction.on_commit(lambda: _announce_vocabulary(number))


def _raise(field: str, time_field: str, moment: datetime) -> int:
    """Raise one number of the counter and return it. Its row is locked until the commit: numbers follow commits."""
    BankCounter.current()
    BankCounter.objects.filter(pk=BankCounter.ONLY_ROW).update(**{field: F(field) + 1, time_field: moment})
    number: int = BankCounter.objects.values_list(field, flat=True).get(pk=BankCounter.ONLY_ROW)
    return number


def _announce_studies(number: int) -> None:
    bank_state.forget()
    study_changed.send_robust(sender=Study, change_no=number)


def _announce_vocabulary(number: int) -> None:
    bank_state.forget()
    vocabulary_changed.send_robust(sender=BankCounter, vocabulary_no=number)
