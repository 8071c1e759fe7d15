"""Forms that are sent by who may not send them: with every field right, by every role, and from another site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from lxml import html
from pytest_django import DjangoDbBlocker

from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing
from tests.evidencebank.workplace import SECRET, Address, addresses, make_rows
from tests.factories import user_with_role

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

ROLES = ("a stranger", "a reader", "no role", "Curaduría", "Revisión", "Administración")
WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
OF_EVERY_REQUEST = re.compile(r"^(?:django_session|accounts_signin|accounts_failedattempt|evidencebank_auditevent)$")
"""What is written for whoever comes: their own session, and the trace of what they tried."""
OTHER_SITE = "https://otro.example"


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form that posts, as a page shows it to who may do all: where it goes, and its fields with their values."""

    address: str
    fields: tuple[tuple[str, str], ...]

    @property
    def shape(self) -> tuple[str, frozenset[str]]:
        return self.address, frozenset(name for name, _value in self.fields)


def forms_of(page: str, address: str) -> Iterator[SentForm]:
    """Yield the forms of a page, once for each button that sends it."""
    for form in html.document_fromstring(page).iter("form"):
        if (form.get("method") or "get").lower() != "post":
            continue
        fields = tuple((name, value) for name, value in form.form_values() if name != "csrfmiddlewaretoken")
        buttons = [
            (button.get("name"), button.get("value") or "")
            for button in form.xpath(".//button[@name] | .//input[@type='submit'][@name]")
        ]
        action = form.get("action") or address
        for button in buttons or [None]:
            yield SentForm(action if action.startswith("/") else address, (*fields, *([button] if button else [])))


def as_data(form: SentForm) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in form.fields:
        data.setdefault(name, []).append(value)
    return data


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def tables_written() -> Iterator[set[str]]:
    """Collect the tables that are written to, but for those of every request."""
    found: set[str] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:
        written = WRITES.match(sql)
        if written and not OF_EVERY_REQUEST.match(written[1]):
            found.add(written[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def signed_in(role: str, *, enforce_csrf_checks: bool = False) -> Client:
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    if role == "all rights":
        client.force_login(User.objects.create_superuser("jefa"))
    elif role == "a reader":
        client.force_login(User.objects.create_user("lectora"))
    elif role != "a stranger":
        client.force_login(user_with_role(None if role == "no role" else role))
    return client


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[Address]]:
    engine = MemoryEngine(FACET_PARAMETERS)
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(indexing, "get_engine", lambda: engine)
        rows = make_rows()
        indexing.rebuild()
        yield addresses(rows)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def forms(everything: list[Address]) -> list[SentForm]:
    """All forms of the workplace, as whoever may do all sees them. Leaving one's own session is no attack."""
    with rolled_back():
        client = signed_in("all rights")
        found = dict.fromkeys(
            form
            for each in everything
            for answer in [client.get(each.sample)]
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
            for form in forms_of(answer.content.decode(), each.sample)
        )
    return [form for form in found if form.address != "/admin/logout/"]


def shown_to(client: Client, everything: list[Address]) -> set[tuple[str, frozenset[str]]]:
    """Return the forms that somebody is offered, by address and fields."""
    shown = set()
    for each in everything:
        answer = client.get(each.sample)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            shown.update(form.shape for form in forms_of(answer.content.decode(), each.sample))
    return shown


class TestForms:
    def test_are_found(self, forms: list[SentForm]):
        """The tests below can fail: there are many forms, and whoever may do all changes something by most of them."""
        assert len(forms) > 80
        assert len({form.address for form in forms}) > 60

    @pytest.mark.parametrize("role", ROLES)
    def test_that_a_role_is_not_shown_write_nothing_for_it(
        self, everything: list[Address], forms: list[SentForm], role: str
    ):
        with rolled_back():
            client = signed_in(role)
            shown = shown_to(client, everything)
            wrong = []
            for form in forms:
                if form.shape in shown:
                    continue
                with rolled_back(), tables_written() as written:
                    answer = client.post(form.address, as_data(form))
                assert answer.status_code < 500, (form, role)
                if written:
                    wrong.append((form.address, sorted(written)))
        assert wrong == []

    @pytest.mark.parametrize("role", ["all rights", "Curaduría"])
    def test_from_another_site_write_nothing_for_anybody(self, forms: list[SentForm], role: str):
        """The browser of somebody who is signed in sends the cookie, but not the token of the page."""
        with rolled_back():
            client = signed_in(role, enforce_csrf_checks=True)
            for form in forms:
                with rolled_back(), tables_written() as written:
                    answer = client.post(form.address, as_data(form), headers={"origin": OTHER_SITE})
                assert answer.status_code in (302, 403, 404, 405), (form.address, answer.status_code)
                assert written == set(), form.address

    def test_sent_by_who_may_do_all_do_write(self, forms: list[SentForm]):
        with rolled_back():
            client = signed_in("all rights")
            count = 0
            for form in forms:
                with rolled_back(), tables_written() as written:
                    client.post(form.address, as_data(form))
                count += bool(written)
        assert count > 25


class TestFiles:
    def test_of_the_workplace_hold_nothing_that_is_not_public_but_the_rows_of_an_import(
        self, everything: list[Address]
    ):
        with rolled_back():
            client = signed_in("all rights")
            holding = set()
            for each in everything:
                answer = client.get(each.sample)
                is_page = answer.headers.get("Content-Type", "").startswith("text/html")
                body = b"".join(answer) if answer.streaming else answer.content
                if not is_page and SECRET.encode() in body:
                    holding.add(each.name)
        assert holding <= {"studies_importbatch_errors"}
