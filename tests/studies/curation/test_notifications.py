"""E-mail between colleagues: who is written to, and that a failing server undoes nothing."""

from __future__ import annotations

import logging
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.test import Client

from studies.curation.bulk import making
from studies.models import Proposal, Stage, Study
from tests.factories import make_proposal, make_study, user_with_role
from tests.studies.admin.test_bulk import ADD_URBAN, confirmed
from tests.studies.admin.test_proposals import signed_in, step_address
from tests.studies.admin_forms import address, filled_in, move_address

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(settings: Any) -> dict[str, User]:
    settings.SENDS_MAIL = True
    settings.MAIL_FROM = "banco@example.pe"
    roles = {"rosa": "Curaduría", "luz": "Curaduría", "carmen": "Revisión", "jefa": "Administración"}
    made = {name: user_with_role(role, username=name, email=f"{name}@example.pe") for name, role in roles.items()}
    made["muda"] = user_with_role("Revisión", username="muda")
    made["ausente"] = user_with_role("Revisión", username="ausente", email="ausente@example.pe", is_active=False)
    return made


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_options: Any) -> None:
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)


def recipients(letters: list[EmailMessage]) -> set[str]:
    assert all(len(letter.to) == 1 for letter in letters), "nobody reads the others' addresses"
    return {letter.to[0].partition("@")[0] for letter in letters}


def post(client: Client, capture: Any, path: str, **data: Any) -> str:
    """Send a form, run what waits for the commit, and return the page that follows."""
    with capture(execute=True):
        answer = client.post(path, data)
    return client.get(answer.url).content.decode() if answer.status_code == 302 else answer.content.decode()


class TestReviewWanted:
    def test_all_who_review_are_written_to_with_the_reason_and_a_link(
        self, people, mailoutbox, django_capture_on_commit_callbacks
    ):
        study = make_study(by=people["rosa"], title_es="Las tejedoras\nde Puno")
        post(signed_in(people["rosa"]), django_capture_on_commit_callbacks, move_address(study, "send"), note="Lista")
        assert recipients(mailoutbox) == {"carmen", "jefa"}
        letter = mailoutbox[0]
        assert letter.subject == "[Banco de Evidencias] Por revisar: Las tejedoras de Puno"
        assert "rosa envió a revisión" in letter.body
        assert "«Lista»" in letter.body
        assert f"http://testserver{address(study)}" in letter.body
        assert letter.from_email == "banco@example.pe"

    def test_a_proposal_is_announced_too_and_not_to_who_made_it(
        self, people, mailoutbox, django_capture_on_commit_callbacks
    ):
        study = make_study(stage=Stage.PUBLISHED)
        client = signed_in(people["carmen"])
        typed = filled_in(client, study, title_es="Otro", _propose="1")
        post(client, django_capture_on_commit_callbacks, address(study), **typed)
        assert recipients(mailoutbox) == {"jefa"}
        assert f"/admin/studies/proposal/{study.proposals.get().pk}/change/" in mailoutbox[0].body


class TestBulkChange:
    def test_those_who_review_get_one_letter_however_many_studies_were_sent(
        self, people, mailoutbox, django_capture_on_commit_callbacks
    ):
        client = signed_in(people["rosa"])
        change = making.save_selection([make_study().pk, make_study().pk], by=people["rosa"])
        with django_capture_on_commit_callbacks(execute=True):
            confirmed(client, change, {"do": "send"}, note="Los de la lista de mayo")
        assert recipients(mailoutbox) == {"carmen", "jefa"}
        assert len(mailoutbox) == 2
        assert mailoutbox[0].subject == "[Banco de Evidencias] Por revisar: 2 estudios"
        assert "«Los de la lista de mayo»" in mailoutbox[0].body
        assert "http://testserver/admin/studies/study/pendientes/?cola=review" in mailoutbox[0].body

    def test_proposals_are_announced_too(self, people, mailoutbox, django_capture_on_commit_callbacks):
        change = making.save_selection([make_study(stage=Stage.PUBLISHED).pk], by=people["rosa"])
        with django_capture_on_commit_callbacks(execute=True):
            confirmed(signed_in(people["rosa"]), change, ADD_URBAN)
        assert recipients(mailoutbox) == {"carmen", "jefa"}
        assert "Por revisar: 1 estudio" in mailoutbox[0].subject

    def test_a_change_of_drafts_is_nobodys_to_review(self, people, mailoutbox, django_capture_on_commit_callbacks):
        change = making.save_selection([make_study().pk], by=people["rosa"])
        with django_capture_on_commit_callbacks(execute=True):
            confirmed(signed_in(people["rosa"]), change, ADD_URBAN)
        assert mailoutbox == []


class TestReturned:
    def test_who_wrote_the_study_is_written_to(self, people, mailoutbox, django_capture_on_commit_callbacks):
        study = make_study(by=people["rosa"], stage=Stage.IN_REVIEW)
        post(
            signed_in(people["carmen"]), django_capture_on_commit_callbacks, move_address(study, "return"), note="Falta"
        )
        assert recipients(mailoutbox) == {"rosa"}
        assert "«Falta»" in mailoutbox[0].body

    def test_the_author_of_a_proposal_is_written_to(self, people, mailoutbox, django_capture_on_commit_callbacks):
        proposal = make_proposal(by=people["luz"])
        client = signed_in(people["carmen"])
        post(client, django_capture_on_commit_callbacks, step_address(proposal, "return"), note="Falta el año")
        assert recipients(mailoutbox) == {"luz"}
        assert "Falta el año" in mailoutbox[0].body


class TestWithoutMail:
    def test_nobody_is_written_to_and_nothing_is_said_of_it(
        self, people, settings, mailoutbox, django_capture_on_commit_callbacks
    ):
        settings.SENDS_MAIL = False
        study = make_study(by=people["rosa"])
        page = post(signed_in(people["rosa"]), django_capture_on_commit_callbacks, move_address(study, "send"))
        assert mailoutbox == []
        assert "correo" not in page

    def test_a_refused_move_writes_to_nobody(self, people, mailoutbox, django_capture_on_commit_callbacks):
        study = make_study(stage=Stage.IN_REVIEW)
        post(signed_in(people["carmen"]), django_capture_on_commit_callbacks, move_address(study, "return"), note=" ")
        assert mailoutbox == []

    def test_a_failing_server_undoes_nothing_and_is_told_and_logged(
        self, people, failing, caplog, django_capture_on_commit_callbacks
    ):
        study = make_study(by=people["rosa"])
        with caplog.at_level(logging.ERROR, "studies.curation.notifications"):
            client = signed_in(people["rosa"])
            page = post(client, django_capture_on_commit_callbacks, move_address(study, "send"))
        assert Study.objects.get(pk=study.pk).stage == Stage.IN_REVIEW
        assert "could not send" in caplog.text
        assert "example.pe" not in caplog.text
        assert "está ahora en la etapa «en revisión»" in page

    def test_whoever_moved_reads_on_the_next_page_that_nobody_was_written_to(self, people, failing, monkeypatch):
        # Outside of tests no transaction is open any more when the letter is written.
        monkeypatch.setattr("studies.curation.notifications.transaction.on_commit", lambda send: send())
        proposal = make_proposal(by=people["luz"])
        answer = signed_in(people["carmen"]).post(step_address(proposal, "return"), {"note": "Falta"}, follow=True)
        assert "el correo a sus colegas no se pudo enviar" in answer.content.decode()
        assert Proposal.objects.get().state == "returned"
