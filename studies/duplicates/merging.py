"""Merges a study into a published one, and undoes it: both from and to whole records, in one change of the bank (R8).

The merged study keeps its row, its address, which leads on, and the DOI that the other one does not take.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation import stages
from studies.curation.stages import CurationError
from studies.models import Evaluation, EvaluationStudy, Merge, ProgrammeStudy, Revision, Stage, Study
from studies.records.appraisal import AppraisalRecord
from studies.records.json_fields import RecordInvalid
from studies.records.rules import SUPPORTS
from studies.records.study import SourceRecord, StudyRecord, fingerprint
from studies.store.changes import bank_change, vocabulary_change
from studies.store.exchange.errors import UnknownTerm
from studies.store.exchange.study import save_record, to_record
from studies.text.dates import short_moment
from studies.text.identifiers import bare_doi

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.store.changes import Change


class MergeRefused(CurationError):
    """The two studies cannot be merged as they are. Nothing was written."""


class ChangedMeanwhile(MergeRefused):
    """Somebody changed one of the studies after the person had opened the page."""

    def __init__(self) -> None:
        super().__init__(
            _("Uno de los dos estudios cambió después de que usted abrió esta página. Revíselos otra vez.")
        )


class UndoRefused(CurationError):
    """What was merged was changed since. `hindrances` are sentences, one for each thing in the way."""

    def __init__(self, hindrances: Iterable[str]) -> None:
        self.hindrances = tuple(hindrances)
        super().__init__(_("La unión ya no se puede deshacer."))


def merge(study: Study, into: Study, record: StudyRecord, *, seen: tuple[int, int], by: User, note: str = "") -> Merge:
    """Merge `study` into `into`, whose record becomes `record` with the sources and appraisals of both; its slug stays.

    `seen` are the change numbers of the two that the person saw. Evaluations and programmes of `study` go over to
    `into`. Raises MergeRefused, MoveRefused and NotPublishable; nothing is written then.
    """
    told = _("Se unió «%(study)s» a «%(into)s».") % {"study": study.slug, "into": into.slug}
    with transaction.atomic():
        with bank_change(by=by, note=f"{told} {note}".strip()) as change:
            made = _merged(*_locked(study.pk, into.pk), record, seen, change, by)
            made.note = note
        # The change has its number only when it is finished.
        made.change_no = Study.objects.values_list("changed_no", flat=True).get(pk=study.pk)
        made.save()
    return made


def undo(merge: Merge, *, by: User, note: str = "") -> None:
    """Give both studies back the records, stages and company that they had before `merge`.

    Raises UndoRefused where one of them says something else since then, MoveRefused and NotPublishable.
    """
    told = _("Se deshizo la unión de «%(study)s» a «%(into)s».") % {"study": merge.study.slug, "into": merge.into.slug}
    with bank_change(by=by, note=f"{told} {note}".strip()) as change:
        study, into = _locked(merge.study_id, merge.into_id)
        merge = Merge.objects.select_for_update().get(pk=merge.pk)
        if found := hindrances(merge):
            raise UndoRefused(found)
        records = {row.pk: _record_before(row, merge.change_no) for row in (study, into)}
        is_changed = {row.pk: fingerprint(to_record(row)) != fingerprint(records[row.pk]) for row in (study, into)}
        try:
            # A DOI belongs to one study: what both may exchange is set free first.
            Study.objects.filter(pk=study.pk).update(doi=None)
            save_record(records[into.pk], into)
            save_record(records[study.pk], study)
        except UnknownTerm as error:
            raise UndoRefused([_("El registro de antes usa un código que ya no existe: %s.") % error]) from error
        with vocabulary_change():
            _carry_back(merge)
        stages.unmerge(study, Stage(merge.stage), merge.stage_note, by=by)
        if into.stage == Stage.PUBLISHED:
            stages.require_publishable(into)
        Merge.objects.filter(pk=merge.pk).update(undone_by=by, undone_at=timezone.now())
        for row in (study, into):
            change.touch(row, content=is_changed[row.pk])


def hindrances(merge: Merge) -> list[str]:
    """Say what keeps `merge` from being undone, in sentences; empty where nothing does."""
    if merge.undone_at is not None:
        return [_("Esta unión ya está deshecha.")]
    found = []
    study, into = _both(merge.study_id, merge.into_id)
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
        found += [sentence for row in (study, into) if (sentence := _edited(row, merge.change_no))]
    return found


def last_merge(study: Study) -> Merge | None:
    """Return the merge by which `study` is merged now."""
    return study.merges.filter(undone_at=None).select_related("study", "into", "by").first()


def united_sources(one: StudyRecord, other: StudyRecord) -> tuple[SourceRecord, ...]:
    """Return the sources of both, each address once with all that it supports."""
    supports: dict[str, set[str]] = {}
    for source in (*one.sources, *other.sources):
        supports.setdefault(source.url, set()).update(source.supports)
    first = {source.url: source.supports for source in reversed((*one.sources, *other.sources))}
    return tuple(
        SourceRecord(url, first[url] if held == set(first[url]) else tuple(part for part in SUPPORTS if part in held))
        for url, held in supports.items()
    )


def united_appraisals(one: StudyRecord, other: StudyRecord) -> tuple[AppraisalRecord, ...]:
    """Return the appraisals of `one`, and of `other` those by instruments that `one` was not appraised with."""
    held = {appraisal.instrument for appraisal in one.appraisals}
    return (*one.appraisals, *(appraisal for appraisal in other.appraisals if appraisal.instrument not in held))


def _merged(study: Study, into: Study, record: StudyRecord, seen: tuple[int, int], change: Change, by: User) -> Merge:
    """Write the merge of two locked studies, all but its own row."""
    if (study.changed_no, into.changed_no) != seen:
        raise ChangedMeanwhile
    before = to_record(study)
    # What went past the use cases gets a revision of its own first: undoing goes back to revisions.
    for row in (study, into):
        _keep_revision(row)
    made = Merge(study=study, into=into, stage=study.stage, stage_note=study.stage_note, by=by)
    stages.merge(study, into, by=by)
    _write(study, before, into, record, change)
    stages.require_publishable(into)
    with vocabulary_change():
        made.carried = _carry(study, into)
    return made


def _write(study: Study, before: StudyRecord, into: Study, record: StudyRecord, change: Change) -> None:
    held = to_record(into)
    wanted = replace(
        record,
        id=into.slug,
        sources=united_sources(held, before),
        appraisals=united_appraisals(held, before),
    )
    taken = bare_doi(wanted.doi or "") or wanted.doi
    left = next((doi for doi in (before.doi, held.doi) if doi and doi != taken), None)
    if left != before.doi:
        # The merged study keeps the DOI that the other one does not take: set free first, as a DOI belongs to one.
        Study.objects.filter(pk=study.pk).update(doi=None)
    save_record(wanted, into)
    if left != before.doi:
        save_record(replace(before, doi=left), study)
    change.touch(study, content=left != before.doi)
    change.touch(into, content=fingerprint(wanted) != fingerprint(held))


def _carry(study: Study, into: Study) -> dict[str, list[int]]:
    """Let evaluations and programmes of `study` be those of `into` too. Return the ids of the rows made."""
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


def _carry_back(merge: Merge) -> None:
    EvaluationStudy.objects.filter(pk__in=merge.carried.get("evaluations", ()), study=merge.into_id).delete()
    ProgrammeStudy.objects.filter(pk__in=merge.carried.get("programmes", ()), study=merge.into_id).delete()


def _check_trials(study: Study, into: Study) -> None:
    """Refuse to make one study report on two trials: a study is of one at most."""
    trials = Evaluation.objects.filter(kind=Evaluation.Kind.TRIAL)
    theirs, ours = trials.filter(studies=study).first(), trials.filter(studies=into).first()
    if theirs is not None and ours is not None and theirs.pk != ours.pk:
        raise MergeRefused(
            _("Cada estudio informa de otra evaluación: «%(one)s» y «%(other)s». Corrija primero las evaluaciones.")
            % {"one": theirs, "other": ours}
        )


def _edited(row: Study, change_no: int) -> str:
    """Say who changed the record of `row` since, or nothing where it says what it said right after the merge."""
    after = row.revisions.filter(change_no=change_no).first()
    if after is not None and _fingerprint_of(after) == fingerprint(to_record(row)):
        return ""
    last = row.revisions.filter(change_no__gt=change_no).select_related("by").first()
    if last is None:
        return _("«%s» ya no es como quedó al unirse.") % row.slug
    return _("«%(slug)s» cambió después de la unión: %(who)s, el %(day)s (cambio %(number)s).") % {
        "slug": row.slug,
        "who": last.by or _("el programa"),
        "day": short_moment(last.at),
        "number": last.change_no,
    }


def _keep_revision(row: Study) -> None:
    last = row.revisions.first()
    if last is None or _fingerprint_of(last) != fingerprint(to_record(row)):
        with bank_change(note=_("Estado antes de una unión.")) as change:
            change.touch(row, content=False)


def _record_before(row: Study, change_no: int) -> StudyRecord:
    revision = row.revisions.filter(change_no__lt=change_no).first()
    assert revision is not None  # merge() made sure of it
    return StudyRecord.from_json(revision.record)


def _fingerprint_of(revision: Revision) -> str | None:
    try:
        return fingerprint(StudyRecord.from_json(revision.record))
    except RecordInvalid:
        return None


def _locked(study_id: int, into_id: int) -> tuple[Study, Study]:
    """Return both studies, locked in the order of their keys, as in every change."""
    list(Study.objects.select_for_update(of=("self",)).filter(pk__in=(study_id, into_id)).order_by("pk"))
    return _both(study_id, into_id)


def _both(study_id: int, into_id: int) -> tuple[Study, Study]:
    # Without what is read ahead: their rows are written and read again.
    rows = Study.objects.in_bulk((study_id, into_id))
    return rows[study_id], rows[into_id]
