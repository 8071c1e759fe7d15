"""Takes a batch from the upload to the preview: stores references as rows, then reads and compares them in steps.

Each step is short and ends in the database, so a closed page loses nothing: whoever opens the batch goes on.
"""

from __future__ import annotations

import hashlib
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q

from studies.imports.comparing import matcher_for
from studies.imports.crossref import DoiUnknown, MetadataClient, ServicesUnreachable
from studies.imports.errors import LookUpInterrupted
from studies.imports.formats import csl
from studies.imports.formats.base import ParsedReference, SplitFile
from studies.imports.formats.errors import RowInvalid
from studies.imports.formats.registry import FORMATS, open_file
from studies.imports.mapping import Mapper, as_record
from studies.models import ImportBatch, ImportRow, Study
from studies.store import bank_state, vocabularies
from studies.text.characters import replace_unstorable

if TYPE_CHECKING:
    from django.contrib.auth.models import User

State = ImportBatch.State
Outcome = ImportRow.Outcome
Parser = Callable[[ImportRow], ParsedReference]

_CHUNK = 100
_ROWS_AT_ONCE = 500
_READ_FIELDS = (
    "outcome",
    "is_taken",
    "record",
    "suggested_words",
    "abstract",
    "notes",
    "reasons",
    "field",
    "match",
    "match_row",
)


def open_batch(name: str, data: bytes, *, by: User | None, language: str = "") -> ImportBatch:
    """Split a file and store its references as rows, without reading them. Raises FileUnreadable."""
    found, split = open_file(name, data)
    return _create_batch(name, data, found.code, split, by=by, language=language)


def open_dois(text: str, *, by: User | None) -> ImportBatch:
    """Store a list of DOIs in any form. No service is asked yet. Raises FileUnreadable."""
    return _create_batch("Lista de DOI", text.encode(), "doi", FORMATS["doi"].split(text.encode()), by=by)


def open_pasted(text: str, *, by: User | None) -> ImportBatch:
    """Store pasted CSL-JSON as rows. Raises FileUnreadable."""
    return _create_batch("CSL-JSON pegado", text.encode(), "csl", FORMATS["csl"].split(text.encode()), by=by)


def _create_batch(
    name: str, data: bytes, code: str, split: SplitFile, *, by: User | None, language: str = ""
) -> ImportBatch:
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            by=by,
            file_name=_without_invisible(name)[-255:] or "sin nombre",
            checksum=hashlib.sha256(data).hexdigest(),
            size=len(data),
            format=code,
            language=language,
            head=replace_unstorable(split.head),
            notes=list(split.notes),
            row_count=len(split.references),
            change_no=bank_state.current().change_no,
        )
        rows = (
            ImportRow(
                batch=batch,
                position=position,
                row_number=raw.row,
                raw=replace_unstorable(raw.raw),
                problem=raw.problem[:300],
            )
            for position, raw in enumerate(split.references)
        )
        for some in _in_chunks(rows, _ROWS_AT_ONCE):
            ImportRow.objects.bulk_create(some)
    return batch


def find_earlier_import(batch: ImportBatch) -> ImportBatch | None:
    """Return the newest written batch of the same file, or None."""
    same = ImportBatch.objects.filter(checksum=batch.checksum, state=State.WRITTEN).exclude(pk=batch.pk)
    return same.select_related("by").first()


def count_unread(batch: ImportBatch) -> int:
    """Return the number of rows that are not read yet."""
    return batch.rows.filter(outcome=Outcome.WAITING).count()


def count_rows(batch: ImportBatch) -> Counter[str]:
    """Return the number of rows by outcome, of those `taken`, and of those that `made` a study: two queries."""
    found = Counter(dict(batch.rows.order_by().values_list("outcome").annotate(Count("pk"))))
    also = {"taken": Count("pk", filter=Q(is_taken=True)), "made": Count("made")}
    return found + Counter(batch.rows.aggregate(**also))


def read_some(batch: ImportBatch, *, seconds: float) -> bool:
    """Read and compare rows for about `seconds`, one at least. Return True when none is left.

    Raises LookUpInterrupted for a list of DOIs whose services do not answer; what was read before is kept.
    """
    step = _RowReader(batch)
    until = time.monotonic() + seconds
    while rows := list(batch.rows.filter(outcome=Outcome.WAITING).order_by("position")[:_CHUNK]):
        try:
            done = step.read(rows, until)
        finally:
            # Also when a service fails: what was read before that is not asked for again.
            _store([row for row in rows if row.outcome != Outcome.WAITING], batch)
        if time.monotonic() >= until or done < len(rows):
            break
    return _finish_if_read(batch)


def read_all(batch: ImportBatch) -> None:
    """Read every row, as the command does. Raises LookUpInterrupted."""
    while not read_some(batch, seconds=60):
        pass


def _finish_if_read(batch: ImportBatch) -> bool:
    if count_unread(batch):
        return False
    ImportBatch.objects.filter(pk=batch.pk, state=State.READING).update(state=State.PREVIEW)
    batch.refresh_from_db(fields=["state"])
    return True


def _store(rows: Sequence[ImportRow], batch: ImportBatch) -> None:
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        # Another process may have read the batch to its end: rows would lose the ticks that somebody set since.
        if held.state == State.READING:
            # Upserts: bulk_update() takes a second for a hundred rows.
            ImportRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=_READ_FIELDS)


class _RowReader:
    """Reads rows with what that needs at one moment: the bank, the rows above in the file, the vocabularies."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._format = FORMATS[batch.format]
        self._mapper = Mapper(vocabularies.current(), batch.language)
        self._matcher = matcher_for(batch)
        self._studies_by_doi: Mapping[str, Study] = {}

    def read(self, rows: Sequence[ImportRow], until: float) -> int:
        """Read rows until the clock shows `until`, and return how many. Raises LookUpInterrupted."""
        if not self._format.is_looked_up:
            return self._read_each(rows, until, self._parse)
        held = Study.objects.filter(doi__in=[row.raw for row in rows])
        self._studies_by_doi = {study.doi: study for study in held if study.doi}
        try:
            with MetadataClient() as client:
                return self._read_each(rows, until, lambda row: self._look_up(client, row))
        except ServicesUnreachable as error:
            raise LookUpInterrupted(error.message) from error

    def _read_each(self, rows: Sequence[ImportRow], until: float, parse: Parser) -> int:
        for done, row in enumerate(rows, start=1):
            try:
                self._read_row(row, parse)
            except RowInvalid as error:
                # Both may quote the file, with whatever it holds.
                row.outcome, row.field, row.reasons = (
                    Outcome.ERROR,
                    _without_invisible(error.field)[:100],
                    [_without_invisible(error.reason)],
                )
            if time.monotonic() >= until:
                return done
        return len(rows)

    def _parse(self, row: ImportRow) -> ParsedReference:
        return self._format.read(row.raw, self._batch.head)

    def _look_up(self, client: MetadataClient, row: ImportRow) -> ParsedReference:
        try:
            return csl.read_item(client.look_up(row.raw))
        except DoiUnknown as error:
            raise RowInvalid("doi", error.message) from error

    def _read_row(self, row: ImportRow, parse: Parser) -> None:
        if row.problem:
            raise RowInvalid("", row.problem)
        if study := self._studies_by_doi.get(row.raw):
            # The bank has it: no service is asked.
            row.outcome, row.match, row.reasons = Outcome.DUPLICATE, study, ["El mismo DOI"]
            row.record = {"title": study.title, "doi": study.doi}
            return
        mapped = self._mapper.map(parse(row))
        row.record, row.abstract = dict(mapped.record), mapped.abstract
        row.suggested_words, row.notes = list(mapped.suggested_words), list(mapped.notes)
        record = mapped.as_record()
        row.outcome, row.is_taken = Outcome.NEW, True
        candidates = self._matcher.candidates(row, record)
        holder = self._matcher.holder_of_doi(row, record.doi)
        if holder is not None and all(found.study_id != holder for found in candidates):
            # Abstracts of one supplement share its DOI, and only one study can have it.
            del row.record["doi"]
            record = as_record(row.record)
            row.notes.append(f"Su DOI ({mapped.record['doi']}) ya es de otro trabajo, y no se tomó: revíselo.")
        for found in candidates[:1]:
            row.outcome, row.is_taken, row.reasons = Outcome(found.kind), False, list(found.reasons)
            row.match_id, row.match_row = self._matcher.study_or_row(found.study_id)
        if row.outcome != Outcome.DUPLICATE:
            self._matcher.add_row(row, record)


def _in_chunks(rows: Iterable[ImportRow], size: int) -> Iterable[list[ImportRow]]:
    held: list[ImportRow] = []
    for row in rows:
        held.append(row)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held


def _without_invisible(text: str) -> str:
    """Remove invisible characters: controls, marks of direction, surrogates."""
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
