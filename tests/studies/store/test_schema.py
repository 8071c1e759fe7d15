"""A database is served only by the version of the program that its tables are of."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from studies.store import schema

FUTURE = ("studies", "9999_of_tomorrow")


@pytest.fixture
def of_tomorrow(db):
    MigrationRecorder.Migration.objects.create(app=FUTURE[0], name=FUTURE[1])


@pytest.fixture
def added_tomorrow(db):
    MigrationRecorder.Migration.objects.create(app="studies", name="9998_expand_note")


@pytest.fixture
def of_yesterday(db):
    MigrationRecorder.Migration.objects.filter(app="accounts").delete()


class TestComparison:
    @pytest.mark.django_db
    def test_tables_of_this_version_are_the_same(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert schema.read_difference().state == "same"
        assert schema.read_difference().sentence == ""

    def test_a_migration_that_this_code_does_not_know_makes_it_newer(self, of_tomorrow):
        difference = schema.read_difference()
        assert (difference.state, difference.newer) == ("newer", (FUTURE,))
        assert "studies.9999_of_tomorrow" in difference.sentence

    def test_a_migration_that_is_due_makes_it_older_and_names_the_command(self, of_yesterday):
        difference = schema.read_difference()
        assert difference.state == "older"
        assert "manage.py set_up" in difference.sentence

    @pytest.mark.django_db
    def test_what_an_app_of_earlier_versions_left_is_not_newer(self):
        MigrationRecorder.Migration.objects.create(app="axes", name="0001_initial")
        assert schema.read_difference().state == "same"


class TestAMigrationThatOnlyAdds:
    """Its name says so: that is all that the version before knows of it."""

    def test_leaves_the_version_before_in_use(self, added_tomorrow):
        difference = schema.read_difference()
        assert (difference.state, difference.is_usable, difference.sentence) == ("expanded", True, "")
        schema.check_at_start()

    def test_does_not_excuse_another_one(self, added_tomorrow, of_tomorrow):
        difference = schema.read_difference()
        assert (difference.state, difference.is_usable) == ("newer", False)

    def test_does_not_excuse_what_is_due(self, added_tomorrow, of_yesterday):
        assert not schema.read_difference().is_usable

    @pytest.mark.parametrize("name", ["expand_0007", "0007_expand", "0007_unexpand_note", "9999_of_tomorrow"])
    def test_is_known_by_nothing_else(self, name):
        assert not schema.is_expanding(name)

    def test_only_adds(self):
        """What may be null or has a default in the database: an INSERT of the version before names no such column."""
        broken = []
        for (app, name), migration in MigrationLoader(None).disk_migrations.items():
            if schema.is_expanding(name):
                broken += [(app, name, each) for each in migration.operations if not only_adds(each)]
        assert broken == []

    def test_of_another_kind_would_be_found(self):
        note = models.CharField(max_length=9)
        assert not only_adds(migrations.RemoveField("study", "title"))
        assert not only_adds(migrations.AddField("study", "note", note))
        assert not only_adds(migrations.RunSQL("SELECT 1"))
        assert only_adds(migrations.AddField("study", "note", models.CharField(max_length=9, null=True)))
        assert only_adds(migrations.AddField("study", "note", models.CharField(max_length=9, db_default="")))
        assert only_adds(migrations.CreateModel("Note", [("text", note)]))


def only_adds(operation: Operation) -> bool:
    if isinstance(operation, migrations.AddField):
        field = operation.field
        return bool(field.null or field.many_to_many) or field.db_default is not models.NOT_PROVIDED
    return isinstance(operation, (migrations.CreateModel, migrations.AddIndex))


class TestAtStart:
    def test_a_server_refuses_the_tables_of_a_newer_version(self, of_tomorrow):
        with pytest.raises(ImproperlyConfigured, match="newer version"):
            schema.check_at_start()

    def test_a_server_refuses_the_tables_of_an_older_version(self, of_yesterday):
        with pytest.raises(ImproperlyConfigured, match="set_up"):
            schema.check_at_start()

    def test_a_server_starts_while_the_database_is_away(self, monkeypatch, caplog):
        def away():
            raise DatabaseError("away")

        monkeypatch.setattr(schema, "read_difference", away)
        schema.check_at_start()
        assert "does not answer" in caplog.text

    def test_set_up_leaves_a_newer_database_alone(self, of_tomorrow):
        with pytest.raises(CommandError, match="newer version"):
            call_command("set_up")


class TestReadiness:
    def test_readyz_stays_ready_with_what_was_only_added(self, added_tomorrow):
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()["schema"]) == (200, "expanded")

    @pytest.mark.django_db
    @pytest.mark.parametrize(("tables", "state"), [("of_tomorrow", "newer"), ("of_yesterday", "older")])
    def test_readyz_says_which_way_they_differ(self, request, tables, state):
        request.getfixturevalue(tables)
        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert json.loads(answer.content)["schema"] == state
