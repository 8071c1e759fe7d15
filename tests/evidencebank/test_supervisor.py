"""Server and worker together, as `make run` starts them."""

from __future__ import annotations

import subprocess
import sys

from evidencebank import supervisor

PROGRAM = """
import sys, time
from evidencebank import supervisor
supervisor.SERVER = (sys.executable, "-c", {server!r})
supervisor.WORKER = (sys.executable, "-c", {worker!r})
supervisor._LOOK_EVERY_S = supervisor._RESTART_AFTER_S = 0.05
sys.exit(supervisor.main())
"""
STAYS = "import os, time; os.write(1, b'{} up\\n'); time.sleep(60)"


def start(server: str, worker: str) -> subprocess.Popen[str]:
    program = PROGRAM.format(server=server, worker=worker)
    return subprocess.Popen([sys.executable, "-c", program], cwd=supervisor.ROOT, stdout=subprocess.PIPE, text=True)


class TestTogether:
    def test_both_end_when_it_is_told_to_stop(self):
        together = start(STAYS.format("server"), STAYS.format("worker"))
        lines = {together.stdout.readline(), together.stdout.readline()}
        assert lines == {"server up\n", "worker up\n"}
        together.terminate()
        # Its output ends only when neither of the two has it open any more.
        together.communicate(timeout=20)
        assert together.returncode == 0

    def test_the_worker_ends_with_the_server_and_the_code_is_the_servers(self):
        together = start("raise SystemExit(3)", STAYS.format("worker"))
        together.communicate(timeout=20)
        assert together.returncode == 3

    def test_a_worker_that_dies_is_started_again(self):
        together = start(STAYS.format("server"), "import os; os.write(1, b'worker up\\n')")
        seen = [together.stdout.readline() for _ in range(4)]
        assert seen.count("worker up\n") >= 2
        together.terminate()
        together.communicate(timeout=20)

    def test_what_it_starts_is_what_the_units_start(self):
        units = supervisor.ROOT / "deploy" / "systemd"
        assert " ".join(supervisor.WORKER[1:]) in (units / "bank-worker.service").read_text()
        assert " ".join(supervisor.SERVER[3:]) in (units / "bank.service").read_text()
