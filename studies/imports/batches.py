"""A batch from the upload to the preview: references are kept as rows, then read and compared step by step.

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

from studies.imports.comparing import known_to
from studies.imports.crossref import DoiUnknown, MetadataClient, ServicesUnreachable
from studies.imports.errors import LookUpImpossible
from studies.imports.formats import csl
from studies.imports.formats.base import ParsedReference, SplitFile
from studies.imports.formats.errors import RowInvalid
from studies.imports.formats.registry import FORMATS, open_file
from studies.imports.mapping import Mapper
from studies.models import ImportBatch, ImportRow, Study
from studies.store import bank_state, vocabularies
from studies.text.characters import storable

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
    """Split a file and keep its references as rows; nothing is read yet. Raises importers.FileUnreadable."""
    found, split = open_file(name, data)
    return _keep(name, data, found.code, split, by=by, language=language)


def open_dois(text: str, *, by: User | None) -> ImportBatch:
    """Keep a list of DOIs in any form. Nobody is asked yet. Raises importers.FileUnreadable."""
    return _keep("Lista de DOI", text.encode(), "doi", FORMATS["doi"].split(text.encode()), by=by)


def open_pasted(text: str, *, by: User | None) -> ImportBatch:
    """Keep pasted CSL-JSON. Raises importers.FileUnreadable."""
    return _keep("CSL-JSON pegado", text.encode(), "csl", FORMATS["csl"].split(text.encode()), by=by)


def _keep(name: str, data: bytes, code: str, split: SplitFile, *, by: User | None, language: str = "") -> ImportBatch:
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            by=by,
            file_name=_shown(name)[-255:] or "sin nombre",
            checksum=hashlib.sha256(data).hexdigest(),
            size=len(data),
            format=code,
            language=language,
            head=storable(split.head),
            notes=list(split.notes),
            row_count=len(split.references),
            change_no=bank_state.current().change_no,
        )
        rows = (
            ImportRow(
                batch=batch,
                position=position,
                row_number=raw.row,
                raw=storable(raw.raw),
                problem=raw.problem[:300],
            )
            for position, raw in enumerate(split.references)
        )
        for some in _in_chunks(rows, _ROWS_AT_ONCE):
            ImportRow.objects.bulk_create(some)
    return batch


def earlier(batch: ImportBatch) -> ImportBatch | None:
    """Return the last batch of the same file that was written, if there is one."""
    same = ImportBatch.objects.filter(checksum=batch.checksum, state=State.WRITTEN).exclude(pk=batch.pk)
    return same.select_related("by").first()


def waiting(batch: ImportBatch) -> int:
    """Return how many rows are not read yet."""
    return batch.rows.filter(outcome=Outcome.WAITING).count()


def counts(batch: ImportBatch) -> Counter[str]:
    """Return the number of rows by outcome, of those `taken`, and of those that `made` a study: two queries."""
    found = Counter(dict(batch.rows.order_by().values_list("outcome").annotate(Count("pk"))))
    also = {"taken": Count("pk", filter=Q(is_taken=True)), "made": Count("made")}
    return found + Counter(batch.rows.aggregate(**also))


def read_on(batch: ImportBatch, *, seconds: float) -> bool:
    """Read and compare more rows for about so long, one at least, and return True when none is left.

    Raises LookUpImpossible for a list of DOIs whose services do not answer; what was read before is kept.
    """
    step = _Step(batch)
    until = time.monotonic() + seconds
    while rows := list(batch.rows.filter(outcome=Outcome.WAITING).order_by("position")[:_CHUNK]):
        try:
            done = step.read(rows, until)
        finally:
            _store([row for row in rows if row.outcome != Outcome.WAITING], batch)
        if time.monotonic() >= until or done < len(rows):
            break
    return _finish(batch)


def read_all(batch: ImportBatch) -> None:
    """Read every row, as the command does. Raises LookUpImpossible."""
    while not read_on(batch, seconds=60):
        pass


def _finish(batch: ImportBatch) -> bool:
    if waiting(batch):
        return False
    ImportBatch.objects.filter(pk=batch.pk, state=State.READING).update(state=State.PREVIEW)
    batch.refresh_from_db(fields=["state"])
    return True


def _store(rows: Sequence[ImportRow], batch: ImportBatch) -> None:
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if held.state == State.READING:
            # Upserts: bulk_update() takes a second for a hundred rows.
            ImportRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=_READ_FIELDS)


class _Step:
    """What one step needs: the bank, the earlier rows of the file, the vocabularies."""

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._format = FORMATS[batch.format]
        self._mapper = Mapper(vocabularies.current(), batch.language)
        self._known = known_to(batch)
        self._held: Mapping[str, Study] = {}

    def read(self, rows: Sequence[ImportRow], until: float) -> int:
        """Read some rows, until the time is over, and return how many. Raises LookUpImpossible."""
        if not self._format.is_looked_up:
            return self._read_each(rows, until, self._of_file)
        held = Study.objects.filter(doi__in=[row.raw for row in rows])
        self._held = {study.doi: study for study in held if study.doi}
        try:
            with MetadataClient() as client:
                return self._read_each(rows, until, lambda row: self._looked_up(client, row))
        except ServicesUnreachable as error:
            raise LookUpImpossible(error.message) from error

    def _read_each(self, rows: Sequence[ImportRow], until: float, parse: Parser) -> int:
        for done, row in enumerate(rows, start=1):
            try:
                self._read_row(row, parse)
            except RowInvalid as error:
                # Both may quote the file, with whatever it holds.
                row.outcome, row.field, row.reasons = Outcome.ERROR, _shown(error.field)[:100], [_shown(error.reason)]
            if time.monotonic() >= until:
                return done
        return len(rows)

    def _of_file(self, row: ImportRow) -> ParsedReference:
        return self._format.read(row.raw, self._batch.head)

    def _looked_up(self, client: MetadataClient, row: ImportRow) -> ParsedReference:
        try:
            return csl.read_item(client.look_up(row.raw))
        except DoiUnknown as error:
            raise RowInvalid("doi", error.message) from error

    def _read_row(self, row: ImportRow, parse: Parser) -> None:
        if row.problem:
            raise RowInvalid("", row.problem)
        if study := self._held.get(row.raw):
            # The bank knows it: no service is asked.
            row.outcome, row.match, row.reasons = Outcome.DUPLICATE, study, ["El mismo DOI"]
            row.record = {"title": study.title, "doi": study.doi}
            return
        mapped = self._mapper.map(parse(row))
        row.record, row.abstract = mapped.record, mapped.abstract
        row.suggested_words, row.notes = list(mapped.suggested_words), list(mapped.notes)
        record = mapped.as_record()
        row.outcome, row.is_taken = Outcome.NEW, True
        for found in self._known.candidates(row, record)[:1]:
            row.outcome, row.is_taken, row.reasons = Outcome(found.kind), False, list(found.reasons)
            row.match_id, row.match_row = self._known.named(found.study_id)
        if row.outcome != Outcome.DUPLICATE:
            self._known.add_row(row, record)


def _in_chunks(rows: Iterable[ImportRow], size: int) -> Iterable[list[ImportRow]]:
    held: list[ImportRow] = []
    for row in rows:
        held.append(row)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held


def _shown(text: str) -> str:
    """Return a text without invisible characters: controls, marks of direction, surrogates."""
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
