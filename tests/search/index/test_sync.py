"""Which process updates the index, and how long a request waits for it (I3)."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from search.contract import EngineError, EngineStatus, Position, SearchRequest
from search.criteria.criteria import Criteria
from search.criteria.facets import FACET_PARAMETERS
from search.engines.memory.engine import MemoryEngine
from search.index import indexing, sync
from search.services import public_search
from studies import background
from studies.models import Study
from tests.factories import make_study, publish


class SharedEngine(MemoryEngine):
    """The naive engine, as if other processes searched it too."""

    is_shared = True
    needs_optimizing = False
    optimized = 0

    def status(self) -> EngineStatus:
        status = super().status()
        return EngineStatus(status.state, status.position, status.studies, self.needs_optimizing)

    def optimize(self) -> None:
        self.optimized += 1
        self.needs_optimizing = False

    def found(self) -> set[int]:
        return {hit.study_id for hit in self.search(SearchRequest(limit=None)).hits}


class Started:
    """Counts how often a helper would have been started."""

    def __init__(self) -> None:
        self.times = 0

    def start(self) -> None:
        self.times += 1


class Clock:
    """Stands for `time`: only sleeping takes any."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def engine(empty_bank: None, monkeypatch: pytest.MonkeyPatch) -> SharedEngine:
    """An engine in step with an empty bank, as that of this process."""
    made = SharedEngine(FACET_PARAMETERS)
    monkeypatch.setattr(indexing, "get_engine", lambda: made)
    indexing.rebuild()
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(sync, "time", made)
    return made


@pytest.fixture
def helper(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Started:
    """This process is a server, and its helper starts nothing.

    Time stands still, as a slow machine would need more of it than a server gives to a request.
    """
    made = Started()
    monkeypatch.setattr(sync, "_background_sync", made)
    return made


def let_fail(engine: SharedEngine, failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_named: Any) -> bool:
        raise failure

    monkeypatch.setattr(engine, "apply", fail)


@pytest.mark.django_db
class TestI3InACommand:
    def test_a_commit_is_in_the_index_at_once(
        self, engine: SharedEngine, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            study = publish(make_study())
        assert engine.found() == {study.pk}

    def test_so_are_many(self, engine: SharedEngine):
        studies = {publish(make_study()).pk for _ in range(sync.MOST_STUDIES_IN_REQUEST + 1)}
        sync.update_after_commit()
        assert engine.found() == studies

    def test_an_index_that_needs_it_is_optimized(self, engine: SharedEngine):
        publish(make_study())
        engine.needs_optimizing = True
        sync.update_after_commit()
        assert engine.optimized == 1

    def test_without_an_index_nothing_fails(self, engine: SharedEngine):
        engine._index = None
        sync.update_after_commit()

    @pytest.mark.parametrize("failure", [EngineError("full disk"), OSError("full disk"), DatabaseError("gone")])
    def test_a_failure_is_logged_and_the_next_change_follows_again(
        self,
        engine: SharedEngine,
        failure: Exception,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ):
        study = publish(make_study())
        with monkeypatch.context() as broken:
            let_fail(engine, failure, broken)
            sync.update_after_commit()
        assert "could not follow" in caplog.text
        sync.update_after_commit()
        assert engine.found() == {study.pk}

    def test_a_busy_writer_is_not_waited_for(self, engine: SharedEngine, monkeypatch: pytest.MonkeyPatch):
        publish(make_study())
        calls = []
        monkeypatch.setattr(engine, "apply", lambda *_args, **_named: calls.append(1))
        sync.update_after_commit()
        assert len(calls) == 1


@pytest.mark.django_db
class TestI3InAServer:
    def test_a_few_changes_are_brought_on_the_spot(self, engine: SharedEngine, helper: Started):
        studies = {publish(make_study()).pk for _ in range(sync.MOST_STUDIES_IN_REQUEST)}
        sync.update_after_commit()
        assert engine.found() == studies
        assert helper.times == 0

    def test_a_search_that_finds_the_index_behind_brings_them_too(self, engine: SharedEngine, helper: Started):
        study = publish(make_study())
        assert public_search.search(Criteria()).studies == [study]
        assert helper.times == 0

    def test_many_are_left_to_the_helper_and_the_reader_gets_what_there_is(self, engine: SharedEngine, helper: Started):
        for _ in range(sync.MOST_STUDIES_IN_REQUEST + 1):
            publish(make_study())
        assert public_search.search(Criteria()).studies == []
        assert helper.times == 1

    @pytest.mark.parametrize("position", [Position("another-bank", 1), None])
    def test_so_is_an_index_that_must_be_built(self, engine: SharedEngine, helper: Started, position: Position | None):
        publish(make_study())
        held = indexing.read_wanted_position()
        engine.rebuild([], position or Position(held.bank_id, held.change_no + 1))
        public_search.search(Criteria())
        assert engine.found() == set()
        assert helper.times == 1

    def test_a_missing_index_is_left_to_it_and_the_database_answers(self, engine: SharedEngine, helper: Started):
        study = publish(make_study())
        engine._index = None
        found = public_search.search(Criteria())
        assert found.studies == [study]
        assert not found.has_index
        assert helper.times == 1

    def test_optimizing_is_left_to_it(self, engine: SharedEngine, helper: Started):
        publish(make_study())
        engine.needs_optimizing = True
        sync.update_after_commit()
        assert (helper.times, engine.optimized) == (1, 0)

    def test_an_engine_of_this_process_alone_gets_no_helper(self, engine: SharedEngine, helper: Started):
        engine.is_shared = False
        studies = {publish(make_study()).pk for _ in range(sync.MOST_STUDIES_IN_REQUEST + 1)}
        sync.update_after_commit()
        assert engine.found() == studies
        assert helper.times == 0

    def test_a_save_waits_for_no_writer(
        self, engine: SharedEngine, helper: Started, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ):
        publish(make_study())
        monkeypatch.setattr(engine, "apply", lambda *_args, **_named: False)
        sync.update_after_commit()
        assert clock.now == 1000

    def test_a_search_waits_for_a_writer_as_long_as_is_promised(
        self, engine: SharedEngine, helper: Started, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ):
        publish(make_study())
        monkeypatch.setattr(engine, "apply", lambda *_args, **_named: False)
        assert public_search.search(Criteria()).studies == []
        assert 1000.1 < clock.now < 1000.3

    def test_a_search_goes_on_as_soon_as_the_writer_is_done(
        self, engine: SharedEngine, helper: Started, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ):
        study, whole = publish(make_study()), engine.apply
        busy = [True, True]

        def busy_at_first(*args: Any, **named: Any) -> bool:
            return not (busy and busy.pop()) and whole(*args, **named)

        monkeypatch.setattr(engine, "apply", busy_at_first)
        assert public_search.search(Criteria()).studies == [study]
        assert clock.now < 1000.1

    def test_an_endless_row_of_commits_ends_the_wait_too(
        self, engine: SharedEngine, helper: Started, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ):
        whole = engine.apply

        def apply_while_another_commits(*args: Any, **named: Any) -> bool:
            clock.now += 0.05
            done = whole(*args, **named)
            publish(make_study())
            return done

        monkeypatch.setattr(engine, "apply", apply_while_another_commits)
        publish(make_study())
        sync.update_after_commit()
        assert clock.now < 1000.5

    def test_a_failure_is_logged_and_the_reader_gets_what_there_is(
        self,
        engine: SharedEngine,
        helper: Started,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ):
        publish(make_study())
        let_fail(engine, OSError("full disk"), monkeypatch)
        assert public_search.search(Criteria()).studies == []
        assert "could not follow" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("is_server", [True, False])
class TestCommitsDuringARound:
    def test_what_was_committed_meanwhile_is_brought_by_the_next_round(
        self, engine: SharedEngine, clock: Clock, is_server: bool, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(sync, "_background_sync", Started() if is_server else None)
        publish(make_study())
        whole, others = engine.apply, [make_study]

        def apply_while_another_commits(*args: Any, **named: Any) -> bool:
            done = whole(*args, **named)
            if others:
                publish(others.pop()())
                with monkeypatch.context() as elsewhere:
                    # The thread of that commit finds the lock taken, and goes. (It has no connection of its own.)
                    elsewhere.setattr(indexing, "is_up_to_date", lambda: False)
                    thread = threading.Thread(target=sync.update_after_commit)
                    thread.start()
                    thread.join()
            return done

        monkeypatch.setattr(engine, "apply", apply_while_another_commits)
        sync.update_after_commit()
        assert engine.found() == set(Study.objects.published().values_list("pk", flat=True))
        assert len(engine.found()) == 2


class TestHelper:
    """One at a time on a host, and after a failure not again at once."""

    @pytest.fixture
    def processes(
        self, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Helpers that end with the code that they are given on their standard input."""
        settings.INDEX_DIR = tmp_path / "index"
        started: list[subprocess.Popen[bytes]] = []

        def run(*_command: str, pass_fds: Collection[int]) -> subprocess.Popen[bytes]:
            code = "raise SystemExit(int(input()))"
            started.append(subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, pass_fds=pass_fds))
            return started[-1]

        monkeypatch.setattr(background, "start_command", run)
        yield started
        for process in started:
            process.kill()
            process.communicate()

    def test_it_runs_alone_on_its_host_until_it_ends(self, processes: list[subprocess.Popen[bytes]]):
        one, other = sync.BackgroundSync(), sync.BackgroundSync()
        for helper in (one, one, other):
            helper.start()
        assert len(processes) == 1
        processes[0].communicate(b"0")
        other.start()
        assert len(processes) == 2

    def test_killed_it_leaves_no_lock(self, processes: list[subprocess.Popen[bytes]]):
        helper = sync.BackgroundSync()
        helper.start()
        processes[0].kill()
        processes[0].communicate()
        sync.BackgroundSync().start()
        assert len(processes) == 2

    def test_after_a_failure_it_is_left_alone_for_a_minute(
        self, processes: list[subprocess.Popen[bytes]], clock: Clock
    ):
        helper = sync.BackgroundSync()
        helper.start()
        processes[0].communicate(b"1")
        helper.start()
        assert len(processes) == 1
        clock.sleep(61)
        helper.start()
        assert len(processes) == 2


@pytest.mark.django_db
class TestAtTheStartOfAServer:
    """A host that comes back begins with the lists of now."""

    def test_a_few_changes_are_indexed_before_the_first_request(self, engine: SharedEngine, helper: Started):
        studies = {publish(make_study()).pk for _ in range(3)}
        sync.catch_up_at_start()
        assert (engine.found(), helper.times) == (studies, 0)

    def test_many_are_left_to_the_helper_and_waited_for(self, engine: SharedEngine, helper: Started, clock: Clock):
        for _ in range(sync.MOST_STUDIES_IN_REQUEST + 1):
            publish(make_study())
        begun = clock.now
        sync.catch_up_at_start(limit_s=5)
        assert helper.times > 0
        assert 5 <= clock.now - begun < 6

    def test_an_index_that_is_missing_is_not_waited_for(self, engine: SharedEngine, helper: Started, clock: Clock):
        engine._index = None
        begun = clock.now
        sync.catch_up_at_start()
        assert clock.now == begun

    def test_a_failure_is_told_once(
        self,
        engine: SharedEngine,
        helper: Started,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ):
        publish(make_study())
        let_fail(engine, EngineError("full disk"), monkeypatch)
        sync.catch_up_at_start()
        assert caplog.text.count("could not follow at the start") == 1

    def test_a_command_does_not_wait(self, engine: SharedEngine):
        publish(make_study())
        sync.catch_up_at_start()
        assert engine.found() == set()
