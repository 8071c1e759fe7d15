"""Who may do what: every role, on the work of others and on one's own, in a team and in a team of one (R7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from pytest_django import Settings

from studies.appraisals import workflow
from studies.curation import editing, moves, proposals, rechecks, stages
from studies.curation.moves import MOVES, PROPOSAL_MOVES, UNDO_MOVES
from studies.curation.roles import ADMINISTRATOR, CURATOR, REVIEWER
from studies.curation.stages import CurationError
from studies.duplicates import merging
from studies.models import Merge, Proposal, Stage, Study
from studies.store.changes import bank_change
from studies.store.exchange.study import to_record
from tests.factories import edit, make_proposal, make_study, merge_studies, user_with_role, withdraw
from tests.studies.appraisals_factory import assessed, confirmed, entered, rob_2, round_of
from tests.studies.curation.test_proposals import brought_to, make_move
from tests.studies.records_factory import complete_record

pytestmark = pytest.mark.django_db

ROLES = {"N": None, "C": CURATOR, "R": REVIEWER, "A": ADMINISTRATOR}
"""No role, curators, reviewers, administrators."""

# fmt: off
ALLOWED = {
    #                             others' work  own work  own work, team of one
    ("study", "send"):            ("CRA",       "CRA",    "CRA"),
    ("study", "publish"):         ("RA",        "",       "RA"),
    ("study", "return"):          ("RA",        "RA",     "RA"),
    ("study", "withdraw"):        ("A",         "A",      "A"),
    ("study", "restore"):         ("A",         "A",      "A"),
    ("study", "take-back"):       ("CRA",       "CRA",    "CRA"),
    ("study", "merge"):           ("RA",        "RA",     "RA"),
    ("study", "unmerge"):         ("RA",        "RA",     "RA"),
    ("study", "edit draft"):      ("CRA",       "CRA",    "CRA"),
    ("study", "edit in-review"):  ("CRA",       "CRA",    "CRA"),
    ("study", "edit published"):  ("RA",        "RA",     "RA"),
    ("study", "edit withdrawn"):  ("A",         "A",      "A"),
    ("study", "edit merged"):     ("",          "",       ""),
    ("study", "check"):           ("CRA",       "CRA",    "CRA"),
    ("study", "propose"):         ("CRA",       "CRA",    "CRA"),
    ("proposal", "send"):         ("",          "CRA",    "CRA"),
    ("proposal", "withdraw"):     ("",          "CRA",    "CRA"),
    ("proposal", "accept"):       ("RA",        "",       "RA"),
    ("proposal", "correct"):      ("RA",        "",       "RA"),
    ("proposal", "return"):       ("RA",        "",       "RA"),
    ("appraisal", "judge"):       ("CRA",       "CRA",    "CRA"),
    ("appraisal", "look"):        ("RA",        "CRA",    "CRA"),
    ("appraisal", "confirm"):     ("RA",        "",       "RA"),
    ("appraisal", "return"):      ("RA",        "",       "RA"),
    ("appraisal", "withdraw"):    ("RA",        "RA",     "RA"),
    ("appraisal", "close"):       ("A",         "NCRA",   "NCRA"),
}
# fmt: on


def allowed(of: str, name: str, *, own: bool = False) -> set[str | None]:
    """Return the roles that may do it in a team."""
    return {ROLES[letter] for letter in ALLOWED[of, name][own]}


def study_at(stage: Stage, author: User) -> Study:
    if stage == Stage.MERGED:
        return merge_studies(make_study(by=author), make_study(stage=Stage.PUBLISHED))
    return make_study(by=author, stage=stage)


def fresh(study: Study) -> Study:
    return Study.objects.for_record().get(pk=study.pk)


def move(name: str) -> tuple[Callable[[User], Study], Callable[[Study, User], Any]]:
    (start,) = MOVES[name].starts
    return (
        lambda author: study_at(Stage(start), author),
        lambda study, person: stages.move(study, name, by=person, note="Motivo."),
    )


def editing_at(stage: Stage) -> tuple[Callable[[User], Study], Callable[[Study, User], Any]]:
    def save(study: Study, person: User) -> None:
        record = replace(to_record(fresh(study)), volume="99")
        editing.save(study, record, seen_no=study.changed_no, by=person)

    return lambda author: study_at(stage, author), save


def take_back(study: Study, person: User) -> None:
    with bank_change(by=person) as change:
        stages.move_in_change(change, study, UNDO_MOVES["send"], by=person, note="")


def merge(study: Study, person: User) -> None:
    into = fresh(make_study(stage=Stage.PUBLISHED))
    merging.merge(study, into, to_record(into), seen=(study.changed_no, into.changed_no), by=person)


def propose(study: Study, person: User) -> None:
    proposals.propose(study, complete_record(title="Otro"), seen_no=study.changed_no, by=person)


def judge(study: Study, person: User) -> None:
    own = workflow.begin(study, rob_2(), by=person)
    workflow.save(own, entered(), version=own.version, by=person)


def appraised(author: User, *, finish: bool = True) -> Study:
    study = make_study(stage=Stage.PUBLISHED)
    assessed(study, by=author, finish=finish)
    return study


def appraised_for_good(author: User) -> Study:
    study = make_study(stage=Stage.PUBLISHED)
    confirmed(study, by=author)
    return study


DEEDS: dict[tuple[str, str], tuple[Callable[[User], Any], Callable[[Any, User], Any]]] = {
    **{("study", name): move(name) for name in MOVES},
    ("study", "take-back"): (lambda author: study_at(Stage.IN_REVIEW, author), take_back),
    ("study", "merge"): (lambda author: study_at(Stage.DRAFT, author), merge),
    ("study", "unmerge"): (
        lambda author: study_at(Stage.MERGED, author),
        lambda study, person: merging.undo(Merge.objects.get(study=study), by=person),
    ),
    **{("study", f"edit {stage}"): editing_at(stage) for stage in Stage},
    ("study", "check"): (
        lambda author: study_at(Stage.PUBLISHED, author),
        lambda study, person: rechecks.record_check(study, by=person),
    ),
    ("study", "propose"): (lambda author: study_at(Stage.PUBLISHED, author), propose),
    **{
        ("proposal", name): (
            lambda author: make_proposal(by=author),
            lambda proposal, person, name=name: make_move(proposal, name, person),
        )
        for name in PROPOSAL_MOVES
    },
    ("appraisal", "judge"): (lambda author: appraised(author, finish=False), judge),
    ("appraisal", "look"): (appraised, lambda study, person: workflow.mark_seen(study, rob_2(), by=person)),
    ("appraisal", "confirm"): (
        appraised,
        lambda study, person: workflow.confirm(study, rob_2(), version=round_of(study).own[0].version, by=person),
    ),
    ("appraisal", "return"): (
        appraised,
        lambda study, person: workflow.send_back(study, rob_2(), by=person, note="Motivo."),
    ),
    ("appraisal", "withdraw"): (
        appraised_for_good,
        lambda study, person: workflow.withdraw(study, rob_2(), by=person, note="Motivo."),
    ),
    ("appraisal", "close"): (
        lambda author: appraised(author, finish=False),
        lambda study, person: workflow.discard(round_of(study).own[0], by=person),
    ),
}
"""For each move or guard: how its author prepares the item, and how a person makes the move."""


def with_role(user: User, role: str | None) -> User:
    user.groups.set(Group.objects.filter(name=role))
    return User.objects.get(pk=user.pk)


def may(deed: tuple[str, str], role: str | None, *, own: bool) -> bool:
    make, do = DEEDS[deed]
    author = user_with_role(CURATOR)
    item = make(author)
    try:
        do(item, with_role(author if own else user_with_role(), role))
    except CurationError:
        return False
    return True


class TestTable:
    @pytest.mark.parametrize("deed", ALLOWED, ids=" ".join)
    @pytest.mark.parametrize("column", [0, 1, 2], ids=["others", "own", "own, team of one"])
    def test_is_done_by_these_roles_alone(self, deed: tuple[str, str], column: int, settings: Settings):
        settings.TEAM_OF_ONE = column == 2
        who = "".join(letter for letter, role in ROLES.items() if may(deed, role, own=column > 0))
        assert who == ALLOWED[deed][column]

    def test_has_a_row_for_every_move(self):
        assert set(ALLOWED) == set(DEEDS)

    @pytest.mark.parametrize("role", ROLES.values())
    @pytest.mark.parametrize("stage", Stage)
    def test_is_offered_with_a_study_as_if_others_wrote_it(self, stage: Stage, role: str | None):
        person = user_with_role(role)
        offered = {move.name for move in stages.list_moves(study_at(stage, person), person)}
        open_here = {name for name, move in MOVES.items() if stage in move.starts}
        assert offered == {name for name in open_here if role in allowed("study", name)}

    @pytest.mark.parametrize("role", ROLES.values())
    @pytest.mark.parametrize("own", [True, False])
    def test_is_offered_with_a_proposal(self, own: bool, role: str | None):
        author = user_with_role(CURATOR)
        proposal = make_proposal(by=author)
        person = with_role(author if own else user_with_role(), role)
        offered = {move.name for move in proposals.list_moves(proposal, person)}
        assert offered == {name for name in PROPOSAL_MOVES if role in allowed("proposal", name, own=own)}

    def test_gives_nothing_to_who_left(self):
        gone = user_with_role(ADMINISTRATOR, is_active=False)
        assert stages.list_moves(make_study(stage=Stage.PUBLISHED), gone) == ()
        assert proposals.list_moves(make_proposal(), gone) == ()


@pytest.mark.usefixtures("empty_bank")
class TestRows:
    """`find_refusal` for one row and `filter_open_to` for many agree."""

    @pytest.mark.parametrize("role", ROLES.values())
    def test_are_open_where_nothing_refuses_them(self, role: str | None, settings: Settings):
        person, other = user_with_role(CURATOR), user_with_role(CURATOR)
        for author in (person, other):
            for stage in Stage:
                study_at(stage, author)
            for state in Proposal.State:
                brought_to(make_proposal(by=author), state)
            withdraw(make_proposal(by=author).study)
        person = with_role(person, role)
        of_studies = (*MOVES.values(), *UNDO_MOVES.values(), *moves.EDIT, moves.MERGE, moves.UNMERGE, moves.PROPOSE)
        for deeds, rows in ((of_studies, Study.objects.all()), (PROPOSAL_MOVES.values(), Proposal.objects.all())):
            for deed in deeds:
                found = []
                for settings.TEAM_OF_ONE in (False, True):
                    found.append({row for row in rows if moves.find_refusal(deed, row, person) is None})
                    assert set(moves.filter_open_to(person, deed, rows)) == found[-1]
                assert all(moves.is_own_work(person, row) for row in found[0] ^ found[1])

    def test_are_ones_own_where_one_wrote_any_of_the_content(self):
        person, other = user_with_role(REVIEWER), user_with_role(REVIEWER)
        written, edited = make_study(by=person), make_study(by=other)
        edit(edited, by=person, title="Otro título")
        moved, judged = make_study(by=other), appraised(person)
        stages.move(moved, "send", by=person)
        workflow.confirm(judged, rob_2(), version=2, by=other)
        accepted, waiting = make_proposal(by=person), make_proposal(by=person)
        brought_to(accepted, Proposal.State.ACCEPTED)
        theirs = make_proposal(by=other)
        own = {written, edited, accepted.study}
        assert set(Study.objects.filter(moves.own_work_filter(person, Study))) == own
        assert {study for study in Study.objects.all() if moves.is_own_work(person, study)} == own
        assert set(Proposal.objects.filter(moves.own_work_filter(person, Proposal))) == {accepted, waiting}
        assert [moves.is_own_work(person, row) for row in (accepted, waiting, theirs)] == [True, True, False]
