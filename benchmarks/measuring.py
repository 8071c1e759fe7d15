"""Clocks and numbers: interleaved rounds over peers, medians, geometric means, private memory."""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.load import halves_agree
from benchmarks.peers import Peer
from benchmarks.questions import Question

A = TypeVar("A")
T = TypeVar("T")

_LONGEST_S = 40.0
"""Seconds of all rounds together that a slow peer may take; each makes three rounds all the same."""
_FEWEST = 3
_MOST_REPEATED = 3
"""How many times as many rounds as wanted there are at the most, until the halves of each peer agree."""


@dataclass(slots=True)
class Times:
    """What one query took on one peer, in milliseconds: the first time in this process, and warm."""

    first: float
    total: int
    warm: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The median of the warm times."""
        return statistics.median(self.warm)


def time_call(work: Callable[[A], T], argument: A) -> tuple[T, float]:
    """Do a job and return what it gave, with the milliseconds it took."""
    begun = time.perf_counter()
    made = work(argument)
    return made, (time.perf_counter() - begun) * 1000


def time_interleaved(peers: Sequence[Peer], questions: Sequence[Question], rounds: int) -> dict[str, list[Times]]:
    """Ask each query on each peer in turn, round after round: what disturbs the machine disturbs all of them.

    The order is drawn anew each time: whoever answers next to a peer that sweeps the memory finds the caches empty.
    There are more rounds than wanted where the medians of two halves differ (`is_steady`).
    """
    draw = random.Random(rounds)
    found: dict[str, list[Times]] = {peer.name: [] for peer in peers}
    gc.collect()
    for question in questions:
        for peer in peers:
            page, took = time_call(peer.page, question)
            found[peer.name].append(Times(took, page.total))
    most = rounds * _MOST_REPEATED
    for turn in range(most):
        if turn >= rounds and all(is_steady(times) for times in found.values()):
            break
        gc.collect()
        for at, question in enumerate(questions):
            for peer in draw.sample(peers, len(peers)):
                if turn < _rounds(found[peer.name], most):
                    _, took = time_call(peer.page, question)
                    found[peer.name][at].warm.append(took)
    return found


def is_steady(times: Sequence[Times]) -> bool:
    """Return True if earlier and later rounds of a peer agree; a round is the geometric mean of its queries."""
    rounds = min(len(each.warm) for each in times)
    return halves_agree([geometric_mean(each.warm[turn] for each in times) for turn in range(rounds)])


def _rounds(times: Sequence[Times], wanted: int) -> int:
    pass_s = sum(each.first for each in times) / 1000
    return min(wanted, max(_FEWEST, int(_LONGEST_S / pass_s)))


def geometric_mean(numbers: Iterable[float]) -> float:
    """Return the geometric mean of positive numbers."""
    logarithms = [math.log(number) for number in numbers]
    return math.exp(sum(logarithms) / len(logarithms))


def percentile(numbers: Sequence[float], share: float) -> float:
    """Return the number that this share of all does not exceed."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


def read_private_mbytes() -> float:
    """Return the private memory of this process in MB: RssAnon, which leaves files out that are only mapped."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("RssAnon"))
    return int(kilobytes) * 1024 / 1e6
