"""A record of format 1 says no roles: it is not published again, by any path, before somebody has chosen them (R2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from studies.curation import editing, history, proposals, stages
from studies.curation.bulk import making, undoing
from studies.curation.bulk.actions import BulkAction
from studies.curation.stages import CurationError, NotPublishable
from studies.duplicates import merging
from studies.models import Proposal, Revision, Stage, Study, StudyTerm
from studies.records.study import InterventionRecord, StudyRecord
from studies.records.term_edits import TermEdit
from studies.store.exchange.study import to_record
from tests.factories import edit, make_proposal, make_study, user_with_role, withdraw

pytestmark = pytest.mark.django_db

WITHOUT = (InterventionRecord("engaging-men"),)
EVALUATED = (InterventionRecord("engaging-men", "evaluated"),)


def record(study: Study) -> StudyRecord:
    return to_record(Study.objects.for_record().get(pk=study.pk))


def number(study: Study) -> int:
    return Study.objects.get(pk=study.pk).changed_no


def of_format_1(study: Study) -> Study:
    """Return `study` as a bank of format 1 leaves it, which published it without roles."""
    StudyTerm.objects.filter(study=study).update(role=None)
    study.refresh_from_db()
    return study


def published_of_format_1() -> Study:
    return of_format_1(make_study(stage=Stage.PUBLISHED))


def as_format_1(written: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON that format 1 wrote for a record of one intervention."""
    findings = [{key: value for key, value in row.items() if key != "about"} for row in written["findings"]]
    return {**written, "interventions": ["engaging-men"], "findings": findings}


def old_revision(study: Study) -> Revision:
    revision = study.revisions.earliest("change_no")
    revision.record = as_format_1({**revision.record, "title_es": "El título de antes"})
    revision.save()
    return revision


def send_to_review_and_publish() -> None:
    study = of_format_1(make_study(stage=Stage.IN_REVIEW))
    stages.move(study, "publish", by=user_with_role("Revisión"))


def publish_as_loaded() -> None:
    stages.publish_unreviewed(make_study(interventions=WITHOUT))


def publish_what_was_withdrawn() -> None:
    study = of_format_1(withdraw(make_study(stage=Stage.PUBLISHED)))
    stages.move(study, "restore", by=user_with_role("Administración"), note="Vuelve.")


def save_the_form() -> None:
    study = published_of_format_1()
    wanted = replace(record(study), title_es="Otro título")
    editing.save(study, wanted, seen_no=number(study), by=user_with_role("Revisión"))


def restore_a_revision() -> None:
    study = make_study(stage=Stage.PUBLISHED)
    edit(study, title_es="El título de hoy")
    history.restore(study, old_revision(study), seen_no=number(study), by=user_with_role("Revisión"))


def accept_the_restoring_of_a_revision() -> None:
    study = make_study(stage=Stage.PUBLISHED)
    edit(study, title_es="El título de hoy")
    old, author = old_revision(study), user_with_role("Curaduría")
    proposal = history.restore(study, old, seen_no=number(study), by=author)
    assert isinstance(proposal, Proposal)
    accept(proposal)


def accept(proposal: Proposal) -> None:
    proposal = Proposal.objects.select_related("study").get(pk=proposal.pk)
    proposals.accept(proposal, seen=proposals.read_version(proposal), by=user_with_role("Revisión"))


def accept_a_proposal() -> None:
    study = published_of_format_1()
    proposal = make_proposal(study)
    Proposal.objects.filter(pk=proposal.pk).update(record=as_format_1(proposal.record))
    accept(proposal)


def correct_a_proposal() -> None:
    proposal = make_proposal(published_of_format_1())
    corrected = replace(record(proposal.study), volume="99")
    proposal = Proposal.objects.select_related("study").get(pk=proposal.pk)
    proposals.correct(proposal, corrected, seen=proposals.read_version(proposal), by=user_with_role("Revisión"))


def merge_into_it() -> None:
    study, into = make_study(stage=Stage.PUBLISHED), published_of_format_1()
    merging.merge(study, into, record(into), seen=(number(study), number(into)), by=user_with_role("Revisión"))


def undo_a_merge_that_chose_the_role() -> None:
    study, into = make_study(), published_of_format_1()
    chosen = replace(record(into), interventions=EVALUATED)
    made = merging.merge(study, into, chosen, seen=(number(study), number(into)), by=user_with_role("Revisión"))
    before = Revision.objects.filter(study=into, change_no__lt=made.change_no or 0).latest("change_no")
    before.record = as_format_1(before.record)
    before.save()
    merging.undo(made, by=user_with_role("Revisión"))


class TestPublishingWithoutARole:
    @pytest.mark.parametrize(
        "publish",
        [
            send_to_review_and_publish,
            publish_as_loaded,
            publish_what_was_withdrawn,
            save_the_form,
            restore_a_revision,
            accept_the_restoring_of_a_revision,
            accept_a_proposal,
            correct_a_proposal,
            merge_into_it,
            undo_a_merge_that_chose_the_role,
        ],
    )
    def test_is_refused_by_every_path(self, publish: Callable[[], None]):
        with pytest.raises(NotPublishable) as refused:
            publish()
        assert {problem.code for problem in refused.value.problems} == {"role-missing"}

    @pytest.mark.parametrize(
        "action", [BulkAction(move="publish"), BulkAction(TermEdit("add", "settings", ("urban",)))], ids=str
    )
    def test_is_refused_to_a_bulk_change(self, action: BulkAction):
        by = user_with_role("Revisión")
        study = of_format_1(make_study(stage=Stage.IN_REVIEW if action.move else Stage.PUBLISHED))
        bulk = making.save_selection([study.pk], by=by)
        (line,) = making.plan_action(bulk, action, by=by).lines
        assert (line.outcome, [problem.code for problem in line.problems]) == ("refused", ["role-missing"])

    def test_is_not_what_undoing_a_bulk_change_does(self):
        by = user_with_role("Revisión")
        study = published_of_format_1()
        before = study.revisions.latest("change_no")
        before.record = as_format_1(before.record)
        before.save()
        action = BulkAction(TermEdit("add", "interventions", ("engaging-men",), role="described"))
        bulk = making.save_selection([study.pk], by=by)
        making.apply_action(bulk, action, seen=making.plan_action(bulk, action, by=by).seen, by=by)
        assert record(study).interventions == (InterventionRecord("engaging-men", "described"),)
        with pytest.raises(CurationError):
            undoing.undo(bulk, by=by)
        assert record(study).interventions == (InterventionRecord("engaging-men", "described"),)

    def test_ends_once_somebody_has_chosen(self):
        study = published_of_format_1()
        wanted = replace(record(study), interventions=EVALUATED)
        assert editing.save(study, wanted, seen_no=number(study), by=user_with_role("Revisión"))
