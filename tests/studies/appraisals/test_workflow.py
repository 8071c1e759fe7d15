"""Who appraises a study, who sees what, and what becomes final."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from studies.appraisals import state, workflow
from studies.appraisals.workflow import AppraisalRefused, AssessmentIncomplete, AssessmentInput, AssessmentStale
from studies.curation.stages import CurationError
from studies.models import Assessment, Instrument, Stage, Study
from studies.records.study import StudyRecord
from studies.store.changes import bank_change
from studies.store.exchange import study as exchange_study
from tests.factories import edit, make_study, merge_studies, user_with_role, withdraw
from tests.studies.appraisals_factory import (
    assessed,
    assessed_by_two,
    entered,
    judged,
    risks_of_bias,
    rob_2,
    round_of,
)
from tests.thorough import examples

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study(stage=Stage.PUBLISHED)


@pytest.fixture
def reviewer() -> User:
    return user_with_role("Revisión")


def record_of(study: Study) -> StudyRecord:
    return exchange_study.to_record(Study.objects.for_record().get(pk=study.pk))


def consensus(
    study: Study, by: User, given: AssessmentInput | None = None, *, version: int = 0, finish: bool = True
) -> bool:
    return workflow.save_consensus(study, rob_2(), given or entered(), version=version, by=by, finish=finish)


def confirm(study: Study, by: User) -> None:
    workflow.mark_seen(study, rob_2(), by=by)
    workflow.confirm(study, rob_2(), version=round_of(study).own[0].version, by=by)


def begin(study: Study, by: User) -> Assessment:
    return workflow.begin(study, rob_2(), by=by)


class TestOnesOwn:
    def test_a_draft_may_lack_anything_and_is_kept(self, study: Study):
        person = assessed(study, finish=False, given=AssessmentInput(judged()[:2], note_es="A medias"))
        own = round_of(study).find_own(person)
        assert own is not None
        assert (len(own.judgements), own.note_es, own.is_done) == (2, "A medias", False)

    def test_finishing_names_everything_that_is_missing_and_writes_nothing(self, study: Study):
        person = user_with_role("Curaduría")
        own = begin(study, person)
        with pytest.raises(AssessmentIncomplete) as refused:
            workflow.save(own, AssessmentInput(judged()[1:]), version=own.version, by=person, finish=True)
        assert [lack.field for lack in refused.value.lacks] == ["randomisation"]
        assert round_of(study).own[0].judgements == []

    def test_the_rule_gives_the_overall_judgement(self, study: Study):
        person = assessed(study, given=entered(missing_data="high"))
        own = round_of(study).find_own(person)
        assert own is not None
        assert own.overall == "high"

    def test_beginning_again_goes_on_with_the_same(self, study: Study):
        person = user_with_role("Curaduría")
        assert begin(study, person) == begin(study, person)

    def test_two_windows_do_not_overwrite_one_another(self, study: Study):
        person = user_with_role("Curaduría")
        own = begin(study, person)
        workflow.save(own, entered(), version=1, by=person)
        with pytest.raises(AssessmentStale):
            workflow.save(own, AssessmentInput(()), version=1, by=person)
        assert len(round_of(study).own[0].judgements) == 6

    def test_nobody_writes_in_anothers(self, study: Study, reviewer: User):
        person = assessed(study, finish=False)
        own = round_of(study).find_own(person)
        assert own is not None
        with pytest.raises(AppraisalRefused):
            workflow.save(own, entered(), version=own.version, by=reviewer)

    def test_a_finished_one_is_reopened_only_by_its_author_before_anything_of_another_was_seen(self, study: Study):
        first, second = assessed(study), assessed(study)
        workflow.reopen(study, rob_2(), by=first)
        own = round_of(study).find_own(first)
        assert own is not None
        workflow.save(own, entered(), version=own.version, by=first, finish=True)
        workflow.mark_seen(study, rob_2(), by=first)
        with pytest.raises(AppraisalRefused):
            workflow.reopen(study, rob_2(), by=first)
        workflow.reopen(study, rob_2(), by=second)

    def test_discarding_frees_the_place_and_deletes_nothing(self, study: Study):
        person = assessed(study, finish=False)
        own = round_of(study).own[0]
        workflow.discard(own, by=person)
        assert round_of(study).own == []
        assert Assessment.objects.filter(pk=own.pk).exists()

    def test_an_abandoned_draft_is_closed_by_an_administrator_alone(self, study: Study, reviewer: User):
        assessed(study, finish=False)
        own = round_of(study).own[0]
        for person in (reviewer, user_with_role("Curaduría")):
            with pytest.raises(AppraisalRefused):
                workflow.discard(own, by=person)
        workflow.discard(own, by=user_with_role("Administración"))
        assert round_of(study).own == []


class TestIndependence:
    def test_there_are_two_and_no_more(self, study: Study):
        assessed(study, finish=False), assessed(study, finish=False)
        with pytest.raises(AppraisalRefused):
            begin(study, user_with_role("Curaduría"))

    def test_nobody_looks_before_the_own_one_is_finished(self, study: Study):
        assessed(study)
        second = assessed(study, finish=False)
        assert not round_of(study).may_look(second)
        with pytest.raises(AppraisalRefused):
            workflow.mark_seen(study, rob_2(), by=second)

    def test_a_curator_who_does_not_appraise_never_looks(self, study: Study):
        assessed(study)
        with pytest.raises(AppraisalRefused):
            workflow.mark_seen(study, rob_2(), by=user_with_role("Curaduría"))

    def test_an_unfinished_one_is_shown_to_nobody(self, study: Study, reviewer: User):
        assessed(study, finish=False)
        assert not round_of(study).may_look(reviewer)

    def test_a_reviewer_who_looked_appraises_no_more(self, study: Study, reviewer: User):
        assessed(study)
        assert round_of(study).may_begin(reviewer)
        workflow.mark_seen(study, rob_2(), by=reviewer)
        with pytest.raises(AppraisalRefused):
            begin(study, reviewer)

    def test_a_team_of_one_may_do_both(self, study: Study, reviewer: User, settings: Any):
        settings.TEAM_OF_ONE = True
        assessed(study)
        workflow.mark_seen(study, rob_2(), by=reviewer)
        assert begin(study, reviewer)


class TestConsensus:
    def test_of_a_reviewer_apart_from_both_is_final_at_once(self, study: Study, reviewer: User):
        assessed_by_two(study, missing_data="high")
        workflow.mark_seen(study, rob_2(), by=reviewer)
        assert consensus(study, reviewer, entered(missing_data="high"))
        (final,) = record_of(study).own_appraisals
        assert (final.overall, final.risk_of_bias, final.appraisers) == ("high", "high", 2)
        assert final.judgements == judged(missing_data="high")

    def test_of_one_of_the_two_waits_for_the_other(self, study: Study):
        first, second = assessed_by_two(study)
        assert not consensus(study, first)
        assert risks_of_bias(study) == []
        with pytest.raises(AppraisalRefused):
            workflow.agree(study, rob_2(), version=1, by=first)
        workflow.agree(study, rob_2(), version=1, by=second)
        assert risks_of_bias(study) == ["low"]

    def test_a_reviewer_among_the_two_cannot_decide_alone(self, study: Study, reviewer: User):
        other = assessed(study)
        assessed(study, by=reviewer)
        workflow.mark_seen(study, rob_2(), by=reviewer)
        assert not consensus(study, reviewer)
        workflow.agree(study, rob_2(), version=1, by=other)
        assert risks_of_bias(study) == ["low"]

    def test_a_change_of_the_proposal_needs_the_first_ones_agreement(self, study: Study):
        first, second = assessed_by_two(study)
        consensus(study, first)
        assert not consensus(study, second, entered(reporting="high"), version=1)
        with pytest.raises(AppraisalRefused):
            workflow.agree(study, rob_2(), version=2, by=second)
        workflow.agree(study, rob_2(), version=2, by=first)
        assert risks_of_bias(study) == ["high"]

    def test_nobody_agrees_to_what_was_changed_meanwhile(self, study: Study):
        first, second = assessed_by_two(study)
        consensus(study, first)
        consensus(study, first, entered(reporting="high"), version=1)
        with pytest.raises(AssessmentStale):
            workflow.agree(study, rob_2(), version=1, by=second)

    def test_is_not_written_without_having_seen_both(self, study: Study, reviewer: User):
        assessed_by_two(study)
        with pytest.raises(AppraisalRefused):
            consensus(study, reviewer)

    def test_is_not_written_of_one(self, study: Study, reviewer: User):
        assessed(study)
        workflow.mark_seen(study, rob_2(), by=reviewer)
        with pytest.raises(AppraisalRefused):
            consensus(study, reviewer)

    def test_a_draft_is_shared_and_not_overwritten(self, study: Study, reviewer: User):
        first, second = assessed_by_two(study)
        consensus(study, first, finish=False)
        with pytest.raises(AssessmentStale):
            consensus(study, second, finish=False)
        consensus(study, second, version=1, finish=False)

    def test_what_the_rule_leaves_open_must_be_chosen(self, study: Study, reviewer: User):
        assessed_by_two(study)
        workflow.mark_seen(study, rob_2(), by=reviewer)
        several = {"missing_data": "some-concerns", "reporting": "some-concerns"}
        with pytest.raises(AssessmentIncomplete):
            consensus(study, reviewer, entered(**several))
        consensus(study, reviewer, entered(overall="high", **several))
        assert risks_of_bias(study) == ["high"]


class TestASingleOne:
    def test_is_final_when_a_reviewer_confirms_it(self, study: Study, reviewer: User):
        assessed(study)
        confirm(study, reviewer)
        (final,) = record_of(study).own_appraisals
        assert (final.risk_of_bias, final.appraisers) == ("low", 1)

    def test_is_not_confirmed_while_a_second_person_judges(self, study: Study, reviewer: User):
        assessed(study), assessed(study, finish=False)
        with pytest.raises(AppraisalRefused):
            workflow.confirm(study, rob_2(), version=2, by=reviewer)

    def test_is_given_back_with_a_reason(self, study: Study, reviewer: User):
        person = assessed(study)
        with pytest.raises(AppraisalRefused):
            workflow.send_back(study, rob_2(), by=reviewer, note="  ")
        workflow.send_back(study, rob_2(), by=reviewer, note="Falta la tabla 3.")
        own = round_of(study).find_own(person)
        assert own is not None
        assert (own.is_done, own.returned_note) == (False, "Falta la tabla 3.")


class TestWhatIsFinal:
    def test_is_an_ordinary_change_with_its_revision(self, study: Study, reviewer: User):
        before = Study.objects.get(pk=study.pk).changed_no
        assessed(study)
        assert Study.objects.get(pk=study.pk).changed_no == before
        confirm(study, reviewer)
        revision = study.revisions.first()
        assert revision.change_no == Study.objects.get(pk=study.pk).changed_no > before
        assert revision.by == reviewer
        assert "RoB 2" in revision.note
        assert StudyRecord.from_json(revision.record) == record_of(study)

    def test_closes_the_round_and_keeps_it(self, study: Study, reviewer: User):
        assessed(study)
        confirm(study, reviewer)
        assert round_of(study).own == []
        assert Assessment.objects.filter(study=study, closed_at__isnull=False).count() == 1

    def test_is_replaced_by_the_next_one_with_the_same_instrument(self, study: Study, reviewer: User):
        for level in ("low", "high"):
            assessed(study, given=entered(reporting=level))
            confirm(study, reviewer)
        assert risks_of_bias(study) == ["high"]

    def test_changes_nothing_else_of_the_record(self, study: Study, reviewer: User):
        before = record_of(study).to_json()
        assessed(study)
        confirm(study, reviewer)
        after = record_of(study).to_json()
        assert after.pop("own_appraisals")
        assert after == before

    def test_does_not_make_the_reviewer_an_author_who_may_not_publish(self, reviewer: User):
        from studies.curation import stages

        waiting = make_study(by=user_with_role("Curaduría"), stage=Stage.IN_REVIEW)
        assessed(waiting)
        confirm(waiting, reviewer)
        assert stages.move(waiting, "publish", by=reviewer).stage == Stage.PUBLISHED

    def test_is_taken_out_again_by_a_reviewer_with_a_reason(self, study: Study, reviewer: User):
        assessed(study)
        confirm(study, reviewer)
        for by, note in ((user_with_role("Curaduría"), "Motivo"), (reviewer, " ")):
            with pytest.raises(AppraisalRefused):
                workflow.withdraw(study, rob_2(), by=by, note=note)
        workflow.withdraw(study, rob_2(), by=reviewer, note="Se usó otra publicación.")
        assert risks_of_bias(study) == []
        assert study.revisions.first().note == "Se usó otra publicación."
        with pytest.raises(AppraisalRefused):
            workflow.withdraw(study, rob_2(), by=reviewer, note="Otra vez")

    def test_a_new_main_design_brings_another_appraisal_to_the_front(self, reviewer: User):
        study = make_study(stage=Stage.PUBLISHED, designs=("rct", "qualitative"))
        assessed(study, given=entered(reporting="high"))
        confirm(study, reviewer)
        casp = Instrument.objects.get(slug="casp-qualitative")
        own = workflow.begin(study, casp, by=user_with_role("Curaduría"))
        given = entered("casp-qualitative", overall="most")
        workflow.save(own, given, version=own.version, by=own.by, finish=True)
        workflow.mark_seen(study, casp, by=reviewer)
        workflow.confirm(study, casp, version=2, by=reviewer)
        assert risks_of_bias(study) == ["high", "some"]
        edit(study, designs=("qualitative", "rct"))
        assert risks_of_bias(study) == ["some", "high"]


class TestStages:
    def test_what_is_not_public_yet_may_be_appraised_too(self, reviewer: User):
        draft = make_study()
        assessed(draft)
        confirm(draft, reviewer)
        assert risks_of_bias(draft) == ["low"]

    @pytest.mark.parametrize("leave", [withdraw, lambda study: merge_studies(study, make_study(stage=Stage.PUBLISHED))])
    def test_what_left_the_bank_is_not(self, study: Study, reviewer: User, leave: Any):
        assessed(study)
        leave(study)
        with pytest.raises(AppraisalRefused):
            begin(study, reviewer)
        with pytest.raises(AppraisalRefused):
            confirm(study, reviewer)
        assert state.list_rounds(reviewer) == []

    def test_an_instrument_that_is_offered_no_more_starts_nothing(self, study: Study):
        Instrument.objects.filter(slug="rob-2").update(is_retired=True)
        with pytest.raises(AppraisalRefused):
            begin(study, user_with_role("Curaduría"))


class TestWaiting:
    def states(self, user: User) -> list[str]:
        return [entry.state for entry in state.list_rounds(user)]

    def test_says_what_each_waits_for_with_its_age(self, study: Study, reviewer: User):
        person = assessed(study, finish=False)
        assert (self.states(person), self.states(reviewer)) == (["own"], ["others"])
        own = round_of(study).own[0]
        workflow.save(own, entered(), version=own.version, by=person, finish=True)
        assert self.states(reviewer) == ["second"]
        second = assessed(study)
        assert self.states(reviewer) == ["consensus"]
        for one in (person, second):
            workflow.mark_seen(study, rob_2(), by=one)
        consensus(study, person)
        (entry,) = state.list_rounds(reviewer)
        assert entry.state == "agreement"
        assert entry.since == round_of(study).consensus.done_at
        workflow.agree(study, rob_2(), version=1, by=second)
        assert self.states(reviewer) == []

    def test_costs_two_queries_however_many_wait(self, reviewer: User, django_assert_num_queries: Any):
        for number in (1, 4):
            for _each in range(number):
                assessed(make_study())
            reviewer = User.objects.get(pk=reviewer.pk)
            with django_assert_num_queries(2):
                state.list_rounds(reviewer)


class TestAnyWalk(TestCase):
    """Whatever four people do, nobody sees before being done, and nothing counts before it is final."""

    def test_keeps_the_rules(self) -> None:
        run_state_machine_as_test(Walk, settings=hypothesis_settings(max_examples=examples(12), stateful_step_count=25))


class Walk(RuleBasedStateMachine):
    """Two curators, a reviewer and an administrator on one study."""

    people = st.integers(0, 3)

    @initialize()
    def start(self) -> None:
        self.study = make_study(stage=Stage.PUBLISHED)
        roles = ("Curaduría", "Curaduría", "Revisión", "Administración")
        self.users = [user_with_role(role) for role in roles]
        self.finals = 0

    def _try(self, act: Any) -> None:
        before = len(risks_of_bias(self.study))
        try:
            act()
        except CurationError:
            assert len(risks_of_bias(self.study)) == before

    @rule(who=people, finish=st.booleans(), level=st.sampled_from(["low", "high"]))
    def judge(self, who: int, finish: bool, level: str) -> None:
        self._try(lambda: assessed(self.study, by=self.users[who], finish=finish, given=entered(reporting=level)))

    @rule(who=people)
    def look(self, who: int) -> None:
        self._try(lambda: workflow.mark_seen(self.study, rob_2(), by=self.users[who]))

    @rule(who=people)
    def reopen(self, who: int) -> None:
        self._try(lambda: workflow.reopen(self.study, rob_2(), by=self.users[who]))

    @rule(who=people, finish=st.booleans())
    def agree_on(self, who: int, finish: bool) -> None:
        held = round_of(self.study).consensus
        version = held.version if held else 0
        self._try(lambda: consensus(self.study, self.users[who], version=version, finish=finish))

    @rule(who=people)
    def agree(self, who: int) -> None:
        held = round_of(self.study).consensus
        self._try(lambda: workflow.agree(self.study, rob_2(), version=held.version if held else 0, by=self.users[who]))

    @rule(who=people)
    def confirm(self, who: int) -> None:
        own = round_of(self.study).own
        version = own[0].version if own else 0
        self._try(lambda: workflow.confirm(self.study, rob_2(), version=version, by=self.users[who]))

    @invariant()
    def who_has_seen_is_done_or_does_not_judge(self) -> None:
        if not hasattr(self, "study"):
            return
        now = round_of(self.study)
        for own in now.own:
            if not own.is_done:
                assert not any(own.by in other.seen_by.all() for other in now.own)

    @invariant()
    def what_is_final_was_closed_by_two_or_confirmed_by_another(self) -> None:
        if not hasattr(self, "study"):
            return
        for final in record_of(self.study).own_appraisals:
            closed = Assessment.objects.filter(study=self.study, closed_at__isnull=False)
            decider = self.study.revisions.first().by
            if final.appraisers == 1:
                assert decider.has_perm("studies.review_study")
                assert closed.filter(kind="own").exclude(by=decider).exists()
            else:
                assert closed.filter(kind="own", done_at__isnull=False).count() >= 2


class TestRestoring:
    def test_a_revision_gives_the_appraisals_of_its_time(self, study: Study, reviewer: User):
        assessed(study)
        confirm(study, reviewer)
        with_it = study.revisions.first()
        workflow.withdraw(study, rob_2(), by=reviewer, note="Motivo")
        with bank_change(by=reviewer) as change:
            held = exchange_study.save_record(StudyRecord.from_json(with_it.record), Study.objects.get(pk=study.pk))
            change.touch(held)
        assert risks_of_bias(study) == ["low"]
