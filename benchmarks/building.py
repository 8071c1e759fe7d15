"""Indexes of the corpus below var/bench, one a size and peer, kept from run to run with what building them cost."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bank import FOLDER
from benchmarks.corpus import CORPUS_VERSION, SEED, MadeUpStudy, make_studies
from benchmarks.peers import Peer
from studies.store.vocabularies import Vocabularies


@dataclass(frozen=True, slots=True)
class BuiltIndex:
    """What was built: `key` names corpus and peer; seconds do not count the making of the corpus."""

    key: str
    seconds: float
    mbytes: float


def folder_of(peer: type[Peer], size: int) -> Path:
    """Return where a peer's index of so many studies is kept."""
    return FOLDER / f"{size}" / peer.name


def open_peer(peer: type[Peer], size: int, vocabulary: Vocabularies) -> tuple[Peer, BuiltIndex]:
    """Return a peer that is ready to answer; its index is built if none of this corpus and version is there."""
    folder = folder_of(peer, size)
    folder.mkdir(parents=True, exist_ok=True)
    made = peer(folder, size, vocabulary)
    built = _read_note(folder, _key(made, size))
    if built is None:
        print(f"  building {size:,} studies in {peer.name} ...", flush=True)
        shutil.rmtree(folder)
        folder.mkdir()
        timed = _TimedIterator(make_studies(size, vocabulary))
        begun = time.perf_counter()
        made.build(timed)
        seconds = time.perf_counter() - begun - timed.seconds
        made = peer(folder, size, vocabulary)
        made.open()
        built = BuiltIndex(_key(made, size), round(seconds, 1), round(made.nbytes() / 1e6, 1))
        (folder / "built.json").write_text(json.dumps(asdict(built)))
        print(f"  built in {seconds:.0f} s: {built.mbytes:.0f} MB", flush=True)
    else:
        made.open()
    return made, built


def _key(peer: Peer, size: int) -> str:
    return f"{size} studies, seed {SEED}, corpus {CORPUS_VERSION}; {peer.version}"


def _read_note(folder: Path, key: str) -> BuiltIndex | None:
    """Return the note on the index of this folder; None if it was not finished, or not built of what `key` names."""
    try:
        built = BuiltIndex(**json.loads((folder / "built.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return built if built.key == key else None


class _TimedIterator:
    """Yields what `inner` does, and adds up the time that `inner` takes for it."""

    def __init__(self, inner: Iterable[MadeUpStudy]) -> None:
        self.seconds = 0.0
        self._inner = iter(inner)

    def __iter__(self) -> Iterator[MadeUpStudy]:
        while True:
            begun = time.perf_counter()
            try:
                study = next(self._inner)
            except StopIteration:
                return
            finally:
                self.seconds += time.perf_counter() - begun
            yield study
