"""Proposals in the workplace: their pages, and every move of studies and proposals tried by every role (R7)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studies.admin.proposals.moves import CONSEQUENCES, DONE
from studies.curation import proposals
from studies.curation.moves import MOVES, PROPOSAL_MOVES, WorkOwner
from studies.models import Proposal, Stage, Study
from studies.store.exchange import study as exchange_study
from tests.factories import edit, make_proposal, make_study, merge_studies, publish, user_with_role, withdraw
from tests.studies.admin_forms import form_values, move_address
from tests.studies.curation.test_moves import ROLES, allowed
from tests.studies.curation.test_proposals import brought_to, seen
from tests.studies.records_factory import author, finding, source
from tests.thorough import mainly

pytestmark = pytest.mark.django_db
State = Proposal.State
LIST = "/admin/studies/proposal/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(proposal: Proposal) -> str:
    return reverse("admin:studies_proposal_change", args=[proposal.pk])


def step_address(proposal: Proposal, name: str) -> str:
    return reverse("admin:studies_proposal_move", args=[proposal.pk, name])


def state_of(proposal: Proposal) -> str:
    return Proposal.objects.get(pk=proposal.pk).state


def held(study: Study) -> Any:
    return exchange_study.to_record(Study.objects.for_record().get(pk=study.pk))


def whole_form() -> dict[str, Any]:
    """What the form of a record sends back."""
    client = signed_in(user_with_role("Revisión"))
    return form_values(client.get(step_address(make_proposal(), "correct")).content.decode(), "study_form")


def hand_made(proposal: Proposal, form: dict[str, Any]) -> dict[str, Any]:
    """What somebody would send who saw no page: right in all but the right to do it."""
    now = seen(proposal)
    return {**form, "volume": "99", "doi": "", "note": "Un motivo.", "seen_no": now.change_no, "seen_step": now.step}


class TestEveryMoveByEveryRole:
    """Through the addresses of the browser: what the tables allow is done, all else is refused and changes nothing."""

    def test_each_of_a_proposal_has_its_words(self):
        assert set(PROPOSAL_MOVES) == set(CONSEQUENCES) == set(DONE)

    @pytest.mark.parametrize("stage", mainly(2, Stage))
    def test_of_a_study(self, stage: Stage):
        people = {role: signed_in(user_with_role(role)) for role in ROLES.values()}
        for name, role in product(MOVES, ROLES.values()):
            study = _study_at(stage)
            is_allowed = stage in MOVES[name].starts and role in allowed("study", name)
            shown = people[role].get(move_address(study, name))
            people[role].post(move_address(study, name), {"note": "Un motivo.", "seen_no": study.changed_no})
            study.refresh_from_db()
            assert (shown.status_code == 200) == is_allowed, (name, role)
            assert study.stage == (MOVES[name].to if is_allowed else stage), (name, role)

    @pytest.mark.parametrize("state", mainly(1, State))
    def test_of_a_proposal(self, state: State):
        form = whole_form()
        for name, role, is_own in product(PROPOSAL_MOVES, ROLES.values(), (True, False)):
            if is_own and role is None:
                continue
            person = user_with_role(role)
            proposal = brought_to(make_proposal(by=person if is_own else None), state)
            is_allowed = state in PROPOSAL_MOVES[name].starts and role in allowed("proposal", name, own=is_own)
            client = signed_in(person)
            shown = client.get(step_address(proposal, name))
            answer = client.post(step_address(proposal, name), hand_made(proposal, form))
            assert (shown.status_code == 200) == is_allowed, (name, role, is_own)
            assert state_of(proposal) == (PROPOSAL_MOVES[name].to if is_allowed else state), (name, role, is_own)
            assert answer.status_code in (302, 403), (name, role, is_own)
            buttons = client.get(page_of(proposal)).content.decode()
            if not is_allowed and role:
                again = {move.name for move in proposals.list_moves(_fresh(proposal), person)}
                assert (step_address(proposal, name) in buttons) == (name in again)

    def test_strangers_and_readers_are_led_to_the_sign_in(self, client: Client):
        proposal = make_proposal()
        addresses = [LIST, page_of(proposal), *(step_address(proposal, name) for name in PROPOSAL_MOVES)]
        for address in addresses:
            assert client.get(address).url.startswith("/admin/login/")
        reader = signed_in(User.objects.create_user("lectora"))
        for address in addresses:
            assert reader.get(address).status_code == 302
            assert reader.post(address).status_code == 302
        assert state_of(proposal) == State.WAITING

    def test_staff_without_a_role_read_no_proposal(self):
        client = signed_in(user_with_role())
        for address in (LIST, page_of(make_proposal())):
            assert client.get(address).status_code == 403

    @pytest.mark.parametrize("bad", ["999999999", "9" * 30, "x", "-1"])
    def test_bad_ids_are_404(self, bad: str):
        client = signed_in(user_with_role("Revisión"))
        assert client.get(f"{LIST}{bad}/change/", follow=True).status_code == 404
        assert client.get(f"{LIST}{bad}/paso/accept/", follow=True).status_code == 404

    def test_unknown_moves_are_404_and_none_is_added_or_deleted_by_hand(self):
        proposal, client = make_proposal(), signed_in(user_with_role("Administración"))
        assert client.get(step_address(proposal, "steal")).status_code == 404
        assert client.get(f"{LIST}add/").status_code == 403
        assert client.get(f"{LIST}{proposal.pk}/delete/").status_code == 403
        assert client.post(page_of(proposal)).status_code == 403

    @pytest.mark.parametrize("name", PROPOSAL_MOVES)
    def test_a_form_from_elsewhere_is_refused(self, name: str):
        proposal = make_proposal()
        client = Client(enforce_csrf_checks=True)
        client.force_login(
            proposal.author if PROPOSAL_MOVES[name].owner is WorkOwner.SELF else user_with_role("Revisión")
        )
        assert client.post(step_address(proposal, name)).status_code == 403
        assert state_of(proposal) == State.WAITING

    @pytest.mark.parametrize("name", PROPOSAL_MOVES)
    @pytest.mark.parametrize("value", mainly(1, ["\x00", "9" * 400, "{", "-1"]))
    def test_garbage_is_answered(self, name: str, value: str):
        proposal = make_proposal()
        client = signed_in(
            proposal.author if PROPOSAL_MOVES[name].owner is WorkOwner.SELF else user_with_role("Revisión")
        )
        sent = dict.fromkeys(("note", "seen_no", "seen_step", "take-title_es", "title", "authors-TOTAL_FORMS"), value)
        assert client.post(step_address(proposal, name), sent).status_code in (200, 302)
        assert state_of(proposal) in (State.WAITING, PROPOSAL_MOVES[name].to)


class TestPage:
    def test_shows_in_words_what_would_change(self):
        study = make_study(
            stage=Stage.PUBLISHED,
            authors=(author("Quispe"), author("Mamani")),
            open_access=None,
            title_es="La casa roja",
        )
        proposal = make_proposal(
            study,
            title_es="La casa azul",
            authors=(author("Mamani"),),
            findings=(finding(value=0.65), finding(outcome="ipv-sexual", effect="mixed")),
            outcomes=("ipv-physical", "ipv-sexual"),
            open_access=True,
            sample_size=1300,
            sources=(source("https://otra.pe"),),
            note="Según la fe de erratas",
        )
        page = signed_in(user_with_role("Curaduría")).get(page_of(proposal)).content.decode()
        for words in (
            *("Título en español", "roja", "azul", "Según la fe de erratas", "sin dato", "1\u202f300", "0,7", "0,65"),
            *(
                "Autor o autora 1: Ana María Quispe</b>: se quita",
                "Hallazgo 2: Violencia sexual de pareja, Mixto</b>: se añade",
            ),
        ):
            assert words in page, words

    def test_what_hinders_publishing_is_a_list_of_links_into_the_form_that_one_may_use(self):
        proposal = make_proposal(summary_es=None)
        for user, name in ((proposal.author, "send"), (user_with_role("Revisión"), "correct")):
            client = signed_in(user)
            link = f'href="{step_address(proposal, name)}#id_summary_es"'
            assert link in client.get(page_of(proposal)).content.decode()
            assert 'id="id_summary_es"' in client.get(step_address(proposal, name)).content.decode()
        page = signed_in(user_with_role("Revisión")).get(step_address(proposal, "accept")).content.decode()
        assert 'value="Publicar la propuesta"' not in page
        assert "Resumen en español" in page

    def test_a_published_one_shows_what_changed_then_and_what_the_reviewer_corrected(self):
        proposal = make_proposal(title_es="Con erata")
        reviewer = signed_in(user_with_role("Revisión"))
        form = form_values(reviewer.get(step_address(proposal, "correct")).content.decode(), "study_form")
        reviewer.post(step_address(proposal, "correct"), {**form, "title_es": "Con errata", "note": "Una letra"})
        edit(proposal.study, title_es="Mucho después")
        page = reviewer.get(page_of(proposal)).content.decode()
        assert "De lo propuesto a lo publicado" in page
        assert "erata" in page
        assert "Una letra" in page
        assert "Mucho después" not in page.split("Qué cambió")[1]

    def test_a_proposal_that_cannot_be_read_any_more_is_told(self):
        proposal = make_proposal()
        Proposal.objects.filter(pk=proposal.pk).update(record={"id": 3})
        client = signed_in(user_with_role("Revisión"))
        assert "no se puede leer" in client.get(page_of(proposal)).content.decode()
        for name in ("accept", "correct"):
            answer = client.get(step_address(proposal, name), follow=True)
            assert "no se puede leer" in answer.content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_record(self, django_assert_num_queries):
        small = make_proposal(note="Uno")
        large = make_proposal(
            authors=tuple(author(f"Autora {n}") for n in range(12)), findings=(finding(),) * 6, sources=(source(),) * 5
        )
        edit(large.study, year=2020)
        client = signed_in(user_with_role("Revisión"))
        client.get(page_of(small))
        with django_assert_num_queries(19):
            client.get(page_of(small))
        with django_assert_num_queries(20):  # and the base, which is not the study of now
            client.get(page_of(large))


class TestList:
    def test_is_filtered_by_state_and_person_and_searched_by_words_of_the_study(self):
        mine = user_with_role("Curaduría")
        one = make_proposal(make_study(stage=Stage.PUBLISHED, title="Las ñustas del altiplano"), by=mine)
        other = brought_to(make_proposal(), State.RETURNED)
        gone = brought_to(make_proposal(), State.WITHDRAWN)
        client = signed_in(mine)

        def listed(**query: str) -> set[int]:
            return {row.pk for row in client.get(LIST, query).context["cl"].result_list}

        assert listed() == {one.pk, other.pk, gone.pk}
        assert listed(state="open") == {one.pk, other.pk}
        assert listed(state="returned") == {other.pk}
        assert listed(mine="1") == {one.pk}
        assert listed(q="nustas ALTIPLANO") == {one.pk}
        assert listed(state="steal") == {one.pk, other.pk, gone.pk}

    def test_costs_the_same_for_many(self, django_assert_num_queries):
        client = signed_in(user_with_role("Revisión"))
        make_proposal()
        client.get(LIST)
        for _each in range(2):
            with django_assert_num_queries(7):
                client.get(LIST)
            make_proposal()


class TestMainJob:
    def test_a_change_is_proposed_returned_sent_again_joined_and_published(self, client: Client):
        """Two people, as browsers send it, while a third corrects the study in between."""
        study = make_study(stage=Stage.PUBLISHED, title_es="El de antes", year=2020)
        writer, reviewer = user_with_role("Curaduría"), user_with_role("Revisión")
        hers, his = signed_in(writer), signed_in(reviewer)
        proposal = make_proposal(study, by=writer, title_es="Primera idea")

        his.post(step_address(proposal, "return"), {"note": "Ponga el título completo."})
        assert "Ponga el título completo." in hers.get(page_of(proposal)).content.decode()
        form = form_values(hers.get(step_address(proposal, "send")).content.decode(), "study_form")
        assert form["title_es"] == ["Primera idea"]
        hers.post(step_address(proposal, "send"), {**form, "title_es": "Segunda idea", "note": "Ya está"})
        assert state_of(proposal) == State.WAITING

        edit(study, title_es="Otra cosa", year=2022)
        page = his.get(step_address(proposal, "accept")).content.decode()
        assert "los dos lo cambiaron: elija" in page
        sent = {"seen_no": held_no(study), "seen_step": seen(proposal).step}
        assert "Elija qué queda" in his.post(step_address(proposal, "accept"), sent).content.decode()
        assert held(study).title_es == "Otra cosa"
        his.post(step_address(proposal, "accept"), {**sent, "take-title_es": "mine"})
        assert (held(study).title_es, held(study).year) == ("Segunda idea", 2022)
        assert "Segunda idea" in client.get(f"/estudios/{study.slug}/").content.decode()
        assert client.get(f"/estudios/{study.slug}/").content.decode().count(writer.username) == 0

    def test_what_a_reviewer_typed_comes_back_joined_when_the_study_changed(self):
        proposal = make_proposal(title_es="Propuesto")
        client = signed_in(user_with_role("Revisión"))
        form = form_values(client.get(step_address(proposal, "correct")).content.decode(), "study_form")
        edit(proposal.study, year=2015)
        page = client.post(step_address(proposal, "correct"), {**form, "title_es": "Corregido"}).content.decode()
        again = form_values(page, "study_form")
        assert (again["title_es"], again["year"]) == (["Corregido"], ["2015"])
        assert state_of(proposal) == State.WAITING
        assert client.post(step_address(proposal, "correct"), again).status_code == 302
        assert (held(proposal.study).title_es, held(proposal.study).year) == ("Corregido", 2015)


def held_no(study: Study) -> int:
    return Study.objects.get(pk=study.pk).changed_no


def _fresh(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_related("study").get(pk=proposal.pk)


def _study_at(stage: Stage) -> Study:
    if stage == Stage.MERGED:
        return merge_studies(publish(make_study()), publish(make_study()))
    if stage == Stage.WITHDRAWN:
        return withdraw(publish(make_study()))
    return make_study(stage=stage)
