"""The index on disk: generations side by side, a pointer to the current one, its state file, and locks.

    INDEX_DIR/
        current             the name of the generation in use; replaced atomically, so never half written
        rebuild.lock        held by the process that rebuilds
        generation-<x>/     one Whoosh index
            write.lock      held by the process that writes into it
            merge.lock      held by the process that merges its segments
            state.json      engine, schema, analysis version, position; written after the documents

A generation without a readable `state.json` of this program's versions counts as missing (I4). A rebuild creates a new
generation and keeps the previous one, because a search may still be opening its files.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from search.contract import IndexMissing, Position
from search.engines.whoosh.schema import sync_files

_PREFIX = "generation-"
_ENGINE = "whoosh"
_PAUSE_S = 0.02

Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IndexDirectory:
    """The directory of an index. Only this user can read or write it, because Whoosh unpickles what it finds there.

    `schema`: the result of `schema.schema_id`. An index of another schema or analysis version cannot be read.
    """

    path: Path
    schema: str
    analysis_version: int

    def current(self) -> Path:
        """Return the generation in use. Raises IndexMissing."""
        try:
            name = (self.path / "current").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise IndexMissing(f"{self.path} names no generation: {error}") from error
        if not name.startswith(_PREFIX) or "/" in name:
            raise IndexMissing(f"{self.path} names {name!r}, which is no generation.")
        return self.path / name

    def stamp(self, generation: Path) -> Stamp:
        """Return a value that changes with every write: two calls of `stat`. Raises OSError.

        `current` and `state.json` are replaced, never overwritten, and a commit takes longer than a tick of the file
        system's clock.
        """
        # Plain strings, because every search calls this and joining paths costs more than the stats.
        stats = [os.stat(f"{self.path}/current"), os.stat(f"{generation}/state.json")]  # noqa: PTH116
        return tuple(number for stat in stats for number in (stat.st_ino, stat.st_mtime_ns, stat.st_size))

    def position(self, generation: Path) -> Position:
        """Read the position of `generation`. Raises IndexMissing if this program cannot read the generation."""
        try:
            state = json.loads((generation / "state.json").read_text(encoding="utf-8"))
            kind = (state["engine"], state["schema"], state["analysis"])
            position = Position(str(state["bank_id"]), int(state["change_no"]), int(state["made_at"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexMissing(f"{generation} has no state that can be read: {error}") from error
        if kind != self._kind():
            raise IndexMissing(f"{generation} is of {kind}, this program of {self._kind()}.")
        return position

    def write_position(self, generation: Path, position: Position) -> None:
        """Record that `generation` holds all changes up to `position`. It is synced to disk on return."""
        engine, schema, analysis = self._kind()
        state = {"engine": engine, "schema": schema, "analysis": analysis}
        state |= {"bank_id": position.bank_id, "change_no": position.change_no, "made_at": position.made_at}
        _replace(generation / "state.json", json.dumps(state))

    def new_generation(self) -> Path:
        """Create the directory of a new generation. No search reads it before `swap`."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self.path))

    def swap(self, generation: Path) -> None:
        """Make `generation` the current one, and delete all others but the previous one."""
        try:
            kept = {generation, self.current()}
        except IndexMissing:
            kept = {generation}
        sync_files(generation, prefixes=("",))
        _replace(self.path / "current", generation.name)
        for left_by_a_crash in self.path.glob("current.*"):
            left_by_a_crash.unlink(missing_ok=True)
        for other in self.path.glob(_PREFIX + "*"):
            if other not in kept:
                shutil.rmtree(other, ignore_errors=True)

    def discard(self, generation: Path) -> None:
        """Delete the pointer to `generation`, because it cannot be read."""
        with suppress(OSError, IndexMissing):
            if self.current() == generation:
                (self.path / "current").unlink()

    @contextmanager
    def rebuilding(self) -> Iterator[bool]:
        """Hold the rebuild lock; yield False if another process holds it. The system frees it when the process dies."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # `is_rebuilding` of another process holds the lock for a moment: retry.
        with _file_lock(self.path / "rebuild.lock", waits_s=(0, 0.01, 0.05)) as is_mine:
            yield is_mine

    @contextmanager
    def writing(self, generation: Path, patience_s: float = 0) -> Iterator[bool]:
        """Hold the write lock of `generation`; yield False if another holds it for longer than `patience_s`.

        Whoosh's own lock is not enough: it is released before the position is written, and a batch that another
        process writes in between would be lost.
        """
        waits_s = (0, *(_PAUSE_S for _ in range(round(patience_s / _PAUSE_S))))
        with _file_lock(generation / "write.lock", waits_s) as is_mine:
            yield is_mine

    @contextmanager
    def merging(self, generation: Path) -> Iterator[bool]:
        """Hold the merge lock of `generation`; yield False if another holds it."""
        with _file_lock(generation / "merge.lock", waits_s=(0,)) as is_mine:
            yield is_mine

    def is_rebuilding(self) -> bool:
        """Return True if a process is rebuilding now. Never raises."""
        try:
            descriptor = os.open(self.path / "rebuild.lock", os.O_RDWR)
        except OSError:
            return False
        try:
            return not _lock(descriptor, fcntl.LOCK_SH)
        except OSError:
            return False
        finally:
            os.close(descriptor)

    def _kind(self) -> tuple[str, str, int]:
        return _ENGINE, self.schema, self.analysis_version


@contextmanager
def _file_lock(path: Path, waits_s: tuple[float, ...]) -> Iterator[bool]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield any(_lock(descriptor, fcntl.LOCK_EX, wait_s) for wait_s in waits_s)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int, wait_s: float = 0) -> bool:
    if wait_s:
        # Not for 0: sleep(0) yields the processor at every search, for milliseconds on a busy host.
        time.sleep(wait_s)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _replace(path: Path, text: str) -> None:
    """Replace `path` atomically by a file with `text`, and sync it to disk."""
    descriptor, temporary = tempfile.mkstemp(prefix=path.name + ".", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_files(path.parent, prefixes=(path.name,))
