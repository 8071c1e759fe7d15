"""The protocol that every engine implements, and the values that it stores, is asked for and returns.

Services, the index and engines share these and need not import one another. No code that searches lives here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from search.query.tree import Everything, Node
from search.text.analysis import FieldTokens

FIELDS = ("title", "authors", "summary", "findings", "publication")
"""The fields of text. A query also searches "terms" and "programme", which are codes, by the names of their codes."""

SORTS = ("relevance", "newest", "oldest", "title", "added", "nearness")

NOT_STATED = "none"
"""The code of "not stated", an option of every parameter whose field a record may lack."""

FacetPair = tuple[str, str]
PAIRED_FACETS: tuple[FacetPair, ...] = (("outcome", "effect"), ("intervention", "role"))
"""Pairs of facets that speak of one and the same thing when both are chosen: of one finding, of one intervention.

Each of these facets is in one pair and has one parameter, of its name.
"""

PAIR_OF: Mapping[str, FacetPair] = {facet: pair for pair in PAIRED_FACETS for facet in pair}
"""The pair of each facet that is in one."""

FacetParameters = Mapping[str, tuple[str, ...]]
"""The parameters of each facet, by the facet's name: codes within a facet are joined by "or", facets by "and"."""


class EngineError(Exception):
    """Base class of the exceptions of engines."""


class IndexMissing(EngineError):
    """There is no index that this program can read: it is missing, incomplete, or of another engine or schema."""


# What an engine stores


@dataclass(frozen=True, slots=True)
class Document:
    """A published study as an engine stores it: tokens, codes and sort keys. Codes, never labels (I2).

    `codes`: for every parameter of the facets the study's codes, {"none"} where the record states none.
    `pairs`: for every pair of facets the pairs of codes that speak of one thing. (outcome, effect) of each finding, and
    (outcome, "none") for an outcome named without a finding; (intervention, role) of each intervention.
    `effect` in `codes` holds the effects of its findings, {"none"} without any; likewise `role`.
    `fingerprint`: a hash of the record; `added`: microseconds since 1970 of its first publication;
    `title_key`: the folded original title; `nearness`: 0 is Peru, larger is farther.
    """

    study_id: int
    slug: str
    fingerprint: str
    texts: Mapping[str, FieldTokens]
    codes: Mapping[str, frozenset[str]]
    pairs: Mapping[FacetPair, frozenset[tuple[str, str]]]
    doi: str
    year: int
    added: int
    title_key: str
    nearness: int


@dataclass(frozen=True, slots=True)
class Position:
    """The state of the database that an index holds: the bank's id and its change number (I2).

    `made_at`: the moment of that change, in microseconds since 1970; 0 if unknown. It tells two changes with the same
    number apart: after a backup is restored, numbers are used again.
    """

    bank_id: str
    change_no: int
    made_at: int = 0


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Studies to add or replace, and ids of studies to remove, that bring an index to `position`.

    No study is in both.
    """

    upserts: Iterable[Document]
    removals: Iterable[int]
    position: Position


# What an engine is asked


@dataclass(frozen=True, slots=True)
class Filters:
    """The codes chosen, by parameter, and a range of years with both ends included.

    Codes of merged terms are already replaced by those of today.
    """

    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search. `limit` None returns all studies in order, for exports; `count` also counts facets and years."""

    query: Node = field(default_factory=Everything)
    filters: Filters = field(default_factory=Filters)
    sort: str = "relevance"
    offset: int = 0
    limit: int | None = 20
    count: bool = True


# What an engine answers


@dataclass(frozen=True, slots=True)
class Hit:
    """A study found, by its database id; `score` is 0 in a query without words."""

    study_id: int
    score: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to a `SearchRequest`.

    `facets`: parameter → code → number of studies, zero left out; `years`: year → number of studies.
    A facet is counted under the filters of the other facets only (S5). Both are empty if the request does not count.
    `truncated_prefixes`: the letters of prefixes that match more tokens than are searched (`tree.MOST_PREFIX_TOKENS`).
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    years: Mapping[int, int] = field(default_factory=dict)
    truncated_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The index that searches use now: its position and number of studies, None and 0 while there is none.

    `needs_optimizing`: it has so many segments, or so many deleted documents, that `optimize` should run.
    """

    state: Literal["ready", "missing", "rebuilding"]
    position: Position | None
    studies: int
    needs_optimizing: bool = False


# The protocol


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """The settings of an engine; each engine reads those it uses.

    `directory`: where it may keep files; it need not exist. `facets`: what it filters and counts by; an index of other
    parameters counts as missing. `analysis_version`: the version of the tokens in the documents; an index of another
    version counts as missing. `cache_bytes`: how much it may cache in memory.
    """

    directory: Path
    facets: FacetParameters
    analysis_version: int
    cache_bytes: int


class Engine(Protocol):
    """Stores documents and searches them. Every engine returns the same results as `engines.memory`, order included."""

    is_shared: bool
    """Whether all processes of a host search one index. If not, each process builds its own."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Return the result of a request. Raises IndexMissing."""

    def apply(
        self, upserts: Iterable[Document], removals: Iterable[int], position: Position, *, since: Position | None = None
    ) -> bool:
        """Bring the index to `position`. Return False, with nothing written, if another writer is busy.

        No study is in both `upserts` and `removals`; applying the same batch twice changes nothing. `since` is the
        position after which the batch begins: an index that has not reached it refuses the batch (False), and one that
        is past it has the batch already (True). Without `since` the batch is always written. Raises IndexMissing.
        """

    def rebuild(self, documents: Iterable[Document], position: Position, later: Iterable[ChangeBatch] = ()) -> bool:
        """Build a new index beside the old one and swap them. Return False if another process is rebuilding.

        `later` holds the changes since `position`; it is read once the documents are written, and applied before the
        swap.
        """

    def optimize(self) -> None:
        """Merge segments if needed and if no other process does. May take minutes; searches and writers go on."""

    def status(self) -> EngineStatus:
        """Return the state of the index. Never raises."""

    def fingerprints(self) -> Mapping[int, str]:
        """Return the record hash of every study in the index, by study id. Raises IndexMissing."""


def can_apply_after(held: Position, since: Position) -> bool:
    """Return True if an index at `held` misses no change up to `since`, where the batch begins."""
    return held.bank_id == since.bank_id and held.change_no >= since.change_no


def is_already_applied(held: Position, since: Position, position: Position) -> bool:
    """Return True if another process has brought an index at `held` past `since`, to `position` or further."""
    return held.change_no > since.change_no and held.change_no >= position.change_no
