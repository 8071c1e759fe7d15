"""A selection of studies, the plan of what an action would do with them, and doing it."""

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
from studies.curation.bulk.actions import Action, BulkRefused, lock
from studies.curation.moves import MOVES, own_work
from studies.curation.stages import MoveRefused, NotPublishable
from studies.models import BulkChange, BulkItem, Proposal, Stage, Study
from studies.records.study import StudyRecord, fingerprint
from studies.records.term_edits import Tagging, tagged
from studies.store import vocabularies
from studies.store.changes import Change, bank_change
from studies.store.exchange.study import save_record, to_record

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from studies.records.rules import Problem

MOST_STUDIES = 1_000
"""Studies of one change: as many as are planned in some seconds and locked without keeping colleagues waiting."""

Outcome = BulkItem.Outcome


class Overtaken(BulkRefused):
    """Something changed since the preview was shown. Nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("Algo cambió desde que vio la vista previa: mírela otra vez. No se hizo nada."))


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of one study. `record` is what would be written or proposed, None for a move."""

    study: Study
    outcome: Outcome
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    record: StudyRecord | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action would do with the studies of a selection, in the order of their keys."""

    action: Action
    lines: tuple[Line, ...]

    def of(self, outcome: Outcome) -> tuple[Line, ...]:
        """Return the lines with this outcome."""
        return tuple(line for line in self.lines if line.outcome == outcome)

    @property
    def touched(self) -> int:
        """The number of studies that change, or for which a proposal is made."""
        return len(self.of(Outcome.CHANGED)) + len(self.of(Outcome.PROPOSED))

    @property
    def writes(self) -> bool:
        return self.touched > 0

    @property
    def seen(self) -> str:
        """Return what a confirmation is compared with: 32 digits that any change of a study or outcome changes."""
        told = [[line.study.pk, line.study.changed_no, line.outcome.value] for line in self.lines]
        return hashlib.sha256(json.dumps([self.action.to_json(), told]).encode()).hexdigest()[:32]


@transaction.atomic
def prepare(keys: Iterable[int], *, by: User, criteria: str = "") -> BulkChange:
    """Keep a selection of studies, in this order. Raises BulkRefused for none, or more than MOST_STUDIES."""
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


def plan(bulk: BulkChange, action: Action, *, by: User, note: str = "") -> Plan:
    """Say what `action` would do with each study: at most twelve queries, whatever their number."""
    studies = Study.objects.filter(bulk_items__bulk=bulk).select_related("programme").for_record().order_by("pk")
    found = list(studies)
    vocabularies.current()
    if action.tagging is None:
        return Plan(action, tuple(_move_lines(found, action, by, note)))
    open_ones = set(
        Proposal.objects.filter(study__in=found, author=by, state__in=Proposal.OPEN).values_list("study_id", flat=True)
    )
    return Plan(action, tuple(_tagging_line(study, action, action.tagging, by, open_ones) for study in found))


def apply(bulk: BulkChange, action: Action, *, seen: str, by: User, note: str = "") -> Plan:
    """Make the change that was previewed as `seen`, with one note and one number, and return what was done.

    Raises Overtaken, BulkRefused. Nothing is written then.
    """
    what = action.in_words()
    with transaction.atomic():
        held = BulkChange.objects.select_for_update(of=("self",)).get(pk=bulk.pk)
        if held.done_at is not None or held.by_id != by.pk:
            raise BulkRefused(_("Este trabajo en grupo ya se hizo, o es de otra persona."))
        reason = "\n".join(filter(None, (_("Trabajo en grupo: %(what)s.") % {"what": what}, note.strip())))
        with bank_change(by=by, note=reason) as change:
            lock(held)
            made = plan(held, action, by=by, note=note)
            if made.seen != seen:
                raise Overtaken
            if not made.writes:
                raise BulkRefused(_("No hay nada que cambiar en estos estudios."))
            proposed = {line.study.pk: _write(change, line, action, by, reason) for line in made.lines}
        held.action, held.what, held.note, held.done_at = action.to_json(), what, note.strip(), timezone.now()
        if changed := made.of(Outcome.CHANGED):
            # The change has its number only at its end.
            held.change_no = Study.objects.values_list("changed_no", flat=True).get(pk=changed[0].study.pk)
        held.save()
        _keep_outcomes(held, made, proposed)
    bulk.refresh_from_db()
    return made


def _tagging_line(study: Study, action: Action, tagging: Tagging, by: User, open_ones: Collection[int]) -> Line:
    now = to_record(study)
    wanted = tagged(now, tagging)
    if fingerprint(wanted) == fingerprint(now):
        return Line(study, Outcome.SAME)
    may_edit = stages.may_edit(study, by)
    if not may_edit and not stages.may_propose(study, by):
        return Line(study, Outcome.REFUSED, not_editable(study))
    if not may_edit and study.pk in open_ones:
        return Line(study, Outcome.REFUSED, _("Ya tiene una propuesta abierta para este estudio."))
    found = stages.problems_beside_doi(wanted)
    if study.stage not in (Stage.PUBLISHED, Stage.WITHDRAWN):
        # A draft may lack what it lacked before, but nothing is broken in it unseen.
        before = stages.problems_beside_doi(now)
        found = tuple(problem for problem in found if problem not in before)
    if found:
        return Line(study, Outcome.REFUSED, problems=found)
    return Line(study, Outcome.CHANGED if may_edit else Outcome.PROPOSED, record=wanted)


def _move_lines(studies: list[Study], action: Action, by: User, note: str) -> Iterable[Line]:
    wanted = MOVES[action.move]
    own: Collection[int] = ()
    if wanted.bars_own_work:
        found = Study.objects.filter(own_work(by, Study), pk__in=[study.pk for study in studies])
        own = set(found.values_list("pk", flat=True))
    for study in studies:
        if study.stage == wanted.to:
            yield Line(study, Outcome.SAME)
            continue
        try:
            stages.check_move(wanted, study, by=by, note=note, is_own=study.pk in own)
        except NotPublishable as refusal:
            yield Line(study, Outcome.REFUSED, problems=refusal.problems)
        except MoveRefused as refusal:
            yield Line(study, Outcome.REFUSED, refusal.message)
        else:
            yield Line(study, Outcome.CHANGED)


def not_editable(study: Study) -> str:
    """Say that the account cannot change a study at this stage."""
    return _("Su cuenta no puede cambiar un estudio en la etapa «%(stage)s».") % {"stage": study.get_stage_display()}


def _write(change: Change, line: Line, action: Action, by: User, note: str) -> Proposal | None:
    if line.outcome == Outcome.PROPOSED:
        assert line.record is not None
        return proposals.propose(line.study, line.record, seen_no=line.study.changed_no, by=by, note=note)
    if line.outcome == Outcome.CHANGED:
        if line.record is None:
            stages.move_within(change, line.study, MOVES[action.move], by=by, note=note)
        else:
            change.touch(save_record(line.record, line.study))
    return None


def _keep_outcomes(bulk: BulkChange, made: Plan, proposed: Mapping[int, Proposal | None]) -> None:
    lines = {line.study.pk: line for line in made.lines}
    items = [item for item in bulk.items.all() if item.study_id in lines]
    for item in items:
        line = lines[item.study_id or 0]
        item.outcome, item.reason = line.outcome, line.reason
        item.problems = [[problem.field, problem.code] for problem in line.problems]
        item.proposal = proposed.get(line.study.pk)
        # As it was read, before anything was written.
        item.before_no = line.study.changed_no
    BulkItem.objects.bulk_update(items, ["outcome", "reason", "problems", "proposal", "before_no"], batch_size=200)
