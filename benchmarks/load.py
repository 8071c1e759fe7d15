"""The load of the machine beside a measurement, and whether repeated figures agree. Needs nothing of the bank."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

AGREEMENT = 0.10
"""By how much the medians of the two halves of repeated figures may differ, as a share of the smaller one."""

Load = dict[str, float]
"""`before`: the load average of the minute before; `busy_cores`: how many cores all processes used on average."""


@contextmanager
def watch_load() -> Iterator[Load]:
    """Yield what the load was before; how busy the cores were until the end of the block is added there."""
    load: Load = {"before": round(os.getloadavg()[0], 2)}
    busy, begun = read_busy_s(), time.monotonic()
    try:
        yield load
    finally:
        load["busy_cores"] = round((read_busy_s() - busy) / max(0.01, time.monotonic() - begun), 2)


def describe_load(load: Load) -> str:
    """Return one sentence about it."""
    return (
        f"Load before: {load['before']:g}; during: {load['busy_cores']:g} of {os.cpu_count()} cores busy, "
        "whoever asks included."
    )


def read_busy_s() -> float:
    """Return the processor time that all processes of the machine have used so far."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:8]
    user, nice, system, _idle, _waiting, interrupts, soft = map(int, fields)
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def halves_agree(figures: Sequence[float]) -> bool:
    """Return True if the medians of the earlier and of the later half differ by AGREEMENT at most."""
    half = len(figures) // 2
    if not half:
        return False
    smaller, larger = sorted((statistics.median(figures[:half]), statistics.median(figures[half:])))
    return larger - smaller <= AGREEMENT * smaller


def repeat_until_steady(measure: Callable[[], float], least: int, most: int) -> list[float]:
    """Measure `least` times, and again until the halves agree, `most` times in all. Without agreement it is noisy."""
    figures = [measure() for _ in range(least)]
    while len(figures) < most and not halves_agree(figures):
        figures.append(measure())
    return figures
