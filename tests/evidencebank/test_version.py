"""Which program and which bank this is."""

import pytest
from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db


class TestVersion:
    def test_everybody_is_told_version_edition_and_change(self, client):
        assert set(client.get("/version").json()) == {"program", "version", "edition", "change"}

    def test_the_staff_is_told_what_the_host_runs_on(self, client, memory_engine):
        client.force_login(User.objects.create_user("rosa", is_staff=True))
        assert {"python", "django", "database", "index", "host"} <= set(client.get("/version").json())

    def test_an_account_that_is_not_staff_is_told_no_more_than_a_stranger(self, client):
        client.force_login(User.objects.create_user("lector"))
        assert "host" not in client.get("/version").json()
