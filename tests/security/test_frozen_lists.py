"""A stranger tries to publish words under the ministry's name; staff read, show, take down; readers report."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client

from search.lists.frozen import compute_checksum
from search.models import FrozenList, PageReport
from search.rate_limits import RateLimit
from search.web.selection.views import FREEZE_LIMIT
from search.web.shared import report_form
from search.web.shared.report_form import REPORTS_BY_NETWORK, REPORTS_BY_SITE, REPORTS_OF_PAGE, REPORTS_OVERALL
from studies.exports.registry import EXPORTS
from studies.models import Stage
from tests.factories import make_study, user_with_role

pytestmark = pytest.mark.django_db

TITLE, BY, NOTE = "La ministra encubre", "Ministerio (oficial)", "María Q., DNI 12345678, jirón Lima 1"
WORDS = (TITLE, BY, NOTE, "12345678")


def text(response: HttpResponse) -> str:
    body = b"".join(response) if response.streaming else response.content
    return re.sub(r"\s+", " ", unescape(body.decode("utf-8", "replace")))


def staff(role: str) -> Client:
    client = Client()
    client.force_login(user_with_role(role))
    return client


@pytest.fixture
def old_list() -> FrozenList:
    """A list of before, with its maker's words, as the upgrade finds it."""
    slug = make_study(stage=Stage.PUBLISHED).slug
    told = {
        "form": 1,
        "title": TITLE,
        "by": BY,
        "frozen_on": "2026-11-26",
        "bank": "x",
        "change_no": 1,
        "studies": [{"id": slug, "change_no": 1, "record": "", "note": NOTE}],
    }
    manifest = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    return FrozenList.objects.create(
        code="2026-11-26-aaaaaaaaaaaa", manifest=manifest, checksum=compute_checksum(manifest)
    )


def addresses_of(row: FrozenList) -> list[str]:
    spanish, english = f"/listas/{row.code}/", f"/en/lists/{row.code}/"
    files = [f"{spanish}exportar.{ext}" for ext in EXPORTS] + [f"{english}export.{ext}" for ext in EXPORTS]
    return [spanish, english, f"{spanish}lista.json", f"{english}list.json", f"{spanish}informar/", *files]


class TestFreezing:
    def test_publishes_nothing_that_was_typed(self, client: Client):
        slug = make_study(stage=Stage.PUBLISHED).slug
        client.post("/seleccion/", {"add": slug})
        form = {"freeze": "", "title": TITLE, "by": BY, f"note-{slug}": NOTE}
        assert client.post("/seleccion/", form).status_code == 302
        row = FrozenList.objects.get()
        for address in addresses_of(row):
            told = text(Client().get(address))
            assert [word for word in WORDS if word in told] == [], address
        assert "Lista de 1 estudio" in text(Client().get(f"/listas/{row.code}/"))

    def test_is_limited_by_network(self, client: Client):
        slug = make_study(stage=Stage.PUBLISHED).slug
        client.post("/seleccion/", {"add": slug})
        answers = [
            client.post("/seleccion/", {"freeze": ""}, REMOTE_ADDR=f"2001:db8::{n:x}").status_code
            for n in range(FREEZE_LIMIT.most + 2)
        ]
        assert answers == [302] * FREEZE_LIMIT.most + [429, 429]


class TestListsOfBefore:
    def test_hide_their_words_at_once(self, old_list: FrozenList):
        for address in addresses_of(old_list):
            told = text(Client().get(address))
            assert [word for word in WORDS if word in told] == [], address
        page = Client().get(f"/listas/{old_list.code}/")
        assert page.status_code == 200
        assert "hasta que una persona del equipo del banco los lea" in text(page)
        assert Client().get(f"/listas/{old_list.code}/lista.json").status_code == 403

    def test_wait_for_a_reviewer_on_the_first_page_of_the_workplace(self, old_list: FrozenList):
        assert "Versiones fijas con palabras por leer: <strong>1</strong>" in text(staff("Revisión").get("/admin/"))
        assert "por leer" not in text(staff("Curaduría").get("/admin/"))
        listed = text(staff("Revisión").get("/admin/search/frozenlist/?palabras=por-leer"))
        assert TITLE in listed

    def test_show_them_once_a_reviewer_has_read_them_and_leave_a_trace(self, old_list: FrozenList):
        reviewer = staff("Revisión")
        page = f"/admin/search/frozenlist/{old_list.pk}/change/"
        assert NOTE in text(reviewer.get(page))
        reviewer.post(page, {"are_words_approved": "on", "removal_reason": ""})
        told = text(Client().get(f"/listas/{old_list.code}/"))
        assert all(word in told for word in WORDS)
        assert "son de quien hizo la lista, no del banco" in told
        answer = Client().get(f"/listas/{old_list.code}/lista.json")
        assert compute_checksum(answer.content.decode()) == old_list.checksum
        assert LogEntry.objects.filter(object_id=str(old_list.pk)).count() == 1

    def test_are_taken_down_with_a_reason_and_brought_back(self, old_list: FrozenList):
        reviewer = staff("Revisión")
        page = f"/admin/search/frozenlist/{old_list.pk}/change/"
        reviewer.post(page, {"removal_reason": "Tenía datos personales."})
        for address in [each for each in addresses_of(old_list) if "informar" not in each]:
            answer = Client().get(address)
            assert answer.status_code == 410, address
            assert "Tenía datos personales." in text(answer)
            assert [word for word in WORDS if word in text(answer)] == []
        assert LogEntry.objects.filter(object_id=str(old_list.pk)).exists()
        reviewer.post(page, {"removal_reason": ""})
        assert Client().get(old_list.get_absolute_url()).status_code == 200

    def test_are_no_business_of_curators_or_strangers(self, old_list: FrozenList):
        page = f"/admin/search/frozenlist/{old_list.pk}/change/"
        assert staff("Curaduría").post(page, {"are_words_approved": "on"}).status_code == 403
        Client().post(page, {"are_words_approved": "on"})
        old_list.refresh_from_db()
        assert not old_list.are_words_approved


class TestReporting:
    def report(self, row: FrozenList, client: Client | None = None, **form: str) -> HttpResponse:
        return (client or Client()).post(f"/listas/{row.code}/informar/", {"reason": "personal", **form})

    def test_is_offered_on_every_list(self, old_list: FrozenList):
        assert f'href="/listas/{old_list.code}/informar/"' in text(Client().get(old_list.get_absolute_url()))

    def test_lands_in_the_queue_of_curators_and_nowhere_in_public(self, old_list: FrozenList):
        answer = self.report(old_list, text="Está mi vecina, <b>Zarzaparrilla</b>")
        assert answer.status_code == 200
        assert "Zarzaparrilla" not in text(answer)
        assert "Zarzaparrilla" not in text(Client().get(old_list.get_absolute_url()))
        curator = staff("Curaduría")
        assert "Informes de lectores por resolver: <strong>1</strong>" in text(curator.get("/admin/"))
        row = PageReport.objects.get()
        page = curator.get(f"/admin/search/pagereport/{row.pk}/change/")
        assert b"&lt;b&gt;Zarzaparrilla&lt;/b&gt;" in page.content
        assert f'href="{old_list.get_absolute_url()}"' in text(page)

    def test_is_settled_by_whoever_writes_what_was_done(self, old_list: FrozenList):
        self.report(old_list)
        row = PageReport.objects.get()
        curator = staff("Curaduría")
        curator.post(f"/admin/search/pagereport/{row.pk}/change/", {"outcome": "Se retiró la lista."})
        row.refresh_from_db()
        assert row.settled_at
        assert row.settled_by
        assert "por resolver: <strong>" not in text(curator.get("/admin/"))

    def test_needs_a_reason_and_keeps_what_was_typed(self, old_list: FrozenList):
        answer = self.report(old_list, reason="x", text="Mi texto")
        assert answer.status_code == 400
        assert "Elija un motivo." in text(answer)
        assert "Mi texto" in text(answer)
        assert not PageReport.objects.exists()

    @pytest.mark.parametrize("typed", ["x" * 5_000, "\x00\x0b", "\r\n" * 50, "😀"])
    def test_takes_any_text(self, old_list: FrozenList, typed: str):
        assert self.report(old_list, text=typed).status_code == 200
        assert len(PageReport.objects.get().text) <= 1_000

    def test_of_another_site_is_refused(self, old_list: FrozenList):
        client = Client(headers={"Origin": "https://evil.example"})
        assert self.report(old_list, client).status_code == 403

    def test_of_a_list_that_is_not_there_is_not_found(self, client: Client):
        assert client.post("/listas/nada/informar/", {"reason": "wrong"}).status_code == 404

    def test_one_customer_of_ipv6_does_not_use_up_the_day_of_all(
        self, old_list: FrozenList, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(report_form, "REPORTS_OF_PAGE", RateLimit("any", most=1_000, per_s=60))
        answers = [
            self.report(old_list, Client(REMOTE_ADDR=f"2001:db8:7:{network:x}::1")).status_code for network in range(45)
        ]
        assert answers == [200] * REPORTS_BY_SITE.most + [429] * 5
        assert REPORTS_BY_SITE.most * 5 <= REPORTS_OVERALL.most
        assert self.report(old_list, Client(REMOTE_ADDR="2001:db8:8::1")).status_code == 200

    def test_of_one_page_stop_while_others_go_on(self, old_list: FrozenList):
        for _ in range(REPORTS_OF_PAGE.most):
            assert not REPORTS_OF_PAGE.consume(f"/listas/{old_list.code}/")
        assert self.report(old_list).status_code == 429

    @pytest.mark.parametrize("limit", [REPORTS_BY_NETWORK, REPORTS_OVERALL])
    def test_is_limited_by_network_and_by_day(self, old_list: FrozenList, limit: RateLimit):
        for _ in range(limit.most):
            limit.consume("127.0.0.1" if limit is REPORTS_BY_NETWORK else "")
        answer = self.report(old_list, text="Mi texto")
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= limit.per_s
        assert "Mi texto" in text(answer)
        assert not PageReport.objects.exists()
