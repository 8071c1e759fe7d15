"""Every address of the workplace, attacked: by strangers, staff without a role, wrong methods, keys and forms.

Garbage is drawn, by a seed that never changes, so that a run of all tests stays short. All of it is tried by
`WORKPLACE_ATTACK=all pytest tests/evidencebank/test_workplace_addresses.py` (two minutes).
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import product
from typing import Any, TypeVar

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import CharField, JSONField, TextField
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoDbBlocker

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from studies.imports.formats.registry import FORMATS
from studies.models import BankCounter, Proposal, Study
from tests.evidencebank.workplace import SECRET, Address, addresses, make_rows
from tests.factories import user_with_role

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]
OPEN = {
    "login",
    "admin_password_reset",
    "password_reset_done",
    "password_reset_complete",
    "password_reset_confirm",
}
"""What answers before anybody has signed in."""
BAD_KEYS = ("999999999", "9" * 30, "x", "-1", "%00", "1%27--")
BAD_QUERIES = (
    "q=%00&p=-1&o=9.9&show=x&keep=x&a=x&b=9999999999999999999&stage=x&theme=%00&idioma=zz&cola=x",
    "_changelist_filters=%00&_popup=1&_to_field=x",
    "id__in=1,x&q=%22",
    "app_label=studies&model_name=study&field_name=x&term=%00",
)
BAD_VALUES = ("", "\x00", "9" * 400, "-1", "{", "1", "<b>é</b>")
ALL_RIGHTS = "all rights"
ROLES = ("Curaduría", "Revisión", "Administración", ALL_RIGHTS)
IS_WHOLE = os.environ.get("WORKPLACE_ATTACK") == "all"
_Attack = TypeVar("_Attack")
DRAWN = 30
"""How many attacks of a kind are tried, of many hundreds."""


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Address]]:
    """Return every address, with a row of each kind behind it: made once, and taken back after the last test."""
    engine = MemoryEngine(FACET_PARAMETERS)
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(indexing, "get_engine", lambda: engine)
        rows = make_rows()
        indexing.rebuild()
        yield addresses(rows)
        transaction.set_rollback(True)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def signed_in_as(role: str) -> Client:
    return signed_in(User.objects.create_superuser("jefa") if role == ALL_RIGHTS else user_with_role(role))


def drawn(attacks: Sequence[_Attack]) -> Sequence[_Attack]:
    """Return all attacks, or those that the seed draws."""
    return attacks if IS_WHOLE or len(attacks) <= DRAWN else random.Random(4).sample(attacks, DRAWN)


def text_of(answer: HttpResponse) -> str:
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode(errors="replace")


def public_state() -> tuple[Any, ...]:
    return (
        BankCounter.current().change_no,
        sorted(Study.objects.published().values_list("slug", "title_es")),
        sorted(Proposal.objects.values_list("pk", "state")),
        sorted(User.objects.values_list("username", "is_superuser", "password")),
    )


class TestWhoGetsIn:
    def test_strangers_and_readers_are_led_to_the_sign_in_whatever_they_send(self, everything: list[Address]):
        reader = signed_in(User.objects.create_user("lectora"))
        before = public_state()
        for client in (Client(), reader):
            for address in everything:
                for answer in (client.get(address.sample), client.post(address.sample, {"title": "x", "note": "x"})):
                    page = text_of(answer)
                    assert SECRET not in page, address
                    assert answer.status_code in (200, 302, 404, 405), (address, answer.status_code)
                    is_form = "Su sesión terminó" in page
                    assert answer.status_code != 200 or is_form or address.name in OPEN, address
        assert public_state() == before

    def test_staff_without_a_role_read_and_change_nothing(self, everything: list[Address]):
        client = signed_in(user_with_role())
        before = public_state()
        for address in everything:
            shown = client.get(address.sample, follow=True)
            sent = client.post(address.sample, {"title": "x", "note": "x", "name": "x", "_save": "1"}, follow=True)
            for answer in (shown, sent):
                assert SECRET not in text_of(answer), address
                assert answer.status_code < 500, address
        assert public_state() == before

    def test_curators_reach_neither_accounts_nor_roles(self, everything: list[Address]):
        client = signed_in(user_with_role("Curaduría"))
        for address in everything:
            if address.path.startswith("/admin/auth/"):
                assert client.get(address.sample, follow=True).status_code == 403, address
                assert client.post(address.sample, {"is_superuser": "on"}).status_code in (302, 403), address


class TestPeople:
    def test_nobody_and_no_role_is_deleted_as_history_names_people(self, everything: list[Address]):
        client = signed_in_as(ALL_RIGHTS)
        before = public_state()
        for address in everything:
            if address.name in ("auth_user_delete", "auth_group_delete"):
                assert client.post(address.sample, {"post": "yes"}).status_code == 403
        for name in ("user", "group"):
            action = {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
            client.post(f"/admin/auth/{name}/", action)
        assert public_state() == before

    def test_permissions_are_named_in_spanish(self, db: None):
        client = signed_in_as(ALL_RIGHTS)
        page = client.get("/admin/auth/group/add/").content.decode()
        assert "estudio: cambiar" in page
        assert "Can change" not in page


class TestWrongRequests:
    def test_methods_that_no_page_knows_are_405(self, everything: list[Address]):
        client = signed_in_as(ALL_RIGHTS)
        before = public_state()
        for method, address in drawn(list(product(("put", "delete", "patch"), everything))):
            answer = getattr(client, method)(address.sample)
            assert answer.status_code < 500, (method, address)
            if address.path.startswith(("/admin/studies/", "/admin/search/")) and answer.status_code != 404:
                assert answer.status_code == 405, (method, address)
        assert public_state() == before

    @pytest.mark.parametrize("role", ROLES)
    def test_no_key_breaks_a_page(self, everything: list[Address], role: str):
        client = signed_in_as(role)
        keyed = [address for address in everything if address.keys]
        for key, address in drawn(list(product(BAD_KEYS, keyed))):
            for answer in (client.get(address.with_key(key)), client.post(address.with_key(key))):
                assert answer.status_code < 500, (address, key)

    @pytest.mark.parametrize("role", ROLES)
    def test_no_form_breaks_a_page(self, everything: list[Address], role: str):
        client = signed_in_as(role)
        chance = random.Random(role)
        tried = [address for address in everything if address.name not in ("logout", "auth_user_delete")]
        for address in tried if IS_WHOLE else chance.sample(tried, DRAWN // 3):
            names = set(re.findall(r'name="([^"]+)"', text_of(client.get(address.sample))))
            for _try in range(2):
                sent = {name: chance.choice(BAD_VALUES) for name in sorted(names - {"csrfmiddlewaretoken"})}
                assert client.post(address.sample, sent).status_code < 500, (address, sent)

    def test_no_query_breaks_a_page(self, everything: list[Address]):
        client = signed_in_as(ALL_RIGHTS)
        for query, address in drawn(list(product(BAD_QUERIES, everything))):
            assert client.get(f"{address.sample}?{query}").status_code < 500, (address, query)


class _Said(HTMLParser):
    """Collects what a page says: texts, names for screen readers, labels of buttons. Not what somebody typed."""

    ATTRIBUTES = ("title", "aria-label", "placeholder", "alt", "data-empty-label", "data-placeholder")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.said += [found[name] or "" for name in self.ATTRIBUTES if found.get(name)]
        if tag == "input" and found.get("type") in ("submit", "button", "reset"):
            self.said.append(found.get("value") or "")
        if tag not in ("input", "br", "img", "link", "meta", "hr", "wbr", "source", "col"):
            is_left_out = tag in ("script", "style", "textarea", "code") or found.get("lang") not in (None, "es")
            self._open.append((tag, is_left_out))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(is_left_out for _tag, is_left_out in self._open):
            self.said.append(" ".join(data.split()))


_ENGLISH = re.compile(
    r"\b(the|and|of|with|to|this|that|you|your|is|are|was|were|be|been|please|cannot|must|any|all|yes|by|or|for|from|"
    r"add|added|change|changed|delete|deleted|save|saved|view|search|select|selected|choose|remove|show|hide|clear|"
    r"password|user|users|group|groups|home|log|history|today|now|filter|count|counts|can|submit|close|none)\b",
    re.IGNORECASE,
)


def names_in_english() -> list[str]:
    """Return everything that the bank holds in English on purpose, the longest first: names, words, definitions."""
    kept: set[str] = {settings.DATA_LICENCE_NAME, *(each.label for each in FORMATS.values())}
    for model in apps.get_app_config("studies").get_models():
        texts = [field.name for field in model._meta.fields if isinstance(field, CharField | TextField | JSONField)]
        for row in model._default_manager.values_list(*(name for name in texts if not name.endswith("_es"))):
            kept.update(_texts_in(row))
    return sorted((text for text in kept if _ENGLISH.search(text)), key=len, reverse=True)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict):
        yield from _texts_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts_in(part)


def without(said: str, names: list[str]) -> str:
    """Return what is said beside names."""
    for name in names:
        said = said.replace(name, "")
    return said


class TestSpanish:
    def test_every_page_answers_who_may_do_all_and_speaks_spanish_throughout(self, everything: list[Address]):
        client = signed_in_as(ALL_RIGHTS)
        held = names_in_english()
        found: dict[str, set[str]] = {}
        refused: set[str] = set()
        for address in everything:
            answer = client.get(address.sample)
            assert answer.status_code in (200, 301, 302, 403, 404, 405), address
            if answer.status_code in (403, 404, 405):
                refused.add(address.name or address.path)
            if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
                continue
            page = _Said()
            page.feed(text_of(answer))
            assert '<html lang="es"' in text_of(answer), address
            for said in page.said:
                if _ENGLISH.search(said) and _ENGLISH.search(without(said, held)):
                    found.setdefault(said[:120], set()).add(address.name or address.path)
        assert found == {}, "\n".join(map(str, found.items()))
        assert len(refused) < len(everything) / 3, refused

    def test_scripts_speak_spanish(self):
        client = signed_in_as(ALL_RIGHTS)
        catalogue = client.get("/admin/jsi18n/").content.decode()
        texts = re.findall(r'^\s+"([^"]+)": "([^"]*)"', catalogue, re.MULTILINE)
        assert len(texts) > 20
        assert [(english, spanish) for english, spanish in texts if _ENGLISH.search(spanish)] == []
