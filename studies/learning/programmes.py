"""Programmes in the learning cycle: its steps, whose programmes come first, and where one comes from.

Facts about rows; what pages print of them stands in `studies.web.programmes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from studies.models import Programme

CYCLE = ("diagnosis", "evidence", "design", "evaluation", "results", "scale-up")
"""The learning cycle in its order; its last step is the decision, which may be to work at scale."""
UNDER_STUDY = CYCLE[1:4]
"""The steps between a problem and the results: evidence, design, evaluation."""
BESIDE_CYCLE = ("closed", "unknown")
"""Stages that are no step of it."""
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
"""Who made this bank: their programmes come first in the list."""


@dataclass(frozen=True, slots=True)
class Kin:
    """A programme in a lineage. `is_public` where it has a page."""

    id: int
    slug: str
    name_es: str
    name_en: str
    adapted_from: int | None
    is_public: bool

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.name_en if language == "en" else self.name_es


def organisations(programme: Programme) -> tuple[str, ...]:
    """Return who runs it, one by one: the exchange format has them in one text."""
    return tuple(name.strip() for name in programme.organisation.split(";") if name.strip())


def is_own(programme: Programme) -> bool:
    """Say whether MIMP, IPA or J-PAL run it."""
    return any(name.casefold() in OWN_ORGANISATIONS for name in organisations(programme))


def all_kin() -> dict[int, Kin]:
    """Return every programme by its key, with what it adapts: one query."""
    rows = Programme.objects.values_list("pk", "slug", "name_es", "name_en", "adapted_from", "is_published")
    return {row[0]: Kin(*row) for row in rows}


def ancestors(key: int, kin: Mapping[int, Kin]) -> tuple[Kin, ...]:
    """Return what a programme adapts, the origin first. A circle, which no form lets in, is followed once."""
    found: dict[int, Kin] = {}
    above = kin[key].adapted_from
    while above is not None and above in kin and above != key and above not in found:
        found[above] = kin[above]
        above = kin[above].adapted_from
    return tuple(reversed(found.values()))


def descendants(key: int, kin: Mapping[int, Kin]) -> tuple[Kin, ...]:
    """Return what adapts a programme, and what adapts that, each behind its origin."""
    children: defaultdict[int, list[Kin]] = defaultdict(list)
    for each in kin.values():
        if each.adapted_from is not None:
            children[each.adapted_from].append(each)
    return tuple(_below(key, children, {key}))


def _below(key: int, children: Mapping[int, Iterable[Kin]], seen: set[int]) -> Iterator[Kin]:
    for child in children.get(key, ()):
        if child.id not in seen:
            seen.add(child.id)
            yield child
            yield from _below(child.id, children, seen)
