"""Moves of a study from stage to stage, and what they need (R2, R3, R7). Who may is in `test_moves`."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from studies.curation import stages
from studies.curation.moves import MOVES
from studies.curation.roles import PERMISSIONS_OF, create_roles
from studies.curation.stages import MoveRefused, NotPublishable
from studies.models import BankCounter, Stage, Study, Term
from studies.records.rules import Problem
from studies.store.changes import vocabulary_change
from tests.factories import edit, make_study, merge_studies, publish, user_with_role, withdraw
from tests.studies.records_factory import finding

pytestmark = pytest.mark.django_db


class TestR2:
    """The rules themselves are in `test_rules.py`. These tests show that a row is checked by them."""

    def test_a_complete_study_has_no_problem(self):
        assert stages.find_problems(make_study()) == ()

    def test_a_study_has_the_problems_of_its_record_all_at_once(self):
        study = make_study(summary_es=None, findings=(finding(value=2),))
        assert stages.find_problems(study) == (
            Problem("summary_es", "missing"),
            Problem("findings[0].value", "interval-contradicts-value"),
        )

    def test_a_retired_code_is_told(self):
        study = make_study(populations=("women",))
        with vocabulary_change():
            Term.objects.filter(vocabulary="populations", code="women").update(is_retired=True)
        assert stages.find_problems(study) == (Problem("populations[0]", "unknown-code"),)


def start_for(name: str, **changes: Any) -> Study:
    return make_study(stage=next(iter(MOVES[name].starts)), **changes)


RESULTS = {
    "send": ("draft", "in-review"),
    "publish": ("in-review", "published"),
    "return": ("in-review", "draft"),
    "withdraw": ("published", "withdrawn"),
    "restore": ("withdrawn", "published"),
}


class TestR7TheMoves:
    def test_it_holds_these_moves_and_no_other(self):
        assert {name: (*move.starts, move.to) for name, move in MOVES.items()} == RESULTS

    @pytest.mark.parametrize("stage", [*Stage])
    @pytest.mark.parametrize("name", MOVES)
    def test_a_move_starts_at_its_stage_alone(self, name: str, stage: Stage):
        administrator = user_with_role(is_superuser=True)
        study = (
            merge_studies(publish(make_study()), publish(make_study()))
            if stage == Stage.MERGED
            else make_study(stage=stage)
        )
        if stage in MOVES[name].starts:
            assert stages.move(study, name, by=administrator, note="Motivo.").stage == MOVES[name].to
        else:
            with pytest.raises(MoveRefused, match="etapa"):
                stages.move(study, name, by=administrator, note="Motivo.")

    @pytest.mark.parametrize("name", [name for name, move in MOVES.items() if move.needs_note])
    @pytest.mark.parametrize("note", ["", "  \n"])
    def test_some_moves_need_a_reason(self, name: str, note: str):
        with pytest.raises(MoveRefused, match="motivo"):
            stages.move(start_for(name), name, by=user_with_role("Administración"), note=note)

    def test_the_stage_in_the_database_counts_not_the_one_in_hand(self):
        study, administrator = make_study(stage=Stage.PUBLISHED), user_with_role("Administración")
        held_by_another = Study.objects.get(pk=study.pk)
        stages.move(study, "withdraw", by=administrator, note="Motivo.")
        with pytest.raises(MoveRefused):
            stages.move(held_by_another, "withdraw", by=administrator, note="Motivo.")
        assert study.revisions.filter(stage=Stage.WITHDRAWN).count() == 1


class TestR7Refusals:
    def test_who_lacks_the_permission_is_told(self):
        with pytest.raises(MoveRefused, match="Su cuenta no tiene permiso para «Publicar»"):
            stages.move(make_study(stage=Stage.IN_REVIEW), "publish", by=user_with_role("Curaduría"))

    def test_nobody_publishes_what_they_wrote(self):
        reviewer = user_with_role("Revisión")
        study = make_study(by=reviewer, stage=Stage.IN_REVIEW)
        with pytest.raises(MoveRefused, match="Otra persona"):
            stages.move(study, "publish", by=reviewer)
        assert stages.move(study, "publish", by=user_with_role("Revisión")).stage == Stage.PUBLISHED

    def test_an_edit_on_the_way_makes_an_author_too(self):
        reviewer, study = user_with_role("Revisión"), make_study(stage=Stage.IN_REVIEW)
        edit(study, by=reviewer, title="Otro título")
        with pytest.raises(MoveRefused, match="Otra persona"):
            stages.move(study, "publish", by=reviewer)

    def test_sending_and_returning_make_no_author(self):
        reviewer, study = user_with_role("Revisión"), make_study()
        stages.move(study, "send", by=reviewer)
        stages.move(study, "return", by=reviewer, note="Falta el diseño.")
        stages.move(study, "send", by=reviewer)
        assert stages.move(study, "publish", by=reviewer).stage == Stage.PUBLISHED


class TestMoving:
    def test_an_incomplete_study_is_not_published_and_all_problems_are_told(self):
        study = make_study(stage=Stage.IN_REVIEW, year=None, sources=(), findings=())
        with pytest.raises(NotPublishable) as refusal:
            stages.move(study, "publish", by=user_with_role("Revisión"))
        assert refusal.value.problems == (Problem("year", "missing"), Problem("sources", "missing"))
        study.refresh_from_db()
        assert (study.stage, study.published_at) == (Stage.IN_REVIEW, None)

    def test_a_withdrawn_study_that_became_incomplete_is_not_restored(self):
        study = edit(make_study(stage=Stage.WITHDRAWN), summary_es=None)
        with pytest.raises(NotPublishable):
            stages.move(study, "restore", by=user_with_role("Administración"), note="Motivo.")

    def test_a_refused_move_writes_nothing(self):
        study, before = make_study(), BankCounter.current().change_no
        with pytest.raises(MoveRefused):
            stages.move(study, "publish", by=user_with_role("Administración"))
        assert BankCounter.current().change_no == before
        assert study.revisions.count() == 1

    def test_a_move_writes_one_revision_with_person_note_and_new_stage(self):
        administrator = user_with_role("Administración")
        study = stages.move(publish(make_study()), "withdraw", by=administrator, note="Datos inventados.")
        revision = study.revisions.get(change_no=BankCounter.current().change_no)
        assert (revision.by, revision.note, revision.stage) == (administrator, "Datos inventados.", "withdrawn")
        assert not revision.is_content
        assert study.changed_no == revision.change_no

    def test_the_reason_of_a_withdrawal_is_shown_until_the_study_returns(self):
        study = withdraw(publish(make_study()), "Datos inventados.")
        assert study.stage_note == "Datos inventados."
        study = stages.move(study, "restore", by=user_with_role("Administración"), note="Era un error.")
        assert study.stage_note == ""

    def test_the_first_publication_is_kept_through_withdrawal_and_return(self):
        study = publish(make_study())
        first = study.published_at
        study = stages.move(withdraw(study), "restore", by=user_with_role("Administración"), note="Era un error.")
        assert study.published_at == first

    def test_a_record_is_not_changed_by_a_move(self):
        study = publish(make_study())
        withdraw(study)
        records = [revision.record for revision in study.revisions.all()]
        assert all(record == records[0] for record in records)


class TestRoles:
    def test_roles_are_there_with_their_permissions(self):
        for name, codes in PERMISSIONS_OF.items():
            group = Group.objects.get(name=name)
            assert {f"studies.{name}" for name in group.permissions.values_list("codename", flat=True)} == set(codes)

    def test_a_role_that_was_changed_is_left_as_it_is(self):
        group = Group.objects.get(name="Curaduría")
        group.permissions.clear()
        create_roles(apps.get_app_config("studies"))
        assert not group.permissions.exists()

    def test_no_role_deletes_terms_or_revisions(self):
        for codes in PERMISSIONS_OF.values():
            forbidden = ("delete_term", "change_revision", "delete_revision", "add_revision")
            assert not {f"studies.{name}" for name in forbidden} & set(codes)

    def test_each_role_includes_the_one_before(self):
        curator, reviewer, administrator = (set(codes) for codes in PERMISSIONS_OF.values())
        assert curator < reviewer < administrator
