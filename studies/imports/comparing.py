"""Compares references with the studies of the bank and with the rows above them in their own file."""

from __future__ import annotations

import threading
from typing import Any

from studies.duplicates import finder
from studies.duplicates.matching.comparing import MatchKind
from studies.duplicates.matching.matcher import DuplicateCandidate
from studies.imports.mapping import NO_ID, as_record
from studies.models import ImportBatch, ImportRow, Study
from studies.records.study import StudyRecord
from studies.store import bank_state
from studies.text.normalize import fold_text

Outcome = ImportRow.Outcome


class BatchMatcher:
    """Finds what a row repeats: all studies of the bank at one moment, and the batch's rows that are no duplicates.

    Studies are numbered by their keys; rows have numbers below zero, -1 being the first of the file.
    """

    def __init__(self, batch: ImportBatch) -> None:
        self._batch = batch
        self._row_numbers: dict[int, int] = {}
        self._by_title: dict[tuple[str, int | None], int] = {}
        self._by_doi: dict[str, int] = {}
        self._matcher = finder.build_matcher()
        rows = Study.objects.order_by("pk").values_list("pk", "merged_into_id", "slug", "title", "year", "doi")
        self._by_slug = {slug: into or key for key, into, slug, _title, _year, _doi in rows}
        for key, into, _slug, title, year, doi in rows:
            self._add_title(into or key, title, year)
            if doi:
                self._by_doi[doi] = into or key

    def add_row(self, row: ImportRow, record: StudyRecord) -> None:
        """Add a row that was read."""
        self._row_numbers[row.position] = row.row_number
        self._matcher.add(-1 - row.position, record)
        self._add_title(-1 - row.position, record.title, record.year)
        if record.doi:
            self._by_doi.setdefault(record.doi, -1 - row.position)
        if record.id != NO_ID:
            self._by_slug.setdefault(record.id, -1 - row.position)

    def add_rows(self) -> None:
        """Add the rows that another process read, or that were read before this one began."""
        rows = self._batch.rows.filter(outcome__in=(Outcome.NEW, Outcome.SAME_WORK)).order_by("position")
        for row in rows.filter(position__gt=max(self._row_numbers, default=-1)).defer("raw", "abstract").iterator():
            self.add_row(row, as_record(row.record))

    def candidates(self, row: ImportRow, record: StudyRecord) -> list[DuplicateCandidate]:
        """Return the studies and the rows above that a row may repeat, the likeliest first.

        Rows below may be there too, if somebody else reads the batch at the same time: they will name this one.
        """
        found = self._matcher.candidates(record)
        if (same := self._by_slug.get(record.id)) is not None:
            found.insert(0, DuplicateCandidate(same, MatchKind.DUPLICATE, 100, ("El mismo identificador",)))
        elif _has_no_words(record.title) and (same := self._by_title.get((record.title, record.year))) is not None:
            found.append(DuplicateCandidate(same, MatchKind.DUPLICATE, 90, ("El mismo título", "El mismo año")))
        return [candidate for candidate in found if -1 - candidate.study_id < row.position]

    def holder_of_doi(self, row: ImportRow, doi: str | None) -> int | None:
        """Return the study, or the row above, that has a DOI already."""
        holder = self._by_doi.get(doi) if doi else None
        return holder if holder is not None and -1 - holder < row.position else None

    def study_or_row(self, number: int) -> tuple[int | None, int | None]:
        """Return the key of a study and None, or None and the number of a row as its file shows it."""
        return (number, None) if number >= 0 else (None, self._row_numbers[-1 - number])

    def _add_title(self, number: int, title: str, year: int | None) -> None:
        # A title without Latin letters has no words to compare: the same one in the same year is the same study.
        if _has_no_words(title):
            self._by_title.setdefault((title, year), number)


def _has_no_words(title: str) -> bool:
    return not any("a" <= letter <= "z" or letter.isdigit() for letter in fold_text(title))


_lock = threading.Lock()
_held: tuple[tuple[Any, ...], BatchMatcher] | None = None


def matcher_for(batch: ImportBatch) -> BatchMatcher:
    """Return the matcher of `batch`: three queries from the second step of a batch on.

    The last one stays in memory. Rows that others read of the same batch meanwhile are added to it.
    """
    global _held
    counter = bank_state.current()
    # Deleting a draft raises no change number, so the studies are counted too. A number is given twice after a
    # rollback, so the times count too.
    now = (counter.bank_id, counter.change_no, counter.changed_at, Study.objects.count())
    key = (batch.pk, batch.at, batch.change_no, *now)
    with _lock:
        if _held is None or _held[0] != key:
            _held = (key, BatchMatcher(batch))
        _held[1].add_rows()
        return _held[1]
