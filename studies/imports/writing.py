"""Writes a batch into the bank as drafts, in steps, and undoes it as long as nobody has worked on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.db.models import ManyToOneRel, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from studies.imports.drafts import DraftWriter, unhandled_rows
from studies.imports.errors import ImportRefused
from studies.models import (
    Authorship,
    BankCounter,
    Cost,
    DuplicatePair,
    Finding,
    ImportBatch,
    ImportRow,
    Inclusion,
    PublishedAppraisal,
    Revision,
    Source,
    Stage,
    Study,
    StudyFeatures,
    StudyTerm,
)
from studies.store.exchange.errors import UnknownTerm
from studies.text.dates import format_short_date

if TYPE_CHECKING:
    from django.contrib.auth.models import User

State = ImportBatch.State
Outcome = ImportRow.Outcome
STEP = 40
"""Rows in one transaction: others wait so long for SQLite's lock, half a second."""
MOST_AT_ONCE = 100
"""So many rows are written while a page waits, all or none; more are left to the worker."""
_PAUSE_S = 0.12
_TRIES = 3
_CHUNK = 500
_NOTHING_TICKED = "No hay ninguna referencia marcada que escribir."
_OWN_MODELS = frozenset(
    {
        *(StudyTerm, Authorship, Finding, Cost, Source, PublishedAppraisal, Inclusion, Study.harms_about.through),
        *(Revision, ImportRow, DuplicatePair, StudyFeatures),
    }
)
"""What an import writes of a study, and what the search for duplicates keeps of it.

A row of any other table that points to the study is somebody's work.
"""
MOST_HINDRANCES = 50


def write(
    batch: ImportBatch,
    *,
    by: User | None,
    hold: Callable[[], None] = lambda: None,
    between: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write the ticked rows as drafts, in steps, and return how many the batch has made.

    A row that is in the bank by now, brought by somebody else since the preview, is left out and says so. `hold` is
    called in the transaction of each step, `between` after it with the number of rows that were handled, and of how
    many. What either raises leaves the batch as it is: writing goes on where it was when it is called again. Raises
    ImportRefused if a step cannot be written; those before it stay, and the batch is no longer being written.
    """
    if batch.state != State.WRITING:
        begin(batch)
    writer = DraftWriter(batch, by)
    try:
        done, total = count_handled(batch)
        while some := _write_step(writer, hold):
            done += some
            between(done, total)
            if connection.vendor == "sqlite" and not connection.in_atomic_block:
                # Whoever waits for SQLite's lock looks again after a tenth of a second at most.
                time.sleep(_PAUSE_S)
    except ImportRefused:
        stop(batch)
        raise
    return _finish(batch)


def write_at_once(batch: ImportBatch, *, by: User | None) -> int:
    """Write the ticked rows in one transaction, as a page does with a few. Raises ImportRefused, and writes nothing."""
    with transaction.atomic():
        made = write(batch, by=by)
    batch.refresh_from_db()
    return made


def begin(batch: ImportBatch) -> None:
    """Bring a batch from the preview, or from where it was ended, to being written. Raises ImportRefused."""
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if held.state == State.PREVIEW:
            held.written_to = None
        elif not count_left(held):
            raise ImportRefused("Esta importación ya se escribió o se descartó.")
        if not unhandled_rows(held).exists():
            raise ImportRefused(_NOTHING_TICKED)
        held.state = State.WRITING
        held.save(update_fields=["state", "written_to"])
    batch.refresh_from_db()


def stop(batch: ImportBatch) -> None:
    """End the writing of a batch where it is: what was written stays, and can be undone. Does nothing otherwise."""
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if held.state == State.WRITING:
            _leave_writing(held)
    batch.refresh_from_db()


def count_left(batch: ImportBatch) -> int:
    """Return how many ticked rows a batch has left that was ended before all were written."""
    if batch.state != State.WRITTEN or batch.written_to is None:
        return 0
    return unhandled_rows(batch).count()


def count_handled(batch: ImportBatch) -> tuple[int, int]:
    """Return how many rows the steps have handled, and how many there are to handle in all."""
    batch.refresh_from_db(fields=["written_to"])
    done = batch.rows.filter(made__isnull=False).count()
    return done, done + unhandled_rows(batch).count()


def _write_step(writer: DraftWriter, hold: Callable[[], None]) -> int:
    for attempt in range(1, _TRIES + 1):
        try:
            return writer.write_some(STEP, hold)
        except IntegrityError as error:
            # Somebody saved a study with the same DOI or the same address meanwhile: the next look finds it.
            if attempt == _TRIES or connection.in_atomic_block:
                raise ImportRefused(
                    "Otra persona acaba de guardar un estudio con el mismo DOI. Vuelva a intentarlo."
                ) from error
        except UnknownTerm as error:
            raise ImportRefused(
                f"El término «{error.code}» ya no está en los vocabularios. Vuelva a leer el archivo."
            ) from error
    raise AssertionError("unreachable")


def _finish(batch: ImportBatch) -> int:
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if held.state == State.WRITING:
            _leave_writing(held)
    batch.refresh_from_db()
    if not (made := batch.rows.filter(made__isnull=False).count()):
        raise ImportRefused(_NOTHING_TICKED)
    return made


def _leave_writing(held: ImportBatch) -> None:
    if held.rows.filter(made__isnull=False).exists():
        held.state, held.written_at = State.WRITTEN, timezone.now()
    else:
        held.state, held.written_to = State.PREVIEW, None
    held.save(update_fields=["state", "written_at", "written_to"])


def tick(batch: ImportBatch, shown: Sequence[int], ticked: Sequence[int]) -> None:
    """Store which of the `shown` rows are ticked. Raises ImportRefused once the batch was written."""
    with transaction.atomic():
        held = _lock_batch(batch, State.PREVIEW, "Esta importación ya se escribió: no se puede cambiar lo marcado.")
        rows = tickable(held).filter(pk__in=shown)
        rows.exclude(pk__in=ticked).update(is_taken=False)
        rows.filter(pk__in=ticked).update(is_taken=True)


def tick_all(batch: ImportBatch, outcome: str | None, *, is_taken: bool) -> None:
    """Tick or untick all rows of an outcome, or of every outcome for None. Raises ImportRefused once it was written."""
    with transaction.atomic():
        held = _lock_batch(batch, State.PREVIEW, "Esta importación ya se escribió: no se puede cambiar lo marcado.")
        rows = tickable(held)
        if outcome:
            # The outcome comes from the request, and PostgreSQL refuses some texts (NUL) in a query.
            rows = rows.filter(outcome=outcome) if outcome in Outcome.values else rows.none()
        rows.update(is_taken=is_taken)


def tickable(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Return the rows that may be ticked: those that could be read."""
    return batch.rows.exclude(outcome__in=(Outcome.WAITING, Outcome.ERROR))


# --- Undoing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A study of a batch that somebody has worked on, and what they did, as a sentence."""

    study: Study
    sentence: str


def studies_made_by(batch: ImportBatch) -> QuerySet[Study]:
    """Return the studies that a batch wrote and that still exist."""
    return Study.objects.filter(import_rows__batch=batch).order_by("import_rows__position")


def list_hindrances(batch: ImportBatch) -> list[Hindrance]:
    """Return what keeps a batch from being undone, one per study, at most MOST_HINDRANCES."""
    found: dict[int, Hindrance] = {}
    studies = Study.objects.filter(import_rows__batch=batch)
    for study in studies.exclude(stage=Stage.DRAFT).order_by("pk")[:MOST_HINDRANCES]:
        found[study.pk] = Hindrance(study, f"está en la etapa «{study.get_stage_display()}»")
    # Sending to review and returning is work too; renaming a programme is not, as it changes no draft.
    is_work = Q(is_content=True) | ~Q(stage=Stage.DRAFT)
    # The first revision of a draft is that of the step which wrote it.
    first = Revision.objects.filter(study=OuterRef("study")).order_by("change_no").values("change_no")[:1]
    later = Revision.objects.filter(is_work, study__in=studies).exclude(change_no=Subquery(first))
    for revision in later.select_related("study", "by").defer("record").order_by("study_id", "-change_no"):
        if len(found) >= MOST_HINDRANCES:
            break
        day = format_short_date(revision.at)
        done = "lo cambió" if revision.is_content else "lo movió de etapa"
        sentence = f"{revision.by or 'el programa'} {done} el {day}"
        found.setdefault(revision.study_id, Hindrance(revision.study, sentence))
    for study, name in _studies_named_elsewhere(studies):
        if len(found) >= MOST_HINDRANCES:
            break
        found.setdefault(study.pk, Hindrance(study, f"hay algo de otra tabla que lo nombra ({name})"))
    return list(found.values())


def _studies_named_elsewhere(studies: QuerySet[Study]) -> Iterator[tuple[Study, str]]:
    for relation in Study._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if not isinstance(relation, ManyToOneRel) or not isinstance(model, type) or model in _OWN_MODELS:
            continue
        name = relation.field.name
        rows = model._default_manager.filter(**{f"{name}__in": studies}).values_list(name, flat=True)
        for study in Study.objects.filter(pk__in=rows).order_by("pk")[:MOST_HINDRANCES]:
            yield study, str(model._meta.verbose_name)


def undo(batch: ImportBatch) -> int:
    """Delete the drafts that a batch wrote, and return how many. Raises ImportRefused if somebody worked on them.

    The rows stay: the batch can be read again.
    """
    with transaction.atomic():
        held = _lock_batch(batch, State.WRITTEN, "Esta importación no está escrita: no hay nada que deshacer.")
        # Locked in the order of their keys, as in every change: nobody begins to work on one meanwhile.
        list(studies_made_by(held).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        if list_hindrances(held):
            raise ImportRefused("Alguien trabajó ya en lo que hizo esta importación: no se puede deshacer entera.")
        keys = list(studies_made_by(held).values_list("pk", flat=True))
        for place in range(0, len(keys), _CHUNK):
            Study.objects.filter(pk__in=keys[place : place + _CHUNK]).delete()
        held.state = State.UNDONE
        held.save(update_fields=["state"])
    batch.refresh_from_db()
    return len(keys)


def reset(batch: ImportBatch) -> None:
    """Forget what was read of a batch, so that its rows are read again. Raises ImportRefused once it is written."""
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        _refuse_written(held)
        fresh = {"record": {}, "suggested_words": [], "abstract": "", "notes": [], "reasons": [], "field": ""}
        held.rows.update(outcome=Outcome.WAITING, is_taken=False, match=None, match_row=None, **fresh)
        held.state, held.change_no, held.written_to = State.READING, BankCounter.current().change_no, None
        held.save(update_fields=["state", "change_no", "written_to"])
    batch.refresh_from_db()


def discard(batch: ImportBatch) -> None:
    """Delete a batch. Raises ImportRefused while it is written."""
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        _refuse_written(held)
        held.delete()


# --- What all of this needs ------------------------------------------------------------------------------------------


def _refuse_written(held: ImportBatch) -> None:
    if held.state == State.WRITTEN:
        raise ImportRefused("Esta importación está escrita: primero deshágala.")
    if held.state == State.WRITING:
        raise ImportRefused("Esta importación se está escribiendo: espere a que acabe, o termínela.")


def _lock_batch(batch: ImportBatch, state: str, refusal: str) -> ImportBatch:
    """Return the batch, locked until the end of the transaction. Raises ImportRefused if it has another state."""
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state != state:
        raise ImportRefused(refusal)
    return held
