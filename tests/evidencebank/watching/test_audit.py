"""The page on which an administrator sees who came, who changed what in accounts, and what moved."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from accounts import sessions
from evidencebank.models import AuditEvent
from evidencebank.watching import audit
from studies.curation import stages
from studies.imports import batches
from tests.factories import make_study, user_with_role

pytestmark = pytest.mark.django_db
PASSWORD = "tortuga lámpara viento queso"


@pytest.fixture
def boss() -> User:
    return User.objects.create_superuser("jefa", password=PASSWORD)


@pytest.fixture
def read_page(boss: User):
    def read(kind: str = "") -> str:
        client = Client()
        client.force_login(boss)
        return client.get(reverse("audit"), {"kind": kind}).content.decode()

    return read


def sign_in(name: str, password: str) -> None:
    Client(REMOTE_ADDR="192.0.2.7").post(reverse("admin:login"), {"username": name, "password": password})


def test_each_event_that_the_program_writes_has_a_name_in_spanish():
    written = set()
    for folder in ("accounts", "evidencebank", "search", "studies"):
        for module in (settings.BASE_DIR / folder).rglob("*.py"):
            written.update(re.findall(r'(?:security_log\.write\(|note_refusal\(.*)"([a-z -]+)"', module.read_text()))
    assert {"sign-in", "sign-in refused", "second factor added"} <= written
    assert written - audit.IN_OTHER_PLACES <= set(audit.EVENTS)


class TestPage:
    def test_tells_how_long_each_kind_is_kept(self, read_page):
        said = " ".join(read_page().split())
        assert f"Las entradas se guardan {sessions.KEPT_FOR.days} días" in said
        assert f"contraseñas, segundo paso y descargas, {audit.KEPT_FOR.days} días" in said

    def test_is_for_superusers_only(self):
        client = Client()
        client.force_login(user_with_role("Administración", username="ada"))
        assert client.get(reverse("audit")).status_code == 403

    def test_shows_sign_ins_and_failed_ones_with_name_and_address(self, read_page):
        User.objects.create_user("rosa", password=PASSWORD, is_staff=True)
        sign_in("rosa", "falsa")
        sign_in("rosa", PASSWORD)
        told = read_page()
        assert "contraseña equivocada al entrar" in told
        assert "entró" in told
        assert told.count("192.0.2.7") == 2

    def test_never_shows_what_was_typed_as_a_password_or_an_unknown_name(self, read_page):
        sign_in("mi-clave-en-el-otro-campo", "otra-clave")
        told = read_page()
        assert "mi-clave" not in told
        assert "otra-clave" not in told

    def test_shows_changes_of_accounts(self, boss, read_page):
        rosa = User.objects.create_user("rosa", password=PASSWORD, is_staff=True)
        client = Client()
        client.force_login(boss)
        sent = {"username": "rosa2", "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "is_active": "on"}
        client.post(reverse("admin:auth_user_change", args=[rosa.pk]), sent)
        assert "cuenta rosa2" in read_page("accounts")

    def test_shows_who_moved_a_record(self, read_page):
        study = make_study(stage="in-review", title_es="El que se publicó")
        reviewer = user_with_role("Revisión", username="rita")
        stages.move(study, "publish", by=reviewer)
        told = read_page("moves")
        assert "El que se publicó" in told
        assert "rita" in told

    def test_shows_who_took_the_rows_of_an_import_that_could_not_be_read(self, read_page):
        batch = batches.open_batch("lista.ris", b"TY  - JOUR\nAU  - Poma, E\nER  - \n", by=None)
        batches.read_all(batch)
        client = Client()
        client.force_login(user_with_role("Curaduría", username="carla"))
        client.get(reverse("admin:studies_importbatch_errors", args=[batch.pk]))
        told = read_page("security")
        assert "descargó las filas con error de una importación" in told
        assert f"importación {batch.pk}" in told
        assert "carla" in told

    def test_takes_an_unknown_kind_for_all(self, read_page):
        assert "Registro de sucesos" in read_page("nada")


class TestSettings:
    def test_are_told_by_name_when_they_change_and_never_by_value(self, monkeypatch, read_page):
        monkeypatch.setenv("LOG_LEVEL", "INFO")
        assert audit.note_settings(["LOG_LEVEL", "SECRET_KEY"]) == ()
        assert audit.note_settings(["LOG_LEVEL", "SECRET_KEY"]) == ()
        monkeypatch.setenv("LOG_LEVEL", "WARNING-un-valor")
        assert audit.note_settings(["LOG_LEVEL", "SECRET_KEY"]) == ("LOG_LEVEL",)
        told = read_page("settings")
        assert "LOG_LEVEL" in told
        assert "un-valor" not in told + str(list(AuditEvent.objects.values()))


class TestTable:
    def test_that_cannot_be_written_keeps_nobody_out(self, monkeypatch):
        from django.db import DatabaseError

        def refuse(**fields: object) -> None:
            raise DatabaseError

        User.objects.create_user("rosa", password=PASSWORD, is_staff=True)
        monkeypatch.setattr(AuditEvent.objects, "create", refuse)
        sign_in("rosa", "falsa")
        sign_in("rosa", PASSWORD)
