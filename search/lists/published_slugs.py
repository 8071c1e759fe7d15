"""Looks up studies that were listed by slug earlier: published, withdrawn, merged or unknown today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from search.lists.selection import Pick
from studies.models import Stage, Study

Fate = Literal["published", "withdrawn", "merged", "unknown"]


@dataclass(frozen=True, slots=True)
class PickStatus:
    """A pick, and the stage of its study today. `study` is a row of `for_results`, None unless it is published.

    `leads_to` is the slug of the study that a merged one went into. A draft is "unknown", as a slug that never
    existed: the public must not learn of it.
    """

    pick: Pick
    fate: Fate
    study: Study | None = None
    leads_to: str = ""


def look_up_picks(picks: Iterable[Pick]) -> tuple[PickStatus, ...]:
    """Look up picks, in their order: five queries, and for each merged study one for each step of its chain."""
    wanted = tuple(picks)
    traces = Study.objects.read_ids_and_stages(pick.slug for pick in wanted)
    keys = [key for key, stage in traces.values() if stage == Stage.PUBLISHED]
    studies = {study.slug: study for study in Study.objects.for_results().in_order_of(keys)} if keys else {}
    return tuple(_make_status(pick, traces.get(pick.slug), studies) for pick in wanted)


def _make_status(pick: Pick, trace: tuple[int, str] | None, studies: dict[str, Study]) -> PickStatus:
    if pick.slug in studies:
        return PickStatus(pick, "published", studies[pick.slug])
    if trace is None or trace[1] == Stage.PUBLISHED:  # unpublished between two queries
        return PickStatus(pick, "unknown")
    if trace[1] == Stage.WITHDRAWN:
        return PickStatus(pick, "withdrawn")
    target = Study.objects.get(pk=trace[0]).follow_merges()
    return PickStatus(pick, "merged", leads_to=target.slug)
