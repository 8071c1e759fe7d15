"""A management command in a process of its own: what it has of the process that starts it, and what it has not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from studies import background

_COMMAND = """
import json, os, pathlib, sys

print("of no interest")
print("a failure", file=sys.stderr)
os.write(int(sys.argv[1]), b"open")
told = {"arguments": sys.argv[1:], "input": sys.stdin.read(), "session": os.getsid(0), "process": os.getpid(),
        "folder": os.getcwd(), "word": os.environ["WORD"]}
pathlib.Path("told.json").write_text(json.dumps(told))
raise SystemExit(3)
"""


class Run:
    """A command that ran, what it told of itself, and what it wrote to a file that it was given."""

    def __init__(self, folder: Path) -> None:
        (folder / "manage.py").write_text(_COMMAND)
        reading, self.given = os.pipe()
        with os.fdopen(reading, "rb") as pipe:
            self.process = background.start_command(str(self.given), "--quietly", pass_fds=[self.given])
            os.close(self.given)
            self.wrote = pipe.read()
        self.code = self.process.wait()
        self.told: dict[str, Any] = json.loads((folder / "told.json").read_text())


@pytest.fixture
def run(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """One run of a command that stands in a folder of its own."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setenv("WORD", "tejedoras")
    return Run(tmp_path)


class TestStart:
    def test_runs_the_command_in_the_folder_and_with_the_environment_of_the_program(self, run: Run, tmp_path: Path):
        assert run.told["arguments"] == [str(run.given), "--quietly"]
        assert (run.told["folder"], run.told["word"], run.code) == (str(tmp_path), "tejedoras", 3)

    def test_it_reads_nothing_and_only_its_errors_are_seen(self, run: Run, capfd: pytest.CaptureFixture[str]):
        assert run.told["input"] == ""
        assert capfd.readouterr() == ("", "a failure\n")

    def test_it_has_a_session_of_its_own_and_outlives_that_of_the_server(self, run: Run):
        assert run.told["session"] == run.told["process"] == run.process.pid

    def test_what_it_is_given_stays_open_until_it_ends(self, run: Run):
        assert run.wrote == b"open"
