"""What one edit costs on account of the index: the curator who saves, the next reader, and the merging beside them.

    .venv/bin/python -m benchmarks.edit_cost --studies 20000

Works on a copy of the index that `benchmarks/building.py` builds of the made-up corpus, and on the rows of the real
bank for what is read of a study. Prints one line of JSON, times in milliseconds (`cpu`: the median of the processor's
alone, for a machine that others use too), and ends with 1 if the median of `save` or of `open` is more than `--most`:

- `read`: the study is read from the database and described; `write`: it is written, and the process that saved opens
  the new state; `save`: both, which is what the curator waits for;
- `open`: another process opens the new state, for its next reader; `search`: and searches a word there;
- `merge`: segments are merged, in a process of its own; `hold`: how long the writer is held for that; `open_merged`:
  another process opens what came of it.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import bank

Times = list[tuple[float, float]]
"""Milliseconds that passed, and those of the processor."""

KINDS = ("read", "write", "save", "open", "search", "merge", "hold", "open_merged")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=20_000)
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--most", type=float, default=100, help="milliseconds of a median save, and of an opening")
    given = parser.parse_args()
    bank.start_on_bank()
    with tempfile.TemporaryDirectory(prefix="edit-cost-") as folder:
        report = measure(given.studies, given.edits, Path(folder))
    faults = [f"{kind}: {report[kind]} ms" for kind in ("save", "open") if report[kind]["median"] > given.most]
    print(json.dumps({"studies": given.studies, "edits": given.edits, **report, "faults": faults}))
    return 1 if faults else 0


def measure(studies: int, edits: int, folder: Path) -> dict[str, Any]:
    """Replace random studies by others, one at a time, and merge whenever that is due."""
    from benchmarks import building, corpus
    from benchmarks.peers.ours import Ours
    from search.contract import Position, SearchRequest
    from search.criteria.facets import FACET_PARAMETERS
    from search.engines.whoosh import merging
    from search.engines.whoosh.engine import WhooshEngine
    from search.query.tree import Word
    from search.text.analysis import ANALYSIS_VERSION
    from studies.models import Study
    from studies.store import vocabularies

    vocabulary, chance = vocabularies.current(), random.Random(1)
    peer, _ = building.open_peer(Ours, studies, vocabulary)
    peer.close()
    shutil.copytree(building.folder_of(Ours, studies) / "index", folder / "index")
    writer, reader = (
        WhooshEngine(folder / "index", FACET_PARAMETERS, analysis_version=ANALYSIS_VERSION) for _ in range(2)
    )
    writer.status(), reader.status()
    times: dict[str, Times] = {kind: [] for kind in KINDS}
    _time_calls(merging, "_replace_segments", times["hold"])
    keys = list(Study.objects.published().values_list("pk", flat=True))
    others = list(corpus.make_studies(edits, vocabulary, seed=2))
    most_segments, position = 0, writer.status().position
    assert position
    for study in others:
        changed = replace(study, number=chance.randint(1, studies)).document(vocabulary)
        position = Position(position.bank_id, position.change_no + 1)
        read = _record_times(times["read"], _read_one, chance.choice(keys))
        written = _record_times(times["write"], lambda d, p: writer.apply([d], [], p), changed, position)
        times["save"].append((read[0] + written[0], read[1] + written[1]))
        _record_times(times["open"], reader.status)
        _record_times(times["search"], reader.search, SearchRequest(Word("violencia", "violencia", frozenset())))
        most_segments = max(most_segments, len(writer._current().snapshot.sizes))
        if writer.status().needs_optimizing:
            _record_times(times["merge"], writer.optimize)
            _record_times(times["open_merged"], reader.status)
    return {kind: _summarise(each) for kind, each in times.items()} | {"most_segments": most_segments}


def _read_one(key: int) -> None:
    """Read and describe a study of the real bank, as catching up does."""
    from search.index.builder import build_document
    from studies.models import Study

    for study in Study.objects.published().filter(pk=key).for_indexing():
        build_document(study)


def _record_times(times_ms: Times, do: Callable[..., Any], *given: Any) -> tuple[float, float]:
    begun, cpu_begun = time.monotonic(), time.process_time()
    do(*given)
    times_ms.append(((time.monotonic() - begun) * 1000, (time.process_time() - cpu_begun) * 1000))
    return times_ms[-1]


def _time_calls(owner: Any, name: str, times_ms: Times) -> None:
    whole = getattr(owner, name)
    setattr(owner, name, lambda *given: _record_times(times_ms, whole, *given))


def _summarise(times_ms: Times) -> dict[str, float]:
    if not times_ms:
        return {}
    ordered = sorted(each for each, _ in times_ms)
    return {
        "median": round(ordered[len(ordered) // 2], 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
        "slowest": round(ordered[-1], 1),
        "cpu": round(sorted(cpu for _, cpu in times_ms)[len(ordered) // 2], 1),
    }


if __name__ == "__main__":
    sys.exit(main())
