"""What a management command in a process of its own inherits from the process that starts it."""

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


class FinishedCommand:
    """The result of a command: what it reported of itself, and what it wrote to a file that it inherited."""

    def __init__(self, folder: Path) -> None:
        (folder / "manage.py").write_text(_COMMAND)
        reading, self.given = os.pipe()
        with os.fdopen(reading, "rb") as pipe:
            self.process = background.start_command(str(self.given), "--quietly", pass_fds=[self.given])
            os.close(self.given)
            self.wrote = pipe.read()
        self.code = self.process.wait()
        self.report: dict[str, Any] = json.loads((folder / "told.json").read_text())


@pytest.fixture
def run(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> FinishedCommand:
    """A command that ran in a folder of its own."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setenv("WORD", "tejedoras")
    return FinishedCommand(tmp_path)


class TestStart:
    def test_runs_the_command_in_the_folder_and_with_the_environment_of_the_program(
        self, run: FinishedCommand, tmp_path: Path
    ):
        assert run.report["arguments"] == [str(run.given), "--quietly"]
        assert (run.report["folder"], run.report["word"], run.code) == (str(tmp_path), "tejedoras", 3)

    def test_it_reads_nothing_and_only_its_errors_are_seen(
        self, run: FinishedCommand, capfd: pytest.CaptureFixture[str]
    ):
        assert run.report["input"] == ""
        assert capfd.readouterr() == ("", "a failure\n")

    def test_it_has_a_session_of_its_own_and_outlives_that_of_the_server(self, run: FinishedCommand):
        assert run.report["session"] == run.report["process"] == run.process.pid

    def test_what_it_is_given_stays_open_until_it_ends(self, run: FinishedCommand):
        assert run.wrote == b"open"
