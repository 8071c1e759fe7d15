"""Bulk work as people meet it: choosing, the preview, doing it, undoing it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from studies.curation.bulk import making
from studies.models import BulkChange, Proposal, Stage, Study
from studies.records.study import InterventionRecord
from studies.store.exchange.study import to_record
from tests.factories import edit, make_study, user_with_role
from tests.studies.admin_forms import form_values

pytestmark = pytest.mark.django_db
CURATOR, REVIEWER, ADMINISTRATOR = "Curaduría", "Revisión", "Administración"
ADD_URBAN = {"do": "add", "field": "settings", "codes": ["urban"]}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def prepare_address(change: BulkChange) -> str:
    return reverse("admin:studies_bulkchange_prepare", args=[change.pk])


def done_address(change: BulkChange) -> str:
    return reverse("admin:studies_bulkchange_change", args=[change.pk])


def undo_address(change: BulkChange) -> str:
    return reverse("admin:studies_bulkchange_undo", args=[change.pk])


def selected(user: User, *studies: Study) -> BulkChange:
    return making.save_selection([study.pk for study in studies], by=user)


def confirmed(client: Client, change: BulkChange, answers: dict[str, Any], **typed: str) -> Any:
    """Send the button of the preview, as a browser does from the page that shows it."""
    page = client.get(prepare_address(change), answers)
    values = {**form_values(page.content.decode(), "apply_form"), **typed}
    return client.post(page.wsgi_request.get_full_path(), values, follow=True)


def settings_of(study: Study) -> set[str]:
    return set(study.terms.filter(vocabulary="settings").values_list("code", flat=True))


class TestAccess:
    def test_strangers_are_led_to_the_sign_in(self, client: Client):
        change = selected(user_with_role(CURATOR), make_study())
        for address in (prepare_address(change), done_address(change), undo_address(change)):
            assert client.get(address).status_code == 302

    def test_staff_without_a_role_are_refused(self):
        change = selected(user_with_role(CURATOR), make_study())
        client = signed_in(user_with_role(None))
        for address in (prepare_address(change), done_address(change), undo_address(change)):
            assert client.get(address, follow=True).status_code == 403
        assert client.get(reverse("admin:studies_bulkchange_changelist")).status_code == 403

    def test_a_selection_is_for_who_made_it(self):
        change = selected(user_with_role(CURATOR), make_study())
        other = signed_in(user_with_role(ADMINISTRATOR))
        assert other.get(prepare_address(change)).status_code == 403
        assert other.post(f"{prepare_address(change)}?do=send").status_code == 403

    def test_what_was_done_is_seen_by_colleagues_and_undone_by_its_author_or_an_administrator(self):
        author = user_with_role(CURATOR)
        change = selected(author, make_study())
        confirmed(signed_in(author), change, ADD_URBAN)
        colleague = signed_in(user_with_role(REVIEWER))
        page = colleague.get(done_address(change)).content.decode()
        assert "Urbano" in page
        assert undo_address(change) not in page
        assert colleague.get(undo_address(change)).status_code == 403
        assert colleague.post(undo_address(change)).status_code == 403
        assert (
            undo_address(change) in signed_in(user_with_role(ADMINISTRATOR)).get(done_address(change)).content.decode()
        )

    def test_only_reviewers_are_offered_publishing(self):
        for role, offered in ((CURATOR, False), (REVIEWER, True)):
            user = user_with_role(role)
            page = signed_in(user).get(prepare_address(selected(user, make_study()))).content.decode()
            assert ('value="publish"' in page) == offered

    def test_bad_ids_are_404_wrong_methods_405_and_foreign_forms_403(self):
        user = user_with_role(CURATOR)
        client = signed_in(user)
        for name in ("prepare", "undo"):
            assert client.get(reverse(f"admin:studies_bulkchange_{name}", args=[10**30])).status_code == 404
        for bad in ("x", "9" * 40):
            assert client.get(reverse("admin:studies_bulkchange_change", args=[bad])).status_code == 404
        change = selected(user, make_study())
        assert client.put(prepare_address(change)).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(user)
        assert strict.post(f"{prepare_address(change)}?do=send").status_code == 403

    @pytest.mark.parametrize(
        "query",
        ["do=x", "do=add&field=%00", "do=add&field=settings&codes=nada", "do=replace&field=themes&into=%00", "do="],
    )
    def test_odd_answers_are_answered(self, query: str):
        user = user_with_role(CURATOR)
        client = signed_in(user)
        address = f"{prepare_address(selected(user, make_study()))}?{query}"
        assert client.get(address).status_code == 200
        assert client.post(address, {"note": "\x00", "seen": "x" * 99}).status_code == 200


class TestPreview:
    def test_asks_step_by_step(self):
        user = user_with_role(CURATOR)
        client, change = signed_in(user), selected(user, make_study())
        steps = [{}, {"do": "add"}, {"do": "add", "field": "settings"}, ADD_URBAN]
        pages = [client.get(prepare_address(change), answers).content.decode() for answers in steps]
        assert ['name="field"' in page for page in pages] == [False, True, True, True]
        assert ['name="codes"' in page for page in pages] == [False, False, True, True]
        assert ['id="apply_form"' in page for page in pages] == [False, False, False, True]
        assert "se hizo en ciudades" in pages[2]

    def test_only_terms_that_the_studies_carry_are_offered_for_removal_with_their_number(self):
        user = user_with_role(CURATOR)
        change = selected(user, make_study(settings=("rural",)), make_study(settings=("rural", "urban")))
        page = signed_in(user).get(prepare_address(change), {"do": "remove", "field": "settings"}).content.decode()
        assert re.findall(r"<span>(\w+ \(\d\))</span>", page) == ["Rural (2)", "Urbano (1)"]

    def test_tells_how_many_change_which_do_not_and_why(self):
        user = user_with_role(CURATOR)
        studies = {
            "changed": make_study(),
            "proposed": make_study(stage=Stage.PUBLISHED),
            "same": make_study(settings=("urban",)),
            "refused": make_study(stage=Stage.WITHDRAWN),
        }
        response = signed_in(user).get(prepare_address(selected(user, *studies.values())), ADD_URBAN)
        groups = {group.outcome: group for group in response.context["groups"]}
        assert {name: [row.study_id for row in group.rows] for name, group in groups.items()} == {
            name: [study.pk] for name, study in studies.items()
        }
        assert groups["changed"].rows[0].added == ("Urbano",)
        assert "en la etapa «retirado»" in response.content.decode()
        assert settings_of(studies["changed"]) == {"rural"}

    def test_r2_links_to_the_field_that_would_be_lacking(self):
        user = user_with_role(REVIEWER)
        study = make_study(stage=Stage.PUBLISHED)
        answers = {"do": "remove", "field": "themes", "codes": ["prevention"]}
        page = signed_in(user).get(prepare_address(selected(user, study)), answers).content.decode()
        assert f"{reverse('admin:studies_study_change', args=[study.pk])}#id_themes" in page
        assert 'id="apply_form"' not in page

    def test_warns_who_would_no_longer_be_able_to_publish(self, settings):
        settings.TEAM_OF_ONE = False
        user = user_with_role(REVIEWER)
        change = selected(user, make_study(stage=Stage.IN_REVIEW))
        warning = "quien cambia sus términos ya no los puede publicar"
        assert warning in signed_in(user).get(prepare_address(change), ADD_URBAN).content.decode()

    def test_asks_the_same_number_of_questions_for_any_number_of_studies(self, django_assert_num_queries):
        user = user_with_role(REVIEWER)
        client = signed_in(user)
        for count in (3, 150):
            change = making.save_selection(Study.objects.order_by("pk").values_list("pk", flat=True)[:count], by=user)
            client.get(prepare_address(change), ADD_URBAN)
            with django_assert_num_queries(20):
                client.get(prepare_address(change), ADD_URBAN)


class TestRoles:
    ADD = {"do": "add", "field": "interventions", "codes": "helpline"}

    def test_an_intervention_is_added_with_a_role_that_somebody_chose(self):
        user = user_with_role(CURATOR)
        client, study = signed_in(user), make_study()
        change = selected(user, study)
        asked = client.get(prepare_address(change), self.ADD).content.decode()
        assert "Qué hace cada estudio con ellas" in asked
        assert "Vista previa" not in asked
        seen = client.get(prepare_address(change), {**self.ADD, "role": "described"}).content.decode()
        assert "(descrita)" in seen
        confirmed(client, change, {**self.ADD, "role": "described"})
        record = to_record(Study.objects.for_record().get(pk=study.pk))
        assert InterventionRecord("helpline", "described") in record.interventions

    @pytest.mark.parametrize(
        "answers", [{"field": "interventions", "do": "remove"}, {"field": "settings", "do": "add"}]
    )
    def test_nothing_else_asks_for_a_role(self, answers: dict[str, str]):
        user = user_with_role(CURATOR)
        page = signed_in(user).get(prepare_address(selected(user, make_study())), answers).content.decode()
        assert 'name="role"' not in page


class TestDoing:
    def test_changes_and_proposes_and_leads_to_what_was_done(self):
        user = user_with_role(CURATOR)
        draft, public = make_study(), make_study(stage=Stage.PUBLISHED)
        change = selected(user, draft, public)
        page = confirmed(signed_in(user), change, ADD_URBAN, note="Lo pidió la dirección.")
        assert page.redirect_chain[-1][0] == done_address(change)
        assert "Cambiaron: 1" in page.content.decode()
        assert "Quedaron como propuesta: 1" in page.content.decode()
        assert settings_of(draft) == {"rural", "urban"}
        assert Proposal.objects.get(study=public).author == user
        assert "Lo pidió la dirección." in draft.revisions.first().note

    def test_what_changed_meanwhile_is_told_and_the_note_is_kept(self):
        user = user_with_role(CURATOR)
        study = make_study()
        change, client = selected(user, study), signed_in(user)
        page = client.get(prepare_address(change), ADD_URBAN)
        values = form_values(page.content.decode(), "apply_form")
        edit(study, title_es="Otro título")
        again = client.post(page.wsgi_request.get_full_path(), {**values, "note": "Mi motivo"})
        assert "Algo cambió desde que vio la vista previa" in again.content.decode()
        assert "Mi motivo" in again.content.decode()
        assert settings_of(study) == {"rural"}
        values = form_values(again.content.decode(), "apply_form")
        client.post(page.wsgi_request.get_full_path(), values)
        assert settings_of(study) == {"rural", "urban"}

    def test_is_not_done_twice(self):
        user = user_with_role(CURATOR)
        change, client = selected(user, make_study()), signed_in(user)
        confirmed(client, change, ADD_URBAN)
        response = client.post(f"{prepare_address(change)}?do=send", {"seen": ""})
        assert (response.status_code, response.url) == (302, done_address(change))

    @pytest.mark.parametrize(
        ("role", "start", "name", "end"),
        [
            (CURATOR, Stage.DRAFT, "send", Stage.IN_REVIEW),
            (REVIEWER, Stage.IN_REVIEW, "publish", Stage.PUBLISHED),
            (ADMINISTRATOR, Stage.IN_REVIEW, "publish", Stage.PUBLISHED),
        ],
    )
    def test_moves_studies(self, role, start, name, end):
        user = user_with_role(role)
        study = make_study(stage=start)
        confirmed(signed_in(user), selected(user, study), {"do": name})
        study.refresh_from_db()
        assert study.stage == end


class TestUndoing:
    def test_brings_back_and_says_so(self):
        user = user_with_role(CURATOR)
        study = make_study()
        change, client = selected(user, study), signed_in(user)
        confirmed(client, change, ADD_URBAN)
        page = client.post(undo_address(change), {"note": ""}, follow=True).content.decode()
        assert "Se deshizo en 1 estudio." in page
        assert settings_of(study) == {"rural"}
        assert undo_address(change) not in page

    def test_names_what_hinders_it_and_offers_the_others(self):
        user = user_with_role(CURATOR)
        one, other = make_study(), make_study()
        change, client = selected(user, one, other), signed_in(user)
        confirmed(client, change, ADD_URBAN)
        edit(other, title_es="Otro título")
        page = client.get(undo_address(change)).content.decode()
        assert "En 1 no se puede deshacer" in page
        assert other.slug in page
        assert 'name="skip"' in page
        assert "No se hizo nada" in client.post(undo_address(change), {"note": ""}).content.decode()
        client.post(undo_address(change), {"note": "", "skip": "x"})
        assert (settings_of(one), settings_of(other)) == ({"rural"}, {"rural", "urban"})

    def test_r3_a_publication_is_undone_by_withdrawing_with_a_public_reason(self):
        reviewer, chief = user_with_role(REVIEWER), user_with_role(ADMINISTRATOR)
        study = make_study(stage=Stage.IN_REVIEW)
        change = selected(reviewer, study)
        confirmed(signed_in(reviewer), change, {"do": "publish"})
        client = signed_in(chief)
        assert "Escriba el motivo" in client.post(undo_address(change), {"note": ""}).content.decode()
        client.post(undo_address(change), {"note": "Se publicó por error."})
        study.refresh_from_db()
        assert (study.stage, study.stage_note) == (Stage.WITHDRAWN, "Se publicó por error.")


class TestList:
    def test_has_what_was_done_and_no_mere_selection(self):
        user = user_with_role(CURATOR)
        client = signed_in(user)
        change = selected(user, make_study())
        confirmed(client, change, ADD_URBAN)
        selected(user, make_study())
        response = client.get(reverse("admin:studies_bulkchange_changelist"))
        assert [row.pk for row in response.context["cl"].result_list] == [change.pk]

    def test_asks_the_same_number_of_questions_for_any_number_of_rows(self, django_assert_num_queries):
        user = user_with_role(CURATOR)
        client = signed_in(user)
        for _row in range(2):
            confirmed(client, selected(user, make_study(), make_study()), ADD_URBAN)
            with django_assert_num_queries(7):
                client.get(reverse("admin:studies_bulkchange_changelist"))
