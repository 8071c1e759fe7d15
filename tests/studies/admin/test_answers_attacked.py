"""Attacks on the texts of people in the workplace: forged forms and wrong input."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from studies.learning.reviewed_texts import State
from studies.models import Baseline, CertaintyJudgement, Conclusion, PriorityOutcome, SafetyNote, Stage
from tests.factories import edit, make_study, user_with_role, withdraw
from tests.studies.admin.test_answers import client_as, conclusion_values, page, sent, sent_move
from tests.studies.learning.texts_factory import make_certainty, make_conclusion, make_safety_note, published, term

pytestmark = pytest.mark.django_db

each_kind = pytest.mark.parametrize(
    ("model", "make"),
    [("conclusion", make_conclusion), ("certaintyjudgement", make_certainty), ("safetynote", make_safety_note)],
)


class TestAStudyUnderATextThatChanged:
    @each_kind
    def test_waits_in_the_queue_of_the_team(self, model: str, make: Any):
        study = make_study(stage=Stage.PUBLISHED)
        row = published(make(study))
        edit(study, key_finding_es="Otro hallazgo")
        html = client_as("Curaduría").get("/admin/studies/decision/cambios/").content.decode()
        assert page(model, row) in html


class TestForgedForms:
    FORGED = {
        "state": "published",
        "version": "7",
        "reviewed_by": "1",
        "reviewer_name": "Nadie",
        "reviewed_on": "2020-01-01",
        "writers": [],
        "saved_no": "0",
        "seen_no": "999999",
    }

    @each_kind
    def test_a_draft_takes_no_stage_no_reviewer_and_no_writers_from_a_form(self, model: str, make: Any):
        row, second = make(), user_with_role("Revisión")
        answer = sent(client_as(None, second), page(model, row), model, **self.FORGED)
        assert answer.status_code == 302
        row.refresh_from_db()
        assert (row.state, row.version, row.reviewed_by, row.reviewer_name) == (State.DRAFT, 1, None, "")
        assert second in row.writers.all()
        assert row.writers.count() == 2

    def test_nor_does_a_new_one(self):
        values = conclusion_values(**self.FORGED)
        assert sent(client_as("Revisión"), page("conclusion"), "conclusion", **values).status_code == 302
        row = Conclusion.objects.get()
        assert (row.state, row.version, row.reviewed_by, row.seen_no) == (State.DRAFT, 1, None, 0)

    @each_kind
    def test_its_subject_stays(self, model: str, make: Any):
        row = make()
        before = [getattr(row, f"{name}_id", getattr(row, name)) for name in row.SUBJECT if name != "comparison"]
        other = str(term("helpline").pk)
        sent(client_as("Curaduría"), page(model, row), model, term=other, intervention=other, comparison="part")
        row.refresh_from_db()
        assert [getattr(row, f"{name}_id", None) for name in row.SUBJECT if name != "comparison"] == before
        assert getattr(row, "comparison", "") == ""

    @each_kind
    def test_what_is_in_review_is_not_changed(self, model: str, make: Any):
        row = make()
        sent_move(client_as("Curaduría"), model, row, "send")
        assert client_as("Administración").post(page(model, row), {"author_name": "Otra"}).status_code == 403

    @each_kind
    def test_a_curator_publishes_nothing_and_the_writer_nothing_of_their_own(self, model: str, make: Any):
        writer = user_with_role("Administración")
        row = make(by=writer)
        curator, own = client_as("Curaduría"), client_as(None, writer)
        sent_move(own, model, row, "send")
        row.refresh_from_db()
        values = {"reviewer_name": "Otra persona", "seen_no": row.saved_no}
        assert curator.post(page(model, row, "publish"), values).status_code == 403
        answer = own.post(page(model, row, "publish"), values)
        assert "Otra persona tiene que revisar" in answer.content.decode()
        row.refresh_from_db()
        assert row.state == State.IN_REVIEW

    @each_kind
    @pytest.mark.parametrize("values", [{}, {"seen_no": "x"}, {"seen_no": "-1"}, {"seen_no": "9" * 30}])
    def test_a_publication_without_the_save_that_was_read_is_refused_in_words(
        self, model: str, make: Any, values: dict[str, str]
    ):
        row = make()
        sent_move(client_as("Curaduría"), model, row, "send")
        answer = client_as("Revisión").post(page(model, row, "publish"), {"reviewer_name": "Eva Prueba", **values})
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
        row.refresh_from_db()
        assert row.state == State.IN_REVIEW

    @each_kind
    def test_a_draft_is_not_published_past_its_review(self, model: str, make: Any):
        row = make()
        answer = client_as("Revisión").post(
            page(model, row, "publish"), {"reviewer_name": "Eva Prueba", "seen_no": row.saved_no}
        )
        assert "está en la etapa «borrador»" in answer.content.decode()
        row.refresh_from_db()
        assert row.state == State.DRAFT


class TestWrongInput:
    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"sentences-0-text_es": "a" * 10_000}, "600"),
            ({"sentences-0-text_en": "a" * 10_000}, "600"),
            ({"sentences-0-text_es": "  "}, "errorlist"),
            ({"sentences-0-text_es": "a\x02b"}, "signos que no se ven"),
            ({"author_name": "a" * 10_000}, "300"),
            ({"author_name": "A\x1fB"}, "signos que no se ven"),
            ({"sentences-0-position": "-1"}, "errorlist"),
            ({"sentences-0-position": "9" * 30}, "errorlist"),
            ({"sentences-0-studies": ["999999999"]}, "errorlist"),
            ({"sentences-0-studies": ["no-es-un-estudio"]}, "errorlist"),
            ({"sentences-0-studies": ["9" * 40]}, "errorlist"),
            ({"term": "9" * 40}, "errorlist"),
        ],
    )
    def test_in_a_conclusion_is_told_in_words(self, changes: dict[str, Any], sentence: str):
        answer = sent(client_as("Curaduría"), page("conclusion"), "conclusion", **conclusion_values(**changes))
        assert answer.status_code == 200
        assert sentence in answer.content.decode()
        assert not Conclusion.objects.exists()

    def test_a_withdrawn_study_cannot_be_cited(self):
        study = withdraw(make_study(stage=Stage.PUBLISHED))
        values = conclusion_values(**{"sentences-0-studies": [study.pk]})
        answer = sent(client_as("Curaduría"), page("conclusion"), "conclusion", **values)
        assert "no está publicado" in answer.content.decode()

    def test_a_conclusion_is_on_an_intervention_or_a_theme_alone(self):
        values = conclusion_values(term=term("femicide", "outcomes").pk)
        answer = sent(client_as("Curaduría"), page("conclusion"), "conclusion", **values)
        assert answer.status_code == 200
        assert not Conclusion.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"level": "sure"},
            {"level": ""},
            {"comparison": "unknown"},
            {"imprecision_es": "a" * 10_000},
            {"intervention": ""},
            {"outcome": "x"},
            {"studies": []},
            {"studies": ["x"]},
        ],
    )
    def test_in_a_judgement_is_told_in_words(self, changes: dict[str, Any]):
        values = {
            "intervention": term("shelter").pk,
            "outcome": term("ipv-any", "outcomes").pk,
            "level": "low",
            "imprecision_es": "Pocas personas.",
            "imprecision_en": "Few people.",
            "studies": [make_study(stage=Stage.PUBLISHED).pk],
            "author_name": "Ana Prueba",
        }
        answer = sent(client_as("Curaduría"), page("certaintyjudgement"), "certaintyjudgement", **{**values, **changes})
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
        assert not CertaintyJudgement.objects.exists()

    @pytest.mark.parametrize("changes", [{"text_es": "a" * 10_000}, {"text_en": ""}, {"intervention": "0"}])
    def test_in_a_safety_note_is_told_in_words(self, changes: dict[str, Any]):
        values = {
            "intervention": term("shelter").pk,
            "text_es": "Cuidado.",
            "text_en": "Care.",
            "author_name": "Ana Prueba",
        }
        answer = sent(client_as("Curaduría"), page("safetynote"), "safetynote", **{**values, **changes})
        assert "errorlist" in answer.content.decode()
        assert not SafetyNote.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"year": str(timezone.localdate().year + 1)},
            {"year": "24"},
            {"year": "9" * 30},
            {"percent": "nan"},
            {"percent": "0"},
            {"note_es": "a" * 10_000},
            {"window": "last-week"},
        ],
    )
    def test_in_a_baseline_is_told_in_words(self, changes: dict[str, str]):
        row = Baseline.objects.all()[0]
        answer = sent(client_as("Curaduría"), page("baseline", row), "baseline", **changes)
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()

    @pytest.mark.parametrize("position", ["-1", "", "9" * 30, "primero"])
    def test_in_the_order_of_outcomes_is_told_in_words(self, position: str):
        row = PriorityOutcome.objects.all()[0]
        answer = sent(client_as("Curaduría"), page("priorityoutcome", row), "priorityoutcome", position=position)
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
