"""Makes drafts of the ticked rows of a batch, some at a time. `writing` calls it, and holds the states of a batch.

Each step is one transaction and one change of the bank. The batch remembers the last row that was handled, in the same
transaction: what goes on after an interruption neither repeats nor skips a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from studies.duplicates import finder
from studies.duplicates.matching.matcher import DuplicateCandidate, DuplicateMatcher
from studies.imports.errors import ImportRefused
from studies.imports.mapping import NO_ID, as_record
from studies.models import BankCounter, ImportBatch, ImportRow, Study
from studies.records.study import StudyRecord
from studies.store import vocabularies
from studies.store.changes import bank_change
from studies.store.exchange import study as exchange_study
from studies.text.identifiers import make_slug

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

Outcome = ImportRow.Outcome


class DraftWriter:
    """Writes the rows of one batch that are ticked and not handled yet."""

    def __init__(self, batch: ImportBatch, by: User | None) -> None:
        self._batch = batch
        self._by = by
        self._newer = _NewerStudies(batch)

    def write_some(self, most: int, hold: Callable[[], None]) -> int:
        """Handle at most `most` rows, and return how many: 0 when none is left. `hold` is called in the transaction.

        Raises ImportRefused if the batch is not being written, and IntegrityError and UnknownTerm as saving does.
        """
        # Most of it before the transaction, during which nobody else can write on SQLite.
        self._newer.catch_up()
        with transaction.atomic():
            hold()
            held = ImportBatch.objects.select_for_update().get(pk=self._batch.pk)
            if held.state != ImportBatch.State.WRITING:
                raise ImportRefused("Esta importación ya no se está escribiendo.")
            rows = list(unhandled_rows(held).order_by("position").defer("raw", "abstract")[:most])
            if not rows:
                return 0
            self._newer.catch_up()
            left_out = self._leave_out_newer_duplicates(rows)
            with bank_change(by=self._by, note=f"Importación {held.pk}: {held.file_name}") as change:
                taken = [row for row in rows if row not in left_out]
                slugs = _SlugMaker()
                studies = exchange_study.create_records([slugs.with_slug(row) for row in taken])
                for row, study in zip(taken, studies, strict=True):
                    row.made = study
                    change.touch(study)
            ImportRow.objects.bulk_update(taken, ["made"])
            ImportRow.objects.bulk_update(left_out, ["outcome", "is_taken", "match", "reasons"])
            held.written_to = rows[-1].position
            held.save(update_fields=["written_to"])
        return len(rows)

    def _leave_out_newer_duplicates(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """Untick, and return, the rows that are in the bank by now: saved by somebody after the preview."""
        left_out: list[ImportRow] = []
        own = [row.record["doi"] for row in rows if row.record.get("doi")]
        held = dict(Study.objects.filter(doi__in=own).values_list("doi", "pk"))
        dois: set[str] = set()
        for row in rows:
            doi = row.record.get("doi")
            if doi in held or doi in dois:
                _refuse(row, held.get(doi), ["El mismo DOI: no se puede tomar dos veces"])
                left_out.append(row)
            elif row.outcome == Outcome.NEW and (found := self._newer.find(as_record(row.record))):
                _refuse(row, found.study_id, [*found.reasons, "Llegó al banco después de leer el archivo"])
                row.outcome = Outcome(found.kind)
                left_out.append(row)
            elif doi:
                dois.add(doi)
        return left_out


def unhandled_rows(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Return the ticked rows that no step has handled yet."""
    rows = batch.rows.filter(is_taken=True)
    return rows if batch.written_to is None else rows.filter(position__gt=batch.written_to)


class _NewerStudies:
    """The studies that came into the bank, or changed, since the batch was read; not those that it wrote itself."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._change_no = batch.change_no or 0
        self._matcher: DuplicateMatcher | None = None

    def catch_up(self) -> None:
        """Add what others have written since the last time: one query if nobody has."""
        # Read first: what is committed meanwhile is added now and once more, which does no harm.
        now = BankCounter.current().change_no
        if now == self._change_no:
            return
        own = ImportRow.objects.filter(batch=self._batch, made=OuterRef("pk"))
        newer = Study.objects.changed_since(self._change_no).exclude(Exists(own))
        vocabulary = vocabularies.current()
        if self._matcher is None:
            self._matcher = DuplicateMatcher(places=finder.read_place_words(vocabulary))
        for study_id, record in finder.iterate_known(newer, vocabulary):
            self._matcher.add(study_id, record)
        self._change_no = now

    def find(self, record: StudyRecord) -> DuplicateCandidate | None:
        """Return the likeliest of them that `record` repeats."""
        return next(iter(self._matcher.candidates(record)), None) if self._matcher and len(self._matcher) else None


def _refuse(row: ImportRow, study_id: int | None, reasons: list[str]) -> None:
    row.outcome, row.is_taken, row.reasons = Outcome.DUPLICATE, False, reasons
    row.match_id = study_id or row.match_id


class _SlugMaker:
    """Gives each new record a slug that no study has."""

    def __init__(self) -> None:
        self._taken = set(Study.objects.values_list("slug", flat=True))

    def with_slug(self, row: ImportRow) -> StudyRecord:
        record = as_record(row.record)
        if record.id == NO_ID or record.id in self._taken:
            first = record.authors[0] if record.authors else None
            family = (first.family or first.literal) if first else None
            record = replace(record, id=make_slug(family, record.year, record.title, self._taken.__contains__))
        self._taken.add(record.id)
        return record
