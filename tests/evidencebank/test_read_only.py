"""A host on a replica (READ_ONLY) shows all that is public, offers nothing that writes, and writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from evidencebank.management.commands import set_up
from evidencebank.read_only.commands import READING_COMMANDS, check_command
from evidencebank.read_only.middleware import WRITING_PAGES
from search.lists.alerts import AlertRequest
from search.rate_limits import RateLimit
from search.web.selection import page as selection_page
from studies.store import replica
from tests.evidencebank.test_public_addresses import EXAMPLES, LANGUAGES, SASA, addresses, frozen_list
from tests.factories import user_with_role

__all__ = ["frozen_list"]
pytestmark = pytest.mark.django_db

PRIMARY = "https://principal.example.pe"
DRAFT = "La sobreviviente pidió que no se diga su nombre."
PASSWORD_PAGES = {name for name in EXAMPLES if "password" in name}
"""Of the workplace, as by its path."""
WRITES = WRITING_PAGES | PASSWORD_PAGES
PAGES = [name for name, each in EXAMPLES.items() if not any("ext" in path for path in each.paths)]
STORE_NOTHING = ("/seleccion/", "/en/selection/", "/ficha/", "/en/brief/")
"""Where forms lead that change a cookie, or put what was typed into the page that answers."""


def refuse_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Fail as a replica does, with all that is no reading."""
    if not re.match(r"\s*(SELECT|PRAGMA|EXPLAIN|SAVEPOINT|RELEASE|ROLLBACK|DECLARE|WITH)\b", sql, re.IGNORECASE):
        raise AssertionError(f"a read-only host wrote: {sql[:200]}")
    if re.search(r"\bFOR (NO KEY )?(UPDATE|SHARE)\b", sql):
        raise AssertionError(f"a read-only host locked rows: {sql[:200]}")
    return execute(sql, params, many, context)


@pytest.fixture
def reading(settings: Any) -> Iterator[Client]:
    """A reader of a read-only host, whose database takes no changes."""
    settings.READ_ONLY, settings.PRIMARY_URL = True, PRIMARY
    settings.EXPENSIVE_REQUESTS_PER_MINUTE = 100_000
    with connection.execute_wrapper(refuse_writes):
        yield Client()


def writing_addresses() -> list[str]:
    return [*addresses(WRITES), "/admin/", "/admin/login/?next=/admin/", "/admin/studies/study/add/", "/admin/salud/"]


def example(name: str, language: str = "es") -> str:
    with override(language):
        return reverse(name, kwargs=dict(next(iter(EXAMPLES[name].paths))))


def first_addresses(names: Iterable[str]) -> list[str]:
    """Return one address of each name, in one language and then the other, and a search."""
    found = ["/estudios/?q=violencia&theme=autonomy"]
    for number, name in enumerate(names):
        with override(LANGUAGES[number % len(LANGUAGES)]):
            found.append(reverse(name, kwargs=dict(next(iter(EXAMPLES[name].paths)))))
    return list(dict.fromkeys(found))


WALKS = [first_addresses, pytest.param(addresses, marks=pytest.mark.thorough)]


class TestWhatIsPublic:
    @pytest.mark.parametrize("walk", WALKS)
    def test_is_answered_as_on_any_host_without_a_write(self, client, frozen_list, memory_engine, request, walk):
        asked = walk([name for name in EXAMPLES if name not in WRITES])
        before = {address: client.get(address).status_code for address in asked}
        reader = request.getfixturevalue("reading")
        assert {address: reader.get(address).status_code for address in asked} == before

    @pytest.mark.parametrize("walk", WALKS)
    def test_offers_no_form_but_those_that_are_stored_nowhere(self, reading, memory_engine, walk):
        offered = set()
        for address in walk([name for name in PAGES if name not in WRITES]):
            answer = reading.get(address)
            if answer["Content-Type"].startswith("text/html"):
                for form in re.findall(r'<form\b[^>]*method="post"[^>]*>', answer.content.decode()):
                    action = re.search(r'action="([^"?]*)', form)
                    offered.add(action[1] if action else address)
        assert offered
        assert offered <= set(STORE_NOTHING)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_lets_a_reader_choose_studies_but_not_freeze_them(self, reading, memory_engine, language):
        with override(language):
            selection, study = reverse("selection"), reverse("study", args=[SASA])
        assert reading.post(selection, {"add": SASA, "next": study}).status_code == 302
        page = reading.get(selection).content.decode()
        assert 'name="freeze"' not in page
        assert f'href="{PRIMARY}{selection}?id={SASA}"' in page

    def test_takes_nobody_for_signed_in_and_leaves_the_cookie_in_the_browser(self, settings, memory_engine):
        client = Client()
        client.force_login(user_with_role("Curaduría"))
        settings.READ_ONLY, settings.PRIMARY_URL = True, PRIMARY
        here = Client()
        here.cookies = client.cookies
        with connection.execute_wrapper(refuse_writes):
            answer, of_a_stranger = (each.get(f"/estudios/{SASA}/") for each in (here, Client()))
        assert answer.content == of_a_stranger.content
        assert django_settings.SESSION_COOKIE_NAME not in answer.cookies

    def test_counts_what_is_expensive_in_memory(self, reading, settings, caplog, memory_engine):
        settings.EXPENSIVE_REQUESTS_PER_MINUTE = 2
        sender = {"REMOTE_ADDR": "203.0.113.77"}
        statuses = [reading.get("/mapa/datos.csv", **sender).status_code for _time in range(4)]
        assert statuses == [200, 200, 429, 429]
        assert [line for line in caplog.records if line.levelname != "INFO"] == []


class TestWhatWrites:
    def test_is_on_the_primary(self, reading):
        for address in writing_addresses():
            answer = reading.get(address)
            assert (answer.status_code, answer["Location"]) == (302, PRIMARY + address), address
            assert "no-store" in answer["Cache-Control"]

    def test_is_refused_in_words_with_what_was_typed(self, reading):
        answer = reading.post(example("study-report"), {"reason": "error", "text": DRAFT})
        page = answer.content.decode()
        assert answer.status_code == 503
        assert DRAFT in page
        assert "Lo que envió no se guardó" in page
        assert f'href="{PRIMARY}{example("study-report")}"' in page

    def test_is_refused_in_english_on_english_addresses(self, reading):
        page = reading.post(example("alerts", "en"), {"email": "ana@example.org"}).content.decode()
        assert "What you sent was not saved" in page

    def test_never_repeats_a_password(self, reading):
        page = reading.post(
            "/admin/login/", {"username": "rosa", "password": "una frase secreta larga"}
        ).content.decode()
        assert "secreta" not in page

    @pytest.mark.parametrize("walk", WALKS)
    def test_every_form_of_every_address_is_refused_or_stores_nothing(self, reading, memory_engine, walk):
        """Whatever is sent, to whatever address: nothing is written, and nothing fails."""
        sent = {"freeze": "1", "title": DRAFT, "email": "ana@example.org", "reason": "error", "text": DRAFT, "q": "a"}
        for address in [*walk(PAGES), *writing_addresses()]:
            assert reading.post(address, sent).status_code in (200, 302, 400, 404, 405, 503), address

    def test_a_frozen_list_is_refused(self, reading, memory_engine):
        answer = reading.post(example("selection"), {"freeze": "1", "title": DRAFT})
        assert answer.status_code == 503
        assert DRAFT in answer.content.decode()

    def test_is_not_sent_to_the_host_that_was_asked(self, reading, settings):
        """Behind a balancer the primary has the same name: a redirect would come back here."""
        settings.PRIMARY_URL = "http://testserver"
        client = Client()
        answer = client.get("/avisos/")
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        page = client.post("/avisos/", {"email": "ana@example.org"}).content.decode()
        assert '<form method="post" action="/avisos/">' in page

    def test_confirms_nothing_of_a_letter(self, reading):
        token = AlertRequest("ana@example.org", "theme=autonomy", "es", "weekly").token()
        address = reverse("alert-confirm", args=[token])
        assert reading.get(address)["Location"] == PRIMARY + address
        assert reading.post(address).status_code == 503

    def test_is_where_it_was_on_any_other_host(self, client):
        assert client.get("/avisos/").status_code in (200, 404)
        assert client.get("/admin/login/").status_code == 200


class TestRateLimits:
    def test_in_memory_end_by_themselves(self, settings):
        settings.READ_ONLY = True
        limit = RateLimit("of-this-test", most=1, per_s=60)
        assert limit.consume("ana") == 0
        assert 0 < limit.consume("ana") <= 60
        assert limit.consume("rosa") == 0


class TestCommands:
    @pytest.mark.parametrize("name", ["housekeeping", "load_bank", "migrate", "createsuperuser", "restore", "unknown"])
    def test_that_write_or_are_not_known_are_refused_in_a_sentence(self, settings, name):
        settings.READ_ONLY, settings.PRIMARY_URL = True, PRIMARY
        with pytest.raises(
            ImproperlyConfigured, match=f"{name} may write: run it on a host that writes, as that of {PRIMARY}"
        ):
            check_command(["manage.py", name])

    def test_that_read_are_run(self, settings):
        settings.READ_ONLY = True
        for arguments in (["manage.py"], ["manage.py", "set_up"], ["manage.py", "sync_index", "--background"]):
            check_command(arguments)

    def test_that_are_listed_exist(self):
        of_the_dispatcher = {"help", "version", "--help", "--version", "-h"}
        assert READING_COMMANDS - of_the_dispatcher <= set(get_commands())

    def test_all_run_on_any_other_host(self):
        check_command(["manage.py", "housekeeping"])


class TestSetUp:
    @pytest.fixture(autouse=True)
    def steps(self, settings, monkeypatch, tmp_path) -> list[str]:
        """The commands that `set_up` calls; none of them runs."""
        settings.READ_ONLY, settings.PRIMARY_URL, settings.VAR_DIR = True, PRIMARY, tmp_path
        called: list[str] = []
        monkeypatch.setattr(set_up, "call_command", lambda name, **options: called.append(name))
        monkeypatch.setattr(set_up.catalogue, "compile_all", lambda folder: called.append("translations"))
        monkeypatch.setattr(set_up, "TABLES_WAIT_S", 0)
        return called

    def test_does_only_what_writes_nothing(self, steps):
        with connection.execute_wrapper(refuse_writes):
            call_command("set_up")
        assert steps == ["translations", "collectstatic", "rebuild_index"]

    def test_refuses_tables_that_the_primary_has_not_migrated_yet(self, steps):
        MigrationRecorder.Migration.objects.filter(app="accounts").delete()
        with pytest.raises(CommandError, match="set_up on a host that writes, before this one"):
            call_command("set_up")
        assert steps == []

    def test_refuses_tables_of_a_newer_version(self, steps):
        MigrationRecorder.Migration.objects.create(app="studies", name="9999_of_tomorrow")
        with pytest.raises(CommandError, match="newer version"):
            call_command("set_up")

    def test_waits_for_a_database_that_is_away(self, steps, monkeypatch):
        monkeypatch.setattr(set_up.schema, "read_difference", Mock(side_effect=DatabaseError("away")))
        with pytest.raises(CommandError, match="does not answer"):
            call_command("set_up")


class TestAReplicaWithoutTheSetting:
    @pytest.fixture(autouse=True)
    def misplaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(replica, "is_misplaced", lambda: True)
        monkeypatch.setattr(replica, "read_state", lambda: replica.ReplicaState(is_replica=True, lag_s=0.0))

    def test_is_refused_by_set_up_with_the_setting_to_choose(self):
        with pytest.raises(CommandError, match="READ_ONLY=true and PRIMARY_URL"):
            call_command("set_up")

    def test_is_told_in_the_log_of_a_server(self, caplog):
        replica.warn_at_start()
        assert "READ_ONLY=true and PRIMARY_URL" in caplog.text

    def test_makes_a_host_not_ready(self, client, memory_engine):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "READ_ONLY=true and PRIMARY_URL" in answer.json()["problem"]


def test_the_page_of_a_selection_names_no_primary_on_any_other_host(client, memory_engine):
    client.post("/seleccion/", {"add": SASA})
    page = client.get("/seleccion/").content.decode()
    assert 'name="freeze"' in page
    assert selection_page.share_query([SASA]) in page
