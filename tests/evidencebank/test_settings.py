"""The settings file: its defaults, what turns them into those of a public site, and how it complains."""

import os
import re
import runpy
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from evidencebank.setting_values import read_or_make_secret_key

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "evidencebank" / "settings.py"
NAMES = sorted(set(re.findall(r'_read\("([A-Z0-9_]+)"', SETTINGS.read_text())) | {"SECRET_KEY"})
RANDOM = "k9Zx-" * 12
PUBLIC = {
    "SITE_URL": "https://banco.example.pe",
    "SECRET_KEY": RANDOM,
    "DATABASE_URL": "postgres://bank:secret@db.example.pe/bank",
    "CONTACT_EMAIL": "errores@example.pe",
}


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Run the settings file as a new process would, in an environment of only what the test names."""

    def run(**environment: str) -> dict[str, Any]:
        for name in [*NAMES, "UNKNOWN"]:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        before = dict(os.environ)
        try:
            return runpy.run_path(str(SETTINGS))
        finally:
            # The env file goes into the environment of the process, which here is that of all tests.
            os.environ.clear()
            os.environ.update(before)

    return run


class TestOnALaptop:
    def test_it_answers_only_this_machine_and_shows_no_inside(self, read):
        settings = read()
        assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
        assert settings["DEBUG"] is False

    def test_it_works_over_plain_http(self, read):
        settings = read()
        assert not settings["SECURE_SSL_REDIRECT"]
        assert not settings["SESSION_COOKIE_SECURE"]
        assert settings["SECURE_HSTS_SECONDS"] == 0

    def test_the_database_is_a_file_whose_writers_queue(self, read, tmp_path):
        database = read()["DATABASES"]["default"]
        assert database["NAME"] == tmp_path / "var" / "bank.sqlite3"
        assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        assert database["OPTIONS"]["timeout"] == 20
        assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]

    def test_postgresql_comes_with_a_pool_and_keeps_the_options_of_the_address(self, read):
        database = read(DATABASE_URL="postgres://u:p@h:5433/bank?sslmode=require")["DATABASES"]["default"]
        assert (database["HOST"], database["PORT"], database["NAME"]) == ("h", 5433, "bank")
        assert database["OPTIONS"]["sslmode"] == "require"
        assert database["OPTIONS"]["pool"]["max_size"] >= 4

    def test_an_empty_variable_counts_as_unset(self, read):
        assert read(DATABASE_URL="", TEAM_OF_ONE=" ")["TEAM_OF_ONE"] is False

    def test_a_value_may_begin_with_a_dollar_sign(self, read):
        assert read(SECRET_KEY="$" + RANDOM)["SECRET_KEY"] == "$" + RANDOM

    def test_the_file_env_is_read_and_the_environment_wins_over_it(self, read, tmp_path):
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / "env").write_text("TEAM_OF_ONE=true\nSEARCH_ENGINE=memory\n")
        settings = read(SEARCH_ENGINE="whoosh")
        assert (settings["TEAM_OF_ONE"], settings["SEARCH_ENGINE"]) == (True, "whoosh")


class TestMail:
    def test_nobody_is_written_to_without_a_server(self, read):
        settings = read()
        assert not settings["SENDS_MAIL"]
        assert settings["EMAIL_BACKEND"].endswith("dummy.EmailBackend")

    @pytest.mark.parametrize(
        ("address", "host", "port", "tls", "ssl"),
        [
            ("smtp://mail.example.pe", "mail.example.pe", 25, False, False),
            ("smtp+tls://banco:cla%40ve@mail.example.pe", "mail.example.pe", 587, True, False),
            ("smtp+ssl://banco:cla%40ve@mail.example.pe:4465", "mail.example.pe", 4465, False, True),
        ],
    )
    def test_the_server_is_one_address(self, read, address, host, port, tls, ssl):
        settings = read(MAIL_SERVER=address, MAIL_FROM="banco@example.pe")
        assert settings["SENDS_MAIL"]
        assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == (host, port)
        assert (settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (tls, ssl)
        assert settings["EMAIL_HOST_PASSWORD"] == ("cla@ve" if "@" in address else "")
        assert settings["DEFAULT_FROM_EMAIL"] == "banco@example.pe"

    def test_it_writes_from_the_contact_address_unless_told_and_from_none_not_at_all(self, read):
        assert read(MAIL_SERVER="smtp://m.pe", CONTACT_EMAIL="a@b.pe")["MAIL_FROM"] == "a@b.pe"
        with pytest.raises(ImproperlyConfigured, match="MAIL_SERVER needs MAIL_FROM"):
            read(MAIL_SERVER="smtp://m.pe")

    @pytest.mark.parametrize("bad", ["mail.example.pe", "http://m.pe", "smtp://", "smtp://secreto:secreto@m.pe:x"])
    def test_a_bad_address_is_refused_without_its_password(self, read, bad):
        with pytest.raises(ImproperlyConfigured, match="MAIL_SERVER") as refusal:
            read(MAIL_SERVER=bad, MAIL_FROM="banco@example.pe")
        assert "secreto" not in str(refusal.value)


class TestAHostThatOnlyReads:
    def test_is_one_by_setting_and_knows_where_is_written(self, read):
        settings = read(READ_ONLY="true", PRIMARY_URL="https://trabajo.example.pe/")
        assert (settings["READ_ONLY"], settings["PRIMARY_URL"]) == (True, "https://trabajo.example.pe")

    def test_needs_to_know_it(self, read):
        with pytest.raises(ImproperlyConfigured, match="READ_ONLY needs PRIMARY_URL"):
            read(READ_ONLY="true")

    @pytest.mark.parametrize("bad", ["trabajo.example.pe", "https://trabajo.example.pe/admin/", "https://a:b@c.pe"])
    def test_refuses_what_is_no_address_of_a_host(self, read, bad):
        with pytest.raises(ImproperlyConfigured, match="PRIMARY_URL"):
            read(READ_ONLY="true", PRIMARY_URL=bad)

    def test_can_be_promoted_by_taking_out_one_line(self, read):
        assert read(PRIMARY_URL="https://trabajo.example.pe")["READ_ONLY"] is False

    def test_may_reach_its_database_through_a_pooler(self, read):
        database = read(DATABASE_URL="postgres://u:p@h/bank?disable_server_side_cursors=true")["DATABASES"]["default"]
        assert database["DISABLE_SERVER_SIDE_CURSORS"] is True
        assert "disable_server_side_cursors" not in database["OPTIONS"]


class TestSecretKey:
    def test_it_is_made_once_for_its_owner_alone(self, read, tmp_path):
        key = read()["SECRET_KEY"]
        assert len(key) >= 50
        assert read()["SECRET_KEY"] == key
        assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600

    def test_processes_that_start_at_once_agree_on_it(self, tmp_path):
        path = tmp_path / "another" / "secret-key"
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(lambda _: read_or_make_secret_key(path), range(40)))
        assert len(keys) == 1
        assert [file.name for file in path.parent.iterdir()] == ["secret-key"]

    def test_a_folder_that_cannot_be_written_is_named(self, read, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(ImproperlyConfigured, match=r"VAR_DIR: .*/file"):
            read(VAR_DIR=str(tmp_path / "file" / "var"))


class TestOnAPublicSite:
    def test_everything_travels_encrypted(self, read):
        settings = read(**PUBLIC)
        assert settings["SECURE_SSL_REDIRECT"]
        assert settings["SESSION_COOKIE_SECURE"]
        assert settings["CSRF_COOKIE_SECURE"]
        assert settings["SECURE_HSTS_SECONDS"] >= timedelta(days=365).total_seconds()
        assert settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"]

    def test_no_neighbouring_host_can_set_its_cookies(self, read):
        settings = read(**PUBLIC)
        assert settings["SESSION_COOKIE_NAME"] == "__Host-sessionid"
        assert settings["CSRF_COOKIE_NAME"] == "__Host-csrftoken"
        assert settings["COOKIE_PREFIX"] == "__Host-"

    def test_every_cookie_has_a_protected_name(self):
        """The modules that set one, loaded with the settings of a public site."""
        program = (
            "import django; django.setup();"
            "from accounts.devices import COOKIE;"
            "from evidencebank.message_cookie import MessageStorage;"
            "from search.web.shared.selection_cookie import SELECTION_COOKIE, UNDO_COOKIE;"
            "print(COOKIE, MessageStorage.storage_classes[0].cookie_name, SELECTION_COOKIE, UNDO_COOKIE)"
        )
        environment = {**os.environ, **PUBLIC, "DJANGO_SETTINGS_MODULE": "evidencebank.settings"}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == [
            "__Secure-bank_device", "__Host-messages", "__Host-seleccion", "__Host-seleccion-antes",
        ]  # fmt: skip

    def test_https_is_not_asked_of_subdomains_where_they_have_none(self, read):
        assert not read(**PUBLIC, HSTS_SUBDOMAINS="false")["SECURE_HSTS_INCLUDE_SUBDOMAINS"]

    def test_a_second_factor_is_demanded_unless_it_is_switched_off(self, read):
        assert read(**PUBLIC)["REQUIRE_SECOND_FACTOR"]
        assert not read(**PUBLIC, REQUIRE_SECOND_FACTOR="false")["REQUIRE_SECOND_FACTOR"]
        assert not read()["REQUIRE_SECOND_FACTOR"]

    def test_it_answers_to_its_own_name_and_those_it_is_given(self, read):
        settings = read(**PUBLIC, ALLOWED_HOSTS="bank.internal, 10.0.0.5")
        assert settings["ALLOWED_HOSTS"] == ["banco.example.pe", "bank.internal", "10.0.0.5"]

    def test_no_key_is_made_for_it(self, read, tmp_path):
        read(**PUBLIC)
        assert not (tmp_path / "var" / "secret-key").exists()

    def test_the_proxys_word_for_https_is_believed_only_where_a_proxy_is_named(self, read):
        assert "SECURE_PROXY_SSL_HEADER" not in read(**PUBLIC)
        assert read(**PUBLIC, TRUSTED_PROXY="127.0.0.1")["SECURE_PROXY_SSL_HEADER"]

    def test_all_missing_values_are_named_at_once(self, read):
        with pytest.raises(ImproperlyConfigured, match="SECRET_KEY, DATABASE_URL, CONTACT_EMAIL"):
            read(SITE_URL=PUBLIC["SITE_URL"])

    @pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "CONTACT_EMAIL"])
    def test_each_half_set_one_is_refused(self, read, name):
        with pytest.raises(ImproperlyConfigured, match=f"also needs: {name}$"):
            read(**{key: value for key, value in PUBLIC.items() if key != name})

    def test_its_inside_is_never_shown(self, read):
        with pytest.raises(ImproperlyConfigured, match="DEBUG"):
            read(**PUBLIC, DEBUG="true")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("TRUSTED_PROXY", "127.0.0.1"),
            ("HSTS_SECONDS", "60"),
            ("HSTS_SUBDOMAINS", "true"),
            ("ALLOWED_HOSTS", "banco.example.pe"),
        ],
    )
    def test_what_only_a_public_site_needs_is_refused_without_its_address(self, read, name, value):
        with pytest.raises(ImproperlyConfigured, match=f"{name}: .*SITE_URL"):
            read(**{name: value})


class TestBadValues:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ALLOWED_HOSTS", "*"),
            ("CHAT100_URL", "javascript:alert(1)"),
            ("CONTACT_EMAIL", "nobody"),
            ("DATABASE_URL", "mysql://u:p@h/bank"),
            ("DATABASE_URL", "sqlite://:memory:"),
            ("DATABASE_URL", "postgres://u:p@h"),
            ("DATABASE_URL", "postgres://u:p@h:port/bank"),
            ("DATA_LICENCE_URL", "CC BY"),
            ("DEBUG", "ture"),
            ("HSTS_SECONDS", "a year"),
            ("SEARCH_CACHE_MB", "32MB"),
            ("SEARCH_CACHE_MB", "0"),
            ("LOG_LEVEL", "loud"),
            ("HOUSE_NETWORKS", "192.0.2.0/24, oficina"),
            ("HOUSE_NETWORKS", "192.0.2.7/24"),
            ("RECHECK_MONTHS", "0"),
            ("SESSION_IDLE_MINUTES", "0"),
            ("SESSION_IDLE_MINUTES", "media hora"),
            ("RECHECK_MONTHS", "dos"),
            ("QUICK_EXIT_URL", "www.gob.pe"),
            ("SEARCH_ENGINE", "solr"),
            ("SECRET_KEY", "short"),
            ("SECRET_KEY", "a" * 60),
            ("SITE_URL", "http://banco.example.pe"),
            ("SITE_URL", "https://banco.example.pe/evidencias"),
            ("TEAM_OF_ONE", "perhaps"),
            ("TRUSTED_PROXY", "127.0.0.0.1"),
        ],
    )
    def test_each_stops_the_start_and_names_itself(self, read, name, value):
        with pytest.raises(ImproperlyConfigured, match=rf"(?m)^  {name}: "):
            read(**{name: value})

    def test_all_are_told_at_once(self, read):
        with pytest.raises(ImproperlyConfigured) as refusal:
            read(DEBUG="ture", SEARCH_ENGINE="solr")
        assert "DEBUG" in str(refusal.value)
        assert "SEARCH_ENGINE" in str(refusal.value)

    def test_a_password_is_not_repeated(self, read):
        with pytest.raises(ImproperlyConfigured) as refusal:
            read(DATABASE_URL="mysql://u:hunter2@h/bank", SECRET_KEY="hunter2")
        assert "hunter2" not in str(refusal.value)


class TestDocumentation:
    @pytest.mark.parametrize("name", NAMES)
    def test_every_setting_is_described(self, name):
        assert re.search(rf"^\| `{name}` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
