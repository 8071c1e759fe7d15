"""The template of settings: refused as it stands, complete once it is filled in."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = (ROOT / "deploy" / "env.template").read_text()
NAMES = re.findall(r"^#?([A-Z_]+)=", TEMPLATE, re.MULTILINE)
VALUES = {
    "SITE_URL": "https://banco.ejemplo.pe",
    "SECRET_KEY": "k9Zx-" * 14,
    "CONTACT_EMAIL": "errores@ejemplo.pe",
    "RESPONSIBLE_NAME": "Ministerio de Ejemplo",
    "RESPONSIBLE_ADDRESS": "Jr. Ejemplo 100, Lima",
    "PRIVACY_EMAIL": "datos@ejemplo.pe",
    "SECURITY_CONTACT": "seguridad@ejemplo.pe",
    "BACKUP_RECIPIENTS": "age1" + "q" * 58,
    "DATABASE_URL": "postgres:///bank?host=/run/postgresql",
}


def start(folder: Path, env: str) -> str:
    """Read the settings as a server would, with `env` in var/env. Return what is complained of."""
    (folder / "env").write_text(env)
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder)}
    code = "import evidencebank.settings"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr


class TestTemplate:
    def test_as_it_stands_each_placeholder_is_named(self, tmp_path):
        complaints = start(tmp_path, TEMPLATE)
        for name in re.findall(r"^([A-Z_]+)=.*<", TEMPLATE, re.MULTILINE):
            assert f"{name}: is still the placeholder" in complaints

    def test_filled_in_it_is_accepted(self, tmp_path):
        filled = re.sub(r"^([A-Z_]+)=.*<.*$", lambda line: f"{line[1]}={VALUES[line[1]]}", TEMPLATE, flags=re.MULTILINE)
        assert start(tmp_path, filled) == ""

    def test_every_line_is_a_setting_that_is_described(self):
        described = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))
        assert set(NAMES) <= described

    @pytest.mark.parametrize(
        "line",
        [
            "SECRET_KEY=" + "k9Zx-" * 14 + "  # python3 -c 'import secrets'",
            "TEAM_OF_ONE=true # for now",
            "PORT= # none",
        ],
    )
    def test_a_comment_behind_a_value_is_refused_without_repeating_the_value(self, tmp_path, line):
        complaints = start(tmp_path, line + "\n")
        name, _equals, _value = line.partition("=")
        assert f"{name}: line 1 of {tmp_path}/env has a comment behind the value" in complaints
        assert "k9Zx" not in complaints

    def test_a_comment_of_its_own_line_and_a_quoted_sign_are_fine(self, tmp_path):
        assert start(tmp_path, "# why\nDATA_LICENCE_NAME='CC # BY'\n") == ""
