"""Converts priority outcomes and baselines between rows and records."""

from __future__ import annotations

from studies.models import Baseline, PriorityOutcome, Term, Vocabulary
from studies.records.answers import BaselineRecord, PriorityRecord
from studies.records.json_fields import RecordInvalid
from studies.store.exchange.errors import UnknownTerm


def priority_to_record(row: PriorityOutcome) -> PriorityRecord:
    """Convert a priority outcome: two queries, unless `select_related` read its terms."""
    return PriorityRecord(row.outcome.code, row.position, row.theme.code if row.theme else None)


def save_priority(record: PriorityRecord, row: PriorityOutcome | None = None) -> PriorityOutcome:
    """Write a priority outcome over `row`, or as a new one. Whether it is retired stays. Raises UnknownTerm."""
    row = row if row is not None else PriorityOutcome()
    row.outcome = _find_term(Vocabulary.OUTCOMES, record.outcome, "priorities.outcome")
    row.theme = _find_term(Vocabulary.THEMES, record.theme, "priorities.theme") if record.theme else None
    row.position = record.position
    row.save()
    return row


def baseline_to_record(row: Baseline) -> BaselineRecord:
    """Convert a baseline: one query, unless `select_related` read its outcome."""
    return BaselineRecord(
        id=row.slug,
        outcome=row.outcome.code,
        window=row.window,
        percent=row.percent,
        year=row.year,
        asked_es=row.asked_es,
        asked_en=row.asked_en,
        source_name=row.source_name,
        url=row.url,
        from_press=row.is_from_press,
        form=row.form or None,
        note_es=row.note_es or None,
        note_en=row.note_en or None,
    )


def save_baseline(record: BaselineRecord, row: Baseline | None = None) -> Baseline:
    """Write a baseline over `row`, or as a new one. Whether it is retired stays.

    Raises UnknownTerm, and RecordInvalid for a window or form that nobody knows.
    """
    row = row if row is not None else Baseline(slug=record.id)
    if record.window not in Baseline.Window.values:
        raise RecordInvalid(f"{record.id}.window", "is not known")
    if record.form is not None and record.form not in Baseline.Form.values:
        raise RecordInvalid(f"{record.id}.form", "is not known")
    if not 0 < record.percent < 100:
        raise RecordInvalid(f"{record.id}.percent", "is not between 0 and 100")
    row.outcome = _find_term(Vocabulary.OUTCOMES, record.outcome, f"{record.id}.outcome")
    row.form = record.form or ""
    row.window = record.window
    row.percent = record.percent
    row.year = record.year
    row.asked_es, row.asked_en = record.asked_es, record.asked_en
    row.source_name, row.url, row.is_from_press = record.source_name, record.url, record.from_press
    row.note_es, row.note_en = record.note_es or "", record.note_en or ""
    row.save()
    return row


def _find_term(vocabulary: Vocabulary, code: str, field: str) -> Term:
    term = Term.objects.filter(vocabulary=vocabulary, code=code).first()
    if term is None:
        raise UnknownTerm(field, code)
    return term
