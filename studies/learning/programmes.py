"""Programmes in the learning cycle: its steps, the programmes of the bank's founders, and lineages.

Facts about rows; `studies.web.programmes` has what pages show of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from studies.models import Programme

CYCLE = ("diagnosis", "evidence", "design", "evaluation", "results", "scale-up")
"""The learning cycle in its order; its last step is the decision, which may be to work at scale."""
UNDER_STUDY = CYCLE[1:4]
"""The steps between diagnosis and results: evidence, design, evaluation."""
BESIDE_CYCLE = ("closed", "unknown")
"""Stages that are no step of the cycle."""
OWN_ORGANISATIONS = frozenset(
    {
        "mimp",
        "ministerio de la mujer y poblaciones vulnerables",
        "ipa",
        "innovations for poverty action",
        "j-pal",
        "abdul latif jameel poverty action lab",
    }
)
"""The organisations that made this bank, case-folded: their programmes come first in the list."""


@dataclass(frozen=True, slots=True)
class RelatedProgramme:
    """A programme in a lineage. `is_public`: it has a page."""

    id: int
    slug: str
    name_es: str
    name_en: str
    adapted_from: int | None
    is_public: bool

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.name_en if language == "en" else self.name_es


def list_organisations(programme: Programme) -> tuple[str, ...]:
    """Return the organisations that run it: the exchange format has them in one text, separated by semicolons."""
    return tuple(name.strip() for name in programme.organisation.split(";") if name.strip())


def is_own(programme: Programme) -> bool:
    """Return True if MIMP, IPA or J-PAL runs the programme."""
    return any(name.casefold() in OWN_ORGANISATIONS for name in list_organisations(programme))


def read_lineages() -> dict[int, RelatedProgramme]:
    """Return every programme by primary key, with the key of the one it adapts: one query."""
    rows = Programme.objects.values_list("pk", "slug", "name_es", "name_en", "adapted_from", "is_published")
    return {row[0]: RelatedProgramme(*row) for row in rows}


def list_ancestors(key: int, kin: Mapping[int, RelatedProgramme]) -> tuple[RelatedProgramme, ...]:
    """Return the programmes that one descends from, the origin first. A cycle, which no form allows, is walked once."""
    found: dict[int, RelatedProgramme] = {}
    above = kin[key].adapted_from
    while above is not None and above in kin and above != key and above not in found:
        found[above] = kin[above]
        above = kin[above].adapted_from
    return tuple(reversed(found.values()))


def list_descendants(key: int, kin: Mapping[int, RelatedProgramme]) -> tuple[RelatedProgramme, ...]:
    """Return the programmes that descend from one, depth first."""
    children: defaultdict[int, list[RelatedProgramme]] = defaultdict(list)
    for each in kin.values():
        if each.adapted_from is not None:
            children[each.adapted_from].append(each)
    return tuple(_iterate_descendants(key, children, {key}))


def _iterate_descendants(
    key: int, children: Mapping[int, Iterable[RelatedProgramme]], seen: set[int]
) -> Iterator[RelatedProgramme]:
    for child in children.get(key, ()):
        if child.id not in seen:
            seen.add(child.id)
            yield child
            yield from _iterate_descendants(child.id, children, seen)
