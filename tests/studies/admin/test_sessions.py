"""Nothing typed is lost when a session ended, or when one signed in again in another window."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studies.curation.bulk import making
from studies.models import BulkChange, Stage, Study, Term
from tests.factories import make_proposal, make_study, user_with_role
from tests.studies.admin.test_proposals import step_address
from tests.studies.admin_forms import address, filled_in, form_values, move_address

pytestmark = pytest.mark.django_db
PASSWORD = "una-clave-bien-larga"


@pytest.fixture
def rosa() -> User:
    user = user_with_role("Curaduría", username="rosa")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def browser(rosa: User) -> Client:
    client = Client()
    client.force_login(rosa)
    return client


def carried(page: str) -> dict[str, list[str]]:
    """Give what the sign-in carries along, as the browser sends it back."""
    form = re.search(r'<form method="post">.*?</form>', page, re.DOTALL)
    assert form
    return form_values(form[0].replace("<form ", '<form id="typed" '), "typed")


def sign_in(client: Client, path: str, page: str, password: str = PASSWORD):
    return client.post(path, {**carried(page), "sign_in-username": "rosa", "sign_in-password": password})


class TestSessionThatEnded:
    def test_the_typed_form_comes_back_after_the_sign_in_and_is_saved_by_the_next_click(self, browser: Client):
        study = make_study(title_es="El de antes")
        nasty = "Línea uno\r\n\r\n<b>«dos»</b> & tres"
        typed = filled_in(browser, study, title_es="Lo que escribí", summary_es=nasty, themes=["autonomy", "attention"])
        browser.logout()
        page = browser.post(address(study), typed)
        assert page.status_code == 200
        assert "Su sesión terminó mientras escribía" in page.content.decode()
        back = sign_in(browser, address(study), page.content.decode()).content.decode()
        again = form_values(back, "study_form")
        assert (again["title_es"], again["themes"]) == (["Lo que escribí"], ["attention", "autonomy"])
        assert again["summary_es"] == [nasty]
        assert Study.objects.get(pk=study.pk).title_es == "El de antes"
        assert browser.post(address(study), again).status_code == 302
        assert Study.objects.get(pk=study.pk).title_es == "Lo que escribí"

    def test_a_new_study_comes_back_too(self, browser: Client):
        typed = filled_in(browser, title="Un estudio nuevo sobre tejedoras")
        browser.logout()
        page = browser.post(address(), typed).content.decode()
        back = sign_in(browser, address(), page).content.decode()
        assert form_values(back, "study_form")["title"] == ["Un estudio nuevo sobre tejedoras"]
        assert not Study.objects.filter(title__contains="tejedoras").exists()

    def test_a_wrong_password_keeps_it(self, browser: Client):
        study = make_study()
        typed = filled_in(browser, study, title_es="Lo que escribí")
        browser.logout()
        page = browser.post(address(study), typed).content.decode()
        again = sign_in(browser, address(study), page, "otra").content.decode()
        assert "errornote" in again or "errorlist" in again
        assert carried(again)["title_es"] == ["Lo que escribí"]
        assert "otra" not in [value for values in carried(again).values() for value in values]

    def test_after_five_wrong_passwords_one_waits_as_at_the_sign_in_and_loses_nothing(self, browser: Client):
        study = make_study()
        browser.logout()
        page = browser.post(address(study), {"title": "Lo que escribí"}).content.decode()
        for _try in range(5):
            assert sign_in(browser, address(study), page, "otra").status_code == 200
        refused = sign_in(browser, address(study), page)
        assert refused.status_code == 429
        assert "Espere 30 minutos" in refused.content.decode()
        assert carried(refused.content.decode())["title"] == ["Lo que escribí"]

    def test_the_note_of_a_move_comes_back_and_nothing_has_moved(self, browser: Client):
        study = make_study()
        browser.logout()
        page = browser.post(move_address(study, "send"), {"note": "Un motivo largo"}).content.decode()
        back = sign_in(browser, move_address(study, "send"), page).content.decode()
        assert "Un motivo largo" in back
        assert Study.objects.get(pk=study.pk).stage == Stage.DRAFT

    def test_what_is_proposed_again_comes_back(self, browser: Client, rosa: User):
        proposal = make_proposal(by=rosa)
        where = step_address(proposal, "send")
        typed = form_values(browser.get(where).content.decode(), "study_form") | {"title_es": "Lo que escribí"}
        browser.logout()
        page = browser.post(where, typed).content.decode()
        back = sign_in(browser, where, page).content.decode()
        assert form_values(back, "study_form")["title_es"] == ["Lo que escribí"]
        assert proposal.steps.count() == 1

    def test_the_reason_of_a_bulk_change_comes_back_and_nothing_was_done(self, browser: Client, rosa: User):
        study = make_study()
        change = making.save_selection([study.pk], by=rosa)
        where = reverse("admin:studies_bulkchange_prepare", args=[change.pk]) + "?do=send"
        typed = form_values(browser.get(where).content.decode(), "apply_form")
        browser.logout()
        page = browser.post(where, {**typed, "note": "Un motivo largo"}).content.decode()
        back = form_values(sign_in(browser, where, page).content.decode(), "apply_form")
        assert back["note"] == ["Un motivo largo"]
        assert Study.objects.get(pk=study.pk).stage == Stage.DRAFT
        browser.post(where, back)
        assert Study.objects.get(pk=study.pk).stage == Stage.IN_REVIEW

    def test_the_studies_chosen_for_a_bulk_change_come_back_ticked(self, browser: Client):
        chosen, other = make_study(), make_study()
        where = f"{reverse('select-studies')}?stage=draft"
        browser.logout()
        page = browser.post(where, {"study": chosen.pk, "ticked": "Continuar"}).content.decode()
        back = form_values(sign_in(browser, where, page).content.decode(), "selection_form")
        assert str(other.pk) not in back["study"]
        assert back["study"] == [str(chosen.pk)]
        assert not BulkChange.objects.exists()

    def test_any_other_form_is_sent_on_after_a_question(self):
        chief = user_with_role("Administración", username="rosa")
        chief.set_password(PASSWORD)
        chief.save()
        browser = Client()
        term = Term.objects.get(vocabulary="themes", code="autonomy")
        where = f"/admin/studies/term/{term.pk}/change/"
        typed = {"label_es": "Autonomía nueva", "label_en": term.label_en}
        page = browser.post(where, typed).content.decode()
        asked = sign_in(browser, where, page).content.decode()
        term.refresh_from_db()
        assert term.label_es != "Autonomía nueva"
        browser.post(where, carried(asked))
        term.refresh_from_db()
        assert term.label_es == "Autonomía nueva"

    def test_whoever_is_signed_in_without_being_staff_is_led_to_the_sign_in(self):
        reader = Client()
        reader.force_login(User.objects.create_user("lectora"))
        assert reader.post(address(make_study()), {"title": "x"}).status_code == 302


class TestFormOfAnEarlierSignIn:
    def test_it_comes_back_with_a_new_token_and_does_nothing(self, rosa: User):
        """One signed in again in another window: the token of this one is old."""
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(rosa)
        study = make_study(title_es="El de antes")
        typed = filled_in(browser, study, title_es="Lo que escribí")
        typed["csrfmiddlewaretoken"] = ["x" * 64]
        page = browser.post(address(study), typed)
        assert page.status_code == 403
        kept = carried(page.content.decode())
        assert (kept["title_es"], kept["_again"]) == (["Lo que escribí"], ["1"])
        back = browser.post(address(study), kept).content.decode()
        again = form_values(back, "study_form")
        assert again["title_es"] == ["Lo que escribí"]
        assert Study.objects.get(pk=study.pk).title_es == "El de antes"
        assert browser.post(address(study), again).status_code == 302
        assert Study.objects.get(pk=study.pk).title_es == "Lo que escribí"

    def test_a_stranger_gets_the_plain_refusal(self):
        answer = Client(enforce_csrf_checks=True).post(address(make_study()), {"title": "x"})
        assert answer.status_code == 403
        assert 'type="hidden"' not in answer.content.decode()
