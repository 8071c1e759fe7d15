"""Merges a study into a published one, and undoes merges: whole records, in one change of the bank (R8).

The merged study keeps its row, its address, which redirects, and the DOI that the other one does not take.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation import stages
from studies.curation.grouping import names_all
from studies.curation.stages import CurationError
from studies.models import Evaluation, EvaluationStudy, Merge, ProgrammeStudy, Revision, Stage, Study
from studies.records.appraisal import AppraisalRecord
from studies.records.json_fields import RecordInvalid
from studies.records.older_formats import read_stored
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.rules import SUPPORTS
from studies.records.study import InterventionRecord, SourceRecord, StudyRecord, fingerprint
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.study import save_record, to_record
from studies.text.dates import format_short_datetime
from studies.text.identifiers import normalize_doi

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.store.changes import Change


class StudyMergeRefused(CurationError):
    """The two studies cannot be merged as they are. Nothing was written."""


class StudyMergeStale(StudyMergeRefused):
    """One of the two studies changed after the person had opened the page. Nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("Uno de los dos estudios cambió después de que usted abrió esta página. Revíselos otra vez.")
        )


class MergeUndoRefused(CurationError):
    """The merged record or study changed since. `hindrances` are sentences, one for each reason."""

    def __init__(self, hindrances: Iterable[str]) -> None:
        self.hindrances = tuple(hindrances)
        super().__init__(_("La unión ya no se puede deshacer."))


def merge(study: Study, into: Study, record: StudyRecord, *, seen: tuple[int, int], by: User, note: str = "") -> Merge:
    """Merge `study` into `into`, which gets `record` with the sources and appraisals of both, and keeps its slug.

    `seen` holds the change numbers of the two that the person saw. `into` joins the evaluations and programmes of
    `study`. Raises StudyMergeRefused, MoveRefused and NotPublishable. Nothing is written then.
    """
    sentence = _("Se unió «%(study)s» a «%(into)s».") % {"study": study.slug, "into": into.slug}
    with transaction.atomic():
        with bank_change(by=by, note=f"{sentence} {note}".strip()) as change:
            made = _write_merge(*_lock_both(study.pk, into.pk), record, seen, change, by)
            made.note = note
        # The change has its number only when it is finished.
        made.change_no = Study.objects.values_list("changed_no", flat=True).get(pk=study.pk)
        made.save()
    return made


def undo(merge: Merge, *, by: User, note: str = "") -> None:
    """Restore the records, stages and memberships that both studies had before `merge`.

    Raises MergeUndoRefused if a record changed since, MoveRefused and NotPublishable. Nothing is written then.
    """
    sentence = _("Se deshizo la unión de «%(study)s» a «%(into)s».") % {
        "study": merge.study.slug,
        "into": merge.into.slug,
    }
    with bank_change(by=by, note=f"{sentence} {note}".strip()) as change:
        study, into = _lock_both(merge.study_id, merge.into_id)
        merge = Merge.objects.select_for_update().get(pk=merge.pk)
        if found := list_hindrances(merge):
            raise MergeUndoRefused(found)
        records = {row.pk: _read_record_before(row, merge.change_no) for row in (study, into)}
        is_changed = {row.pk: fingerprint(to_record(row)) != fingerprint(records[row.pk]) for row in (study, into)}
        try:
            # DOIs are unique: free this one first, as the two studies may exchange theirs.
            Study.objects.filter(pk=study.pk).update(doi=None)
            save_record(records[into.pk], into)
            save_record(records[study.pk], study)
        except UnknownTerm as error:
            raise MergeUndoRefused([_("El registro de antes usa un código que ya no existe: %s.") % error]) from error
        with vocabulary_change():
            _remove_carried(merge)
        stages.unmerge(study, Stage(merge.stage), merge.stage_note, by=by)
        if into.stage == Stage.PUBLISHED:
            stages.require_publishable(into)
        Merge.objects.filter(pk=merge.pk).update(undone_by=by, undone_at=timezone.now())
        for row in (study, into):
            change.touch(row, content=is_changed[row.pk])


def list_hindrances(merge: Merge) -> list[str]:
    """Return the reasons why `merge` cannot be undone, as sentences; empty if it can."""
    if merge.undone_at is not None:
        return [_("Esta unión ya está deshecha.")]
    found = []
    study, into = _read_both(merge.study_id, merge.into_id)
    if into.stage == Stage.MERGED and into.merged_into is not None:
        found.append(
            _("«%(into)s» se unió después a «%(other)s»: deshaga primero esa unión.")
            % {"into": into.slug, "other": into.merged_into.slug}
        )
    later = Merge.objects.filter(into=into, undone_at=None, change_no__gt=merge.change_no).select_related("study")
    found += [
        _("«%(other)s» se unió después a «%(into)s»: deshaga primero esa unión.")
        % {"other": other.study.slug, "into": into.slug}
        for other in later
    ]
    if not found:
        found += [sentence for row in (study, into) if (sentence := _explain_edited(row, merge.change_no))]
    return found


def find_current_merge(study: Study) -> Merge | None:
    """Return the merge of `study` that was not undone, or None."""
    return study.merges.filter(undone_at=None).select_related("study", "into", "by").first()


def unite_sources(one: StudyRecord, other: StudyRecord) -> tuple[SourceRecord, ...]:
    """Return the sources of both records, each address once with all that it supports."""
    supports: dict[str, set[str]] = {}
    for source in (*one.sources, *other.sources):
        supports.setdefault(source.url, set()).update(source.supports)
    first = {source.url: source.supports for source in reversed((*one.sources, *other.sources))}
    return tuple(
        SourceRecord(url, first[url] if held == set(first[url]) else tuple(part for part in SUPPORTS if part in held))
        for url, held in supports.items()
    )


def united_own_appraisals(one: StudyRecord, other: StudyRecord) -> tuple[AppraisalRecord, ...]:
    """Return the bank's appraisals of `one`, and of `other` those by instruments that `one` was not appraised with."""
    held = {appraisal.instrument for appraisal in one.own_appraisals}
    others = (appraisal for appraisal in other.own_appraisals if appraisal.instrument not in held)
    return (*one.own_appraisals, *others)


def united_published_appraisals(one: StudyRecord, other: StudyRecord) -> tuple[PublishedAppraisalRecord, ...]:
    """Return what others published about either, each judgement once."""
    return (*one.appraisals, *(appraisal for appraisal in other.appraisals if appraisal not in one.appraisals))


def united_interventions(one: StudyRecord, other: StudyRecord) -> tuple[InterventionRecord, ...]:
    """Return the interventions of both. Of one that both have, the role of `one` stays, if it has any."""
    roles = {each.code: each.role for each in one.interventions}
    for each in other.interventions:
        roles[each.code] = roles.get(each.code) or each.role
    return tuple(InterventionRecord(code, role) for code, role in roles.items())


def _write_merge(
    study: Study, into: Study, record: StudyRecord, seen: tuple[int, int], change: Change, by: User
) -> Merge:
    """Write the merge of two locked studies, and return its unsaved row."""
    if (study.changed_no, into.changed_no) != seen:
        raise StudyMergeStale
    before = to_record(study)
    # Undoing restores revisions, so a record that was written past the use cases gets one first.
    for row in (study, into):
        _ensure_revision(row)
    made = Merge(study=study, into=into, stage=study.stage, stage_note=study.stage_note, by=by)
    stages.merge(study, into, by=by)
    _write_records(study, before, into, record, change)
    stages.require_publishable(into)
    with vocabulary_change():
        made.carried = _carry_memberships(study, into)
    return made


def _write_records(study: Study, before: StudyRecord, into: Study, record: StudyRecord, change: Change) -> None:
    held = to_record(into)
    wanted = replace(
        record,
        id=into.slug,
        sources=unite_sources(held, before),
        appraisals=united_published_appraisals(held, before),
        own_appraisals=united_own_appraisals(held, before),
    )
    taken = normalize_doi(wanted.doi or "") or wanted.doi
    left = next((doi for doi in (before.doi, held.doi) if doi and doi != taken), None)
    if left != before.doi:
        # DOIs are unique: free this one first. The merged study then gets the DOI that the other does not take.
        Study.objects.filter(pk=study.pk).update(doi=None)
    save_record(wanted, into)
    if left != before.doi:
        save_record(replace(before, doi=left), study)
    change.touch(study, content=left != before.doi)
    change.touch(into, content=fingerprint(wanted) != fingerprint(held))


def _carry_memberships(study: Study, into: Study) -> dict[str, list[int]]:
    """Add `into` to the evaluations and programmes of `study`. Return the ids of the new rows."""
    _check_trials(study, into)
    made: dict[str, list[int]] = {"evaluations": [], "programmes": []}
    for membership in EvaluationStudy.objects.filter(study=study):
        row, is_new = EvaluationStudy.objects.get_or_create(
            evaluation_id=membership.evaluation_id, study=into, defaults={"position": membership.position}
        )
        made["evaluations"] += [row.pk] * is_new
    for belonging in ProgrammeStudy.objects.filter(study=study):
        place, is_new = ProgrammeStudy.objects.get_or_create(
            programme_id=belonging.programme_id, study=into, defaults={"position": belonging.position}
        )
        made["programmes"] += [place.pk] * is_new
    return made


def _remove_carried(merge: Merge) -> None:
    EvaluationStudy.objects.filter(pk__in=merge.carried.get("evaluations", ()), study=merge.into_id).delete()
    ProgrammeStudy.objects.filter(pk__in=merge.carried.get("programmes", ()), study=merge.into_id).delete()


def _check_trials(study: Study, into: Study) -> None:
    """Raise to make one study report on two trials, unless its findings name each of them."""
    trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL)
    ours = list(trials.filter(studies=into))
    added = list(trials.filter(studies=study).exclude(pk__in=[trial.pk for trial in ours]))
    if ours and added and not names_all(into, [*ours, *added]):
        raise StudyMergeRefused(
            _("Cada estudio informa de otra evaluación: «%(one)s» y «%(other)s». Corrija primero las evaluaciones.")
            % {"one": added[0], "other": ours[0]}
        )


def _explain_edited(row: Study, change_no: int) -> str:
    """Return the sentence that says who changed the record of `row` since, or "" if it is as after the merge."""
    after = row.revisions.filter(change_no=change_no).first()
    if after is not None and _compute_fingerprint(after) == fingerprint(to_record(row)):
        return ""
    last = row.revisions.filter(change_no__gt=change_no).select_related("by").first()
    if last is None:
        return _("«%s» ya no es como quedó al unirse.") % row.slug
    return _("«%(slug)s» cambió después de la unión: %(who)s, el %(day)s (cambio %(number)s).") % {
        "slug": row.slug,
        "who": last.by or _("el programa"),
        "day": format_short_datetime(last.at),
        "number": last.change_no,
    }


def _ensure_revision(row: Study) -> None:
    last = row.revisions.first()
    if last is None or _compute_fingerprint(last) != fingerprint(to_record(row)):
        with bank_change(note=_("Estado antes de una unión.")) as change:
            change.touch(row, content=False)


def _read_record_before(row: Study, change_no: int) -> StudyRecord:
    revision = row.revisions.filter(change_no__lt=change_no).first()
    assert revision is not None  # merge() made sure of it
    return read_stored(revision.record)


def _compute_fingerprint(revision: Revision) -> str | None:
    try:
        return fingerprint(read_stored(revision.record))
    except RecordInvalid:
        return None


def _lock_both(study_id: int, into_id: int) -> tuple[Study, Study]:
    """Return both studies, locked in the order of their keys, as in every change."""
    list(Study.objects.select_for_update(of=("self",)).filter(pk__in=(study_id, into_id)).order_by("pk"))
    return _read_both(study_id, into_id)


def _read_both(study_id: int, into_id: int) -> tuple[Study, Study]:
    # No prefetching: the rows below are written and then read again, and a prefetch would be stale.
    rows = Study.objects.in_bulk((study_id, into_id))
    return rows[study_id], rows[into_id]
