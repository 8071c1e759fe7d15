"""Work queues: what is in whose queue, and since when."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from studies.curation import proposals, queues, stages
from studies.models import Proposal, Revision, Stage, Study
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
    """Move the revisions of a study some days into the past."""
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
        with django_assert_num_queries(29):
            assert len(client.get(QUEUE, {"cola": "review"}).context["lines"]) == 4
        for number in range(4):
            sent(rosa, f"Otro {number}")
            make_proposal(by=rosa, year=2010 + number)
        with django_assert_num_queries(29):
            assert len(client.get(QUEUE, {"cola": "review"}).context["lines"]) == 12

    def test_the_first_page_costs_the_same_for_many(self, rosa: User, django_assert_num_queries):
        client = signed_in(rosa)
        make_study(by=rosa)
        client.get("/admin/")
        for _each in range(2):
            with django_assert_num_queries(16):
                client.get("/admin/")
            for _draft in range(3):
                make_study(by=rosa)


class TestProposalsOfOthers:
    def test_an_open_proposal_is_named_on_the_form_of_the_study(self, rosa: User):
        proposal = make_proposal()
        page = signed_in(rosa).get(address(proposal.study)).content.decode()
        assert "Propuestas abiertas: 1" in page
        Proposal.objects.update(state="withdrawn")
        assert "Propuestas abiertas" not in signed_in(rosa).get(address(proposal.study)).content.decode()
