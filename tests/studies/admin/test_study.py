"""The curators' workplace on studies: list, form, history, deletion, and who may do what."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studies.admin.record_form.finding_row import follow_up_in_english, months_of
from studies.admin.record_form.forms import StudyForm
from studies.admin.record_form.problems import SENTENCES, describe_problems
from studies.admin.shared import fields
from studies.curation import stages
from studies.models import BankCounter, Programme, Stage, Study
from studies.records import rules
from studies.records.rules import Problem
from studies.store.changes import vocabulary_change
from studies.store.exchange import study as exchange_study
from tests.factories import edit, make_study, publish, user_with_role, withdraw
from tests.studies.admin_forms import address, filled_in, form_values
from tests.studies.appraisals_factory import appraisal_record
from tests.studies.records_factory import author, finding, institution, source
from tests.thorough import examples, mainly

pytestmark = pytest.mark.django_db
LIST = "/admin/studies/study/"
ROLES = ("Curaduría", "Revisión", "Administración")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def curator() -> User:
    return user_with_role("Curaduría")


@pytest.fixture
def reviewer() -> User:
    return user_with_role("Revisión")


def held(study: Study):
    return exchange_study.to_record(Study.objects.for_record().get(pk=study.pk))


class TestSigningIn:
    def test_a_stranger_is_led_to_the_sign_in(self, client: Client):
        response = client.get(LIST)
        assert response.status_code == 302
        assert response.url.startswith("/admin/login/")

    @pytest.mark.parametrize("path", ["/admin/", LIST, f"{LIST}add/", "/admin/studies/term/"])
    def test_the_workplace_is_spanish_whatever_the_browser_prefers(self, curator: User, path: str):
        client = signed_in(curator)
        client.get("/en/", headers={"accept-language": "en"})
        page = client.get(path, headers={"accept-language": "en"}).content.decode()
        assert '<html lang="es"' in page
        assert "Cerrar sesión" in page
        assert "Log out" not in page

    def test_the_first_page_counts_the_stages_and_names_own_drafts(self, curator: User):
        own = make_study(by=curator, title_es="Mi borrador")
        other = make_study(title_es="El borrador de otra persona")
        page = signed_in(curator).get("/admin/").content.decode()
        assert f"{LIST}?stage=draft" in page
        assert "Borrador: <strong>2</strong>" in " ".join(page.split())
        assert own.title_es in page
        assert other.title_es not in page
        assert 'href="/"' in page

    def test_staff_without_a_role_see_no_study_there(self):
        page = signed_in(user_with_role()).get("/admin/").content.decode()
        assert "Estudios por etapa" not in page


class TestList:
    @pytest.mark.parametrize(
        "words", ["hogares QUECHUAS", "quechúas hogáres", "ñandu", "10.1234/unico", "https://doi.org/10.1234/UNICO"]
    )
    def test_finds_by_words_without_accents_and_case(self, curator: User, words: str):
        study = make_study(
            title_en="Quechua homes", title="Hogares quechuas", authors=(author("Ñandú"),), doi="10.1234/unico"
        )
        make_study(title="Otra cosa")
        response = signed_in(curator).get(LIST, {"q": words})
        assert [row.pk for row in response.context["cl"].result_list] == [study.pk]

    def test_finds_by_slug(self, curator: User):
        study = make_study(id="mamani-2020-caso-raro")
        response = signed_in(curator).get(LIST, {"q": "2020-caso-raro"})
        assert [row.pk for row in response.context["cl"].result_list] == [study.pk]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("stage", "draft"),
            ("theme", "autonomy"),
            ("design", "qualitative"),
            ("year", "1931"),
            ("language", "pt"),
            ("type", "thesis"),
            ("status", "ongoing"),
            ("programme", "sasa"),
        ],
    )
    def test_each_filter_narrows(self, curator: User, name: str, value: str):
        study = make_study(
            themes=("autonomy",),
            designs=("qualitative",),
            year=1931,
            language="pt",
            type="thesis",
            status="ongoing",
            programme="SASA!",
        )
        other = make_study(stage=Stage.PUBLISHED)
        response = signed_in(curator).get(LIST, {name: value, "q": "quispe 2021 hogares"})
        assert [row.pk for row in response.context["cl"].result_list] == [study.pk]
        assert other.pk

    def test_mine_are_those_that_i_changed(self, curator: User):
        study = make_study(by=curator)
        make_study()
        response = signed_in(curator).get(LIST, {"mine": "1"})
        assert [row.pk for row in response.context["cl"].result_list] == [study.pk]

    @pytest.mark.parametrize(
        "query",
        [
            "stage=x",
            "year=9" * 40,
            "year=%00",
            "theme=%00",
            "q=%00",
            "q=%25%5F",
            "p=99999999",
            "p=-1",
            "p=x",
            "o=9.9",
            "mine=2",
        ],
    )
    def test_odd_queries_get_an_answer(self, curator: User, query: str):
        assert signed_in(curator).get(f"{LIST}?{query}", follow=True).status_code == 200

    @pytest.mark.parametrize("lookup", ["title=%00", "folded__regex=((", "revisions__by__password__startswith=a"])
    def test_only_the_offered_filters_reach_the_database(self, curator: User, lookup: str):
        assert signed_in(curator).get(f"{LIST}?{lookup}").status_code == 400

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, curator: User, django_assert_num_queries):
        client = signed_in(curator)
        client.get(LIST)
        with django_assert_num_queries(10):
            assert len(client.get(LIST, {"q": "abramsky-2014-sasa"}).context["cl"].result_list) >= 1
        with django_assert_num_queries(10):
            assert len(client.get(LIST).context["cl"].result_list) == 50

    @pytest.mark.parametrize("role", ROLES)
    def test_no_list_deletes_in_bulk(self, role: str):
        study = make_study()
        client = signed_in(user_with_role(role))
        client.post(LIST, {"action": "delete_selected", "_selected_action": [study.pk], "post": "yes"})
        assert Study.objects.filter(pk=study.pk).exists()
        assert "delete_selected" not in client.get(LIST).content.decode()


class TestManyChoices:
    """Nobody scrolls through a hundred names: they are typed."""

    def test_no_select_of_the_form_has_more_than_fifty_options(self, curator: User):
        page = signed_in(curator).get(f"{LIST}add/").content.decode()
        selects = re.findall(r"<select.*?</select>", page, re.DOTALL)
        assert max(select.count("<option") for select in selects) <= fields.MOST_IN_A_SELECT + 1
        assert re.search(r'<input type="text" name="programme"[^>]* list="id_programme_names"', page)

    @pytest.mark.parametrize(("typed", "kept"), [("SASA!", "SASA!"), (" sasa! ", "SASA!"), ("sasa", "SASA!"), ("", "")])
    def test_a_programme_is_known_by_name_or_code(self, curator: User, typed: str, kept: str):
        study = make_study(programme=None)
        client = signed_in(curator)
        values = form_values(client.get(address(study)).content.decode(), "study_form")
        assert client.post(address(study), {**values, "programme": typed}).status_code == 302
        programme = Study.objects.get(pk=study.pk).programme
        assert (programme.name if programme else "") == kept

    def test_a_name_that_is_not_there_is_told_and_stays_typed(self, curator: User):
        study = make_study(programme="SASA!")
        client = signed_in(curator)
        page = client.get(address(study)).content.decode()
        assert 'value="SASA!"' in page
        answer = client.post(address(study), {**form_values(page, "study_form"), "programme": "Sin <par>"})
        assert answer.status_code == 200
        assert "No está en la lista." in answer.content.decode()
        assert 'value="Sin &lt;par&gt;"' in answer.content.decode()

    def test_more_programmes_ask_no_more_questions(self, curator: User):
        client = signed_in(curator)
        client.get(f"{LIST}add/")

        def asked() -> int:
            with CaptureQueriesContext(connection) as found:
                assert client.get(f"{LIST}add/").status_code == 200
            return len(found)

        before = asked()
        with vocabulary_change():
            Programme.objects.bulk_create(Programme(slug=f"p-{n}", name=f"Programa {n}") for n in range(60))
        client.get(f"{LIST}add/")
        assert asked() == before


class TestEntry:
    @pytest.mark.thorough
    def test_every_real_study_comes_back_from_its_form_as_it_was(self, curator: User):
        """The form is opened and sent unchanged: fields, order of rows and numbers are what they were."""
        client = signed_in(user_with_role("Revisión"))
        before = BankCounter.current().change_no
        samples = _few_with_all_that_is_rare()
        for study in samples:
            response = client.post(address(study), filled_in(client, study))
            assert response.status_code == 302, study.slug
        assert BankCounter.current().change_no == before
        assert len(samples) > 5

    def test_a_new_study_needs_only_a_title(self, curator: User):
        client = signed_in(curator)
        response = client.post(address(), filled_in(client, title="Un estudio nuevo sobre tejedoras"), follow=True)
        study = Study.objects.latest("pk")
        assert response.redirect_chain[-1][0] == address(study)
        assert study.stage == Stage.DRAFT
        assert study.slug == "nuevo-tejedoras"
        revision = study.revisions.get()
        assert (revision.by, revision.is_content, revision.change_no) == (curator, True, study.changed_no)

    def test_the_slug_is_proposed_from_author_year_and_title(self, curator: User):
        client = signed_in(curator)
        typed = {"title": "Tejedoras del sur", "year": "2019", "authors-0-family": "Ponce de León"}
        client.post(address(), filled_in(client, **typed))
        assert Study.objects.latest("pk").slug == "ponce-de-2019-tejedoras-sur"

    def test_a_save_writes_one_revision_with_person_note_and_words(self, curator: User):
        study = make_study()
        client = signed_in(curator)
        changed = filled_in(client, study, title_es="Título con eñe: Ñañiga", note="Corrijo el título")
        assert client.post(address(study), changed).status_code == 302
        study.refresh_from_db()
        latest = study.revisions.first()
        assert latest is not None
        assert study.revisions.count() == 2
        assert (latest.by, latest.note, latest.change_no) == (curator, "Corrijo el título", study.changed_no)
        assert latest.record["title_es"] == "Título con eñe: Ñañiga"
        assert "naniga" in study.folded

    def test_an_unchanged_save_writes_nothing(self, curator: User):
        study = make_study()
        client = signed_in(curator)
        response = client.post(address(study), filled_in(client, study, note="Nada"), follow=True)
        assert "No había cambios que guardar" in response.content.decode()
        assert study.revisions.count() == 1

    def test_authors_keep_the_order_that_is_asked_for(self, curator: User):
        study = make_study(authors=(author("Uno"), author("Dos"), institution("Tres")))
        client = signed_in(curator)
        changes = {
            "authors-0-ORDER": "9",
            "authors-1-DELETE": "on",
            "authors-3-family": "Cuatro",
            "authors-3-ORDER": "1",
        }
        client.post(address(study), filled_in(client, study, **changes))
        assert [entry.family or entry.literal for entry in held(study).authors] == ["Cuatro", "Tres", "Uno"]

    def test_the_first_design_is_the_main_one(self, curator: User):
        study = make_study(designs=("rct", "economic-evaluation", "qualitative"))
        client = signed_in(curator)
        assert held(study).designs == ("rct", "economic-evaluation", "qualitative")
        client.post(
            address(study),
            filled_in(client, study, main_design="economic-evaluation", other_designs=["qualitative", "rct"]),
        )
        assert held(study).designs == ("economic-evaluation", "rct", "qualitative")

    @pytest.mark.parametrize(
        "typed", ["https://doi.org/10.5555/ABC.1", "DOI: 10.5555/abc.1", "10.5555/ABC.1.", " 10.5555/abc.1 "]
    )
    def test_r3_a_doi_is_stored_bare(self, curator: User, typed: str):
        study = make_study()
        client = signed_in(curator)
        client.post(address(study), filled_in(client, study, doi=typed))
        assert held(study).doi == "10.5555/abc.1"

    def test_numbers_are_read_with_comma_and_with_point(self, curator: User):
        study = make_study()
        client = signed_in(curator)
        numbers = {"findings-0-value": "0,75", "findings-0-ci_low": "0.5", "findings-0-ci_high": "0,9"}
        client.post(address(study), filled_in(client, study, **numbers))
        assert (held(study).findings[0].value, held(study).findings[0].ci_low) == (0.75, 0.5)

    def test_a_follow_up_in_spanish_is_stored_as_the_record_has_it(self, curator: User):
        study = make_study()
        client = signed_in(curator)
        typed = {"findings-0-follow_up": "58 semanas", "findings-0-follow_up_months": ""}
        client.post(address(study), filled_in(client, study, **typed))
        found = held(study).findings[0]
        assert (found.follow_up, found.follow_up_months) == ("58 weeks", 13.3)

    @pytest.mark.parametrize(
        "url", mainly(2, ["javascript:alert(1)", "ftp://a.pe/b", "//a.pe", "http://", "https://a b.pe"])
    )
    def test_addresses_are_of_the_web(self, curator: User, url: str):
        study = make_study()
        client = signed_in(curator)
        for name in ("url", "sources-0-url"):
            response = client.post(address(study), filled_in(client, study, **{name: url}))
            assert response.status_code == 200
            assert "https:// o http://" in response.content.decode()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"title": " "}, "No se guardó nada"),
            ({"doi": "doi raro"}, "No es un DOI"),
            ({"slug": "Con Mayúsculas"}, "Use solo minúsculas"),
            ({"slug": "abramsky-2014-sasa"}, "Otro estudio ya tiene este identificador"),
            ({"doi": "10.1186/s12916-014-0122-5"}, "Este DOI ya es del estudio «abramsky-2014-sasa»"),
            ({"sample_size": ""}, "Escriba el tamaño"),
            ({"authors-0-literal": "Un ministerio"}, "Una institución no lleva apellidos"),
            ({"authors-0-family": ""}, "Escriba los apellidos"),
            ({"findings-0-effect": ""}, "Falta este dato"),
            ({"findings-0-ci_low": "3"}, "El límite inferior es mayor"),
            ({"findings-0-p": "2"}, "El valor p va de 0 a 1"),
            ({"sources-0-url": ""}, "Falta este dato"),
            ({"other_designs": ["rct"]}, "no se marca otra vez"),
        ],
    )
    def test_what_cannot_be_stored_is_told_and_stays_as_typed(self, curator: User, changes: dict, sentence: str):
        study = make_study()
        client = signed_in(curator)
        response = client.post(address(study), filled_in(client, study, summary_es="Recién escrito", **changes))
        page = response.content.decode()
        assert response.status_code == 200
        assert sentence in page
        assert "Recién escrito" in page
        assert study.revisions.count() == 1

    def test_a_slug_stays_once_published(self, reviewer: User):
        study = make_study(stage=Stage.PUBLISHED)
        client = signed_in(reviewer)
        slug = study.slug
        client.post(address(study), filled_in(client, study, slug="otro-slug", title_es="Otro título"))
        study.refresh_from_db()
        assert (study.slug, study.title_es) == (slug, "Otro título")

    def test_a_draft_may_take_another_slug(self, curator: User):
        study = make_study()
        client = signed_in(curator)
        client.post(address(study), filled_in(client, study, slug="otro-slug"))
        study.refresh_from_db()
        assert study.slug == "otro-slug"


class TestClash:
    @pytest.fixture
    def clash(self, curator: User) -> Clash:
        study = make_study(title_es="El de antes", year=2020)
        return Clash(signed_in(curator), study)

    def test_the_second_of_two_editors_is_told_and_loses_nothing(self, clash: Clash):
        clash.they(summary_es="El resumen de la otra persona, que también importa.")
        page = clash.i(title_es="Mi título", note="Mi motivo")
        assert "otra-curadora guardó este estudio" in page
        assert "Mi título" in page
        assert "El resumen de la otra persona" not in page or "Resumen en español" in page
        assert held(clash.study).title_es == "El de antes"
        assert form_values(page, "clash_form")["note"] == ["Mi motivo"]

    def test_what_does_not_collide_is_joined_and_saved_at_the_first_button(self, clash: Clash):
        clash.they(summary_es="El resumen de la otra persona.")
        page = clash.i(title_es="Mi título", note="Mi motivo")
        assert "elija" not in page
        response = clash.settle(page)
        assert response.status_code == 302
        assert (held(clash.study).title_es, held(clash.study).summary_es) == (
            "Mi título",
            "El resumen de la otra persona.",
        )
        assert clash.study.revisions.first().note == "Mi motivo"

    @pytest.mark.parametrize(("side", "wanted"), [("mine", "Mi título"), ("theirs", "Su título")])
    def test_what_collides_is_saved_as_it_is_chosen_and_not_before(self, clash: Clash, side: str, wanted: str):
        clash.they(title_es="Su título", year=2021)
        page = clash.i(title_es="Mi título", volume="77")
        assert "los dos lo cambiaron: elija" in page
        undecided = clash.settle(page)
        assert "Elija qué queda" in undecided.content.decode()
        assert held(clash.study).volume != "77"
        assert clash.settle(undecided.content.decode(), **{"take-title_es": side}).status_code == 302
        record = held(clash.study)
        assert (record.title_es, record.year, record.volume) == (wanted, 2021, "77")

    def test_a_field_that_only_the_other_changed_may_be_taken_back(self, clash: Clash):
        clash.they(year=2021)
        page = clash.i(title_es="Mi título")
        clash.settle(page, **{"take-year": "mine"})
        assert (held(clash.study).year, held(clash.study).title_es) == (2020, "Mi título")

    def test_what_is_joined_can_go_back_to_the_form_first(self, clash: Clash):
        clash.they(year=2021)
        page = clash.settle(clash.i(title_es="Mi título"), _edit="1").content.decode()
        values = form_values(page, "study_form")
        assert (values["title_es"], values["year"]) == (["Mi título"], ["2021"])
        assert held(clash.study).title_es == "El de antes"
        assert clash.client.post(address(clash.study), values).status_code == 302
        assert held(clash.study).title_es == "Mi título"

    def test_a_third_change_while_one_chooses_is_told_too(self, clash: Clash):
        clash.they(year=2021)
        page = clash.i(title_es="Mi título")
        edit(clash.study, volume="99")
        again = clash.settle(page).content.decode()
        assert "cambió otra vez" in again
        assert held(clash.study).title_es == "El de antes"
        clash.settle(again)
        record = held(clash.study)
        assert (record.title_es, record.year, record.volume) == ("Mi título", 2021, "99")

    def test_an_appraisal_that_became_final_meanwhile_is_no_choice_and_stays(self, clash: Clash):
        clash.they(own_appraisals=(appraisal_record(),))
        page = clash.i(title_es="Mi título")
        assert "take-own_appraisals" not in page
        clash.settle(page)
        assert (held(clash.study).title_es, held(clash.study).own_appraisals) == ("Mi título", (appraisal_record(),))

    def test_nobody_slips_an_appraisal_in(self, clash: Clash):
        clash.they(year=2021)
        page = clash.i(title_es="Mi título")
        mine = replace(held(clash.study), own_appraisals=(appraisal_record(),), title_es="Mi título").to_json()
        assert clash.settle(page, mine=json.dumps(mine)).status_code == 302
        assert (held(clash.study).title_es, held(clash.study).own_appraisals) == ("Mi título", ())

    def test_a_study_that_moved_meanwhile_is_not_written_unseen(self, clash: Clash):
        stages.move(clash.study, "send", by=user_with_role("Curaduría"))
        page = clash.i(title_es="Mi título")
        assert "etapa: en revisión" in " ".join(page.split())
        assert held(clash.study).title_es == "El de antes"
        clash.settle(page)
        assert held(clash.study).title_es == "Mi título"

    def test_a_study_that_was_published_meanwhile_gets_a_proposal(self, clash: Clash):
        mine = filled_in(clash.client, clash.study, title_es="Mi título")
        publish(clash.study)
        response = clash.client.post(address(clash.study), mine, follow=True)
        assert "La propuesta se envió" in response.content.decode()
        assert clash.study.proposals.get().record["title_es"] == "Mi título"
        assert held(clash.study).title_es == "El de antes"

    def test_a_study_that_may_no_longer_be_changed_gives_the_typed_back(self, clash: Clash):
        mine = filled_in(clash.client, clash.study, title_es="Mi título")
        withdraw(publish(clash.study))
        response = clash.client.post(address(clash.study), mine)
        assert response.status_code == 403
        assert "Mi título" in response.content.decode()

    @pytest.mark.parametrize("mine", ["", "{", "[" * 9000, '{"id": 1}', '{"id": "a", "title": "\\ud800"}', "9" * 5000])
    def test_garbage_leads_back_to_the_study(self, clash: Clash, mine: str):
        where = f"{LIST}{clash.study.pk}/dos-cambios/"
        answer = clash.client.post(where, {"mine": mine, "base_no": "1", "seen_no": "1"})
        assert (answer.status_code, answer.url) == (302, address(clash.study))
        assert clash.client.get(where).status_code == 302

    def test_a_record_that_nobody_could_type_is_refused_in_words(self, clash: Clash):
        clash.they(year=2021)
        values = form_values(clash.i(title_es="Mi título"), "clash_form")
        record = json.loads(values["mine"][0]) | {"themes": ["inventado"], "sample_size": None}
        page = clash.client.post(f"{LIST}{clash.study.pk}/dos-cambios/", {**values, "mine": json.dumps(record)})
        assert page.status_code == 200
        assert "No se guardó nada" in page.content.decode()


class Clash:
    """Two people on one study: I have its form open, they save first."""

    def __init__(self, client: Client, study: Study) -> None:
        self.client, self.study = client, study
        self.mine = filled_in(client, study)

    def they(self, **changes) -> None:
        edit(self.study, by=user_with_role("Curaduría", username="otra-curadora"), **changes)

    def i(self, **typed) -> str:
        response = self.client.post(address(self.study), {**self.mine, **typed})
        assert response.status_code == 200
        return response.content.decode()

    def settle(self, page: str, **choices):
        return self.client.post(f"{LIST}{self.study.pk}/dos-cambios/", {**form_values(page, "clash_form"), **choices})


class TestPublished:
    def test_a_curators_change_becomes_a_proposal_and_the_page_says_so_before(self, curator: User):
        study = make_study(stage=Stage.PUBLISHED)
        client = signed_in(curator)
        page = client.get(address(study)).content.decode()
        assert "será una propuesta" in page
        assert 'value="Enviar la propuesta"' in page
        typed = filled_in(client, study, title_es="Lo que propongo", note="Una errata")
        response = client.post(address(study), typed, follow=True)
        proposal = study.proposals.get()
        assert response.redirect_chain[-1][0] == f"/admin/studies/proposal/{proposal.pk}/change/"
        assert held(study).title_es != "Lo que propongo"
        assert proposal.record["title_es"] == "Lo que propongo"
        again = client.get(address(study)).content.decode()
        assert "Usted tiene una propuesta abierta" in again
        assert 'value="Enviar la propuesta"' not in again

    def test_an_unchanged_form_makes_no_proposal(self, curator: User):
        study = make_study(stage=Stage.PUBLISHED)
        client = signed_in(curator)
        page = client.post(address(study), filled_in(client, study), follow=True).content.decode()
        assert "No había cambios que proponer" in page
        assert not study.proposals.exists()

    def test_a_reviewer_may_propose_it_to_another_instead(self, reviewer: User):
        study = make_study(stage=Stage.PUBLISHED)
        client = signed_in(reviewer)
        client.post(address(study), filled_in(client, study, title_es="Para otros ojos", _propose="1"))
        assert study.proposals.get().author == reviewer
        assert held(study).title_es != "Para otros ojos"

    def test_it_must_stay_publishable(self, reviewer: User):
        study = make_study(stage=Stage.PUBLISHED)
        client = signed_in(reviewer)
        typed = filled_in(client, study, summary_es="", themes=[], title_en="Another title")
        page = client.post(address(study), typed).content.decode()
        assert 'href="#id_summary_es">Resumen en español</a>: falta este dato' in page
        assert 'href="#id_themes">Temas</a>: falta este dato' in page
        assert "Another title" in page
        assert study.revisions.count() == 2
        assert held(study).summary_es

    def test_a_problem_points_to_the_row_on_the_page_not_in_the_record(self, reviewer: User):
        study = make_study(stage=Stage.PUBLISHED, findings=(finding(), finding()))
        client = signed_in(reviewer)
        moved = {"findings-0-ORDER": "5", "findings-1-ORDER": "1", "findings-1-outcome": "ipv-sexual"}
        typed = filled_in(client, study, **moved)
        page = client.post(address(study), typed).content.decode()
        assert 'href="#id_findings-1-outcome">Hallazgo 1, resultado medido</a>' in page

    def test_a_reviewer_corrects_it_at_once(self, reviewer: User):
        study = make_study(stage=Stage.PUBLISHED)
        client = signed_in(reviewer)
        assert client.post(address(study), filled_in(client, study, title_es="Corregido")).status_code == 302
        study.refresh_from_db()
        assert (study.title_es, study.stage) == ("Corregido", Stage.PUBLISHED)


class TestProblems:
    def test_every_code_has_its_words(self):
        assert set(SENTENCES) == set(rules.PROBLEM_CODES)

    def test_all_that_is_missing_is_listed_at_once_with_links(self, curator: User):
        study = make_study(
            summary_es=None, authors=(), designs=(), sources=(), year=None, findings=(finding(measure=None),)
        )
        page = signed_in(curator).get(address(study)).content.decode()
        for anchor in ("id_summary_es", "authors", "id_main_design", "sources", "id_year", "id_findings-0-measure"):
            assert f'href="#{anchor}"' in page
            assert f'id="{anchor}"' in page

    def test_a_complete_study_is_said_to_be_so(self, curator: User):
        page = signed_in(curator).get(address(make_study())).content.decode()
        assert "No le falta nada para poder publicarse" in page

    @pytest.mark.parametrize(
        "field", [*rules.find_problems.__globals__["_VOCABULARY_OF_FIELD"], "title", "url", "doi", "period"]
    )
    def test_each_field_has_a_place_in_the_form(self, field: str):
        (line,) = describe_problems([Problem(field, "missing")])
        assert line.anchor.removeprefix("id_") in StudyForm.base_fields


class TestFollowUp:
    @pytest.mark.parametrize(
        ("typed", "stored", "months"),
        [
            ("24 meses", "24 months", 24.0),
            ("1 mes", "1 month", 1.0),
            ("5-9 meses", "5-9 months", 9.0),
            ("2 años", "2 years", 24.0),
            ("58 weeks", "58 weeks", 13.3),
            ("1,5 años", "1.5 years", 18.0),
            ("al final", "al final", None),
        ],
    )
    def test_is_read_in_spanish(self, typed: str, stored: str, months: float | None):
        assert follow_up_in_english(typed) == stored
        assert months_of(stored) == months


class TestDeleting:
    def test_a_draft_that_was_never_public_is_deleted_after_a_confirmation(self, curator: User):
        study = make_study()
        client = signed_in(curator)
        page = client.get(f"{LIST}{study.pk}/delete/")
        assert page.status_code == 200
        assert client.post(f"{LIST}{study.pk}/delete/", {"post": "yes"}).status_code == 302
        assert not Study.objects.filter(pk=study.pk).exists()

    @pytest.mark.parametrize("stage", [Stage.IN_REVIEW, Stage.PUBLISHED, Stage.WITHDRAWN])
    def test_r3_any_other_study_is_not(self, stage: Stage):
        study = make_study(stage=stage)
        client = signed_in(User.objects.create_superuser("jefa"))
        assert client.post(f"{LIST}{study.pk}/delete/", {"post": "yes"}).status_code == 403
        assert f"{LIST}{study.pk}/delete/" not in client.get(address(study)).content.decode()
        assert Study.objects.filter(pk=study.pk).exists()


class TestAccess:
    """Each address by each role: who reads, who writes, who is refused."""

    PAGES = ("", "add/", "{pk}/change/", "{pk}/history/", "{pk}/delete/", "{pk}/etapa/send/")

    @pytest.mark.parametrize("path", PAGES)
    def test_strangers_are_led_to_the_sign_in_and_readers_too(self, client: Client, path: str):
        path = LIST + path.format(pk=make_study().pk)
        assert client.get(path).status_code == 302
        reader = signed_in(User.objects.create_user("lectora"))
        assert reader.get(path).status_code == 302
        assert reader.post(path).status_code == 302

    @pytest.mark.parametrize("path", PAGES)
    def test_staff_without_a_role_are_refused(self, path: str):
        path = LIST + path.format(pk=make_study().pk)
        client = signed_in(user_with_role())
        assert client.get(path).status_code == 403
        assert client.post(path, {"title": "x"}).status_code == (405 if path.endswith("history/") else 403)

    @pytest.mark.parametrize("path", PAGES)
    @pytest.mark.parametrize("role", ROLES)
    def test_each_role_reads_the_pages_of_a_draft(self, role: str, path: str):
        path = LIST + path.format(pk=make_study().pk)
        assert signed_in(user_with_role(role)).get(path).status_code == 200

    @pytest.mark.parametrize("path", PAGES[2:])
    @pytest.mark.parametrize("bad", ["999999999", "9" * 30, "x", "-1"])
    def test_bad_ids_are_404(self, curator: User, path: str, bad: str):
        assert signed_in(curator).get(LIST + path.format(pk=bad), follow=True).status_code == 404

    @pytest.mark.parametrize("path", PAGES)
    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_wrong_methods_are_405(self, curator: User, path: str, method: str):
        path = LIST + path.format(pk=make_study().pk)
        assert getattr(signed_in(curator), method)(path).status_code == 405

    def test_the_history_is_only_read(self, curator: User):
        assert signed_in(curator).post(f"{LIST}{make_study().pk}/history/").status_code == 405

    def test_a_form_from_elsewhere_is_refused(self, curator: User):
        client = Client(enforce_csrf_checks=True)
        client.force_login(curator)
        assert client.post(address(make_study()), {"title": "x"}).status_code == 403

    def test_a_withdrawn_study_is_edited_by_administrators_alone(self, reviewer: User):
        study = make_study(stage=Stage.WITHDRAWN)
        assert signed_in(reviewer).post(address(study), {"title": "x"}).status_code == 403
        client = signed_in(user_with_role("Administración"))
        assert client.post(address(study), filled_in(client, study, title_es="Otro")).status_code == 302


NASTY = ["\x00", "a\x00b", "9" * 400, "1e400", "nan", "-1", "99999", "{", "[]", "<script>", "%s%n", "\u202e", "", "  "]


class TestGarbage:
    """Whatever a form is sent, there is an answer, and nothing half-written."""

    @pytest.mark.parametrize("value", mainly(3, NASTY))
    def test_a_form_full_of_it_is_answered(self, garbage_client: tuple[Client, Study, dict], value: str):
        client, study, values = garbage_client
        assert client.post(address(study), dict.fromkeys(values, value)).status_code == 200
        counts = {name: content for name, content in values.items() if name.endswith("_FORMS")}
        assert client.post(address(study), {**dict.fromkeys(values, value), **counts}).status_code in (200, 302)

    @pytest.mark.parametrize("value", mainly(1, ["9" * 400, "\x00", "-1", "<script>"]))
    @pytest.mark.parametrize("name", ["seen_no", "note", "authors-TOTAL_FORMS", "findings-INITIAL_FORMS", "_move"])
    def test_no_single_value_breaks_the_form(self, garbage_client: tuple[Client, Study, dict], name: str, value: str):
        client, study, values = garbage_client
        assert client.post(address(study), {**values, name: value}).status_code in (200, 302)

    def test_a_form_without_its_management_data_is_refused_in_words(self, curator: User):
        study = make_study()
        response = signed_in(curator).post(address(study), {"title": "Solo el título"})
        assert response.status_code == 200
        assert "Solo el título" in response.content.decode()
        assert study.revisions.count() == 1

    @settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        typed=st.dictionaries(
            st.sampled_from(
                [*StudyForm.base_fields, "authors-0-family", "authors-0-given", "findings-0-value", "sources-0-url"]
            ),
            st.one_of(st.text(st.characters(exclude_categories=("Cs",)), max_size=60), st.sampled_from(NASTY[:7])),
            max_size=6,
        )
    )
    def test_any_text_is_answered(self, garbage_client: tuple[Client, Study, dict], typed: dict[str, str]):
        client, study, values = garbage_client
        assert client.post(address(study), {**values, **typed}).status_code in (200, 302)
        study.refresh_from_db()


@pytest.fixture
def garbage_client(curator: User) -> tuple[Client, Study, dict]:
    study = make_study()
    client = signed_in(curator)
    return client, study, filled_in(client, study)


class TestQueries:
    def test_the_form_asks_the_same_number_of_questions_for_any_number_of_rows(
        self, curator: User, django_assert_num_queries
    ):
        client = signed_in(curator)
        small = make_study()
        large = make_study(
            authors=tuple(author(f"Autora {n}") for n in range(12)),
            findings=(finding(),) * 6,
            sources=(source(),) * 5,
        )
        client.get(address(small))
        with django_assert_num_queries(21):
            client.get(address(small))
        with django_assert_num_queries(21):
            client.get(address(large))


def _few_with_all_that_is_rare() -> list[Study]:
    """Return few real studies that show particles, institutions, every measure and unit, many rows, odd orders."""
    features = {
        study: _features(exchange_study.to_record(study)) for study in Study.objects.for_record().order_by("slug")
    }
    chosen = []
    missing = set().union(*features.values())
    while missing:
        best = max(features, key=lambda study: len(features[study] & missing))
        chosen.append(best)
        missing -= features[best]
    return chosen


def _features(record) -> set[str]:
    return {
        *(f"particle {entry.non_dropping_particle} {entry.dropping_particle}"[:16] for entry in record.authors),
        *(f"literal {bool(entry.literal)}" for entry in record.authors),
        *(f"measure {row.measure}" for row in record.findings),
        *(f"unit {bool(row.unit)}" for row in record.findings),
        *(f"in order {list(entry.supports) == sorted(entry.supports)}" for entry in record.sources),
        f"{len(record.designs)} designs",
        f"{len(record.findings)} findings",
        f"language {record.language}",
        f"type {record.type}",
        f"open access {record.open_access}",
    }
