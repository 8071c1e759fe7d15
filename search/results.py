"""What is asked of an engine and what it answers. Pure values, shared by services and engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from search.query.tree import Everything, Node

SORTS = ("relevance", "newest", "oldest", "title", "added", "nearness")

NOT_STATED = "none"
"""The code of "not stated", a choice in every parameter whose field a record may lack."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The choices of a reader: codes by parameter (known codes only), and a range of years, both ends included."""

    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One question to an engine. `limit` None asks for all studies in order (exports); `count` for facets and years."""

    query: Node = field(default_factory=Everything)
    filters: Filters = field(default_factory=Filters)
    sort: str = "relevance"
    offset: int = 0
    limit: int | None = 20
    count: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A study of the list, by the database's key; `score` is 0 in a query without words."""

    study_id: int
    score: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An engine's answer.

    `facets`: parameter → code → number of studies, zero left out; `years`: year → number of studies.
    Both are counted under the other facets' choices only (S5), and are empty when the request does not count.
    `cut`: the letters of prefixes that begin more words than are sought (`tree.MOST_PREFIX_TOKENS`).
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    years: Mapping[int, int] = field(default_factory=dict)
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where an index follows the database: the bank's id and its change number (I2).

    `made_at`: the moment of that change, in microseconds since 1970, 0 where it is not known. After a backup was
    restored, the same number may come again for another change.
    """

    bank_id: str
    change_no: int
    made_at: int = 0
