"""Reviews and the studies that they include, both ways, and how far reviews rest on the same studies. No query."""

from __future__ import annotations

from dataclasses import dataclass

from studies.store.vocabularies import Vocabularies
from studies.web.shared.components import StudyLine, study_line
from studies.web.shared.queries import ReviewRows


@dataclass(frozen=True, slots=True)
class OverlapLine:
    """A review that shares `count` studies of the bank with the one of the page."""

    line: StudyLine
    count: int


@dataclass(frozen=True, slots=True)
class ReviewLinks:
    """The published studies that a review includes, the reviews that include a study, and those that share some."""

    included: tuple[StudyLine, ...]
    included_in: tuple[StudyLine, ...]
    overlaps: tuple[OverlapLine, ...]


def review_links(rows: ReviewRows, vocabulary: Vocabularies, language: str) -> ReviewLinks:
    """Return the links between reviews and studies as a page prints them."""
    return ReviewLinks(
        included=tuple(study_line(study, vocabulary, language) for study in rows.included),
        included_in=tuple(study_line(study, vocabulary, language) for study in rows.included_in),
        overlaps=tuple(OverlapLine(study_line(study, vocabulary, language), count) for study, count in rows.overlaps),
    )
