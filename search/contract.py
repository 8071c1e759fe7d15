"""What is given to an engine, asked of it and answered by it, and the protocol that every engine follows.

Pure values and one protocol, at the bottom of `search`: services and engines share them and need not know one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from search.query.tree import Everything, Node
from search.text.analysis import FieldTokens

FIELDS = ("title", "authors", "summary", "findings", "publication")
"""The fields of text. Two more, "terms" and "programme", are codes that a query reaches through their names."""

SORTS = ("relevance", "newest", "oldest", "title", "added", "nearness")

NOT_STATED = "none"
"""The code of "not stated", an option of every parameter whose field a record may lack."""

FINDING_FACETS = frozenset({"outcome", "effect"})
"""The two facets that are about one and the same finding when both are chosen. Each has one parameter, of its name."""

FacetParameters = Mapping[str, tuple[str, ...]]
"""The parameters of each facet, by the facet's name: codes within a facet are joined by "or", facets by "and"."""


class EngineError(Exception):
    """Base class of what an engine raises."""


class IndexMissing(EngineError):
    """There is no index that this program can read: none, half written, foreign, or of another schema."""


# What an engine stores


@dataclass(frozen=True, slots=True)
class Document:
    """A published study as an engine stores it: tokens, codes and sort keys. Codes, never labels (I2).

    `codes`: for every parameter of the facets the study's codes, {"none"} where the record states none.
    `findings`: pairs (outcome, effect) of its findings; (outcome, "none") for an outcome named without a finding.
    `effect` in `codes` holds the effects of its findings, {"none"} without any.
    `fingerprint`: a hash of the record; `added`: microseconds since 1970 of its first publication;
    `title_key`: the folded original title; `nearness`: 0 is Peru, larger is farther.
    """

    study_id: int
    slug: str
    fingerprint: str
    texts: Mapping[str, FieldTokens]
    codes: Mapping[str, frozenset[str]]
    findings: frozenset[tuple[str, str]]
    doi: str
    year: int
    added: int
    title_key: str
    nearness: int


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where an index follows the database: the bank's id and its change number (I2).

    `made_at`: the moment of that change, in microseconds since 1970, 0 where it is not known. After a backup was
    restored, the same number may come again for another change.
    """

    bank_id: str
    change_no: int
    made_at: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What brings an index to `position`: studies to add or replace, and the ids of those to remove.

    A study stands in only one of both.
    """

    upserts: Iterable[Document]
    removals: Iterable[int]
    position: Position


# What an engine is asked


@dataclass(frozen=True, slots=True)
class Filters:
    """A reader's filters: codes by parameter (known codes only), and a range of years, both ends included."""

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


# What an engine answers


@dataclass(frozen=True, slots=True)
class Hit:
    """A study of the list, by the database's key; `score` is 0 in a query without words."""

    study_id: int
    score: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An engine's answer.

    `facets`: parameter → code → number of studies, zero left out; `years`: year → number of studies.
    Both are counted under the other facets' options only (S5), and are empty when the request does not count.
    `cut`: the letters of prefixes that match more tokens than are searched (`tree.MOST_PREFIX_TOKENS`).
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    years: Mapping[int, int] = field(default_factory=dict)
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """`position` and `studies` describe the index that searches use now; None and 0 while there is none.

    `is_scattered`: it lies in so many pieces, or holds so much that is deleted, that `tidy` is due.
    """

    state: Literal["ready", "missing", "rebuilding"]
    position: Position | None
    studies: int
    is_scattered: bool = False


# The protocol


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What an engine may need to be made; each takes what it uses.

    `directory`: where it may keep files, which need not exist; `facets`: what it filters and counts by, an index of
    other parameters counts as missing; `analysis_version`: of the tokens in the documents, an index of another one
    counts as missing; `cache_bytes`: how much it may cache in memory.
    """

    directory: Path
    facets: FacetParameters
    analysis_version: int
    cache_bytes: int


class Engine(Protocol):
    """A place that finds studies. Every engine gives the same answers as `engines.memory`, order included."""

    is_shared: bool
    """Whether the other processes of this host search what this one writes. If not, each process builds its own."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one request. Raises IndexMissing."""

    def apply(
        self, upserts: Iterable[Document], removals: Iterable[int], position: Position, *, since: Position | None = None
    ) -> bool:
        """Bring the index to `position`. Return False, with nothing written, if another writer is busy.

        A study stands in only one of both; applying the same twice changes nothing. `since` says after which position
        the batch begins: an index that is not there yet refuses it, and one that is past it already has it. Without
        `since` the batch is taken whatever the index holds. Raises IndexMissing.
        """

    def rebuild(self, documents: Iterable[Document], position: Position, later: Iterable[Changes] = ()) -> bool:
        """Build a new index beside the old one and swap. Return False if another process is rebuilding.

        `later` is read after the documents are written, and brings the new index further before it is put in place.
        """

    def tidy(self) -> None:
        """Merge what is scattered, if that is due and nobody is at it. May take minutes; nobody waits meanwhile."""

    def status(self) -> EngineStatus:
        """Return the state of the index. Never raises."""

    def fingerprints(self) -> Mapping[int, str]:
        """Return the record hash of every study in the index, by study id. Raises IndexMissing."""


def follows(held: Position, since: Position) -> bool:
    """Return True if a batch that begins after `since` leaves no gap in an index that is at `held`."""
    return held.bank_id == since.bank_id and held.change_no >= since.change_no


def has_already(held: Position, since: Position, position: Position) -> bool:
    """Return True if others brought an index at `held` past `since`, as far as `position` or further."""
    return held.change_no > since.change_no and held.change_no >= position.change_no
