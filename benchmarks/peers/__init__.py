"""What the page job is measured on: our engine and its peers, each behind one protocol and set up as its own users do.

The job: the first 20 studies, the exact total, the number of every code of every facet and of every year (a facet's
own choice does not narrow its own numbers), title and summary of the 20 in Spanish with what was sought marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from benchmarks.corpus import MadeUpStudy
from benchmarks.questions import Question
from studies.store.vocabularies import Vocabularies

PAGE = 20
SUMMARY_LENGTH = 260
"""Letters of a summary on the page, as on the cards of the bank."""

SINGLE = ("type", "language", "status", "open_access", "programme")
"""Parameters of which a study has exactly one code: a peer may keep them in a column."""


@dataclass(frozen=True, slots=True)
class PeerPage:
    """One answer. `counts` is parameter → code → studies, without zeros; years stand under "year", as text."""

    total: int
    numbers: tuple[int, ...]
    counts: Mapping[str, Mapping[str, int]]
    marked: tuple[tuple[str, str], ...]


class Peer(Protocol):
    """An index of the corpus in a folder. `build` and `open` come first, `open` in a process that may be another.

    `version` names what is measured and counts in whether an index built earlier can be used.
    """

    name: ClassVar[str]
    version: str

    def __init__(self, folder: Path, size: int, vocabulary: Vocabularies) -> None:
        """Take a folder that is there."""

    def build(self, studies: Iterable[MadeUpStudy]) -> None:
        """Index the studies, at once and as fast as is usual."""

    def open(self) -> None:
        """Make ready to answer."""

    def page(self, question: Question) -> PeerPage:
        """Do the page job."""

    def change(self, study: MadeUpStudy) -> None:
        """Replace a study, so that the next page shows it."""

    def nbytes(self) -> int:
        """Bytes of the index on disk, stored texts included."""

    def close(self) -> None:
        """Let go of all files."""


class Unavailable(Exception):
    """A peer cannot be measured here. The message says why, for the report."""


def folder_bytes(folder: Path) -> int:
    """Add up the sizes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def spanish_text(study: MadeUpStudy) -> str:
    """Return all Spanish text of a study but its title, for peers that keep one field a language."""
    return f"{study.record.summary_es}\n{spanish_rest(study)}"


def spanish_rest(study: MadeUpStudy) -> str:
    """Return the Spanish text of a study that is neither title nor summary."""
    record = study.record
    texts = (record.key_finding_es, record.limitations_es, *(finding.statement_es for finding in record.findings))
    return "\n".join(filter(None, texts))


def english_text(study: MadeUpStudy) -> str:
    """Return all English text of a study but its title."""
    record = study.record
    texts = (record.summary_en, record.key_finding_en, record.limitations_en)
    return "\n".join(filter(None, (*texts, *(finding.statement_en for finding in record.findings))))


def author_names(study: MadeUpStudy) -> str:
    """Return the names of authors, journal and publisher."""
    record = study.record
    authors = (f"{author.given or ''} {author.family or author.literal}" for author in record.authors)
    return "\n".join(filter(None, (*authors, record.container_title, record.publisher)))
