"""The command lines of docs/operations.md, run in their order in a folder that stands for the machine.

What would change this machine (apt, systemctl, adduser ...) is replaced by a program that notes how it was called.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
STAND_INS = ("apt", "adduser", "make", "su", "systemctl", "nginx", "git")


def block_with(words: str) -> str:
    (found,) = [block for block in BLOCKS if words in block]
    return found


@pytest.fixture
def machine(tmp_path):
    """Run a block of lines: `machine(lines)` returns how the stand-ins were called."""
    programs, log = tmp_path / "bin", tmp_path / "calls"
    programs.mkdir()
    log.touch()
    for name in STAND_INS:
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {log}\n')
    # There is no user "bank" here.
    install = shutil.which("install")
    (programs / "install").write_text(
        "#!/bin/bash\nkept=()\n"
        'while [ $# -gt 0 ]; do case $1 in -o|-g) shift 2;; *) kept+=("$1"); shift;; esac; done\n'
        f'exec {install} "${{kept[@]}}"\n'
    )
    for program in programs.iterdir():
        program.chmod(0o755)
    for folder in (
        "etc/systemd/system",
        "etc/nginx/sites-available",
        "etc/nginx/sites-enabled",
        "var/backups",
        "srv/bank",
    ):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "deploy", tmp_path / "srv/bank/deploy")

    def run(lines: str) -> list[str]:
        here = re.sub(r"(?<![\w.])/(srv/bank|etc/|var/backups)", rf"{tmp_path}/\1", lines)
        environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-eu", "-c", here], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return log.read_text().splitlines()

    run.folder = tmp_path
    return run


class TestLines:
    @pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0][:40])
    def test_a_shell_can_read_them(self, block):
        done = subprocess.run(["bash", "-n", "-c", block], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def test_the_steps_of_a_new_server_put_every_file_in_its_place(self, machine):
        calls = machine(block_with("debian-packages.txt") + block_with("bank.conf"))
        system = machine.folder / "etc/systemd/system"
        shipped = {path.name for path in (ROOT / "deploy/systemd").glob("bank*.[st]*")}
        assert {path.name for path in system.iterdir() if path.is_file()} == shipped
        for service in system.glob("*.service"):
            assert (system / f"{service.name}.d" / "bank.conf").is_file()
        enabled = {word for call in calls if call.startswith("systemctl enable") for word in call.split()[3:]}
        assert enabled <= shipped
        assert enabled == {
            "bank.service",
            "bank-worker.service",
            *(name for name in shipped if name.endswith("timer")),
        }
        assert (machine.folder / "var/backups/bank").is_dir()
        assert (machine.folder / "srv/bank/var/env").stat().st_mode & 0o777 == 0o600
        site = (machine.folder / "etc/nginx/sites-enabled/bank.conf").read_text()
        assert "banco.example.pe" not in site

    def test_packages_are_named_as_debian_names_them(self, machine):
        (call,) = [call for call in machine(block_with("debian-packages.txt")) if call.startswith("apt ")]
        names = call.split()[2:]
        assert "nginx" in names
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in names)

    def test_restoring_and_upgrading_use_units_that_are_shipped(self, machine):
        for words in ("manage.py restore FILE'", "git pull"):
            machine(block_with(words))
        calls = (machine.folder / "calls").read_text()
        named = set(
            re.findall(r"\bbank(?:-\w+)?\b", " ".join(re.findall(r"^systemctl \w+ (.*)$", calls, re.MULTILINE)))
        )
        assert named <= {path.stem for path in (ROOT / "deploy/systemd").glob("*.service")}
