"""Three hosts, one on a replica and one killed, and two that are renewed: the short forms of two commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import hosts, replication
from benchmarks.balanced import Answer, Balancer, Tally
from tests.bank_server import ROOT, environment

pytestmark = pytest.mark.skipif(not replication.is_available(), reason="no PostgreSQL server is installed")


def run(program: str, *options: str, folder: Any) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{program}", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment(folder), capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


class Answering:
    """Stands for the balancer: one host, which always lists the same, and is asked once."""

    def __init__(self, found: list[str], ended: threading.Event, *, is_ready: bool = True) -> None:
        self.host = SimpleNamespace(name="a", tally=Tally())
        self._found, self._ended, self._is_ready = found, ended, is_ready

    def ask(self, path: str) -> Answer:
        self._ended.set()
        body = json.dumps({"results": [{"id": each} for each in self._found]}).encode()
        return Answer(self.host, body, self._is_ready)


class TestComparing:
    @pytest.mark.parametrize(
        ("age_s", "is_public", "found", "wrong"),
        [
            (10, True, [], 1),
            (10, False, ["a"], 1),
            (10, True, ["a"], 0),
            (10, False, [], 0),
            (1, True, [], 0),
        ],
    )
    def test_a_list_is_wrong_if_it_lacks_a_change_for_too_long(self, tmp_path, age_s, is_public, found, wrong):
        change = {"at": time.time() - age_s, "slug": "a", "word": "w1x7k", "is_public": is_public}
        (tmp_path / "journal").write_text(json.dumps(change) + "\n")
        ended = threading.Event()
        balancer = Answering(found, ended)
        hosts.read(balancer, hosts.Journal(tmp_path / "journal"), ended, 2.0)
        assert len(balancer.host.tally.wrong_lists) == wrong
        assert (balancer.host.tally.oldest_list_s >= age_s) == (found != (["a"] if is_public else []))

    def test_an_old_list_of_a_host_that_said_it_was_not_ready_is_not_wrong(self, tmp_path):
        change = {"at": time.time() - 10, "slug": "a", "word": "w1x7k", "is_public": True}
        (tmp_path / "journal").write_text(json.dumps(change) + "\n")
        ended = threading.Event()
        balancer = Answering([], ended, is_ready=False)
        hosts.read(balancer, hosts.Journal(tmp_path / "journal"), ended, 2.0)
        assert balancer.host.tally.wrong_lists == []
        assert balancer.host.tally.oldest_list_while_not_ready_s >= 10

    def test_nothing_is_said_of_a_study_that_is_being_changed(self, tmp_path):
        change = {"at": time.time() - 10, "slug": "a", "word": "w1x7k", "is_public": True}
        (tmp_path / "journal").write_text(f'{json.dumps(change)}\n{{"begun": "a"}}\n')
        ended = threading.Event()
        balancer = Answering([], ended)
        hosts.read(balancer, hosts.Journal(tmp_path / "journal"), ended, 2.0)
        assert balancer.host.tally.wrong_lists == []


class Waiting:
    """Stands for a host that says whether it is ready, and answers or does not."""

    def __init__(self, name: str, *, is_in_use: bool, answers: bool) -> None:
        self.name, self.is_in_use, self.is_drained, self.tally = name, is_in_use, False, Tally()
        self._answers = answers

    def ask(self, path: str) -> tuple[int, bytes]:
        if not self._answers:
            raise ConnectionError
        return 200, self.name.encode()


class TestBalancing:
    def test_a_host_that_is_not_ready_is_asked_last(self):
        for _ in range(20):
            late = Waiting("late", is_in_use=False, answers=True)
            ready = Waiting("ready", is_in_use=True, answers=True)
            answered = Balancer([late, ready]).ask("/")
            assert (answered.body, answered.was_ready) == (b"ready", True)

    def test_where_those_that_are_ready_do_not_answer_another_one_does(self):
        late = Waiting("late", is_in_use=False, answers=True)
        killed = Waiting("killed", is_in_use=True, answers=False)
        balancer = Balancer([late, killed])
        answered = balancer.ask("/")
        assert (answered.body, answered.was_ready, balancer.failed) == (b"late", False, [])
        assert not killed.is_in_use


class TestThreeHosts:
    def test_nobody_is_refused_and_no_list_is_wrong(self, tmp_path):
        # How late a change is found is the long form's business: here other tests keep the machine busy.
        report = run("hosts", "--seconds", "10", "--late", "60", "--readers", "3", folder=tmp_path)
        assert report["faults"] == []
        assert all(host["answers"] for host in report["hosts"].values())


@pytest.mark.skipif(not os.environ.get("ROLLING_UPGRADE"), reason="takes four minutes: ROLLING_UPGRADE=1 runs it")
class TestARollingUpgrade:
    def test_refuses_nobody(self, tmp_path):
        report = run("rolling_upgrade", "--readers", "2", folder=tmp_path)
        assert report["faults"] == []
        assert report["saves"]
