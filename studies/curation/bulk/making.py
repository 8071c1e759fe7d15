"""Saves a selection of studies, plans what an action would do with each, and applies the plan.

`undoing` takes an applied change back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.curation import proposals, stages
from studies.curation.bulk.actions import BulkAction, BulkRefused, lock_studies
from studies.curation.moves import MOVES, own_work_filter
from studies.curation.stages import MoveRefused, NotPublishable
from studies.models import BulkChange, BulkItem, Proposal, Stage, Study
from studies.records.study import StudyRecord, fingerprint
from studies.records.term_edits import TermEdit, apply_term_edit
from studies.store import vocabularies
from studies.store.changes import Change, bank_change
from studies.store.exchange.study import save_record, to_record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.records.rules import Problem

MOST_STUDIES = 1_000
"""So many studies are planned in some seconds, and locked without keeping colleagues waiting."""

Outcome = BulkItem.Outcome


class PreviewStale(BulkRefused):
    """Something changed since the preview was shown. Nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("Algo cambió desde que vio la vista previa: mírela otra vez. No se hizo nada."))


@dataclass(frozen=True, slots=True)
class PlanLine:
    """The planned outcome for one study. `record` is what would be written or proposed, None for a move."""

    study: Study
    outcome: Outcome
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    record: StudyRecord | None = None


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What an action would do with each study of a selection, ordered by id."""

    action: BulkAction
    lines: tuple[PlanLine, ...]

    def lines_with(self, outcome: Outcome) -> tuple[PlanLine, ...]:
        """Return the lines with this outcome."""
        return tuple(line for line in self.lines if line.outcome == outcome)

    @property
    def touched(self) -> int:
        """Return the number of studies that change, or for which a proposal is made."""
        return len(self.lines_with(Outcome.CHANGED)) + len(self.lines_with(Outcome.PROPOSED))

    @property
    def writes(self) -> bool:
        return self.touched > 0

    @property
    def seen(self) -> str:
        """Return 32 hex digits that differ as soon as a study or an outcome does: what a confirmation sends back."""
        parts = [[line.study.pk, line.study.changed_no, line.outcome.value] for line in self.lines]
        return hashlib.sha256(json.dumps([self.action.to_json(), parts]).encode()).hexdigest()[:32]


@transaction.atomic
def save_selection(keys: Iterable[int], *, by: User, criteria: str = "") -> BulkChange:
    """Save a selection of studies, in this order. Raises BulkRefused for none, or more than MOST_STUDIES.

    Earlier selections of this person that were not applied are deleted.
    """
    wanted = list(dict.fromkeys(keys))
    if len(wanted) > MOST_STUDIES:
        sentence = _("Son %(count)d estudios, y un trabajo en grupo abarca hasta %(most)d: acote la búsqueda.")
        raise BulkRefused(sentence % {"count": len(wanted), "most": MOST_STUDIES})
    slugs = dict(Study.objects.exclude(stage=Stage.MERGED).filter(pk__in=wanted).values_list("pk", "slug"))
    if not slugs:
        raise BulkRefused(_("Marque al menos un estudio."))
    BulkChange.objects.filter(by=by, done_at__isnull=True).delete()
    bulk = BulkChange.objects.create(by=by, criteria=criteria)
    BulkItem.objects.bulk_create(BulkItem(bulk=bulk, study_id=key, slug=slugs[key]) for key in wanted if key in slugs)
    return bulk


def plan_action(bulk: BulkChange, action: BulkAction, *, by: User, note: str = "") -> BulkPlan:
    """Return what `action` would do with each study: at most twelve queries, whatever their number."""
    studies = Study.objects.filter(bulk_items__bulk=bulk).select_related("programme").for_record().order_by("pk")
    found = list(studies)
    vocabularies.current()
    if action.tagging is None:
        return BulkPlan(action, tuple(_plan_moves(found, action, by, note)))
    open_ones = set(
        Proposal.objects.filter(study__in=found, author=by, state__in=Proposal.OPEN).values_list("study_id", flat=True)
    )
    return BulkPlan(action, tuple(_plan_tagging(study, action, action.tagging, by, open_ones) for study in found))


def apply_action(bulk: BulkChange, action: BulkAction, *, seen: str, by: User, note: str = "") -> BulkPlan:
    """Apply the plan that was previewed, as one change with one note, and return what was done.

    `seen` is the digest of that plan. Raises PreviewStale and BulkRefused. Nothing is written then.
    """
    what = action.in_words()
    with transaction.atomic():
        held = BulkChange.objects.select_for_update(of=("self",)).get(pk=bulk.pk)
        if held.done_at is not None or held.by_id != by.pk:
            raise BulkRefused(_("Este trabajo en grupo ya se hizo, o es de otra persona."))
        reason = "\n".join(filter(None, (_("Trabajo en grupo: %(what)s.") % {"what": what}, note.strip())))
        with bank_change(by=by, note=reason) as change:
            lock_studies(held)
            made = plan_action(held, action, by=by, note=note)
            if made.seen != seen:
                raise PreviewStale
            if not made.writes:
                raise BulkRefused(_("No hay nada que cambiar en estos estudios."))
            proposed = {line.study.pk: _write(change, line, action, by, reason) for line in made.lines}
        held.action, held.what, held.note, held.done_at = action.to_json(), what, note.strip(), timezone.now()
        if changed := made.lines_with(Outcome.CHANGED):
            # The change has its number only at its end.
            held.change_no = Study.objects.values_list("changed_no", flat=True).get(pk=changed[0].study.pk)
        held.save()
        _save_outcomes(held, made, proposed)
    bulk.refresh_from_db()
    return made


def _plan_tagging(
    study: Study, action: BulkAction, tagging: TermEdit, by: User, open_ones: Collection[int]
) -> PlanLine:
    now = to_record(study)
    wanted = apply_term_edit(now, tagging)
    if fingerprint(wanted) == fingerprint(now):
        return PlanLine(study, Outcome.SAME)
    may_edit = stages.may_edit(study, by)
    if not may_edit and not stages.may_propose(study, by):
        return PlanLine(study, Outcome.REFUSED, explain_not_editable(study))
    if not may_edit and study.pk in open_ones:
        return PlanLine(study, Outcome.REFUSED, _("Ya tiene una propuesta abierta para este estudio."))
    found = stages.find_problems_without_doi(wanted)
    if study.stage not in (Stage.PUBLISHED, Stage.WITHDRAWN):
        # A draft may be as incomplete as before, but a bulk change adds no problem that nobody sees.
        before = stages.find_problems_without_doi(now)
        found = tuple(problem for problem in found if problem not in before)
    if found:
        return PlanLine(study, Outcome.REFUSED, problems=found)
    return PlanLine(study, Outcome.CHANGED if may_edit else Outcome.PROPOSED, record=wanted)


def _plan_moves(studies: list[Study], action: BulkAction, by: User, note: str) -> Iterable[PlanLine]:
    wanted = MOVES[action.move]
    own: Collection[int] = ()
    if wanted.bars_own_work:
        found = Study.objects.filter(own_work_filter(by, Study), pk__in=[study.pk for study in studies])
        own = set(found.values_list("pk", flat=True))
    for study in studies:
        if study.stage == wanted.to:
            yield PlanLine(study, Outcome.SAME)
            continue
        try:
            stages.check_move(wanted, study, by=by, note=note, is_own=study.pk in own)
        except NotPublishable as refusal:
            yield PlanLine(study, Outcome.REFUSED, problems=refusal.problems)
        except MoveRefused as refusal:
            yield PlanLine(study, Outcome.REFUSED, refusal.message)
        else:
            yield PlanLine(study, Outcome.CHANGED)


def explain_not_editable(study: Study) -> str:
    """Return the sentence that the account cannot change a study at this stage."""
    return _("Su cuenta no puede cambiar un estudio en la etapa «%(stage)s».") % {"stage": study.get_stage_display()}


def _write(change: Change, line: PlanLine, action: BulkAction, by: User, note: str) -> Proposal | None:
    if line.outcome == Outcome.PROPOSED:
        assert line.record is not None
        return proposals.propose(line.study, line.record, seen_no=line.study.changed_no, by=by, note=note)
    if line.outcome == Outcome.CHANGED:
        if line.record is None:
            stages.move_in_change(change, line.study, MOVES[action.move], by=by, note=note)
        else:
            change.touch(save_record(line.record, line.study))
    return None


def _save_outcomes(bulk: BulkChange, made: BulkPlan, proposed: Mapping[int, Proposal | None]) -> None:
    lines = {line.study.pk: line for line in made.lines}
    items = [item for item in bulk.items.all() if item.study_id in lines]
    for item in items:
        line = lines[item.study_id or 0]
        item.outcome, item.reason = line.outcome, line.reason
        item.problems = [[problem.field, problem.code] for problem in line.problems]
        item.proposal = proposed.get(line.study.pk)
        # The number as planned: the rows have a new one by now, and undoing needs the revision before it.
        item.before_no = line.study.changed_no
    BulkItem.objects.bulk_update(items, ["outcome", "reason", "problems", "proposal", "before_no"], batch_size=200)
