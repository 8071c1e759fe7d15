"""Notes between colleagues on a record."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from studies.curation import notes
from studies.curation.notes import NoteRefused
from studies.models import Note, Study
from tests.factories import make_proposal, make_study, user_with_role
from tests.studies.admin_forms import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_bank")]


@pytest.fixture
def rosa() -> User:
    return user_with_role("Curaduría", username="rosa")


@pytest.fixture
def carmen() -> User:
    return user_with_role("Revisión", username="carmen")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestNotes:
    def test_a_note_is_read_beside_the_record_until_it_is_resolved(self, rosa: User, carmen: User):
        study = make_study()
        where = f"/admin/studies/study/{study.pk}/notas/"
        signed_in(carmen).post(where, {"text": "¿De dónde sale <b>la muestra</b>?"})
        note = study.notes.get()
        client = signed_in(rosa)
        page = client.get(address(study)).content.decode()
        assert "¿De dónde sale &lt;b&gt;la muestra&lt;/b&gt;?" in page
        assert "carmen" in page
        client.post(where, {"resolve": note.pk})
        note.refresh_from_db()
        assert (note.resolved_by, note.author) == (rosa, carmen)
        assert "¿De dónde sale" not in client.get(address(study)).content.decode()
        assert "¿De dónde sale" in client.get(where).content.decode()
        client.post(where, {"reopen": note.pk})
        assert "¿De dónde sale" in client.get(address(study)).content.decode()

    def test_a_note_stands_beside_a_proposal_too(self, rosa: User):
        proposal = make_proposal()
        notes.add(proposal.study, "Ojo con la muestra", by=rosa)
        assert (
            "Ojo con la muestra"
            in signed_in(rosa).get(f"/admin/studies/proposal/{proposal.pk}/change/").content.decode()
        )

    @pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
    def test_an_empty_or_endless_one_is_refused_in_words(self, rosa: User, text: str):
        study = make_study()
        answer = signed_in(rosa).post(f"/admin/studies/study/{study.pk}/notas/", {"text": text})
        assert "errorlist" in answer.content.decode()
        assert not study.notes.exists()

    @pytest.mark.parametrize("key", ["", "x", "9" * 400, "-1", "\x00", "1" * 15])
    def test_odd_keys_are_404(self, rosa: User, key: str):
        where = f"/admin/studies/study/{make_study().pk}/notas/"
        assert signed_in(rosa).post(where, {"resolve": key}).status_code == 404

    def test_a_note_of_another_study_is_none_of_this_one(self, rosa: User):
        note = notes.add(make_study(), "Otra", by=rosa)
        where = f"/admin/studies/study/{make_study().pk}/notas/"
        assert signed_in(rosa).post(where, {"resolve": note.pk}).status_code == 404
        assert Note.objects.get().resolved_at is None

    def test_who_has_no_role_reads_and_writes_none(self, client: Client):
        study = make_study()
        where = f"/admin/studies/study/{study.pk}/notas/"
        assert client.get(where).status_code == 302
        assert signed_in(user_with_role()).get(where).status_code == 403
        assert signed_in(user_with_role()).post(where, {"text": "Nota"}).status_code == 403
        with pytest.raises(NoteRefused):
            notes.add(study, "Nota", by=user_with_role())

    def test_a_draft_takes_its_notes_along_when_it_is_deleted(self, rosa: User):
        study = make_study()
        notes.add(study, "Nota", by=rosa)
        client = signed_in(rosa)
        assert client.get(f"/admin/studies/study/{study.pk}/delete/").status_code == 200
        client.post(f"/admin/studies/study/{study.pk}/delete/", {"post": "yes"})
        assert not Study.objects.exists()
