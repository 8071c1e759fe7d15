"""What waits for whom, and since when; notes and checks between colleagues."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from studies.curation import notes, proposals, queues, rechecks, stages
from studies.curation.notes import NoteRefused
from studies.curation.rechecks import CheckRefused
from studies.models import BankCounter, Note, Proposal, Revision, Stage, Study
from tests.factories import edit, make_proposal, make_study, user_with_role, withdraw
from tests.studies.admin_forms import address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_bank")]
QUEUE = "/admin/studies/study/pendientes/"


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


def titles(user: User, name: Any) -> list[str]:
    return [str(one.study) for one in queues.list_items(user, name, 0, 50)]


def sent(by: User, title: str) -> Study:
    return stages.move(make_study(by=by, title_es=title), "send", by=by)


def aged(study: Study, days: int) -> None:
    """Put what happened to a study so far into the past."""
    for revision in study.revisions.all():
        Revision.objects.filter(pk=revision.pk).update(at=revision.at - datetime.timedelta(days=days))


class TestQueues:
    def test_each_thing_waits_in_the_queue_of_the_right_person(self, rosa: User, carmen: User):
        make_study(by=rosa, title_es="Mi borrador")
        sent(rosa, "Mi envío")
        returned = sent(rosa, "Lo devuelto")
        stages.move(returned, "return", by=carmen, note="Falta la muestra.")
        make_proposal(make_study(stage=Stage.PUBLISHED, title_es="Mi propuesta"), by=rosa, year=2020)
        back = make_proposal(make_study(stage=Stage.PUBLISHED, title_es="Propuesta devuelta"), by=rosa, year=2020)
        proposals.return_to_author(back, by=carmen, note="Revise el año.")
        assert set(titles(rosa, "mine")) == {"Mi borrador", "Mi envío", "Mi propuesta"}
        assert set(titles(rosa, "returned")) == {"Lo devuelto", "Propuesta devuelta"}
        assert "review" not in queues.count_items(rosa)
        assert len(titles(carmen, "review")) == queues.count_items(carmen)["review"] == 2
        assert queues.count_items(rosa) == {"returned": 2, "mine": 3, "recheck": 0}
        assert titles(user_with_role("Curaduría"), "mine") == []

    def test_what_one_wrote_waits_for_others_unless_one_is_alone(self, carmen: User, settings: Settings):
        sent(carmen, "Lo de Carmen")
        make_proposal(by=carmen)
        assert titles(carmen, "review") == []
        assert queues.count_items(user_with_role("Administración"))["review"] == 2
        settings.TEAM_OF_ONE = True
        assert queues.count_items(carmen)["review"] == 2

    def test_who_may_not_review_has_nothing_to_review(self, rosa: User, carmen: User):
        sent(carmen, "Lo de Carmen")
        assert titles(rosa, "review") == []

    def test_a_proposal_for_a_withdrawn_study_waits_for_nobody(self, carmen: User):
        withdraw(make_proposal().study)
        assert queues.count_items(carmen)["review"] == 0

    def test_what_waits_longest_comes_first_and_an_edit_does_not_make_it_younger(self, rosa: User, carmen: User):
        old = sent(rosa, "El viejo")
        aged(old, 9)
        sent(rosa, "El nuevo")
        edit(old, by=rosa, year=2020)
        first, second = queues.list_items(carmen, "review", 0, 50)
        assert [str(first.study), str(second.study)] == ["El viejo", "El nuevo"]
        assert (timezone.now() - first.since).days == 9
        assert (first.person, second.person) == ("rosa", "rosa")

    def test_what_came_back_says_why_and_leaves_the_queue_when_it_is_sent(self, rosa: User, carmen: User):
        study = sent(rosa, "Lo devuelto")
        stages.move(study, "return", by=carmen, note="Falta la muestra.")
        edit(study, by=rosa, year=2020)
        (waiting,) = queues.list_items(rosa, "returned", 0, 50)
        assert (waiting.person, waiting.note) == ("carmen", "Falta la muestra.")
        stages.move(study, "send", by=rosa)
        assert titles(rosa, "returned") == []

    def test_a_part_of_a_queue_is_a_part_of_the_whole(self, rosa: User):
        for number in range(5):
            make_study(by=rosa, title_es=f"Borrador {number}")
        make_proposal(by=rosa, year=2020)
        whole = titles(rosa, "mine")
        assert [str(one.study) for part in (0, 2, 4) for one in queues.list_items(rosa, "mine", part, 2)] == whole
        assert len(whole) == 6


class TestQueuePage:
    def test_shows_counts_age_and_links_to_what_keeps_from_publication(self, rosa: User, carmen: User):
        study = make_study(by=rosa, title_es="Sin resumen", summary_es=None)
        proposal = make_proposal(by=rosa, summary_es=None)
        client = signed_in(rosa)
        page = client.get(QUEUE, {"cola": "mine"}).content.decode()
        assert f'href="{address(study)}#id_summary_es"' in page
        assert f'href="/admin/studies/proposal/{proposal.pk}/paso/send/#id_summary_es"' in page
        assert "hoy" in page
        assert "Mis borradores y propuestas: <strong>2</strong>" in page
        front = client.get("/admin/").content.decode()
        assert f'{QUEUE}?cola=mine">Mis borradores y propuestas: <strong>2</strong>' in front
        review = signed_in(carmen).get(QUEUE, {"cola": "review"}).content.decode()
        assert f"/admin/studies/proposal/{proposal.pk}/paso/correct/#id_summary_es" in review

    @pytest.mark.parametrize("query", ["cola=x", "cola=review", "p=99", "p=x", "cola=%00&p=-1", "cola=recheck"])
    def test_odd_queries_are_answered(self, rosa: User, query: str):
        assert signed_in(rosa).get(f"{QUEUE}?{query}").status_code == 200

    def test_is_for_those_who_see_studies(self, client: Client):
        assert client.get(QUEUE).url.startswith("/admin/login/")
        assert signed_in(user_with_role()).get(QUEUE).status_code == 403

    def test_costs_the_same_for_many(self, rosa: User, carmen: User, django_assert_num_queries):
        for number in range(2):
            sent(rosa, f"Envío {number}")
            make_proposal(by=rosa, year=2000 + number)
        client = signed_in(carmen)
        client.get(QUEUE, {"cola": "review"})
        with django_assert_num_queries(25):
            assert len(client.get(QUEUE, {"cola": "review"}).context["lines"]) == 4
        for number in range(4):
            sent(rosa, f"Otro {number}")
            make_proposal(by=rosa, year=2010 + number)
        with django_assert_num_queries(25):
            assert len(client.get(QUEUE, {"cola": "review"}).context["lines"]) == 12

    def test_the_first_page_costs_the_same_for_many(self, rosa: User, django_assert_num_queries):
        client = signed_in(rosa)
        make_study(by=rosa)
        client.get("/admin/")
        for _each in range(2):
            with django_assert_num_queries(15):
                client.get("/admin/")
            for _draft in range(3):
                make_study(by=rosa)


class TestChecks:
    @pytest.mark.parametrize(
        ("day", "months", "wanted"),
        [
            ((2026, 1, 31), 1, (2026, 2, 28)),
            ((2024, 2, 29), 12, (2025, 2, 28)),
            ((2026, 11, 23), 24, (2028, 11, 23)),
            ((2026, 11, 23), -24, (2024, 11, 23)),
            ((2026, 12, 31), 2, (2027, 2, 28)),
            ((2026, 1, 15), -1, (2025, 12, 15)),
        ],
    )
    def test_months_end_where_months_end(self, day: tuple, months: int, wanted: tuple):
        assert rechecks.add_months(datetime.date(*day), months) == datetime.date(*wanted)

    def test_a_published_study_is_due_some_months_after_its_publication(self, settings: Settings, rosa: User):
        settings.RECHECK_MONTHS = 6
        study = make_study(stage=Stage.PUBLISHED)
        assert not rechecks.list_due().exists()
        due = rechecks.add_months(timezone.localdate(), -6)
        Study.objects.update(published_at=rechecks.start_of_day(due + datetime.timedelta(days=1)))
        assert not rechecks.list_due().exists()
        Study.objects.update(published_at=rechecks.start_of_day(due))
        assert list(rechecks.list_due()) == [study]
        study.refresh_from_db()
        assert rechecks.get_due_date(study) == timezone.localdate()
        assert titles(rosa, "recheck") == [str(study)]

    def test_a_check_puts_it_off_is_kept_and_changes_nothing_of_the_bank(self, rosa: User):
        study = make_study(stage=Stage.PUBLISHED)
        Study.objects.update(recheck_on=timezone.localdate())
        number, updated = BankCounter.current().change_no, Study.objects.get().updated_at
        rechecks.record_check(study, by=rosa, note="Comparado con el artículo")
        assert not rechecks.list_due().exists()
        assert (study.checks.get().by, study.checks.get().note) == (rosa, "Comparado con el artículo")
        assert rechecks.get_due_date(study) == rechecks.add_months(timezone.localdate(), 24)
        assert (BankCounter.current().change_no, Study.objects.get().updated_at) == (number, updated)

    @pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.WITHDRAWN])
    def test_only_what_is_published_is_checked(self, stage: Stage, rosa: User):
        study = make_study(stage=stage)
        with pytest.raises(CheckRefused):
            rechecks.record_check(study, by=rosa)
        Study.objects.update(recheck_on=timezone.localdate())
        assert not rechecks.list_due().exists()

    def test_the_page_checks_or_only_sets_the_date(self, rosa: User):
        study = make_study(stage=Stage.PUBLISHED)
        client, where = signed_in(rosa), f"/admin/studies/study/{study.pk}/comprobar/"
        assert client.get(where).status_code == 200
        day = (timezone.localdate() + datetime.timedelta(days=40)).isoformat()
        client.post(where, {"again_on": day, "_date": "1"})
        study.refresh_from_db()
        assert (study.recheck_on.isoformat(), study.checks.count()) == (day, 0)
        client.post(where, {"again_on": day, "note": "Bien"})
        assert study.checks.get().note == "Bien"
        assert "Bien" in client.get(f"/admin/studies/study/{study.pk}/history/").content.decode()

    @pytest.mark.parametrize("day", ["", "ayer", "2020-01-01", "0000-00-00", "\x00", "9" * 400, "99999-01-01"])
    def test_odd_dates_are_answered_in_words(self, rosa: User, day: str):
        study = make_study(stage=Stage.PUBLISHED)
        answer = signed_in(rosa).post(f"/admin/studies/study/{study.pk}/comprobar/", {"again_on": day})
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()
        assert not study.checks.exists()


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


class TestProposalsOfOthers:
    def test_an_open_proposal_is_named_on_the_form_of_the_study(self, rosa: User):
        proposal = make_proposal()
        page = signed_in(rosa).get(address(proposal.study)).content.decode()
        assert "Propuestas abiertas: 1" in page
        Proposal.objects.update(state="withdrawn")
        assert "Propuestas abiertas" not in signed_in(rosa).get(address(proposal.study)).content.decode()
