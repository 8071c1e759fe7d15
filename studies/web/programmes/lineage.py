"""The lineage of a programme, what it adapts and what adapts it, as its page prints it. No query."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse

from studies.learning.programmes import RelatedProgramme, list_ancestors, list_descendants
from studies.models import Programme


@dataclass(frozen=True, slots=True)
class LineageEntry:
    """A programme of the lineage. `url` is empty for this programme itself.

    `adapts` names the programme that it adapts, if that is not the one printed above it.
    """

    name: str
    url: str
    places: str
    adapts: str
    is_here: bool


def lineage(
    programme: Programme, kin: Mapping[int, RelatedProgramme], places_of: Callable[[int], str], language: str
) -> tuple[LineageEntry, ...]:
    """Return ancestors, the programme itself and descendants, without those not public; () if it has no relatives.

    `places_of` names the countries of a programme by its key.
    """
    here = kin[programme.pk]
    line = [*list_ancestors(programme.pk, kin), here, *list_descendants(programme.pk, kin)]
    line = [each for each in line if each.is_public or each is here]
    return tuple(_entries(line, here, places_of, language)) if len(line) > 1 else ()


def _entries(
    line: list[RelatedProgramme], here: RelatedProgramme, places_of: Callable[[int], str], language: str
) -> Iterator[LineageEntry]:
    for number, kin in enumerate(line):
        origin = next((each for each in line[: max(number - 1, 0)] if each.id == kin.adapted_from), None)
        yield LineageEntry(
            name=kin.label(language),
            url="" if kin is here else reverse("programme", args=[kin.slug]),
            places=places_of(kin.id),
            adapts=origin.label(language) if origin else "",
            is_here=kin is here,
        )
