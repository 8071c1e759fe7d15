"""What became of the studies that somebody listed by slug: shown while published, told where they no longer are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from search.lists.selection import Pick
from studies.models import Stage, Study

Fate = Literal["published", "withdrawn", "merged", "unknown"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A pick and what became of its study. `study` is a row of `for_results`, None unless it is published.

    `leads_to` is the slug of the published study that a merged one went into. A draft is as unknown as a slug that
    was never given: nobody learns of it.
    """

    pick: Pick
    fate: Fate
    study: Study | None = None
    leads_to: str = ""


def listed(picks: Iterable[Pick]) -> tuple[Listed, ...]:
    """Look up picks, in their order: five queries, and for each merged study one a step to where it leads."""
    wanted = tuple(picks)
    traces = Study.objects.read_ids_and_stages(pick.slug for pick in wanted)
    keys = [key for key, stage in traces.values() if stage == Stage.PUBLISHED]
    studies = {study.slug: study for study in Study.objects.for_results().in_order_of(keys)} if keys else {}
    return tuple(_listed(pick, traces.get(pick.slug), studies) for pick in wanted)


def _listed(pick: Pick, trace: tuple[int, str] | None, studies: dict[str, Study]) -> Listed:
    if pick.slug in studies:
        return Listed(pick, "published", studies[pick.slug])
    if trace is None or trace[1] == Stage.PUBLISHED:  # the latter changed between two queries
        return Listed(pick, "unknown")
    if trace[1] == Stage.WITHDRAWN:
        return Listed(pick, "withdrawn")
    target = Study.objects.get(pk=trace[0]).follow_merges()
    return Listed(pick, "merged", leads_to=target.slug)
