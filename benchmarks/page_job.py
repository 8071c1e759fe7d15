"""The section "peers": the page job on our engine and its peers, at each size. Prints what it does while it does it.

Each size is written as soon as it is measured, so that a run that was broken off goes on with the sizes left over.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.bank import FOLDER, ROOT
from benchmarks.building import BuiltIndex, folder_of, open_peer
from benchmarks.corpus import MadeUpStudy, make_studies
from benchmarks.load import describe_load, halves_agree, repeat_until_steady, watch_load
from benchmarks.measuring import (
    Times,
    geometric_mean,
    is_steady,
    percentile,
    read_private_mbytes,
    time_call,
    time_interleaved,
)
from benchmarks.peers import Peer, Unavailable
from benchmarks.peers.ours import Ours
from benchmarks.peers.plain_whoosh import PlainWhoosh
from benchmarks.peers.postgres import Postgres, drop_databases
from benchmarks.peers.sqlite_fts5 import SqliteFts5
from benchmarks.peers.tantivy_py import TantivyPy
from benchmarks.questions import Question, QuestionSet, load_questions
from studies.store import vocabularies
from studies.store.vocabularies import Vocabularies

PEERS: tuple[type[Peer], ...] = (Ours, TantivyPy, SqliteFts5, Postgres, PlainWhoosh)
SIZES = (1_000, 10_000, 100_000)
_COLD_ROUNDS = 3
_PASSES, _MOST_PASSES = 2, 4
_CHANGES = 8
_WITHOUT_WORDS = ("all", "filters only")


def run(sizes: Sequence[int], *, is_quick: bool = False) -> bool:
    """Measure each size and write it down. Return whether all peers gave the same numbers where they must."""
    path = results.QUICK_PATH if is_quick else results.PATH
    vocabulary = vocabularies.current()
    to_ask = load_questions(vocabulary)
    if is_quick:
        to_ask = replace(to_ask, stream=to_ask.stream[:200])
    is_equal = True
    for size in sizes:
        print(f"{size:,} studies", flush=True)
        measured = _measure(size, vocabulary, to_ask, rounds=5 if is_quick else 12)
        is_equal &= not measured["disagreements"]
        held = results.load_results(path).get("peers", {})
        results.save_section("peers", {**held, str(size): measured}, path)
        _print(measured)
    return is_equal


def _measure(size: int, vocabulary: Vocabularies, to_ask: QuestionSet, rounds: int) -> dict[str, Any]:
    peers, built, unavailable = _open_peers(size, vocabulary)
    ours = next(peer for peer in peers if isinstance(peer, Ours))
    print("  warm rounds ...", flush=True)
    with watch_load() as warm_load:
        times = time_interleaved(peers, to_ask.questions, rounds)
    disagreements = _find_disagreements(peers, to_ask.questions)
    print("  cold pages, a stream of queries ...", flush=True)
    with watch_load() as cold_load:
        cold, is_cold_noisy = _time_cold_pages(ours, to_ask.questions)
    fast = [peer for peer in peers if isinstance(peer, Ours | TantivyPy)]
    with watch_load() as stream_load:
        streamed, is_stream_noisy = _time_stream(fast, to_ask.stream)
    for peer in peers:
        peer.close()
    print("  memory, changes ...", flush=True)
    return {
        "machine": results.describe_machine(),
        "load": {"warm": warm_load, "cold": cold_load, "different queries": stream_load},
        "noisy": {
            "warm": [name for name, each in times.items() if not is_steady(each)],
            "cold": is_cold_noisy,
            "different queries": is_stream_noisy,
        },
        "versions": {name: each.key.partition("; ")[2] for name, each in built.items()},
        "unavailable": unavailable,
        "disagreements": disagreements,
        "questions": _figures_by_question(to_ask.questions, times, cold),
        "kinds": _figures_by_kind(to_ask.questions, times),
        **_means(to_ask.questions, times, cold),
        "stream_ms": streamed,
        "private_mb": {peer.name: _measure_memory(peer, size) for peer in PEERS if peer.name != Postgres.name},
        "index_mb": {name: each.mbytes for name, each in built.items()},
        "building_s": {name: each.seconds for name, each in built.items()},
        "change_ms": {name: _time_changes(peer, size, vocabulary) for peer in PEERS if (name := peer.name) in built},
    }


def _open_peers(size: int, vocabulary: Vocabularies) -> tuple[list[Peer], dict[str, BuiltIndex], dict[str, str]]:
    peers, built, unavailable = [], {}, {}
    for peer in PEERS:
        try:
            made, built[peer.name] = open_peer(peer, size, vocabulary)
        except Unavailable as reason:
            unavailable[peer.name] = str(reason)
            print(f"  without {peer.name}: {reason}", flush=True)
        else:
            peers.append(made)
    return peers, built, unavailable


def _find_disagreements(peers: Sequence[Peer], questions: Sequence[Question]) -> list[str]:
    """Return where peers count otherwise than we do; without words, so that no analysis makes a difference."""
    found = []
    for question in questions:
        if question.kind in _WITHOUT_WORDS:
            pages = {peer.name: peer.page(question) for peer in peers}
            expected = pages[Ours.name]
            for name, page in pages.items():
                if (page.total, page.counts) != (expected.total, expected.counts):
                    found.append(f"{name}: {question}")
    for each in found:
        print(f"  NOT THE SAME NUMBERS: {each}", flush=True)
    return found


def _time_cold_pages(ours: Ours, questions: Sequence[Question]) -> tuple[list[float], bool]:
    """Return the medians of pages before each of which everything kept was thrown away, and whether they are noisy."""
    taken: list[list[float]] = [[] for _ in questions]

    def ask_all() -> float:
        for at, question in enumerate(questions):
            ours.forget()
            taken[at].append(time_call(ours.page, question)[1])
        return geometric_mean(each[-1] for each in taken)

    rounds = repeat_until_steady(ask_all, _COLD_ROUNDS, 3 * _COLD_ROUNDS)
    return [statistics.median(each) for each in taken], not halves_agree(rounds)


def _time_stream(peers: Sequence[Peer], questions: Sequence[Question]) -> tuple[dict[str, dict[str, float]], bool]:
    """Ask many different queries, which no peer has answered before, and all of them again after all was forgotten.

    Return mean and p95 by peer, and whether the means of earlier and later passes differ.
    """
    passes: dict[str, list[list[float]]] = {peer.name: [] for peer in peers}
    for turn in range(_MOST_PASSES):
        if turn >= _PASSES and all(halves_agree(list(map(statistics.mean, each))) for each in passes.values()):
            break
        for peer in peers:
            if isinstance(peer, Ours):
                peer.forget()
            passes[peer.name].append([])
        for question in questions:
            for peer in peers:
                passes[peer.name][-1].append(time_call(peer.page, question)[1])
    is_noisy = not all(halves_agree(list(map(statistics.mean, each))) for each in passes.values())
    taken = {name: [ms for own in each for ms in own] for name, each in passes.items()}
    return {
        name: {"mean": round(statistics.mean(each), 3), "p95": round(percentile(each, 0.95), 3)}
        for name, each in taken.items()
    }, is_noisy


def _figures_by_question(
    questions: Sequence[Question], times: Mapping[str, Sequence[Times]], cold: Sequence[float]
) -> list[dict[str, Any]]:
    return [
        {
            "kind": question.kind,
            "text": str(question),
            "totals": {name: each[at].total for name, each in times.items()},
            "first_ms": {name: round(each[at].first, 3) for name, each in times.items()},
            "warm_ms": {name: round(each[at].median, 3) for name, each in times.items()},
            "cold_ms": round(cold[at], 3),
        }
        for at, question in enumerate(questions)
    ]


def _figures_by_kind(questions: Sequence[Question], times: Mapping[str, Sequence[Times]]) -> dict[str, Any]:
    """Return median and p95 of all warm times of a kind, by peer."""
    kinds = dict.fromkeys(question.kind for question in questions)
    return {
        kind: {name: _summarise(_times_of_kind(kind, questions, each)) for name, each in times.items()}
        for kind in kinds
    }


def _times_of_kind(kind: str, questions: Sequence[Question], times: Sequence[Times]) -> list[float]:
    return [ms for question, each in zip(questions, times, strict=True) if question.kind == kind for ms in each.warm]


def _summarise(taken: Sequence[float]) -> dict[str, float]:
    return {"median": round(statistics.median(taken), 3), "p95": round(percentile(taken, 0.95), 3)}


def _means(
    questions: Sequence[Question], times: Mapping[str, Sequence[Times]], cold: Sequence[float]
) -> dict[str, Any]:
    """Return geometric means over the kinds, each kind being that of its queries, and how many times ours they are."""
    warm = {name: _mean(questions, [each.median for each in taken]) for name, taken in times.items()}
    first = {name: _mean(questions, [each.first for each in taken]) for name, taken in times.items()}
    ours_cold = _mean(questions, cold)
    return {
        "geometric_mean_ms": {"warm": warm, "first": first, "cold": {Ours.name: ours_cold}},
        "times_ours": {
            "warm": {name: round(mean / warm[Ours.name], 2) for name, mean in warm.items()},
            "cold, peers warm": {name: round(mean / ours_cold, 2) for name, mean in warm.items()},
            "cold, peers for the first time": {name: round(mean / ours_cold, 2) for name, mean in first.items()},
        },
    }


def _mean(questions: Sequence[Question], taken: Sequence[float]) -> float:
    by_kind: dict[str, list[float]] = {}
    for question, ms in zip(questions, taken, strict=True):
        by_kind.setdefault(question.kind, []).append(ms)
    return round(geometric_mean(geometric_mean(each) for each in by_kind.values()), 3)


def _measure_memory(peer: type[Peer], size: int) -> float:
    """Return the private memory that a peer takes in a process of its own."""
    command = [sys.executable, "-m", "benchmarks", "memory", peer.name, str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["private_mb"])


def print_memory(name: str, size: int) -> None:
    """Open the index of a peer, ask all queries, and print what that added to the memory of this process."""
    vocabulary = vocabularies.current()
    to_ask = load_questions(vocabulary)
    before = read_private_mbytes()
    peer, _ = open_peer(next(peer for peer in PEERS if peer.name == name), size, vocabulary)
    for question in to_ask.questions:
        peer.page(question)
    print(json.dumps({"private_mb": round(read_private_mbytes() - before, 1)}))


def _time_changes(peer: type[Peer], size: int, vocabulary: Vocabularies) -> dict[str, float]:
    """Replace some studies one after the other, and then back; on a copy, where the index is a folder."""
    copy = FOLDER / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder_of(peer, size), copy)
    made = peer(Path(copy), size, vocabulary)
    made.open()
    originals = list(islice(make_studies(size, vocabulary), _CHANGES + 1))
    changes = [*map(_with_content_of, originals, originals[1:]), *originals[:-1]]
    taken = [time_call(made.change, study)[1] for study in changes]
    made.close()
    shutil.rmtree(copy)
    return {"median": round(statistics.median(taken), 1), "slowest": round(max(taken), 1)}


def _with_content_of(study: MadeUpStudy, other: MadeUpStudy) -> MadeUpStudy:
    """Return `study` with the content of `other`."""
    return replace(study, record=replace(other.record, id=study.record.id), programme=other.programme)


def remove_all() -> None:
    """Remove all that was built."""
    with suppress(Unavailable):
        drop_databases()
    shutil.rmtree(FOLDER, ignore_errors=True)


def _print(measured: Mapping[str, Any]) -> None:
    warm = measured["geometric_mean_ms"]["warm"]
    print(f"\n  {'median ms':22}" + "".join(f"{name:>12}" for name in warm))
    for kind, by_peer in measured["kinds"].items():
        print(f"  {kind:22}" + "".join(f"{by_peer[name]['median']:12.2f}" for name in warm))
    print(f"  {'geometric mean':22}" + "".join(f"{mean:12.2f}" for mean in warm.values()))
    for name, ratios in measured["times_ours"].items():
        print(f"  {'times ours: ' + name:45}" + " ".join(f"{peer} {ratio:g}" for peer, ratio in ratios.items()))
    for name in ("stream_ms", "private_mb", "index_mb", "building_s", "change_ms"):
        print(f"  {name:22} {measured[name]}")
    for name, load in measured["load"].items():
        print(f"  {name}: {describe_load(load)}")
    print(f"  noisy: {measured['noisy']}", flush=True)
