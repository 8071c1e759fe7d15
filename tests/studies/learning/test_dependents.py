"""Curators see when a study that a decision or an answer rests on changes, is withdrawn or merged after it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from studies.learning import dependents
from studies.models import Decision, PolicyQuestion, Stage, Study
from studies.store import bank_state
from studies.text.dates import format_short_date
from tests.factories import edit, make_study, merge_studies, user_with_role, withdraw
from tests.studies.learning.test_decisions import make_decision
from tests.studies.learning.test_policy_questions import make_question

pytestmark = pytest.mark.django_db
PAGE = "/admin/studies/decision/cambios/"


def client_as(role: str | None) -> Client:
    client = Client()
    client.force_login(user_with_role(role))
    return client


@pytest.fixture
def study() -> Study:
    return make_study(stage=Stage.PUBLISHED, title_es="El estudio citado")


@pytest.fixture
def decision(study: Study) -> Decision:
    """A decision of today, which rests on `study` as it is."""
    made = make_decision(decided_on=timezone.localdate(), seen_no=bank_state.current().change_no)
    made.studies.add(study)
    return made


def told() -> list[tuple[Any, list[str]]]:
    return [
        (each.row, [event.kind for study in each.studies for event in study.events])
        for each in dependents.list_unsettled()
    ]


class TestWhatIsTold:
    def test_nothing_while_nothing_changed(self, decision: Decision):
        assert told() == []

    def test_a_correction(self, decision: Decision, study: Study):
        edit(study, key_finding_es="Otro hallazgo")
        assert told() == [(decision, ["corrected"])]

    def test_a_withdrawal(self, decision: Decision, study: Study):
        withdraw(study)
        assert told() == [(decision, ["withdrawn"])]

    def test_a_merge_with_the_study_that_it_went_into(self, decision: Decision, study: Study):
        target = make_study(stage=Stage.PUBLISHED)
        merge_studies(study, target)
        (found,) = dependents.list_unsettled()
        assert found.studies[0].merged_into == target

    def test_not_what_came_before_the_decision(self, study: Study):
        edit(study, key_finding_es="Otro hallazgo")
        make_decision(seen_no=bank_state.current().change_no).studies.add(study)
        assert told() == []

    def test_not_that_a_study_came_into_the_bank_after_an_old_decision(self, study: Study):
        make_decision(seen_no=0).studies.add(study)
        assert told() == []

    def test_not_a_change_of_a_study_that_it_does_not_rest_on(self, decision: Decision):
        edit(make_study(stage=Stage.PUBLISHED), key_finding_es="Otro hallazgo")
        assert told() == []

    def test_an_answer_after_its_review_alone(self, study: Study):
        reviewed = make_question(seen_no=bank_state.current().change_no)
        draft = make_question(slug="borrador", reviewed_on=None, is_published=False)
        for question in (reviewed, draft):
            question.studies.add(study)
        edit(study, key_finding_es="Otro hallazgo")
        assert told() == [(reviewed, ["corrected"])]

    def test_costs_as_many_queries_whatever_the_number(self, django_assert_max_num_queries):
        with django_assert_max_num_queries(1):
            assert told() == []
        for number in range(4):
            cited = make_study(stage=Stage.PUBLISHED)
            make_decision(seen_no=cited.changed_no).studies.add(cited)
            make_question(slug=f"p-{number}", seen_no=cited.changed_no).studies.add(cited)
            edit(cited, key_finding_es="Otro hallazgo")
        with django_assert_max_num_queries(8):
            assert len(told()) == 8


class TestThePage:
    def test_says_what_changed_with_links_and_counts_on_the_first_page(self, decision: Decision, study: Study):
        edit(study, key_finding_es="Otro hallazgo")
        curator = client_as("Curaduría")
        html = curator.get(PAGE).content.decode()
        assert f"/admin/studies/decision/{decision.pk}/change/" in html
        assert f"/admin/studies/study/{study.pk}/history/" in html
        assert f"{format_short_date(timezone.localdate())}: corrección de resultados" in html
        first_page = " ".join(curator.get("/admin/").content.decode().split())
        assert "Decisiones, respuestas y conclusiones por volver a mirar: <strong>1</strong>" in first_page

    def test_of_nothing_says_so(self):
        assert "Ninguna: nada cambió" in client_as("Curaduría").get(PAGE).content.decode()

    def test_names_the_study_that_a_merged_one_went_into(self, decision: Decision, study: Study):
        merge_studies(study, make_study(stage=Stage.PUBLISHED, title_es="El que queda"))
        assert "unido a «El que queda»" in client_as("Curaduría").get(PAGE).content.decode()

    def test_is_for_the_team(self, decision: Decision):
        assert Client().get(PAGE).status_code == 302
        assert client_as(None).get(PAGE).status_code == 403
        assert client_as(None).post(PAGE, {"kind": "decision", "key": decision.pk, "until": "1"}).status_code == 403
        assert client_as("Curaduría").put(PAGE).status_code == 405


class TestSeen:
    def mark(self, client: Client, row: Any, until: object = None) -> int:
        kind = "decision" if isinstance(row, Decision) else "question"
        values = {"kind": kind, "key": row.pk, "until": until or bank_state.current().change_no}
        return client.post(PAGE, values).status_code

    def test_takes_it_from_the_list_until_something_else_changes(self, decision: Decision, study: Study):
        edit(study, key_finding_es="Otro hallazgo")
        assert self.mark(client_as("Curaduría"), decision) == 302
        assert told() == []
        assert "Visto lo que cambió" in LogEntry.objects.get().get_change_message()
        withdraw(study)
        assert told() == [(decision, ["withdrawn"])]

    def test_a_merge_that_was_seen_is_not_told_again(self, decision: Decision, study: Study):
        merge_studies(study, make_study(stage=Stage.PUBLISHED))
        self.mark(client_as("Curaduría"), decision)
        assert told() == []

    def test_does_not_cover_what_came_after_the_page_was_opened(self, decision: Decision, study: Study):
        edit(study, key_finding_es="Otro hallazgo")
        opened_at = bank_state.current().change_no
        withdraw(study)
        self.mark(client_as("Curaduría"), decision, opened_at)
        assert told() == [(decision, ["withdrawn"])]

    def test_nobody_sees_the_future_or_forgets_the_past(self, decision: Decision, study: Study):
        curator = client_as("Curaduría")
        self.mark(curator, decision, 10**15)
        now = bank_state.current().change_no
        decision.refresh_from_db()
        assert decision.seen_no == now
        self.mark(curator, decision, 1)
        decision.refresh_from_db()
        assert decision.seen_no == now

    def test_an_answer_too(self, study: Study):
        question = make_question(seen_no=bank_state.current().change_no, reviewed_on=datetime.date(2026, 11, 2))
        question.studies.add(study)
        edit(study, key_finding_es="Otro hallazgo")
        assert self.mark(client_as("Curaduría"), question) == 302
        assert told() == []
        assert PolicyQuestion.objects.get().seen_no == bank_state.current().change_no

    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"kind": "study", "key": "1", "until": "1"},
            {"kind": "decision", "key": "999999999", "until": "1"},
            {"kind": "decision", "key": "x", "until": "1"},
            {"kind": "decision", "key": "9" * 30, "until": "1"},
            {"kind": "decision", "key": "\x00", "until": "²"},
        ],
    )
    def test_of_nothing_known_is_not_found(self, values: dict[str, str]):
        assert client_as("Curaduría").post(PAGE, values).status_code == 404
