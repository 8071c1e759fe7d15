"""Writes a batch into the bank as drafts, in one transaction, and undoes it as long as nobody has worked on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import ManyToOneRel, Q, QuerySet
from django.utils import timezone

from studies.duplicates import finder
from studies.duplicates.matching.matcher import DuplicateCandidate, DuplicateMatcher
from studies.imports.errors import ImportRefused
from studies.imports.mapping import NO_ID, as_record
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
from studies.records.study import StudyRecord
from studies.store.changes import bank_change
from studies.store.exchange import study as exchange_study
from studies.store.exchange.errors import UnknownTerm
from studies.text.dates import format_short_date
from studies.text.identifiers import make_slug

if TYPE_CHECKING:
    from django.contrib.auth.models import User

State = ImportBatch.State
Outcome = ImportRow.Outcome
_CHUNK = 500
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


def write(batch: ImportBatch, *, by: User | None) -> int:
    """Write the ticked rows as drafts, and return how many. Raises ImportRefused, and writes nothing then.

    A row that is in the bank by now, brought by somebody else since the preview, is left out and says so.
    """
    try:
        with transaction.atomic():
            with bank_change(by=by, note=f"Importación {batch.pk}: {batch.file_name}") as change:
                held = _lock_batch(batch, State.PREVIEW, "Esta importación ya se escribió o se descartó.")
                _leave_out_newer_duplicates(held)
                slugs = _SlugMaker()
                made = 0
                for rows in _iterate_taken(held):
                    studies = exchange_study.create_records([slugs.with_slug(row) for row in rows])
                    for row, study in zip(rows, studies, strict=True):
                        row.made = study
                        change.touch(study)
                    ImportRow.objects.bulk_update(rows, ["made"], batch_size=_CHUNK)
                    made += len(rows)
                if not made:
                    raise ImportRefused("No hay ninguna referencia marcada que escribir.")
            held.state, held.written_at = State.WRITTEN, timezone.now()
            # Only now has the change its number, by which undoing tells later work from the import itself.
            held.change_no = BankCounter.current().change_no
            held.save(update_fields=["state", "written_at", "change_no"])
    except IntegrityError as error:
        raise ImportRefused(
            "Otra persona acaba de guardar un estudio con el mismo DOI. Vuelva a intentarlo."
        ) from error
    except UnknownTerm as error:
        raise ImportRefused(
            f"El término «{error.code}» ya no está en los vocabularios. Vuelva a leer el archivo."
        ) from error
    batch.refresh_from_db()
    return made


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
    later = Revision.objects.filter(is_work, study__in=studies).exclude(change_no=batch.change_no or 0)
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
        if held.state == State.WRITTEN:
            raise ImportRefused("Esta importación está escrita: primero deshágala.")
        fresh = {"record": {}, "suggested_words": [], "abstract": "", "notes": [], "reasons": [], "field": ""}
        held.rows.update(outcome=Outcome.WAITING, is_taken=False, match=None, match_row=None, **fresh)
        held.state, held.change_no = State.READING, BankCounter.current().change_no
        held.save(update_fields=["state", "change_no"])
    batch.refresh_from_db()


def discard(batch: ImportBatch) -> None:
    """Delete a batch. Raises ImportRefused while it is written."""
    with transaction.atomic():
        held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if held.state == State.WRITTEN:
            raise ImportRefused("Esta importación está escrita: primero deshágala.")
        held.delete()


# --- What writing needs ----------------------------------------------------------------------------------------------


def _lock_batch(batch: ImportBatch, state: str, refusal: str) -> ImportBatch:
    """Return the batch, locked until the end of the transaction. Raises ImportRefused if it has another state."""
    held = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state != state:
        raise ImportRefused(refusal)
    return held


def _iterate_taken(batch: ImportBatch) -> Iterator[list[ImportRow]]:
    position = -1
    rows = batch.rows.filter(is_taken=True).order_by("position").defer("raw", "abstract")
    while found := list(rows.filter(position__gt=position)[:_CHUNK]):
        position = found[-1].position
        yield found


def _leave_out_newer_duplicates(batch: ImportBatch) -> None:
    """Untick the rows that are in the bank by now, saved or imported by somebody after the preview."""
    newer = set(Study.objects.changed_since(batch.change_no or 0).values_list("pk", flat=True))
    matcher = finder.build_matcher() if newer else None
    dois: set[str] = set()
    for rows in _iterate_taken(batch):
        left_out = []
        own = [row.record["doi"] for row in rows if row.record.get("doi")]
        held = dict(Study.objects.filter(doi__in=own).values_list("doi", "pk"))
        for row in rows:
            doi = row.record.get("doi")
            if doi in held or doi in dois:
                _refuse(row, held.get(doi), ["El mismo DOI: no se puede tomar dos veces"])
                left_out.append(row)
            elif matcher and row.outcome == Outcome.NEW and (found := _first_newer(newer, matcher, row)):
                _refuse(row, found.study_id, [*found.reasons, "Llegó al banco después de leer el archivo"])
                row.outcome = Outcome(found.kind)
                left_out.append(row)
            elif doi:
                dois.add(doi)
        ImportRow.objects.bulk_update(left_out, ["outcome", "is_taken", "match", "reasons"], batch_size=_CHUNK)


def _first_newer(newer: Set[int], matcher: DuplicateMatcher, row: ImportRow) -> DuplicateCandidate | None:
    found = matcher.candidates(as_record(row.record))
    return next((candidate for candidate in found if candidate.study_id in newer), None)


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
