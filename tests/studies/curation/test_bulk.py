"""Bulk changes: planned, applied all or nothing, and undone as one."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from studies.curation import editing, proposals, stages
from studies.curation.bulk import actions, making, undoing
from studies.curation.bulk.actions import BulkAction
from studies.curation.bulk.making import BulkPlan
from studies.models import BankCounter, BulkChange, Proposal, Stage, Study
from studies.records.term_edits import TermEdit
from studies.store import bank_state
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study, user_with_role

pytestmark = pytest.mark.django_db
CURATOR, REVIEWER, ADMINISTRATOR = "Curaduría", "Revisión", "Administración"
ADD_URBAN = BulkAction(TermEdit("add", "settings", ("urban",)))


def selected(*studies: Study, by: User) -> BulkChange:
    return making.save_selection([study.pk for study in studies], by=by)


def done(change: BulkChange, action: BulkAction, by: User, note: str = "") -> BulkPlan:
    return making.apply_action(change, action, seen=making.plan_action(change, action, by=by).seen, by=by, note=note)


def outcomes(plan: BulkPlan) -> dict[int, str]:
    return {line.study.pk: line.outcome.value for line in plan.lines}


def record(study: Study) -> Any:
    return to_record(Study.objects.for_record().get(pk=study.pk))


class TestSelecting:
    def test_keeps_each_study_once_and_leaves_out_what_was_merged(self):
        one, other = make_study(), make_study(stage=Stage.PUBLISHED)
        Study.objects.filter(pk=other.pk).update(stage=Stage.MERGED, merged_into=one)
        change = making.save_selection([one.pk, one.pk, other.pk, 10**15], by=user_with_role(CURATOR))
        assert [item.study for item in change.items.all()] == [one]

    def test_of_nothing_is_refused(self):
        with pytest.raises(actions.BulkRefused, match="Marque al menos un estudio"):
            making.save_selection([], by=user_with_role(CURATOR))

    def test_of_too_many_is_refused_with_the_bound(self, monkeypatch):
        monkeypatch.setattr("studies.curation.bulk.making.MOST_STUDIES", 1)
        with pytest.raises(actions.BulkRefused, match="Son 2 estudios, y un trabajo en grupo abarca hasta 1"):
            selected(make_study(), make_study(), by=user_with_role(CURATOR))


class TestPlanning:
    def test_says_what_becomes_of_each(self):
        by = user_with_role(CURATOR)
        draft, same = make_study(), make_study(settings=("urban",))
        public, withdrawn = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.WITHDRAWN)
        plan = making.plan_action(selected(draft, same, public, withdrawn, by=by), ADD_URBAN, by=by)
        assert outcomes(plan) == {
            draft.pk: "changed",
            same.pk: "same",
            public.pk: "proposed",
            withdrawn.pk: "refused",
        }
        assert "en la etapa «retirado»" in plan.lines_with(making.Outcome.REFUSED)[0].reason
        assert record(draft).settings == ("rural",)

    def test_r2_refuses_what_would_no_longer_be_publishable(self):
        by = user_with_role(REVIEWER)
        study = make_study(stage=Stage.PUBLISHED)
        plan = making.plan_action(
            selected(study, by=by), BulkAction(TermEdit("remove", "themes", ("prevention",))), by=by
        )
        assert [(problem.field, problem.code) for problem in plan.lines[0].problems] == [("themes", "missing")]

    def test_refuses_what_would_break_a_draft_but_not_what_it_lacked_before(self):
        by = user_with_role(CURATOR)
        study = make_study(summary_es=None)
        change = selected(study, by=by)
        lost = making.plan_action(change, BulkAction(TermEdit("remove", "outcomes", ("ipv-physical",))), by=by)
        assert [problem.code for problem in lost.lines[0].problems] == ["outcome-not-of-study"]
        assert outcomes(making.plan_action(change, ADD_URBAN, by=by)) == {study.pk: "changed"}

    def test_r7_a_study_with_ones_open_proposal_is_refused(self):
        by = user_with_role(CURATOR)
        study = make_study(stage=Stage.PUBLISHED)
        done(selected(study, by=by), ADD_URBAN, by)
        plan = making.plan_action(selected(study, by=by), BulkAction(TermEdit("add", "settings", ("national",))), by=by)
        assert "Ya tiene una propuesta abierta" in plan.lines[0].reason

    @pytest.mark.parametrize(
        ("role", "start", "name", "outcome"),
        [
            (CURATOR, Stage.DRAFT, "send", "changed"),
            (CURATOR, Stage.IN_REVIEW, "send", "same"),
            (CURATOR, Stage.PUBLISHED, "send", "refused"),
            (CURATOR, Stage.IN_REVIEW, "publish", "refused"),
            (REVIEWER, Stage.IN_REVIEW, "publish", "changed"),
            (REVIEWER, Stage.DRAFT, "publish", "refused"),
            (REVIEWER, Stage.PUBLISHED, "publish", "same"),
            (ADMINISTRATOR, Stage.WITHDRAWN, "publish", "refused"),
        ],
    )
    def test_moves_are_those_of_the_table(self, role, start, name, outcome):
        by = user_with_role(role)
        study = make_study(stage=start)
        assert outcomes(making.plan_action(selected(study, by=by), BulkAction(move=name), by=by)) == {study.pk: outcome}

    def test_r7_nobody_publishes_what_they_wrote(self, settings):
        settings.TEAM_OF_ONE = False
        by = user_with_role(REVIEWER)
        own, other = make_study(by=by, stage=Stage.IN_REVIEW), make_study(stage=Stage.IN_REVIEW)
        plan = making.plan_action(selected(own, other, by=by), BulkAction(move="publish"), by=by)
        assert outcomes(plan) == {own.pk: "refused", other.pk: "changed"}

    @pytest.mark.parametrize("action", [ADD_URBAN, BulkAction(move="send"), BulkAction(move="publish")])
    def test_asks_the_same_number_of_questions_for_any_number_of_studies(self, action, django_assert_max_num_queries):
        by = User.objects.get(pk=user_with_role(REVIEWER).pk)
        few = selected(make_study(), by=by)
        making.plan_action(few, action, by=by)
        many = making.save_selection(Study.objects.values_list("pk", flat=True)[:300], by=by)
        with django_assert_max_num_queries(17), bank_state.cached_counter():
            assert len(making.plan_action(many, action, by=by).lines) == 300


class TestDoing:
    def test_is_one_change_with_one_number_and_one_note(self):
        by = user_with_role(REVIEWER)
        draft, public = make_study(), make_study(stage=Stage.PUBLISHED)
        before = BankCounter.current().change_no
        change = selected(draft, public, by=by)
        done(change, ADD_URBAN, by, note="Lo pidió la dirección.")
        change.refresh_from_db()
        assert BankCounter.current().change_no == change.change_no == before + 1
        for study in (draft, public):
            latest = study.revisions.first()
            assert (latest.by, latest.change_no) == (by, before + 1)
            assert latest.note == "Trabajo en grupo: Añadir a «Ámbitos»: Urbano.\nLo pidió la dirección."
            assert set(record(study).settings) == {"rural", "urban"}

    def test_r7_a_curators_change_of_a_published_study_is_a_proposal(self):
        by = user_with_role(CURATOR)
        study = make_study(stage=Stage.PUBLISHED)
        before = BankCounter.current().change_no
        change = selected(study, by=by)
        done(change, ADD_URBAN, by, note="Falta el ámbito.")
        (proposal,) = Proposal.objects.filter(study=study)
        assert proposal.author == by
        assert set(proposal.record["settings"]) == {"rural", "urban"}
        assert "Falta el ámbito." in proposal.steps.get().note
        assert record(study).settings == ("rural",)
        change.refresh_from_db()
        assert (change.change_no, BankCounter.current().change_no) == (None, before)

    def test_what_became_of_each_is_kept(self):
        by = user_with_role(CURATOR)
        draft, withdrawn = make_study(), make_study(stage=Stage.WITHDRAWN)
        change = selected(draft, withdrawn, by=by)
        done(change, ADD_URBAN, by)
        kept = {item.slug: (item.outcome, item.before_no) for item in change.items.all()}
        assert kept[draft.slug] == ("changed", draft.changed_no)
        assert kept[withdrawn.slug][0] == "refused"

    def test_studies_are_sent_and_published(self):
        curator, reviewer = user_with_role(CURATOR), user_with_role(REVIEWER)
        studies = [make_study(by=curator), make_study(by=curator)]
        done(selected(*studies, by=curator), BulkAction(move="send"), curator)
        done(selected(*studies, by=reviewer), BulkAction(move="publish"), reviewer)
        assert all(Study.objects.get(pk=study.pk).stage == Stage.PUBLISHED for study in studies)

    def test_nothing_is_written_where_something_changed_since_the_preview(self):
        by = user_with_role(CURATOR)
        one, other = make_study(), make_study()
        change = selected(one, other, by=by)
        seen = making.plan_action(change, ADD_URBAN, by=by).seen
        edit(other, title_es="Otro título")
        with pytest.raises(making.PreviewStale):
            making.apply_action(change, ADD_URBAN, seen=seen, by=by)
        assert record(one).settings == ("rural",)
        assert BulkChange.objects.get(pk=change.pk).done_at is None

    def test_nothing_is_written_where_one_study_fails(self, monkeypatch):
        by = user_with_role(CURATOR)
        one, other = make_study(), make_study()
        change = selected(one, other, by=by)
        seen = making.plan_action(change, ADD_URBAN, by=by).seen
        real = making.save_record

        def failing(wanted: Any, study: Study) -> Study:
            if study.pk == other.pk:
                raise OSError("disk is full")
            return real(wanted, study)

        monkeypatch.setattr("studies.curation.bulk.making.save_record", failing)
        with pytest.raises(OSError, match="disk is full"):
            making.apply_action(change, ADD_URBAN, seen=seen, by=by)
        assert record(one).settings == ("rural",)

    def test_is_done_once_and_by_who_selected(self):
        by = user_with_role(CURATOR)
        change = selected(make_study(), by=by)
        seen = making.plan_action(change, ADD_URBAN, by=by).seen
        with pytest.raises(actions.BulkRefused, match="de otra persona"):
            making.apply_action(change, ADD_URBAN, seen=seen, by=user_with_role(CURATOR))
        making.apply_action(change, ADD_URBAN, seen=seen, by=by)
        with pytest.raises(actions.BulkRefused, match="ya se hizo"):
            making.apply_action(change, ADD_URBAN, seen=seen, by=by)

    def test_of_nothing_is_refused(self):
        by = user_with_role(CURATOR)
        with pytest.raises(actions.BulkRefused, match="No hay nada que cambiar"):
            done(selected(make_study(settings=("urban",)), by=by), ADD_URBAN, by)


class TestUndoing:
    @pytest.mark.parametrize(
        "tagging",
        [
            TermEdit("add", "settings", ("urban",)),
            TermEdit("remove", "populations", ("men",)),
            TermEdit("replace", "outcomes", ("ipv-physical",), "ipv-any"),
            TermEdit("replace", "designs", ("rct",), "cluster-rct"),
        ],
    )
    def test_r8_gives_back_exactly_what_was(self, tagging):
        by = user_with_role(REVIEWER)
        studies = [make_study(), make_study(stage=Stage.PUBLISHED)]
        before = [record(study) for study in studies]
        change = selected(*studies, by=by)
        done(change, BulkAction(tagging), by)
        assert [record(study) for study in studies] != before
        assert undoing.undo(change, by=by) == 2
        assert [record(study) for study in studies] == before
        assert "Se deshizo el trabajo en grupo" in studies[0].revisions.first().note
        change.refresh_from_db()
        assert change.undone_by == by

    def test_what_was_edited_since_hinders_it_and_is_named(self):
        by = user_with_role(REVIEWER)
        one, other = make_study(), make_study()
        change = selected(one, other, by=by)
        done(change, ADD_URBAN, by)
        edit(other, by=by, title_es="Otro título")
        with pytest.raises(undoing.UndoBlocked) as refusal:
            undoing.undo(change, by=by)
        (line,) = refusal.value.hindered
        assert line.item.slug == other.slug
        assert f"({by.username})" in line.hindrance
        assert "urban" in record(one).settings

    def test_the_others_are_brought_back_where_that_is_asked(self):
        by = user_with_role(REVIEWER)
        one, other = make_study(), make_study()
        change = selected(one, other, by=by)
        done(change, ADD_URBAN, by)
        edit(other, title_es="Otro título")
        assert undoing.undo(change, by=by, skip_hindered=True) == 1
        assert record(one).settings == ("rural",)
        assert set(record(other).settings) == {"rural", "urban"}
        with pytest.raises(actions.BulkRefused, match="No queda nada que deshacer"):
            undoing.undo(change, by=by, skip_hindered=True)

    def test_r7_proposals_are_taken_back_until_somebody_answers(self):
        by, reviewer = user_with_role(CURATOR), user_with_role(REVIEWER)
        open_one, answered = make_study(stage=Stage.PUBLISHED), make_study(stage=Stage.PUBLISHED)
        change = selected(open_one, answered, by=by)
        done(change, ADD_URBAN, by)
        proposals.return_to_author(answered.proposals.get(), by=reviewer, note="No corresponde.")
        hindered = {line.item.slug: line.hindrance for line in undoing.plan_undo(change, by=by)}
        assert "ya siguió su camino" in hindered[answered.slug]
        assert undoing.undo(change, by=by, skip_hindered=True) == 1
        assert open_one.proposals.get().state == Proposal.State.WITHDRAWN

    def test_what_was_sent_is_a_draft_again(self):
        by = user_with_role(CURATOR)
        study = make_study()
        change = selected(study, by=by)
        done(change, BulkAction(move="send"), by)
        undoing.undo(change, by=by)
        assert Study.objects.get(pk=study.pk).stage == Stage.DRAFT

    def test_r3_what_was_published_keeps_its_address_and_is_withdrawn_by_an_administrator_with_a_reason(self, client):
        reviewer, chief = user_with_role(REVIEWER), user_with_role(ADMINISTRATOR)
        study = make_study(stage=Stage.IN_REVIEW)
        change = selected(study, by=reviewer)
        done(change, BulkAction(move="publish"), reviewer)
        with pytest.raises(undoing.UndoBlocked):
            undoing.undo(change, by=reviewer, note="Fue un error.")
        with pytest.raises(stages.MoveRefused, match="motivo"):
            undoing.undo(change, by=chief)
        undoing.undo(change, by=chief, note="Fue un error.")
        study.refresh_from_db()
        assert (study.stage, study.stage_note) == (Stage.WITHDRAWN, "Fue un error.")
        assert client.get(study.get_absolute_url()).status_code == 200

    def test_a_draft_deleted_since_is_told(self):
        by = user_with_role(CURATOR)
        study = make_study()
        change = selected(study, by=by)
        done(change, ADD_URBAN, by)
        editing.delete_draft(study)
        (line,) = undoing.plan_undo(change, by=by)
        assert (line.item.slug, line.hindrance) == (study.slug, "El borrador se eliminó.")

    def test_is_for_its_author_and_administrators(self):
        by = user_with_role(REVIEWER)
        change = selected(make_study(), by=by)
        done(change, ADD_URBAN, by)
        with pytest.raises(actions.BulkRefused, match="Lo deshace quien lo hizo"):
            undoing.undo(change, by=user_with_role(REVIEWER))
        assert undoing.undo(change, by=user_with_role(ADMINISTRATOR)) == 1

    def test_is_planned_with_the_same_number_of_questions_for_any_number(self, django_assert_max_num_queries):
        by = user_with_role(REVIEWER)
        change = making.save_selection(
            Study.objects.exclude(terms__code="urban").values_list("pk", flat=True)[:40], by=by
        )
        done(change, ADD_URBAN, by)
        with django_assert_max_num_queries(17), bank_state.cached_counter():
            assert len(undoing.plan_undo(change, by=User.objects.get(pk=by.pk))) == 40
