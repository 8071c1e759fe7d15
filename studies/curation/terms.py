"""Changes of vocabulary terms: edit, move, merge, retire (R4). Codes are never changed, deleted or reused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from studies.models import (
    Appraisal,
    Baseline,
    CertaintyJudgement,
    Concept,
    Conclusion,
    Finding,
    Instrument,
    InstrumentLevel,
    PriorityOutcome,
    Programme,
    PublishedAppraisal,
    SafetyNote,
    Study,
    StudyTerm,
    Term,
)
from studies.records.older_formats import is_as_loaded
from studies.records.study import AnyRecord, fingerprint
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange import answers, appraisal, evidence, vocabulary
from studies.store.exchange import study as exchange_study

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet


class TermError(Exception):
    """Base class of the refusals of this module. `message` is a sentence for the curator."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TermInUse(TermError):
    """The term is in use, so that it cannot be retired, only merged into another."""

    def __init__(self, term: Term) -> None:
        super().__init__(_("«%(term)s» está en uso: no se puede retirar, solo unir a otro término.") % {"term": term})


class TermMergeRefused(TermError):
    """Only two different terms of one vocabulary that are not retired can be merged."""

    def __init__(self) -> None:
        super().__init__(_("Elija otro término vigente del mismo vocabulario."))


class CodeChangeRefused(TermError):
    """The code or the vocabulary of a term would change, which addresses and records name."""

    def __init__(self) -> None:
        super().__init__(_("El código de un término no se cambia: hay direcciones y registros que lo nombran."))


_FOREIGN_KEYS: tuple[tuple[type[models.Model], str], ...] = (
    (Study, "language"),
    (Study, "type"),
    (Study, "status"),
    (Study, "sample_unit"),
    (Study, "harms"),
    (StudyTerm, "role"),
    (Finding, "outcome"),
    (Finding, "effect"),
    (Finding, "comparator"),
    (Finding, "reporter"),
    (Finding, "measure"),
    (Finding, "unit"),
    (Appraisal, "risk_of_bias"),
    (PublishedAppraisal, "risk_of_bias"),
    (InstrumentLevel, "risk_of_bias"),
    (Term, "parent"),
)
_KEYS_IN_CONSTRAINTS: tuple[tuple[type[models.Model], str], ...] = (
    (PriorityOutcome, "outcome"),
    (PriorityOutcome, "theme"),
    (Baseline, "outcome"),
    (Conclusion, "term"),
    (CertaintyJudgement, "intervention"),
    (CertaintyJudgement, "outcome"),
    (SafetyNote, "intervention"),
)
"""Foreign keys of tables that hold one row for each term: if both terms have one, that of the other term counts."""
_MANY_TO_MANY: tuple[tuple[type[models.Model], str], ...] = (
    (Finding, "about"),
    (Study, "harms_about"),
    (Instrument, "designs"),
    (Programme, "countries"),
    (Programme, "themes"),
    (Concept, "terms"),
)


def list_studies_with(term: Term) -> QuerySet[Study]:
    """Return the studies whose records or search documents name `term`, itself or through a narrower term."""
    named = (
        *("study_terms__term", "study_terms__term__parent", "study_terms__role"),
        *("language", "type", "status", "sample_unit", "harms", "harms_about"),
        *(f"findings__{name}" for name in ("outcome", "effect", "comparator", "reporter", "measure", "unit", "about")),
        *("appraisals__risk_of_bias", "published_appraisals__risk_of_bias"),
    )
    # Each path in a query of its own: one with all of them joins every row below a study with every other.
    found = [Study.objects.filter(**{path: term}).values("pk") for path in named]
    return Study.objects.filter(reduce(or_, (models.Q(pk__in=keys) for keys in found)))


def list_indexed_values(term: Term) -> tuple[int | None, dict[str, Any]]:
    """Return what the index stores for `term` besides its code. If it changes, its studies are indexed again."""
    return term.parent_id, term.attributes


def is_used(term: Term) -> bool:
    """Return True if any row of the database refers to `term`."""
    return (
        list_studies_with(term).exists()
        or any(
            model._default_manager.filter(**{name: term}).exists()
            for model, name in (*_FOREIGN_KEYS, *_KEYS_IN_CONSTRAINTS, *_MANY_TO_MANY)
        )
        or StudyTerm.objects.filter(term=term).exists()
    )


def edit(term: Term, *, by: User | None) -> None:
    """Save a new term, or changed labels, definitions, order, parent or attributes. Raises CodeChangeRefused.

    A new parent or attribute touches its studies: the index stores what follows from them (region, nearness).
    """
    with bank_change(by=by, note=_("El término «%(term)s» cambió de lugar.") % {"term": term}) as change:
        before = Term.objects.filter(pk=term.pk).first()
        if before is not None and (before.vocabulary, before.code) != (term.vocabulary, term.code):
            raise CodeChangeRefused
        has_moved = before is not None and list_indexed_values(before) != list_indexed_values(term)
        touched = _lock_studies(list_studies_with(term)) if has_moved else []
        with vocabulary_change():
            term.save()
        for study in touched:
            change.touch(study, content=False)


def move_behind(term: Term, after: Term | None) -> None:
    """Move a term behind `after` in its vocabulary, or to the front for None, and renumber the vocabulary."""
    with vocabulary_change():
        others = list(Term.objects.filter(vocabulary=term.vocabulary).exclude(pk=term.pk))
        at = others.index(after) + 1 if after is not None else 0
        for position, one in enumerate([*others[:at], term, *others[at:]]):
            if one.position != position:
                one.position = position
                Term.objects.filter(pk=one.pk).update(position=position)


def find_predecessor(term: Term) -> Term | None:
    """Return the term before `term` in its vocabulary, without the retired ones; None for the first."""
    found: Term | None = None
    for one in Term.objects.filter(vocabulary=term.vocabulary).exclude(is_retired=True):
        if one.pk == term.pk:
            break
        found = one
    return found


def retire(term: Term) -> None:
    """Retire an unused term: lists no longer offer it, but its code stays reserved. Raises TermInUse."""
    with vocabulary_change():
        if is_used(term):
            raise TermInUse(term)
        term.is_retired = True
        term.save()


@dataclass(frozen=True, slots=True)
class TermMergePreview:
    """What merging a term would touch: the number of studies, and the names of everything else that refers to it.

    `both` counts the studies that have the two terms already. `narrower` are the terms that get the other as parent.
    """

    studies: int
    both: int
    narrower: tuple[str, ...]
    concepts: tuple[str, ...]
    programmes: tuple[str, ...]
    instruments: tuple[str, ...]


def preview_merge(term: Term, into: Term) -> TermMergePreview:
    """Return what `merge` would touch: six queries."""
    programmes = Programme.objects.filter(models.Q(countries=term) | models.Q(themes=term)).distinct()
    return TermMergePreview(
        studies=list_studies_with(term).count(),
        both=Study.objects.filter(study_terms__term=term).filter(study_terms__term=into).count(),
        narrower=tuple(map(str, Term.objects.filter(parent=term, is_retired=False))),
        concepts=tuple(Concept.objects.filter(terms=term).values_list("slug", flat=True)),
        programmes=tuple(map(str, programmes)),
        instruments=tuple(map(str, Instrument.objects.filter(designs=term))),
    )


def merge(term: Term, into: Term, *, by: User | None) -> int:
    """Replace `term` by `into` everywhere, and return the number of studies touched.

    Addresses with the old code keep working, as it resolves to `into`. Raises TermMergeRefused.
    """
    note = _("«%(old)s» se unió a «%(new)s».") % {"old": term, "new": into}
    with bank_change(by=by, note=note) as change:
        _lock_studies(list_studies_with(term))
        held = Term.objects.select_for_update().order_by("pk").in_bulk([term.pk, into.pk])
        _check_merge(held[term.pk], held[into.pk])
        # Read again: before the term was locked, somebody may have saved another study with it.
        touched = _lock_studies(list_studies_with(term))
        as_loaded = _list_unedited(term, touched)
        with vocabulary_change():
            _repoint(term, into)
            Term.objects.filter(pk=term.pk).update(merged_into=into, is_retired=True)
        _mark_unedited(as_loaded)
        for study in touched:
            # Not content: who merges two terms has not become an author, and may still publish these studies (R7).
            change.touch(study, content=False)
    term.refresh_from_db()
    return len(touched)


def _check_merge(term: Term, into: Term) -> None:
    """Raise TermMergeRefused for terms that a concurrent merge retired, which could make a circle of codes."""
    if term.vocabulary != into.vocabulary or term.pk == into.pk or into.is_retired or term.is_retired:
        raise TermMergeRefused


def _lock_studies(studies: QuerySet[Study]) -> list[Study]:
    """Lock and return the studies: rows before the counter, as every change does, to avoid deadlocks."""
    return list(Study.objects.select_for_update(of=("self",)).filter(pk__in=studies.values("pk")).order_by("pk"))


def _list_unedited(term: Term, studies: Iterable[Study]) -> list[models.Model]:
    """Return the rows that refer to `term` and that nobody has edited since they were loaded (R9)."""
    places = models.Q(countries=term) | models.Q(themes=term)
    held: Iterable[models.Model] = (
        *Study.objects.filter(pk__in=[one.pk for one in studies]).for_record(),
        *Concept.objects.filter(terms=term),
        *Term.objects.filter(parent=term),
        *Programme.objects.filter(places).distinct(),
        *Instrument.objects.filter(designs=term),
        *PriorityOutcome.objects.filter(models.Q(outcome=term) | models.Q(theme=term)),
        *Baseline.objects.filter(outcome=term),
    )
    return [row for row in held if is_as_loaded(_record_of(row), row.loaded_hash)]  # type: ignore[attr-defined]


def _mark_unedited(rows: Iterable[models.Model]) -> None:
    """Store the new hashes of rows that a merge changed, so that they still count as unedited."""
    kept = list(rows)
    studies = Study.objects.for_record().filter(pk__in=[row.pk for row in kept if isinstance(row, Study)])
    others = (type(row)._base_manager.get(pk=row.pk) for row in kept if not isinstance(row, Study))
    for row in (*studies, *others):
        type(row)._base_manager.filter(pk=row.pk).update(loaded_hash=fingerprint(_record_of(row)))


_RECORD_OF: Mapping[type[models.Model], Callable[[Any], AnyRecord]] = {
    Study: exchange_study.to_record,
    Concept: vocabulary.concept_to_record,
    Term: vocabulary.term_to_record,
    Programme: evidence.programme_to_record,
    Instrument: appraisal.instrument_to_record,
    PriorityOutcome: answers.priority_to_record,
    Baseline: answers.baseline_to_record,
}


def _record_of(row: models.Model) -> AnyRecord:
    return _RECORD_OF[type(row)](row)


def _repoint(term: Term, into: Term) -> None:
    # A study may have both terms, but `study_term_unique` allows the remaining one only once.
    already = StudyTerm.objects.filter(term=into).values("study")
    StudyTerm.objects.filter(term=term, study__in=already).delete()
    StudyTerm.objects.filter(term=term).update(term=into)
    for model, name in _FOREIGN_KEYS:
        model._default_manager.filter(**{name: term}).update(**{name: into})
    for model, name in _KEYS_IN_CONSTRAINTS:
        for key in model._default_manager.filter(**{name: term}).values_list("pk", flat=True):
            with suppress(IntegrityError), transaction.atomic():
                model._default_manager.filter(pk=key).update(**{name: into})
    for model, name in _MANY_TO_MANY:
        for row in model._default_manager.filter(**{name: term}):
            getattr(row, name).add(into)
            getattr(row, name).remove(term)
    Term.objects.filter(merged_into=term).update(merged_into=into)
