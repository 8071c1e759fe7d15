"""The workplace on what people say in answers, and on the two tables behind them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from studies.learning import reviewed_texts
from studies.learning.reviewed_texts import State
from studies.models import Baseline, CertaintyJudgement, Conclusion, PriorityOutcome, SafetyNote, Stage
from studies.store import bank_state
from tests.factories import edit, make_study, user_with_role
from tests.studies.admin_forms import form_values
from tests.studies.learning.texts_factory import make_certainty, make_conclusion, make_safety_note, published, term

pytestmark = pytest.mark.django_db
CHANGES = "/admin/studies/decision/cambios/"


def client_as(role: str | None, user: Any = None) -> Client:
    client = Client()
    client.force_login(user or user_with_role(role))
    return client


def page(model: str, row: Any = None, move: str = "") -> str:
    if row is None:
        return reverse(f"admin:studies_{model}_add")
    if move:
        return reverse(f"admin:studies_{model}_move", args=[row.pk, move])
    return reverse(f"admin:studies_{model}_change", args=[row.pk])


def sent(client: Client, path: str, form: str, **changes: Any) -> Any:
    values = form_values(client.get(path).content.decode(), f"{form}_form")
    return client.post(path, {**values, **changes})


def conclusion_values(**changes: Any) -> dict[str, Any]:
    values = {
        "term": term("shelter").pk,
        "author_name": "Ana Prueba",
        "sentences-0-position": "1",
        "sentences-0-text_es": "Una oración de prueba.",
        "sentences-0-text_en": "A made-up sentence.",
        "sentences-0-studies": [make_study(stage=Stage.PUBLISHED).pk],
    }
    return {**values, **changes}


class TestWriting:
    def test_a_curator_writes_a_conclusion_and_is_its_writer(self):
        curator = user_with_role("Curaduría")
        answer = sent(client_as(None, curator), page("conclusion"), "conclusion", **conclusion_values())
        assert answer.status_code == 302, answer.content.decode()[-3000:]
        row = Conclusion.objects.get()
        assert (row.state, row.version, list(row.writers.all())) == (State.DRAFT, 1, [curator])
        assert row.sentences.get().studies.count() == 1

    def test_a_second_person_who_saves_the_draft_is_a_writer_too(self):
        row, second = make_conclusion(), user_with_role("Revisión")
        sent(client_as(None, second), page("conclusion", row), "conclusion", author_name="Ana y Eva Prueba")
        assert second in row.writers.all()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"term": ""}, "Elija una intervención o un tema"),
            ({"author_name": ""}, "errorlist"),
            ({"sentences-0-text_en": ""}, "errorlist"),
            ({"sentences-0-studies": []}, "errorlist"),
            ({"sentences-TOTAL_FORMS": "x"}, "errornote"),
        ],
    )
    def test_what_is_wrong_is_told(self, changes: dict[str, Any], sentence: str):
        answer = sent(client_as("Curaduría"), page("conclusion"), "conclusion", **conclusion_values(**changes))
        assert answer.status_code == 200
        assert sentence in answer.content.decode()
        assert not Conclusion.objects.exists()

    def test_a_draft_cannot_be_cited(self):
        values = conclusion_values(**{"sentences-0-studies": [make_study().pk]})
        answer = sent(client_as("Curaduría"), page("conclusion"), "conclusion", **values)
        assert "no está publicado" in answer.content.decode()

    def test_a_second_version_under_way_is_refused_with_a_sentence(self):
        make_conclusion()
        answer = sent(client_as("Curaduría"), page("conclusion"), "conclusion", **conclusion_values())
        assert "Ya hay una versión en preparación" in answer.content.decode()

    def test_a_certainty_with_the_meaning_of_its_words_beside_them(self):
        client = client_as("Curaduría")
        html = client.get(page("certaintyjudgement")).content.decode()
        assert "Muy baja: muy poca confianza" in html
        assert "Los estudios difieren entre sí" in html
        values = {
            "intervention": term("shelter").pk,
            "outcome": term("ipv-any", "outcomes").pk,
            "comparison": "nothing",
            "level": "low",
            "imprecision_es": "Pocas personas.",
            "imprecision_en": "Few people.",
            "studies": [make_study(stage=Stage.PUBLISHED).pk],
            "author_name": "Ana Prueba",
        }
        assert sent(client, page("certaintyjudgement"), "certaintyjudgement", **values).status_code == 302
        assert CertaintyJudgement.objects.get().comparison == "nothing"

    @pytest.mark.parametrize("role", ["Curaduría", "Revisión"])
    def test_one_of_all_comparisons_says_so(self, role: str):
        html = client_as(role).get(page("certaintyjudgement", make_certainty())).content.decode()
        assert "cualquier comparación" in html

    def test_a_safety_note(self):
        values = {
            "intervention": term("shelter").pk,
            "text_es": "Cuidado.",
            "text_en": "Care.",
            "author_name": "Ana Prueba",
        }
        assert sent(client_as("Curaduría"), page("safetynote"), "safetynote", **values).status_code == 302
        assert SafetyNote.objects.get().version == 1


@pytest.mark.parametrize(
    ("model", "make"),
    [("conclusion", make_conclusion), ("certaintyjudgement", make_certainty), ("safetynote", make_safety_note)],
)
class TestFromDraftToPublished:
    def test_one_sends_and_another_publishes(self, model: str, make: Any):
        row = make()
        writer = client_as(None, row.writers.get())
        assert sent_move(writer, model, row, "send").status_code == 302
        html = client_as("Revisión").get(page(model, row)).content.decode()
        assert "Publicar…" in html
        reviewer = user_with_role("Revisión", first_name="Eva", last_name="Prueba")
        assert sent_move(client_as(None, reviewer), model, row, "publish").status_code == 302
        row.refresh_from_db()
        assert (row.state, row.reviewer_name) == (State.PUBLISHED, "Eva Prueba")

    def test_the_writer_is_told_that_somebody_else_publishes(self, model: str, make: Any):
        reviewer = user_with_role("Revisión", first_name="Eva", last_name="Prueba")
        row = make(by=reviewer)
        reviewed_texts.move(row, "send", by=reviewer)
        answer = sent_move(client_as(None, reviewer), model, row, "publish")
        assert "Otra persona tiene que revisar" in answer.content.decode()

    def test_what_is_published_is_read_but_neither_changed_nor_deleted(self, model: str, make: Any):
        row = published(make())
        admin = client_as("Administración")
        assert 'name="_save"' not in admin.get(page(model, row)).content.decode()
        assert admin.post(page(model, row), {"author_name": "Otra"}).status_code == 403
        assert admin.post(reverse(f"admin:studies_{model}_delete", args=[row.pk])).status_code == 403

    def test_the_next_version_is_begun_with_a_button(self, model: str, make: Any):
        row = published(make())
        curator = client_as("Curaduría")
        assert "Empezar otra versión" in curator.get(page(model, row)).content.decode()
        answer = curator.post(reverse(f"admin:studies_{model}_renew", args=[row.pk]))
        draft = type(row).objects.get(version=2)
        assert answer.url == page(model, draft)
        assert "Empezar otra versión" not in curator.get(page(model, row)).content.decode()

    def test_a_withdrawal_needs_a_reviewer_and_a_reason(self, model: str, make: Any):
        row = published(make())
        assert client_as("Curaduría").get(page(model, row, "withdraw")).status_code == 403
        reviewer = client_as("Revisión")
        assert sent_move(reviewer, model, row, "withdraw").status_code == 200
        assert sent_move(reviewer, model, row, "withdraw", note="Ya no se sostiene.").status_code == 302
        row.refresh_from_db()
        assert (row.state, row.state_note) == (State.WITHDRAWN, "Ya no se sostiene.")

    def test_it_is_for_the_team(self, model: str, make: Any):
        row = make()
        paths = [page(model), page(model, row), page(model, row, "send")]
        paths.append(reverse(f"admin:studies_{model}_changelist"))
        for path in paths:
            assert Client().get(path).status_code == 302
            assert client_as(None).get(path).status_code == 403
            assert client_as("Curaduría").get(path).status_code == 200
        assert client_as("Curaduría").get(page(model, row, "shred")).status_code == 404

    def test_the_list_says_since_when_it_is_to_be_reviewed(self, model: str, make: Any):
        study = make_study(stage=Stage.PUBLISHED)
        published(make(study))
        edit(study, key_finding_es="Otro hallazgo")
        html = client_as("Curaduría").get(reverse(f"admin:studies_{model}_changelist")).content.decode()
        assert "Por revisar desde" in html


def sent_move(client: Client, model: str, row: Any, name: str, **changes: Any) -> Any:
    path = page(model, row, name)
    html = client.get(path).content.decode()
    values = {"seen_no": type(row).objects.get(pk=row.pk).saved_no}
    if 'name="reviewer_name"' in html:
        values["reviewer_name"] = html.split('name="reviewer_name" value="')[1].split('"')[0]
    return client.post(path, {**values, **changes})


class TestTheFirstPage:
    @pytest.mark.parametrize("make", [make_conclusion, make_certainty, make_safety_note])
    def test_tells_what_waits_for_a_reviewer_with_its_list(self, make: Any):
        row, reviewer = make(), client_as("Revisión")
        path = reverse(f"admin:studies_{row._meta.model_name}_changelist") + "?state=in-review"
        name = str(row._meta.verbose_name_plural)
        assert f'<a href="{path}">{name}: <strong>0</strong></a>' in reviewer.get("/admin/").content.decode()
        reviewed_texts.move(row, "send", by=row.writers.get())
        assert f'<a href="{path}">{name}: <strong>1</strong></a>' in reviewer.get("/admin/").content.decode()
        assert page(row._meta.model_name, row) in reviewer.get(path).content.decode()


class TestStillTrue:
    def test_is_said_by_a_reviewer_who_did_not_write_it(self):
        writer, study = user_with_role("Revisión"), make_study(stage=Stage.PUBLISHED)
        row = published(make_conclusion(study, by=writer))
        edit(study, key_finding_es="Otro hallazgo")
        values = {"kind": "conclusion", "key": row.pk, "until": bank_state.current().change_no}
        for client in (client_as(None, writer), client_as("Curaduría")):
            assert "Marcar como" not in client.get(CHANGES).content.decode()
            assert client.post(CHANGES, values).status_code == 403
        other = client_as("Revisión")
        assert "Marcar como" in other.get(CHANGES).content.decode()
        assert other.post(CHANGES, values).status_code == 302
        assert "Ninguna: nada cambió" in other.get(CHANGES).content.decode()


class TestTables:
    def test_a_curator_changes_the_order(self):
        row = PriorityOutcome.objects.get(outcome__code="femicide")
        path = page("priorityoutcome", row)
        assert sent(client_as("Curaduría"), path, "priorityoutcome", position="1").status_code == 302
        row.refresh_from_db()
        assert row.position == 1

    @pytest.mark.parametrize(
        ("model", "changes"), [("priorityoutcome", {"position": "1"}), ("baseline", {"percent": "8,25"})]
    )
    def test_a_change_is_one_of_the_bank_and_none_is_none(self, model: str, changes: dict[str, str]):
        row = {"priorityoutcome": PriorityOutcome, "baseline": Baseline}[model].objects.all()[0]
        curator, start = client_as("Curaduría"), bank_state.current().change_no
        assert sent(curator, page(model, row), model).status_code == 302
        assert bank_state.current().change_no == start
        assert sent(curator, page(model, row), model, **changes).status_code == 302
        assert bank_state.current().change_no == start + 1

    def test_an_outcome_that_is_there_is_refused_with_a_sentence(self):
        values = {"outcome": term("femicide", "outcomes").pk, "position": "1"}
        answer = sent(client_as("Curaduría"), page("priorityoutcome"), "priorityoutcome", **values)
        assert "ya está en la lista" in answer.content.decode()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"percent": "140"}, "entre 0 y 100"),
            ({"percent": ""}, "errorlist"),
            ({"url": "javascript:alert(1)"}, "dirección completa"),
            ({"year": "x"}, "errorlist"),
        ],
    )
    def test_what_is_wrong_with_a_baseline_is_told(self, changes: dict[str, str], sentence: str):
        row = Baseline.objects.all()[0]
        answer = sent(client_as("Curaduría"), page("baseline", row), "baseline", **changes)
        assert answer.status_code == 200
        assert sentence in answer.content.decode()

    def test_a_baseline_is_read_as_peru_writes_numbers(self):
        row = Baseline.objects.all()[0]
        assert sent(client_as("Curaduría"), page("baseline", row), "baseline", percent="8,25").status_code == 302
        row.refresh_from_db()
        assert row.percent == 8.25

    @pytest.mark.parametrize("model", ["priorityoutcome", "baseline"])
    def test_they_are_for_the_team_and_nothing_is_deleted(self, model: str):
        row = {"priorityoutcome": PriorityOutcome, "baseline": Baseline}[model].objects.all()[0]
        assert Client().get(page(model, row)).status_code == 302
        assert client_as(None).get(page(model, row)).status_code == 403
        delete = reverse(f"admin:studies_{model}_delete", args=[row.pk])
        assert client_as("Administración").post(delete).status_code == 403
        assert client_as("Curaduría").get(reverse(f"admin:studies_{model}_changelist")).status_code == 200
