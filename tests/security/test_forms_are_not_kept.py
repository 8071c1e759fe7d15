"""What somebody types into a form that fails is in no table afterwards, and in no line of the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.factories import make_study, user_with_role
from tests.studies.admin_forms import address, filled_in

pytestmark = pytest.mark.django_db
PASSWORD = "tortuga lámpara viento queso"
TYPED = "MarcaZQ-clave-tecleada"
DRAFT = "MarcaZQ-la-sobreviviente-de-Ayacucho"
MARK = "MarcaZQ"


@pytest.fixture
def rosa() -> User:
    user = user_with_role("Curaduría", username="rosa")
    user.set_password(PASSWORD)
    user.save()
    return user


def places_of(mark: str) -> list[str]:
    """Return every column of every table that holds `mark` anywhere."""
    return [place for place, text in _all_columns() if mark.lower() in text.lower()]


def _all_columns() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((f"{table}.{column}", str(value)) for column, value in zip(columns, row, strict=True))


def test_the_search_finds_a_mark_where_there_is_one(rosa: User):
    rosa.first_name = MARK
    rosa.save()
    assert places_of(MARK) == ["auth_user.first_name"]


@pytest.mark.usefixtures("rosa")
class TestAFailedSignIn:
    @pytest.mark.parametrize("name", ["rosa", TYPED])
    def test_of_the_sign_in_page_leaves_nothing_that_was_typed(self, name: str, caplog: pytest.LogCaptureFixture):
        with caplog.at_level(logging.DEBUG, "evidencebank"):
            for _try in range(7):
                where = f"{reverse('admin:login')}?next=/admin/?q={TYPED}"
                Client().post(where, {"username": name, "password": TYPED, "note": DRAFT, "next": "/admin/"})
        assert places_of(MARK) == []
        assert MARK not in caplog.text

    @pytest.mark.parametrize("name", ["rosa", TYPED])
    def test_of_the_page_after_a_session_ended_leaves_neither_password_nor_draft(
        self, rosa: User, name: str, caplog: pytest.LogCaptureFixture
    ):
        browser = Client()
        browser.force_login(rosa)
        study = make_study()
        typed = filled_in(browser, study, title_es=DRAFT, summary_es=DRAFT)
        browser.logout()
        with caplog.at_level(logging.DEBUG, "evidencebank"):
            for _try in range(7):
                form = {**typed, "sign_in-username": name, "sign_in-password": TYPED}
                page = browser.post(address(study), form).content.decode()
        assert DRAFT in page
        assert page.count(TYPED) == (1 if name == TYPED else 0), "only the name comes back, in its field"
        assert places_of(MARK) == []
        assert MARK not in caplog.text

    def test_of_the_own_password_leaves_nothing(self, rosa: User, caplog: pytest.LogCaptureFixture):
        browser = Client()
        browser.force_login(rosa)
        with caplog.at_level(logging.DEBUG, "evidencebank"):
            for _try in range(7):
                form = {"old_password": TYPED, "new_password1": TYPED, "new_password2": TYPED}
                browser.post(reverse("admin:password_change"), form)
        assert places_of(MARK) == []
        assert MARK not in caplog.text
