"""The moves of a study from stage to stage, as pages of the workplace."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studies.admin.study.moves import CONSEQUENCES
from studies.curation import stages
from studies.curation.moves import MOVES
from studies.models import Stage, Study
from tests.factories import edit, make_study, user_with_role
from tests.studies.admin_forms import address, filled_in, form_values, move_address

pytestmark = pytest.mark.django_db
CURATOR, REVIEWER, ADMINISTRATOR = "Curaduría", "Revisión", "Administración"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def client_as(role: str) -> Client:
    return signed_in(user_with_role(role))


def stage_of(study: Study) -> str:
    return Study.objects.get(pk=study.pk).stage


class TestMoves:
    @pytest.mark.parametrize(
        ("role", "start", "name", "end"),
        [
            (CURATOR, Stage.DRAFT, "send", Stage.IN_REVIEW),
            (REVIEWER, Stage.IN_REVIEW, "publish", Stage.PUBLISHED),
            (REVIEWER, Stage.IN_REVIEW, "return", Stage.DRAFT),
            (ADMINISTRATOR, Stage.PUBLISHED, "withdraw", Stage.WITHDRAWN),
            (ADMINISTRATOR, Stage.WITHDRAWN, "restore", Stage.PUBLISHED),
        ],
    )
    def test_each_is_told_then_made(self, role: str, start: Stage, name: str, end: Stage):
        study = make_study(stage=start)
        client = client_as(role)
        form = client.get(address(study)).content.decode()
        assert f'value="{name}"' in form
        page = client.get(move_address(study, name))
        assert CONSEQUENCES[name] in page.content.decode()
        assert stage_of(study) == start
        response = client.post(
            move_address(study, name), {"note": "Un motivo", "seen_no": page.context["form"]["seen_no"].value()}
        )
        assert response.status_code == 302
        assert stage_of(study) == end
        assert study.revisions.first().note == "Un motivo"

    def test_each_has_its_consequence_in_words(self):
        assert set(CONSEQUENCES) == set(MOVES)

    @pytest.mark.parametrize(
        ("role", "start", "name"),
        [
            (CURATOR, Stage.IN_REVIEW, "publish"),
            (CURATOR, Stage.IN_REVIEW, "return"),
            (CURATOR, Stage.PUBLISHED, "withdraw"),
            (REVIEWER, Stage.PUBLISHED, "withdraw"),
            (REVIEWER, Stage.WITHDRAWN, "restore"),
        ],
    )
    def test_who_may_not_is_refused_and_sees_no_button(self, role: str, start: Stage, name: str):
        study = make_study(stage=start)
        client = client_as(role)
        assert client.get(move_address(study, name)).status_code == 403
        assert client.post(move_address(study, name), {"note": "x"}).status_code == 403
        assert f'value="{name}"' not in client.get(address(study)).content.decode()
        assert stage_of(study) == start

    @pytest.mark.parametrize(("start", "name"), [(Stage.IN_REVIEW, "return"), (Stage.PUBLISHED, "withdraw")])
    def test_a_reason_is_asked_for(self, start: Stage, name: str):
        study = make_study(stage=start)
        response = client_as(ADMINISTRATOR).post(move_address(study, name), {"note": "  "})
        assert response.status_code == 200
        assert "errorlist" in response.content.decode()
        assert stage_of(study) == start

    def test_the_reason_of_a_withdrawal_is_kept(self):
        study = make_study(stage=Stage.PUBLISHED)
        client_as(ADMINISTRATOR).post(move_address(study, "withdraw"), {"note": "Retractado"})
        study.refresh_from_db()
        assert study.stage_note == "Retractado"

    def test_nobody_publishes_what_they_wrote(self, settings):
        settings.TEAM_OF_ONE = False
        reviewer = user_with_role(REVIEWER)
        study = make_study(by=reviewer, stage=Stage.IN_REVIEW)
        response = signed_in(reviewer).post(move_address(study, "publish"))
        assert "Otra persona tiene que publicar" in response.content.decode()
        assert stage_of(study) == Stage.IN_REVIEW

    def test_r2_what_lacks_something_is_not_published_and_the_page_says_what(self):
        study = make_study(summary_es=None, stage=Stage.IN_REVIEW)
        client = client_as(REVIEWER)
        for response in (client.get(move_address(study, "publish")), client.post(move_address(study, "publish"))):
            page = response.content.decode()
            assert f'href="{address(study)}#id_summary_es"' in page
            assert 'value="Publicar"' not in page
        assert stage_of(study) == Stage.IN_REVIEW

    def test_a_move_from_a_stage_that_is_past_is_told(self):
        study = make_study(stage=Stage.PUBLISHED)
        client = client_as(REVIEWER)
        page = client.get(move_address(study, "publish"), follow=True).content.decode()
        assert "no es posible: el estudio está en la etapa «publicado»" in page
        page = client.post(move_address(study, "publish")).content.decode()
        assert "no es posible" in page

    def test_what_changed_since_it_was_read_is_not_published_unread(self):
        study = make_study(stage=Stage.IN_REVIEW)
        client = client_as(REVIEWER)
        seen = client.get(move_address(study, "publish")).context["form"]["seen_no"].value()
        edit(study, summary_es="Otro resumen, que nadie ha revisado.")
        page = client.post(move_address(study, "publish"), {"seen_no": seen}, follow=True).content.decode()
        assert "cambió desde que usted abrió esa página" in page
        assert stage_of(study) == Stage.IN_REVIEW

    def test_the_button_saves_first(self):
        study = make_study()
        client = client_as(CURATOR)
        response = client.post(address(study), filled_in(client, study, title_es="Último arreglo", _move="send"))
        assert response.url == move_address(study, "send")
        study.refresh_from_db()
        assert (study.title_es, study.stage) == ("Último arreglo", Stage.DRAFT)

    def test_the_form_cannot_set_a_stage(self):
        study = make_study()
        client = client_as(ADMINISTRATOR)
        client.post(
            address(study), filled_in(client, study, stage="published", published_at="2020-01-01", title_es="Otro")
        )
        assert stage_of(study) == Stage.DRAFT

    @pytest.mark.parametrize("name", ["steal", "merge", "0"])
    def test_unknown_moves_are_404(self, name: str):
        assert client_as(ADMINISTRATOR).get(move_address(make_study(), name)).status_code == 404

    def test_a_form_from_elsewhere_is_refused(self):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user_with_role(CURATOR))
        study = make_study()
        assert client.post(move_address(study, "send")).status_code == 403
        assert stage_of(study) == Stage.DRAFT

    @pytest.mark.parametrize("value", ["\x00", "9" * 400, "{", "-1"])
    def test_garbage_is_answered(self, value: str):
        study = make_study()
        response = client_as(CURATOR).post(move_address(study, "send"), {"note": value, "seen_no": value})
        assert response.status_code in (200, 302)


class TestMainJob:
    def test_a_study_is_written_reviewed_published_and_withdrawn(self, client: Client):
        """The way of a record through the workplace, by three people, as browsers send it."""
        writer, reviewer, chief = client_as(CURATOR), client_as(REVIEWER), client_as(ADMINISTRATOR)
        writer.post(address(), filled_in(writer, title="Las tejedoras de Puno frente a la violencia"))
        study = Study.objects.latest("pk")
        typed = {
            "year": "2024",
            "themes": ["prevention"],
            "main_design": "qualitative",
            "summary_es": "Entrevistas con tejedoras de Puno.",
            "authors-0-family": "Mamani",
            "sources-0-url": "https://example.pe/tejedoras",
            "sources-0-supports": ["bibliography"],
            "_move": "send",
        }
        page = writer.post(address(study), filled_in(writer, study, **typed), follow=True)
        assert page.redirect_chain[-1][0] == move_address(study, "send")
        writer.post(move_address(study, "send"))
        assert client.get(study.get_absolute_url()).status_code == 404
        reviewer.post(move_address(study, "publish"))
        study.refresh_from_db()
        assert study.stage == Stage.PUBLISHED
        assert client.get(study.get_absolute_url()).status_code == 200
        chief.post(move_address(study, "withdraw"), {"note": "Las autoras lo pidieron."})
        notice = client.get(study.get_absolute_url()).content.decode()
        assert "Las autoras lo pidieron." in notice
        assert [entry.stage for entry in study.revisions.all()] == [
            "withdrawn",
            "published",
            "in-review",
            "draft",
            "draft",
        ]
        assert stages.find_problems(study) == ()
        assert form_values(chief.get(address(study)).content.decode(), "study_form")["title"]
