"""Proposals for published studies, and what publishing one writes (R7). Who may is in `test_moves`."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from studies.curation import editing, proposals
from studies.curation.moves import PROPOSAL_MOVES, WorkOwner
from studies.curation.proposals import ProposalRefused, ProposalStale, SeenVersion, UnresolvedConflict
from studies.curation.stages import NotPublishable
from studies.models import BankCounter, Proposal, Stage, Study
from studies.records.study import StudyRecord
from studies.store.exchange import study as exchange_study
from tests.factories import edit, make_proposal, make_study, user_with_role, withdraw
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import finding

pytestmark = pytest.mark.django_db
State = Proposal.State


def held(study: Study) -> StudyRecord:
    return exchange_study.to_record(Study.objects.for_record().get(pk=study.pk))


def fresh(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_related("study").get(pk=proposal.pk)


def seen(proposal: Proposal) -> SeenVersion:
    return proposals.read_version(fresh(proposal))


def brought_to(proposal: Proposal, state: State) -> Proposal:
    reviewer = user_with_role("Revisión")
    if state == State.RETURNED:
        proposals.return_to_author(proposal, by=reviewer, note="Falta la fuente.")
    elif state == State.WITHDRAWN:
        proposals.withdraw(proposal, by=proposal.author)
    elif state == State.ACCEPTED:
        proposals.accept(proposal, seen=seen(proposal), by=reviewer)
    return fresh(proposal)


def make_move(proposal: Proposal, name: str, by: Any, **options: Any) -> Proposal:
    now = seen(proposal)
    corrected = StudyRecord.from_json({**proposal.record, "volume": "99"})
    return {
        "send": lambda: proposals.send_again(proposal, corrected, seen=now, by=by, **options),
        "withdraw": lambda: proposals.withdraw(proposal, by=by, **options),
        "accept": lambda: proposals.accept(proposal, seen=now, by=by, **options),
        "correct": lambda: proposals.correct(proposal, corrected, seen=now, by=by, **options),
        "return": lambda: proposals.return_to_author(proposal, by=by, **{"note": "Un motivo.", **options}),
    }[name]()


class TestProposing:
    def test_it_changes_nothing_of_the_study_and_not_the_version_of_the_bank(self):
        study = make_study(stage=Stage.PUBLISHED)
        before, number = held(study), BankCounter.current().change_no
        proposal = make_proposal(study, title_es="Otro título", note="El título tenía una errata")
        assert held(study) == before
        assert BankCounter.current().change_no == number
        assert (proposal.state, proposal.record["title_es"]) == (State.WAITING, "Otro título")
        step = proposal.steps.get()
        assert (step.kind, step.by, step.note) == ("sent", proposal.author, "El título tenía una errata")

    def test_what_says_nothing_new_makes_no_proposal(self):
        study = make_study(stage=Stage.PUBLISHED)
        author = user_with_role("Curaduría")
        assert proposals.propose(study, held(study), seen_no=study.changed_no, by=author) is None
        assert not Proposal.objects.exists()

    @pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.IN_REVIEW, Stage.WITHDRAWN])
    def test_only_what_is_published_is_proposed_for(self, stage: Stage):
        study = make_study(stage=stage)
        with pytest.raises(ProposalRefused, match="etapa"):
            proposals.propose(study, held(study), seen_no=study.changed_no, by=user_with_role("Administración"))

    def test_who_has_no_role_proposes_nothing(self):
        study = make_study(stage=Stage.PUBLISHED)
        with pytest.raises(ProposalRefused):
            proposals.propose(study, held(study), seen_no=study.changed_no, by=user_with_role())

    def test_a_person_has_one_open_proposal_for_a_study_and_colleagues_have_theirs(self):
        author, study = user_with_role("Curaduría"), make_study(stage=Stage.PUBLISHED)
        first = make_proposal(study, by=author)
        with pytest.raises(ProposalRefused, match="Ya tiene una propuesta abierta"):
            make_proposal(study, by=author, year=2022)
        assert make_proposal(study, year=2023).pk != first.pk
        proposals.withdraw(first, by=author)
        assert make_proposal(study, by=author, year=2022).pk != first.pk

    def test_the_slug_of_a_published_study_is_not_up_for_proposal(self):
        study = make_study(stage=Stage.PUBLISHED)
        assert make_proposal(study, id="otro-slug", year=2022).record["id"] == study.slug

    def test_what_does_not_yet_suffice_can_be_proposed_and_not_published(self):
        proposal = make_proposal(summary_es=None)
        with pytest.raises(NotPublishable):
            proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))
        assert fresh(proposal).state == State.WAITING


RESULTS = {
    "send": ({State.WAITING, State.RETURNED, State.WITHDRAWN}, State.WAITING),
    "withdraw": ({State.WAITING, State.RETURNED}, State.WITHDRAWN),
    "accept": ({State.WAITING}, State.ACCEPTED),
    "correct": ({State.WAITING}, State.ACCEPTED),
    "return": ({State.WAITING}, State.RETURNED),
}


class TestR7TheMoves:
    def test_it_holds_these_moves_and_no_other(self):
        assert {name: (set(move.starts), move.to) for name, move in PROPOSAL_MOVES.items()} == RESULTS

    @pytest.mark.parametrize(("name", "state"), list(product(PROPOSAL_MOVES, State)))
    def test_a_move_starts_in_its_states_alone(self, name: str, state: State):
        proposal = brought_to(make_proposal(), state)
        person = proposal.author if PROPOSAL_MOVES[name].owner is WorkOwner.SELF else user_with_role("Revisión")
        if state in PROPOSAL_MOVES[name].starts:
            assert make_move(proposal, name, person).state == PROPOSAL_MOVES[name].to
        else:
            with pytest.raises(ProposalRefused, match="estado"):
                make_move(proposal, name, person)
            assert fresh(proposal).state == state

    @pytest.mark.parametrize("note", ["", "  \n"])
    def test_a_return_needs_a_note(self, note: str):
        with pytest.raises(ProposalRefused, match="nota"):
            proposals.return_to_author(make_proposal(), by=user_with_role("Revisión"), note=note)

    @pytest.mark.parametrize("name", ["accept", "correct", "send"])
    def test_nothing_is_published_for_a_study_that_was_withdrawn(self, name: str):
        proposal = make_proposal()
        withdraw(proposal.study)
        person = proposal.author if name == "send" else user_with_role("Revisión")
        with pytest.raises(ProposalRefused, match="retirado"):
            make_move(fresh(proposal), name, person)


class TestPublishing:
    def test_it_goes_live_as_an_ordinary_change_with_author_and_reviewer(self):
        proposal = make_proposal(title_es="Otro título", note="Una errata")
        reviewer = user_with_role("Revisión")
        proposals.accept(proposal, seen=seen(proposal), by=reviewer)
        assert held(proposal.study).title_es == "Otro título"
        revision = proposal.study.revisions.first()
        assert (revision.by, revision.reviewed_by, revision.note) == (proposal.author, reviewer, "Una errata")
        assert (revision.changed, revision.is_content, revision.stage) == (["title_es"], True, Stage.PUBLISHED)
        assert fresh(proposal).accepted_no == revision.change_no == BankCounter.current().change_no
        assert [step.kind for step in proposal.steps.all()] == ["sent", "accepted"]

    def test_a_correction_is_marked_and_both_records_are_kept(self):
        proposal = make_proposal(title_es="Con erata", note="Una errata")
        reviewer = user_with_role("Revisión")
        corrected = StudyRecord.from_json({**proposal.record, "title_es": "Con errata"})
        proposals.correct(proposal, corrected, seen=seen(proposal), by=reviewer, note="Faltaba una letra")
        assert held(proposal.study).title_es == "Con errata"
        sent, published = proposal.steps.all()
        assert (sent.record["title_es"], published.record["title_es"]) == ("Con erata", "Con errata")
        assert (published.kind, published.by) == ("corrected", reviewer)
        assert proposal.study.revisions.first().note == "Una errata\nFaltaba una letra"

    def test_what_the_study_got_meanwhile_is_joined(self):
        study = make_study(stage=Stage.PUBLISHED)
        proposal = make_proposal(study, title_es="Mío", populations=("women", "adolescent-girls"))
        edit(study, year=2022, populations=("women", "men", "indigenous"))
        proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))
        record = held(study)
        assert (record.title_es, record.year) == ("Mío", 2022)
        assert set(record.populations) == {"women", "adolescent-girls", "indigenous"}

    def test_what_collides_is_published_as_it_is_chosen_and_not_before(self):
        study = make_study(stage=Stage.PUBLISHED)
        for side, wanted in (("mine", "Mío"), ("theirs", "Suyo")):
            proposal = make_proposal(study, title_es="Mío", volume=side)
            edit(study, title_es="Suyo")
            with pytest.raises(UnresolvedConflict) as refusal:
                proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))
            assert refusal.value.fields == ("title_es",)
            assert held(study).volume != side
            choices: Any = {"title_es": side}
            proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"), choices=choices)
            assert (held(study).title_es, held(study).volume) == (wanted, side)
            edit(study, title_es="Otra vez el de antes")

    def test_only_what_was_read_is_published(self):
        proposal = make_proposal(title_es="Mío")
        now = seen(proposal)
        edit(proposal.study, year=2022)
        with pytest.raises(ProposalStale):
            proposals.accept(proposal, seen=now, by=user_with_role("Revisión"))
        now = seen(proposal)
        other = StudyRecord.from_json({**proposal.record, "title_es": "Otro, que nadie leyó"})
        proposals.send_again(proposal, other, seen=now, by=proposal.author)
        with pytest.raises(ProposalStale):
            proposals.accept(proposal, seen=now, by=user_with_role("Revisión"))
        assert held(proposal.study).title_es not in ("Mío", "Otro, que nadie leyó")

    def test_what_the_study_has_already_is_accepted_without_a_change(self):
        proposal = make_proposal(title_es="El mismo")
        edit(proposal.study, title_es="El mismo")
        number = BankCounter.current().change_no
        proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))
        assert BankCounter.current().change_no == number
        assert (fresh(proposal).state, fresh(proposal).accepted_no) == (State.ACCEPTED, None)

    def test_a_doi_that_another_took_is_told(self):
        proposal = make_proposal(doi="10.1234/el.mismo")
        make_study(doi="10.1234/el.mismo")
        with pytest.raises(ProposalRefused, match="DOI"):
            proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))

    def test_a_code_or_programme_that_is_gone_is_told_and_nothing_is_written(self):
        proposal = make_proposal(year=2022)
        for gone in ({"programme": "Nada"}, {"themes": ["nada"]}, {"clave": 1}):
            Proposal.objects.filter(pk=proposal.pk).update(record={**proposal.record, **gone})
            with pytest.raises(ProposalRefused):
                proposals.accept(fresh(proposal), seen=seen(proposal), by=user_with_role("Revisión"))
        assert (fresh(proposal).state, held(proposal.study).year) == (State.WAITING, 2021)

    def test_two_reviewers_at_once_publish_it_once(self):
        proposal = make_proposal()
        now, copy = seen(proposal), fresh(proposal)
        proposals.accept(proposal, seen=now, by=user_with_role("Revisión"))
        with pytest.raises(ProposalRefused):
            proposals.accept(copy, seen=now, by=user_with_role("Revisión"))
        assert proposal.study.revisions.filter(reviewed_by__isnull=False).count() == 1


class TestTheWayBack:
    def test_a_returned_proposal_is_changed_and_waits_again_with_all_that_was_said(self):
        proposal = make_proposal(title_es="Primero")
        proposals.return_to_author(proposal, by=user_with_role("Revisión"), note="Mejor de otro modo.")
        again = StudyRecord.from_json({**proposal.record, "title_es": "Segundo"})
        proposals.send_again(proposal, again, seen=seen(proposal), by=proposal.author, note="Hecho")
        assert (fresh(proposal).state, fresh(proposal).record["title_es"]) == (State.WAITING, "Segundo")
        steps = [(step.kind, step.note) for step in proposal.steps.all()]
        assert steps == [("sent", ""), ("returned", "Mejor de otro modo."), ("sent", "Hecho")]
        assert proposal.steps.first().record["title_es"] == "Primero"

    def test_a_withdrawn_proposal_can_be_sent_again_but_not_beside_another(self):
        proposal = brought_to(make_proposal(), State.WITHDRAWN)
        make_move(proposal, "send", proposal.author)
        assert fresh(proposal).state == State.WAITING
        brought_to(proposal, State.WITHDRAWN)
        make_proposal(proposal.study, by=proposal.author, year=2020)
        with pytest.raises(ProposalRefused, match="otra propuesta abierta"):
            make_move(proposal, "send", proposal.author)

    def test_sending_again_stands_on_the_study_that_was_seen(self):
        proposal = make_proposal(title_es="Mío")
        edit(proposal.study, title_es="Suyo")
        now = seen(proposal)
        record = replace(held(proposal.study), title_es="Mío, visto el suyo")
        proposals.send_again(proposal, record, seen=now, by=proposal.author)
        proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))
        assert held(proposal.study).title_es == "Mío, visto el suyo"


class TestAppraisalsMeanwhile:
    """A proposal leaves appraisals alone: what became final or was withdrawn since stands as it is."""

    def test_one_that_became_final_since_stays(self):
        proposal = make_proposal(title_es="Mío")
        edit(proposal.study, own_appraisals=(appraisal_record(),))
        proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))
        record = held(proposal.study)
        assert (record.title_es, record.own_appraisals) == ("Mío", (appraisal_record(),))

    def test_one_withdrawn_after_the_form_was_opened_and_sent_does_not_come_back(self):
        study, author = make_study(stage=Stage.PUBLISHED), user_with_role("Curaduría")
        number = study.changed_no
        edit(study, own_appraisals=(appraisal_record(),))
        typed = replace(held(study), title_es="Mío")
        proposal = proposals.propose(study, typed, seen_no=number, by=author)
        assert proposal is not None
        assert "own_appraisals" not in proposal.record
        edit(study, own_appraisals=())
        proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))
        assert (held(study).title_es, held(study).own_appraisals) == ("Mío", ())

    def test_sending_again_takes_none_along_either(self):
        proposal = make_proposal(title_es="Mío")
        now = seen(proposal)
        edit(proposal.study, own_appraisals=(appraisal_record(),))
        typed = replace(held(proposal.study), title_es="Otra vez")
        proposals.send_again(proposal, typed, seen=now, by=proposal.author)
        assert "own_appraisals" not in fresh(proposal).record

    def test_a_correction_of_the_title_keeps_them(self):
        study = make_study(stage=Stage.PUBLISHED, own_appraisals=(appraisal_record(),))
        proposal = make_proposal(study, title_es="Mío")
        make_move(proposal, "correct", user_with_role("Revisión"))
        assert held(proposal.study).own_appraisals == (appraisal_record(),)


class TestReviewersOwn:
    def test_a_reviewer_corrects_what_is_published_at_once_or_proposes_it(self):
        reviewer, study = user_with_role("Revisión"), make_study(stage=Stage.PUBLISHED)
        proposal = make_proposal(study, by=reviewer, year=2022)
        assert editing.save(study, replace(held(study), volume="13"), seen_no=study.changed_no, by=reviewer)
        revision = study.revisions.first()
        assert (revision.by, revision.reviewed_by) == (reviewer, None)
        with pytest.raises(ProposalRefused, match="Otra persona"):
            proposals.accept(proposal, seen=seen(proposal), by=reviewer)

    def test_findings_are_proposed_whole(self):
        proposal = make_proposal(findings=(finding(p=0.01),))
        proposals.accept(proposal, seen=seen(proposal), by=user_with_role("Revisión"))
        assert held(proposal.study).findings == (finding(p=0.01),)
