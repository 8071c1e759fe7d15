"""The command that stands between the installed packages and a bank that answers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from evidencebank.management.commands import set_up

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Run `run(*arguments)` as a person would, again and again on the same new machine."""
    var = tmp_path_factory.mktemp("machine") / "var"
    foreign = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "TEAM_OF_ONE"}
    environment = {name: value for name, value in os.environ.items() if name not in foreign}

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**environment, "VAR_DIR": str(var)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.var = var
    run.first = run("set_up")
    return run


@pytest.mark.thorough
class TestOnAnEmptyMachine:
    def test_the_first_administrator_can_sign_in_with_the_password_shown(self, machine):
        name, password = re.findall(r"^  (?:name|password) +(\S+)$", machine.first, re.MULTILINE)
        code = f"from django.contrib.auth.models import User as U; print(U.objects.get().check_password('{password}'))"
        assert machine("shell", "--verbosity", "0", "--command", code).strip() == "True"
        assert name == "administrador"

    def test_it_becomes_a_team_of_one_and_says_how_to_stop_being_one(self, machine):
        assert (machine.var / "env").read_text() == "TEAM_OF_ONE=true\n"
        assert f"TEAM_OF_ONE=false in {machine.var / 'env'}" in machine.first

    def test_all_studies_are_there_and_indexed(self, machine):
        studies = len((ROOT / "fixtures" / "studies.jsonl").read_text().splitlines())
        assert f"studies: {studies} created" in machine.first
        assert f"index ready: {studies} studies" in machine.first

    def test_a_second_time_makes_nothing_and_shows_no_password(self, machine):
        before = {path: path.stat().st_mtime_ns for path in (machine.var / "static").rglob("*")}
        again = machine("set_up")
        assert "password" not in again
        assert "created" not in again
        assert {path: path.stat().st_mtime_ns for path in (machine.var / "static").rglob("*")} == before


@pytest.fixture
def quick(monkeypatch, settings, tmp_path):
    """Leave out the steps that have tests of their own: what is asked here is who may administer."""
    settings.VAR_DIR = tmp_path
    monkeypatch.delenv("TEAM_OF_ONE", raising=False)
    monkeypatch.setattr(set_up, "call_command", lambda *args, **options: None)
    monkeypatch.setattr(set_up.Command, "_collect_static", lambda self: None)


@pytest.mark.django_db
@pytest.mark.usefixtures("quick")
class TestFirstAdministrator:
    def test_none_is_made_where_there_is_one(self, capsys, tmp_path):
        User.objects.create_superuser("somebody")
        call_command("set_up")
        assert list(User.objects.values_list("username", flat=True)) == ["somebody"]
        assert not (tmp_path / "env").exists()

    def test_has_to_choose_another_password_than_the_printed_one(self, capsys):
        call_command("set_up")
        name, password = re.findall(r"^  (?:name|password) +(\S+)$", capsys.readouterr().out, re.MULTILINE)
        client = Client()
        client.post(reverse("admin:login"), {"username": name, "password": password})
        assert client.get("/admin/").headers["Location"] == reverse("admin:password_change")

    def test_none_is_made_if_none_is_wanted(self):
        call_command("set_up", no_admin=True)
        assert not User.objects.exists()

    def test_a_public_site_does_not_become_a_team_of_one(self, settings, tmp_path, capsys):
        settings.IS_PUBLIC = True
        call_command("set_up")
        assert not (tmp_path / "env").exists()
        assert "team of one" not in capsys.readouterr().out

    def test_nor_does_one_whose_environment_says_otherwise(self, monkeypatch, tmp_path):
        monkeypatch.setenv("TEAM_OF_ONE", "false")
        call_command("set_up")
        assert not (tmp_path / "env").exists()

    def test_other_lines_of_the_env_file_stay(self, tmp_path):
        (tmp_path / "env").write_text("CONTACT_EMAIL=errores@example.pe\n")
        call_command("set_up")
        assert (tmp_path / "env").read_text() == "CONTACT_EMAIL=errores@example.pe\nTEAM_OF_ONE=true\n"


class TestStaticFiles:
    def test_they_are_collected_again_only_when_one_changed(self, settings, tmp_path, monkeypatch):
        source = tmp_path / "source"
        source.mkdir()
        (source / "a.css").write_text("a{}")
        settings.STATICFILES_DIRS = [source]
        before = set_up._fingerprint_of_static_files()
        assert set_up._fingerprint_of_static_files() == before
        (source / "a.css").write_text("a{color:red}")
        changed = set_up._fingerprint_of_static_files()
        (source / "b.css").touch()
        assert len({before, changed, set_up._fingerprint_of_static_files()}) == 3


class TestInASandbox:
    def test_stale_translations_in_a_folder_that_cannot_be_written_are_told_with_the_remedy(self, monkeypatch):
        def refuse(folder):
            raise OSError(30, "Read-only file system")

        monkeypatch.setattr(set_up.catalogue, "compile_all", refuse)
        with pytest.raises(CommandError, match="make install"):
            set_up.Command()._compile_translations()
