"""The shipped units of systemd: well-formed, sandboxed alike, and able to run where the program cannot be written."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
TIMERS = sorted(UNITS.glob("*.timer"))
ANALYZE = shutil.which("systemd-analyze")
each_service = pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
each_timer = pytest.mark.parametrize("path", TIMERS, ids=lambda path: path.name)


def read(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str
    unit.read(path)
    return unit


@pytest.fixture
def installed(tmp_path):
    """The units as docs/operations.md installs them, with this copy of the program in the place of /srv/bank."""
    for path in [*SERVICES, *TIMERS]:
        (tmp_path / path.name).write_text(_of_here(path.read_text()))
    for path in SERVICES:
        drop_in = tmp_path / f"{path.name}.d" / "bank.conf"
        drop_in.parent.mkdir()
        drop_in.write_text(_of_here((UNITS / "bank.conf").read_text()))
    return tmp_path


def _of_here(unit: str) -> str:
    """Return a unit with this copy of the program, and with the Python that runs the tests."""
    return unit.replace("/srv/bank/.venv/bin", str(Path(sys.executable).parent)).replace("/srv/bank", str(ROOT))


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze: sudo apt install systemd")
class TestForSystemd:
    def test_every_unit_is_well_formed(self, installed):
        names = [path.name for path in [*SERVICES, *TIMERS]]
        done = subprocess.run(
            [ANALYZE, "verify", "--man=no", "--recursive-errors=no", *names],
            cwd=installed, env={**os.environ, "SYSTEMD_UNIT_PATH": f"{installed}:"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        complaints = [line for line in done.stderr.splitlines() if "bank" in line]
        assert not complaints
        assert done.returncode == 0, done.stderr

    def test_the_sandbox_leaves_little_open(self, installed):
        done = subprocess.run(
            [ANALYZE, "security", "--offline=true", "--no-pager", "bank.service"],
            cwd=installed, env={**os.environ, "SYSTEMD_UNIT_PATH": f"{installed}:"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        level = re.search(r"Overall exposure level for bank\.service: ([\d.]+)", done.stdout)
        assert level, done.stdout + done.stderr
        assert float(level[1]) < 2.5


class TestServices:
    @each_service
    def test_each_runs_a_command_that_is_there(self, path):
        command = read(path)["Service"]["ExecStart"].split()
        program = Path(command[0].replace("/srv/bank/.venv/bin", str(Path(sys.executable).parent)))
        assert program.exists()
        if "manage.py" in command:
            name = command[command.index("manage.py") + 1]
            assert list(ROOT.glob(f"*/management/commands/{name}.py"))

    def test_nothing_long_is_done_under_a_limit_of_the_start(self):
        # The index of a large bank takes longer than the 90 seconds that systemd waits for a service.
        assert "ExecStartPre" not in read(UNITS / "bank.service")["Service"]
        assert read(UNITS / "bank-setup.service")["Service"]["TimeoutStartSec"] == "infinity"

    def test_the_bank_waits_for_what_sets_it_up(self):
        unit = read(UNITS / "bank.service")["Unit"]
        assert "bank-setup.service" in unit["After"]
        assert "bank-setup.service" in unit["Requires"]

    def test_the_worker_waits_for_the_tables_and_is_started_again_whatever_ends_it(self):
        unit = read(UNITS / "bank-worker.service")
        assert "bank-setup.service" in unit["Unit"]["Requires"]
        assert unit["Service"]["Restart"] == "always"

    def test_the_program_is_read_only_and_var_is_not(self):
        shared = read(UNITS / "bank.conf")["Service"]
        assert (shared["ProtectSystem"], shared["ReadWritePaths"]) == ("strict", "/srv/bank/var")

    def test_no_other_account_of_the_machine_reaches_the_socket(self):
        # Whoever writes to it says what address a reader has.
        assert read(UNITS / "bank.service")["Service"]["RuntimeDirectoryMode"] == "0750"
        assert "\nadduser www-data bank" in (ROOT / "docs" / "operations.md").read_text()

    def test_nginx_asks_for_life_where_gunicorn_answers(self):
        told = read(UNITS / "bank.service")["Service"]["Environment"]
        proxied = (ROOT / "deploy" / "nginx" / "bank.conf").read_text()
        assert f"proxy_pass http://unix:{told.removeprefix('HEALTH_SOCKET=')};" in proxied

    def test_the_program_does_not_see_its_own_history(self):
        assert read(UNITS / "bank.conf")["Service"]["InaccessiblePaths"] == "-/srv/bank/.git"


class TestTimers:
    @each_timer
    def test_each_starts_a_service_of_its_name(self, path):
        assert path.with_suffix(".service") in SERVICES

    @each_timer
    def test_a_run_that_was_missed_is_made_up_for(self, path):
        assert read(path)["Timer"]["Persistent"] == "true"


def _can_mount() -> bool:
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.thorough
@pytest.mark.skipif(
    not _can_mount(), reason="an imitation of the sandbox needs root, unshare, setpriv and the right to mount"
)
class TestInTheSandbox:
    """An imitation of the sandbox: a program folder that cannot be written, another user, no new privileges."""

    @pytest.fixture
    def var(self):
        """A folder of another user; not among those of pytest, which closes them to others at every start."""
        with tempfile.TemporaryDirectory(prefix="bank-sandbox-") as folder:
            os.chown(folder, 65534, 65534)
            yield Path(folder)

    def test_the_commands_of_the_units_run(self, var):
        subprocess.run([sys.executable, "-m", "evidencebank.catalogue"], cwd=ROOT, check=True)
        python = f"{sys.executable} manage.py"
        script = f"""
            set -e
            mount --bind {ROOT} {ROOT} && mount -o remount,ro,bind {ROOT}
            cd {ROOT}
            ! touch written-by-the-test 2>/dev/null
            as_bank() {{ setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all "$@"; }}
            as_bank {python} set_up --no-admin
            as_bank {python} work --until-idle
            ls {var}/open-data/????-??-??
            as_bank {python} backup {var}
            export HEALTH_SOCKET={var}/health.sock
            as_bank {Path(sys.executable).parent}/gunicorn -c python:evidencebank.serving \\
                --bind unix:{var}/bank.sock --pid {var}/pid --daemon
            for _ in $(seq 60); do [ -S {var}/bank.sock ] && break; sleep 1; done
            curl --silent --fail --max-time 60 --unix-socket {var}/health.sock http://localhost/healthz
            curl --silent --fail --max-time 60 --unix-socket {var}/bank.sock http://localhost/readyz
            kill $(cat {var}/pid)
        """
        environment = {
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(var),
            "HOME": str(var),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ok" in done.stdout
        assert '"database": "ready"' in done.stdout
