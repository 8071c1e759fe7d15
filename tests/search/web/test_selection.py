"""The selection as a reader meets it: adding, ordering, sharing, taking away, freezing; and who may send its forms."""

from __future__ import annotations

import hashlib
import io
import random
import re
from html import unescape
from urllib.parse import urlencode

import pytest
import rispy
from django.http import HttpResponse
from django.test import Client
from docx import Document
from pytest_django import DjangoAssertNumQueries

from search.lists.selection import MOST_STUDIES, Selection
from search.models import FrozenList
from search.web.selection.views import FREEZE_LIMIT
from search.web.shared.selection_cookie import SELECTION_COOKIE, UNDO_COOKIE
from studies.exports.registry import EXPORTS
from studies.models import Stage, Study
from tests.factories import edit, make_study, merge_studies, user_with_role, withdraw
from tests.studies.records_factory import fixture_studies

pytestmark = pytest.mark.django_db

SASA, BRAZIL, MALI = "abramsky-2014-sasa", "bhalotra-2025-brazil-job-loss", "heath-2020-mali-polygamy"
PAGE = "/seleccion/"
SECRET = "zarzaparrilla"


@pytest.fixture
def reader(client: Client) -> Client:
    """A reader with three studies picked."""
    for slug in (SASA, BRAZIL, MALI):
        client.post(PAGE, {"add": slug})
    return client


def held(client: Client, cookie: str = SELECTION_COOKIE) -> Selection:
    return Selection.unpack(client.cookies[cookie].value) if cookie in client.cookies else Selection()


def body(response: HttpResponse) -> str:
    return b"".join(response).decode("utf-8-sig")


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode())


def secret_study(stage: Stage) -> Study:
    return make_study(stage=stage, title=SECRET, title_es=SECRET, title_en=SECRET, key_finding_es=SECRET)


class TestPicking:
    def test_leads_back_to_the_place_where_the_reader_was(self, client: Client):
        response = client.post(PAGE, {"add": SASA, "next": "/estudios/?q=sasa"})
        assert (response.status_code, response["Location"]) == (302, f"/estudios/?q=sasa#e-{SASA}")
        assert held(client).slugs == (SASA,)

    @pytest.mark.parametrize(
        "there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "/\\evil"]
    )
    def test_never_leads_elsewhere(self, client: Client, there: str):
        assert client.post(PAGE, {"add": SASA, "next": there})["Location"].startswith(PAGE)

    def test_is_undone_by_the_same_button(self, reader: Client):
        reader.post(PAGE, {"remove": BRAZIL})
        assert held(reader).slugs == (SASA, MALI)

    def test_a_script_gets_the_new_count(self, client: Client):
        response = client.post(PAGE, {"add": SASA}, headers={"Accept": "application/json"})
        assert response.json() == {"text": "1 estudio en su selección", "count": 1}
        response = client.post("/en/selection/", {"add": MALI}, headers={"Accept": "application/json"})
        assert response.json() == {"text": "2 studies in your selection", "count": 2}

    def test_takes_no_study_that_is_not_public(self, client: Client):
        draft = make_study()
        for slug in (draft.slug, "nada", "", "\x00", "<b>"):
            assert client.post(PAGE, {"add": slug}).status_code == 302
        assert not held(client)

    def test_says_when_no_more_fit(self, client: Client):
        slugs = [record.id for record in fixture_studies()]
        client.post(PAGE, {"join": "", "id": slugs[:MOST_STUDIES]})
        assert len(held(client)) == MOST_STUDIES
        response = client.post(PAGE, {"add": slugs[MOST_STUDIES]}, follow=True)
        assert "La selección está llena" in text(response)
        told = client.post(PAGE, {"add": slugs[MOST_STUDIES]}, headers={"Accept": "application/json"})
        assert (told.status_code, told.json()["count"]) == (409, MOST_STUDIES)
        assert len(held(client)) == MOST_STUDIES

    def test_is_seen_on_card_and_study(self, reader: Client):
        for path in ("/estudios/?q=sasa", f"/estudios/{SASA}/"):
            html = reader.get(path).content.decode()
            assert re.search(rf'name="remove"\s+value="{SASA}"', html)
            assert "3 estudios en su selección" in html

    def test_a_draft_that_a_colleague_sees_offers_none(self, client: Client):
        draft = make_study()
        client.force_login(user_with_role("Curaduría"))
        assert "pick__button" not in client.get(f"/estudios/{draft.slug}/").content.decode()


class TestWhoeverPicksNothing:
    @pytest.mark.parametrize("path", ["/", "/estudios/", f"/estudios/{SASA}/", PAGE, "/en/selection/"])
    def test_gets_no_cookie(self, client: Client, path: str):
        assert not client.get(path).cookies

    @pytest.mark.parametrize("path", ["/estudios/", f"/estudios/{SASA}/", PAGE])
    def test_caches_learn_that_the_page_depends_on_it(self, client: Client, path: str):
        assert "Cookie" in client.get(path)["Vary"]

    def test_finds_an_empty_selection_that_says_how_to_begin(self, client: Client):
        html = text(client.get(PAGE))
        assert "La selección está vacía." in html
        assert "Añadir a la selección" in html


class TestCookie:
    def test_is_the_readers_alone(self, reader: Client):
        cookie = reader.cookies[SELECTION_COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert cookie["max-age"] == 30 * 24 * 60 * 60

    @pytest.mark.parametrize("value", ["nada", '"', "W10:x:y", "ñ"])
    def test_that_somebody_invented_counts_for_nothing(self, client: Client, value: str):
        client.cookies[SELECTION_COOKIE] = value
        client.cookies[UNDO_COOKIE] = value
        assert "La selección está vacía." in text(client.get(PAGE))
        assert client.post(PAGE, {"undo": ""}).status_code == 302


class TestOrderAndNotes:
    def test_up_and_down_move_a_study_and_save_what_was_typed(self, reader: Client):
        response = reader.post(PAGE, {"down": SASA, f"note-{SASA}": "Primera", f"note-{MALI}": "Malí"})
        assert response["Location"] == f"{PAGE}#e-{SASA}"
        assert [(pick.slug, pick.note) for pick in held(reader).picks] == [
            (BRAZIL, ""),
            (SASA, "Primera"),
            (MALI, "Malí"),
        ]
        reader.post(PAGE, {"up": MALI})
        assert held(reader).slugs == (BRAZIL, MALI, SASA)

    def test_a_note_is_text_and_stays_it(self, reader: Client):
        reader.post(PAGE, {"save": "", f"note-{SASA}": "</textarea><script>alert(1)</script>"})
        assert "<script>alert" not in reader.get(PAGE).content.decode()

    def test_notes_that_no_longer_fit_are_shown_again_with_a_sentence(self, client: Client):
        slugs = [record.id for record in fixture_studies()][:20]
        client.post(PAGE, {"join": "", "id": slugs})
        # Letters without a pattern: nothing that a packer could shorten.
        letters = random.Random(5)
        notes = {f"note-{slug}": "".join(chr(letters.randrange(0xC0, 0x17F)) for _ in range(480)) for slug in slugs}
        response = client.post(PAGE, {"save": "", **notes})
        assert response.status_code == 400
        assert "ya no caben en su navegador" in text(response)
        assert notes[f"note-{slugs[3]}"][:40] in text(response)
        assert not held(client).picks[0].note


class TestUndo:
    @pytest.mark.parametrize(
        ("form", "left"), [({"clear": ""}, ()), ({"drop": BRAZIL}, (SASA, MALI)), ({"use": "", "id": MALI}, (MALI,))]
    )
    def test_brings_back_what_was_taken_away(self, reader: Client, form: dict[str, str], left: tuple[str, ...]):
        reader.post(PAGE, {"save": "", f"note-{SASA}": "Nota"})
        reader.post(PAGE, form)
        assert held(reader).slugs == left
        assert "Antes había 3 estudios." in text(reader.get(PAGE))
        reader.post(PAGE, {"undo": ""})
        assert [(pick.slug, pick.note) for pick in held(reader).picks] == [(SASA, "Nota"), (BRAZIL, ""), (MALI, "")]
        assert "Antes había" not in text(reader.get(PAGE))

    def test_is_over_when_the_selection_went_on(self, reader: Client):
        reader.post(PAGE, {"clear": ""})
        reader.post(PAGE, {"add": MALI})
        assert "Antes había" not in text(reader.get(PAGE))
        reader.post(PAGE, {"undo": ""})
        assert held(reader).slugs == (MALI,)


class TestSharing:
    def test_the_address_shows_the_same_studies_in_the_same_order_without_notes(self, reader: Client):
        reader.post(PAGE, {"save": "", f"note-{SASA}": SECRET})
        shared = re.search(r'cite__text">http://testserver([^<]*)<', text(reader.get(PAGE)))
        assert shared
        html = text(Client().get(shared[1]))
        assert re.findall(r'id="e-([a-z0-9-]+)"', html) == [SASA, BRAZIL, MALI]
        assert SECRET not in html

    def test_more_than_an_address_holds_need_a_fixed_version(self, client: Client):
        client.post(PAGE, {"join": "", "id": [record.id for record in fixture_studies()][:61]})
        html = text(client.get(PAGE))
        assert "Guarde una versión fija para compartirla." in html
        assert "cite__text" not in html

    def test_can_be_taken_over_or_joined(self, reader: Client):
        other = "buller-2018-cash-review"
        reader.post(PAGE, {"join": "", "id": [other, SASA]})
        assert held(reader).slugs == (SASA, BRAZIL, MALI, other)
        reader.post(PAGE, {"use": "", "id": [other, SASA]})
        assert held(reader).slugs == (other, SASA)

    def test_what_is_no_study_is_said_to_be_none(self, client: Client):
        draft = secret_study(Stage.DRAFT)
        html = text(client.get(f"{PAGE}?{urlencode({'id': [draft.slug, '<b>nada', SASA]}, doseq=True)}"))
        assert f"«{draft.slug}» no es ningún estudio publicado del banco." in html
        assert SECRET not in html
        assert "1 estudio publicado." in html

    @pytest.mark.parametrize("number", [1, 20])
    def test_costs_the_same_for_any_number(
        self, client: Client, number: int, django_assert_max_num_queries: DjangoAssertNumQueries
    ):
        query = urlencode({"id": [record.id for record in fixture_studies()][:number]}, doseq=True)
        client.get(PAGE)
        with django_assert_max_num_queries(7):
            client.get(f"{PAGE}?{query}")


class TestStudiesThatAreNoLongerPublished:
    def test_are_told_without_their_content(self, client: Client):
        gone, merged, kept = (secret_study(Stage.PUBLISHED) for _ in range(3))
        client.post(PAGE, {"join": "", "id": [gone.slug, merged.slug]})
        edit(kept, title="Otro", title_es="Otro", title_en="Other", key_finding_es="Otro hallazgo")
        withdraw(gone)
        merge_studies(merged, kept)
        for path in (PAGE, "/en/selection/", f"{PAGE}?id={gone.slug}&id={merged.slug}"):
            html = text(client.get(path))
            assert SECRET not in html.lower()
            assert f'href="{"/en/studies" if "/en/" in path else "/estudios"}/{kept.slug}/"' in html
        assert "Este estudio fue retirado del banco." in html
        for ext in EXPORTS:
            assert SECRET.encode() not in b"".join(client.get(f"/seleccion/exportar.{ext}")).lower()


class TestFiles:
    @pytest.mark.parametrize("ext", EXPORTS)
    def test_every_format_gives_the_selection_and_what_an_address_names(self, reader: Client, ext: str):
        own = reader.get(f"/seleccion/exportar.{ext}")
        given = Client().get(f"/en/selection/export.{ext}?id={MALI}&id={SASA}")
        assert own.status_code == given.status_code == 200
        assert own["Cache-Control"] == "private"
        assert 'filename="seleccion' in own["Content-Disposition"]
        assert b"".join(own)
        assert b"".join(given)

    def test_come_in_the_style_and_language_that_are_chosen(self, reader: Client):
        html = reader.get(PAGE).content.decode()
        assert 'name="style"' in html
        assert 'formaction="/en/selection/export.docx"' in html
        vancouver = body(reader.get("/seleccion/exportar.txt?style=vancouver"))
        assert vancouver != body(reader.get("/seleccion/exportar.txt?style=apa"))
        assert "http://testserver/seleccion/?id=" in vancouver

    def test_keep_the_readers_order(self, reader: Client):
        reader.post(PAGE, {"up": MALI})
        entries = rispy.loads(body(reader.get("/seleccion/exportar.ris")))
        assert [entry["accession_number"] for entry in entries] == [SASA, MALI, BRAZIL]

    def test_are_offered_in_every_format_of_the_registry(self, reader: Client):
        html = reader.get(PAGE).content.decode()
        assert all(f'"/seleccion/exportar.{ext}"' in html for ext in EXPORTS)

    def test_of_an_unknown_format_there_is_none(self, client: Client):
        assert client.get("/seleccion/exportar.exe").status_code == 404


class TestFilesWithTheReadersWords:
    WORDS = {"title": "Lista para el  memo", "by": "Mi equipo", f"note-{BRAZIL}": "Ver el <anexo>"}

    @pytest.mark.parametrize("ext", ["txt", "html", "docx"])
    def test_carry_title_name_and_notes_and_say_whose_they_are(self, reader: Client, ext: str):
        told = readable(reader.post(f"/seleccion/exportar.{ext}", self.WORDS), ext)
        for each in ("Lista para el memo", "Hecha por Mi equipo.", "Nota: Ver el <anexo>", "no del banco"):
            assert each in told
        assert not FrozenList.objects.exists()

    def test_come_in_the_language_of_their_address(self, reader: Client):
        assert "Note: Ver el <anexo>" in body(reader.post("/en/selection/export.txt", self.WORDS))

    def test_are_refused_to_a_page_of_another_site(self, reader: Client):
        response = reader.post("/seleccion/exportar.txt", self.WORDS, headers={"Origin": "https://evil.example"})
        assert response.status_code == 403

    def test_say_nothing_of_words_where_there_are_none(self, reader: Client):
        assert "no del banco" not in body(reader.post("/seleccion/exportar.txt", {"title": " "}))


def readable(response: HttpResponse, ext: str) -> str:
    content = b"".join(response)
    if ext == "docx":
        return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)
    return unescape(content.decode())


class TestFreezing:
    def freeze(self, reader: Client, **form: str) -> HttpResponse:
        return reader.post(PAGE, {"freeze": "", **form})

    def test_leads_to_a_page_of_its_own_with_a_checksum(self, reader: Client):
        response = self.freeze(reader, **{f"note-{BRAZIL}": "Ver el anexo"})
        frozen = FrozenList.objects.get()
        assert response["Location"] == f"/listas/{frozen.code}/"
        html = text(Client().get(response["Location"]))
        assert re.findall(r'id="e-([a-z0-9-]+)"', html) == [SASA, BRAZIL, MALI]
        assert '<h1 class="title">Lista de 3 estudios</h1>' in html
        assert frozen.checksum in html
        assert held(reader).picks[1].note == "Ver el anexo"

    def test_the_manifest_is_what_the_checksum_is_of(self, reader: Client):
        self.freeze(reader)
        frozen = FrozenList.objects.get()
        answer = Client().get(f"/listas/{frozen.code}/lista.json")
        assert hashlib.sha256(answer.content).hexdigest() == frozen.checksum

    def test_an_empty_selection_gives_no_list(self, client: Client):
        assert self.freeze(client).status_code == 400

    def test_is_limited_for_each_network(self, reader: Client):
        answers = [self.freeze(reader) for _ in range(FREEZE_LIMIT.most + 1)]
        assert [answer.status_code for answer in answers] == [302] * FREEZE_LIMIT.most + [429]
        assert 0 < int(answers[-1]["Retry-After"]) <= FREEZE_LIMIT.per_s

    def test_tells_what_changed_later_and_hides_what_was_withdrawn(self, client: Client):
        changed, gone = make_study(stage=Stage.PUBLISHED), secret_study(Stage.PUBLISHED)
        client.post(PAGE, {"join": "", "id": [changed.slug, gone.slug]})
        address = self.freeze(client)["Location"]
        assert "Después de guardar la versión fija" not in text(client.get(address))
        edit(changed, sample_size=99)
        withdraw(gone)
        html = text(client.get(address))
        assert "corrección de métodos" in html
        assert "Este estudio fue retirado del banco." in html
        assert SECRET not in html
        for ext in EXPORTS:
            assert SECRET.encode() not in b"".join(client.get(f"{address}exportar.{ext}")).lower()

    @pytest.mark.parametrize("path", ["/listas/nada/", "/listas/nada/lista.json", "/listas/nada/exportar.ris"])
    def test_an_unknown_list_is_not_found(self, client: Client, path: str):
        assert client.get(path).status_code == 404


class TestForms:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Referer": "https://evil.example/estudios/"},
        ],
    )
    def test_of_another_site_are_refused(self, reader: Client, headers: dict[str, str]):
        response = reader.post(PAGE, {"clear": ""}, headers=headers)
        assert response.status_code == 403
        assert len(held(reader)) == 3

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
            {"Origin": "http://testserver"},
            {"Referer": "http://testserver/estudios/"},
        ],
    )
    def test_of_the_bank_and_of_no_page_are_taken(self, client: Client, headers: dict[str, str]):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(PAGE, {"add": SASA}, headers=headers).status_code == 302
        assert held(strict).slugs == (SASA,)

    @pytest.mark.parametrize(
        "form", [{}, {"nada": "x"}, {"up": "nada"}, {"note-": "x"}, {"drop": "\x00"}, {"id": ["x"] * 500}]
    )
    def test_that_say_nothing_do_no_harm(self, reader: Client, form: dict[str, str]):
        assert reader.post(PAGE, form).status_code == 302
        assert len(held(reader)) == 3
