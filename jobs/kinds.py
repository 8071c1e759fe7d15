"""Kinds of work: what each is called, who does it, how often by itself. `evidencebank.job_kinds` registers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Period = Callable[[datetime], str]
"""Names the day or week that a local moment belongs to: one job of a periodic kind is made for each.

Jobs are done in the order of these names: what people ask for has none and comes first, then nights, then weeks.
"""


def each_night(hour: int) -> Period:
    """Return the period that begins every day at `hour`. A night that was missed is made up for at the next start."""
    return lambda now: (now - timedelta(hours=hour)).date().isoformat()


def each_week(hour: int) -> Period:
    """Return the period that begins on Sundays at `hour`: "week 2026-11-29"."""

    def week(now: datetime) -> str:
        day = (now - timedelta(hours=hour)).date()
        return f"week {day - timedelta(days=day.isoweekday() % 7)}"

    return week


class RunningJob(Protocol):
    """A job in the hands of a worker, as `run` is given it."""

    @property
    def arguments(self) -> Mapping[str, Any]: ...

    @property
    def by(self) -> User | None: ...

    def checkpoint(self, done: int = 0, total: int = 0) -> None:
        """Write how far the job is; to be called between steps. Raises what ends or interrupts the job."""

    def hold(self) -> None:
        """Lock the job until the end of the transaction; to be called in that of each step. Raises ClaimLost."""


def _nothing(arguments: Mapping[str, Any]) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work. `run` returns a sentence in Spanish that says what came of it.

    `run` must bear to be begun again at any point: a worker may be killed. `is_resumable` says that it goes on where
    the last step was committed, so that progress counts as a new beginning, and that it gives way between two steps to
    what comes first. `period` makes it periodic; `is_due` has
    it asked for when something is behind. `is_offered` says whether the settings allow it. `is_per_host` has each host
    do it, as each has its own index and its own disk. `is_for_administrators` puts a button on the page of jobs.
    `after_stop` is called in the transaction in which a job fails or is ended.
    """

    name: str
    label: str
    run: Callable[[RunningJob], str]
    period: Period | None = None
    is_due: Callable[[], bool] | None = None
    is_offered: Callable[[], bool] = lambda: True
    is_per_host: bool = False
    is_resumable: bool = False
    is_for_administrators: bool = False
    after_stop: Callable[[Mapping[str, Any]], None] = _nothing


KINDS: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        KINDS[kind.name] = kind


def label_of(name: str) -> str:
    """Return the label of a kind; the name itself for one that another version of the bank knew."""
    return KINDS[name].label if name in KINDS else name
