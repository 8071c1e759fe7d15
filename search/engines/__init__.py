"""The engines, and the protocol that they share. Nothing outside an engine's folder knows its library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from search.documents import Document
from search.results import Position, SearchRequest, SearchResult


class EngineError(Exception):
    """Root of what an engine raises."""


class IndexMissing(EngineError):
    """There is no index that this program can read: none, half written, foreign, or of another schema."""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """`position` and `studies` tell of the index that searches use now; None and 0 while there is none.

    `is_scattered`: it lies in so many pieces, or holds so much that is gone, that `tidy` is due.
    """

    state: Literal["ready", "missing", "rebuilding"]
    position: Position | None
    studies: int
    is_scattered: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What brings an index to `position`: studies that come or are replaced, and the ids of those that go.

    A study stands in only one of both.
    """

    upserts: Iterable[Document]
    removals: Iterable[int]
    position: Position


class Engine(Protocol):
    """A place that finds studies. Each engine gives the same answers as `memory`, order included."""

    is_shared: bool
    """Whether the other processes of this host search what this one writes."""

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

        `later` is asked when the documents are written, and brings the new index further before it is put in place.
        """

    def tidy(self) -> None:
        """Gather what is scattered, if that is due and nobody is at it. May take minutes, in which nobody waits."""

    def status(self) -> EngineStatus:
        """Say what state the index is in. Never raises."""

    def fingerprints(self) -> Mapping[int, str]:
        """Return the record hash of every study in the index, by study id. Raises IndexMissing."""


def follows(held: Position, since: Position) -> bool:
    """Say whether a batch that begins after `since` leaves no gap in an index that is at `held`."""
    return held.bank_id == since.bank_id and held.change_no >= since.change_no


def has_already(held: Position, since: Position, position: Position) -> bool:
    """Say whether an index at `held` was brought by others past `since`, as far as `position` or further."""
    return held.change_no > since.change_no and held.change_no >= position.change_no
