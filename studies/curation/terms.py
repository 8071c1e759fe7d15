"""Use cases on the vocabularies: edit, move, merge, retire a term (R4). A code is never changed, deleted or reused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _

from studies.models import Appraisal, Concept, Finding, Instrument, InstrumentLevel, Programme, Study, StudyTerm, Term
from studies.records.study import AnyRecord, fingerprint
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange import appraisal, evidence, vocabulary
from studies.store.exchange import study as exchange_study

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet


class TermError(Exception):
    """Root of what is refused here. `message` is a sentence for the curator."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TermInUse(TermError):
    """A term that records carry cannot be retired, only merged into another."""

    def __init__(self, term: Term) -> None:
        super().__init__(_("«%(term)s» está en uso: no se puede retirar, solo unir a otro término.") % {"term": term})


class MergeRefused(TermError):
    """Only terms in use of one vocabulary can be merged, and into another than themselves."""

    def __init__(self) -> None:
        super().__init__(_("Elija otro término vigente del mismo vocabulario."))


class CodeFixed(TermError):
    """A term keeps its code and its vocabulary for ever."""

    def __init__(self) -> None:
        super().__init__(_("El código de un término no se cambia: hay direcciones y registros que lo nombran."))


_FIELDS: tuple[tuple[type[models.Model], str], ...] = (
    (Study, "language"),
    (Study, "type"),
    (Study, "status"),
    (Study, "sample_unit"),
    (Finding, "outcome"),
    (Finding, "effect"),
    (Finding, "measure"),
    (Finding, "unit"),
    (Appraisal, "certainty"),
    (InstrumentLevel, "certainty"),
    (Term, "parent"),
)
_LISTS: tuple[tuple[type[models.Model], str], ...] = (
    (Finding, "interventions"),
    (Instrument, "designs"),
    (Programme, "countries"),
    (Programme, "themes"),
    (Concept, "terms"),
)


def studies_with(term: Term) -> QuerySet[Study]:
    """Return the studies whose records or search documents name `term`, itself or through a narrower term."""
    carried = models.Q(study_terms__term=term) | models.Q(study_terms__term__parent=term)
    in_fields = models.Q(language=term) | models.Q(type=term) | models.Q(status=term) | models.Q(sample_unit=term)
    in_findings = (
        models.Q(findings__outcome=term)
        | models.Q(findings__effect=term)
        | models.Q(findings__measure=term)
        | models.Q(findings__unit=term)
        | models.Q(findings__interventions=term)
    )
    appraised = models.Q(appraisals__certainty=term)
    return Study.objects.filter(carried | in_fields | in_findings | appraised).distinct()


def search_data(term: Term) -> tuple[int | None, dict[str, Any]]:
    """Return what the search knows of `term` beside its code and names: a change of it touches its studies."""
    return term.parent_id, term.attributes


def is_used(term: Term) -> bool:
    """Say whether anything names `term`."""
    return (
        studies_with(term).exists()
        or any(model._default_manager.filter(**{name: term}).exists() for model, name in (*_FIELDS, *_LISTS))
        or StudyTerm.objects.filter(term=term).exists()
    )


def edit(term: Term, *, by: User | None) -> None:
    """Save a new term, or changed labels, definitions, order, parent or attributes of one. Raises CodeFixed.

    A new parent or attribute touches its studies: the search stores what follows from them (region, nearness).
    """
    with bank_change(by=by, note=_("El término «%(term)s» cambió de lugar.") % {"term": term}) as change:
        before = Term.objects.filter(pk=term.pk).first()
        if before is not None and (before.vocabulary, before.code) != (term.vocabulary, term.code):
            raise CodeFixed
        has_moved = before is not None and search_data(before) != search_data(term)
        touched = _locked(studies_with(term)) if has_moved else []
        with vocabulary_change():
            term.save()
        for study in touched:
            change.touch(study, content=False)


def place(term: Term, after: Term | None) -> None:
    """Put a term behind another of its vocabulary, or first. The places of all its terms are counted anew."""
    with vocabulary_change():
        others = list(Term.objects.filter(vocabulary=term.vocabulary).exclude(pk=term.pk))
        at = others.index(after) + 1 if after is not None else 0
        for position, one in enumerate([*others[:at], term, *others[at:]]):
            if one.position != position:
                one.position = position
                Term.objects.filter(pk=one.pk).update(position=position)


def before(term: Term) -> Term | None:
    """Return the term in use that stands before `term` in its vocabulary, None for the first."""
    found: Term | None = None
    for one in Term.objects.filter(vocabulary=term.vocabulary).exclude(is_retired=True):
        if one.pk == term.pk:
            break
        found = one
    return found


def retire(term: Term) -> None:
    """Take an unused term out of the lists; its code stays taken. Raises TermInUse."""
    with vocabulary_change():
        if is_used(term):
            raise TermInUse(term)
        term.is_retired = True
        term.save()


@dataclass(frozen=True, slots=True)
class MergeEffect:
    """What a merge would touch: numbers of studies, and the names of all else that names the term.

    `both` carry the two terms already; `narrower` stand below the term and will stand below the other.
    """

    studies: int
    both: int
    narrower: tuple[str, ...]
    concepts: tuple[str, ...]
    programmes: tuple[str, ...]
    instruments: tuple[str, ...]


def merge_effect(term: Term, into: Term) -> MergeEffect:
    """Say what `merge` would touch: six queries."""
    programmes = Programme.objects.filter(models.Q(countries=term) | models.Q(themes=term)).distinct()
    return MergeEffect(
        studies=studies_with(term).count(),
        both=Study.objects.filter(study_terms__term=term).filter(study_terms__term=into).count(),
        narrower=tuple(map(str, Term.objects.filter(parent=term, is_retired=False))),
        concepts=tuple(Concept.objects.filter(terms=term).values_list("slug", flat=True)),
        programmes=tuple(map(str, programmes)),
        instruments=tuple(map(str, Instrument.objects.filter(designs=term))),
    )


def merge(term: Term, into: Term, *, by: User | None) -> int:
    """Let `into` take the place of `term` everywhere, and return the number of studies touched.

    Addresses with the old code keep working: it leads to `into`. Raises MergeRefused.
    """
    note = _("«%(old)s» se unió a «%(new)s».") % {"old": term, "new": into}
    with bank_change(by=by, note=note) as change:
        _locked(studies_with(term))
        held = Term.objects.select_for_update().order_by("pk").in_bulk([term.pk, into.pk])
        _check_merge(held[term.pk], held[into.pk])
        # Once more: until the term was locked, somebody may have saved another study with it.
        touched = _locked(studies_with(term))
        as_loaded = _as_loaded(term, touched)
        with vocabulary_change():
            _repoint(term, into)
            Term.objects.filter(pk=term.pk).update(merged_into=into, is_retired=True)
        _keep_as_loaded(as_loaded)
        for study in touched:
            # Nobody's writing: who merges two terms may still publish what others wrote with them.
            change.touch(study, content=False)
    term.refresh_from_db()
    return len(touched)


def _check_merge(term: Term, into: Term) -> None:
    """Refuse what could lead a code nowhere: two merges at once, one into the other's term, make no circle."""
    if term.vocabulary != into.vocabulary or term.pk == into.pk or into.is_retired or term.is_retired:
        raise MergeRefused


def _locked(studies: QuerySet[Study]) -> list[Study]:
    """Return the studies, locked until the end of the transaction: rows before the counter, as everywhere."""
    return list(Study.objects.select_for_update(of=("self",)).filter(pk__in=studies.values("pk")).order_by("pk"))


def _as_loaded(term: Term, studies: Iterable[Study]) -> list[models.Model]:
    """Return the rows that name `term` and that nobody has edited since they were loaded (R9)."""
    places = models.Q(countries=term) | models.Q(themes=term)
    held: Iterable[models.Model] = (
        *Study.objects.filter(pk__in=[one.pk for one in studies]).for_record(),
        *Concept.objects.filter(terms=term),
        *Term.objects.filter(parent=term),
        *Programme.objects.filter(places).distinct(),
        *Instrument.objects.filter(designs=term),
    )
    return [row for row in held if _fingerprint(row) == row.loaded_hash]  # type: ignore[attr-defined]


def _keep_as_loaded(rows: Iterable[models.Model]) -> None:
    """Let rows that a merge changed count as loaded still: nobody edited them."""
    kept = list(rows)
    studies = Study.objects.for_record().filter(pk__in=[row.pk for row in kept if isinstance(row, Study)])
    others = (type(row)._base_manager.get(pk=row.pk) for row in kept if not isinstance(row, Study))
    for row in (*studies, *others):
        type(row)._base_manager.filter(pk=row.pk).update(loaded_hash=_fingerprint(row))


_RECORD_OF: Mapping[type[models.Model], Callable[[Any], AnyRecord]] = {
    Study: exchange_study.to_record,
    Concept: vocabulary.concept_record,
    Term: vocabulary.term_record,
    Programme: evidence.programme_record,
    Instrument: appraisal.instrument_record,
}


def _fingerprint(row: models.Model) -> str:
    return fingerprint(_RECORD_OF[type(row)](row))


def _repoint(term: Term, into: Term) -> None:
    already = StudyTerm.objects.filter(term=into).values("study")
    StudyTerm.objects.filter(term=term, study__in=already).delete()
    StudyTerm.objects.filter(term=term).update(term=into)
    for model, name in _FIELDS:
        model._default_manager.filter(**{name: term}).update(**{name: into})
    for model, name in _LISTS:
        for row in model._default_manager.filter(**{name: term}):
            getattr(row, name).add(into)
            getattr(row, name).remove(term)
    Term.objects.filter(merged_into=term).update(merged_into=into)
