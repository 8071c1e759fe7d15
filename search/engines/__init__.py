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
    """`position` and `studies` tell of the index that searches use now; None and 0 while there is none."""

    state: Literal["ready", "missing", "rebuilding"]
    position: Position | None
    studies: int


class Engine(Protocol):
    """A place that finds studies. Each engine gives the same answers as `memory`, order included."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one request. Raises IndexMissing."""

    def apply(self, upserts: Iterable[Document], removals: Iterable[int], position: Position) -> bool:
        """Bring the index to `position`. Return False, with nothing written, if another writer is busy.

        A study stands in only one of both; applying the same twice changes nothing. Raises IndexMissing.
        """

    def rebuild(self, documents: Iterable[Document], position: Position) -> bool:
        """Build a new index beside the old one and swap. Return False if another process is rebuilding."""

    def status(self) -> EngineStatus:
        """Say what state the index is in. Never raises."""

    def fingerprints(self) -> Mapping[int, str]:
        """Return the record hash of every study in the index, by study id. Raises IndexMissing."""
