"""What the evidence says of each theme, in a line: for the page of the whole bank, and for the first page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from search.criteria.evidence_address import TablePlace, evidence_list_url
from search.web.evidence import kept
from search.web.evidence.bank_answers import bank_input, opening_row, opening_sentence
from search.web.evidence.sentences import Sentence
from search.web.shared.list_address import list_address
from studies.learning.answer_tables import list_priority_outcomes
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import Evidence
from studies.synthesis.summary_of_findings import ComparatorGroup, SummaryInput, SummaryRow, build_summary
from studies.synthesis.tables import tally_claims


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """A theme with its counts, their lists and the sentence that opens its answer, None where no evaluation has one.

    `told` is the number of evaluations that the sentence tells of.
    """

    label: str
    url: str
    studies: int
    studies_url: str
    evaluations: int
    evaluations_url: str
    sentence: Sentence | None
    told: int


@dataclass(frozen=True, slots=True)
class ThemeOpening:
    """The number of evaluations of a theme, and the row that opens its answer."""

    evaluations: int
    row: tuple[ComparatorGroup, SummaryRow] | None


def open_theme(code: str, given: SummaryInput, vocabulary: Vocabularies) -> ThemeOpening:
    """Return the opening of a theme, worked out once as long as none of its studies changes.

    `given` is the input of the whole bank, with the outcomes that come first for the theme.
    """
    studies = given.evidence.of_theme.get(code, ())
    keys = tuple(study.key for study in studies)

    def work_out() -> ThemeOpening:
        evaluations = tally_claims(studies, given.evidence).evaluations
        return ThemeOpening(evaluations, opening_row(build_summary(replace(given, studies=studies))))

    return kept.keep(given.evidence, ("opening", keys, given.priority, given.baselines, vocabulary), keys, work_out)


def evaluations_url(code: str) -> str:
    """Return the address of the evaluations of a theme."""
    return evidence_list_url(urlencode({"theme": code}), TablePlace(kind="evaluation"))


def theme_lines(evidence: Evidence, vocabulary: Vocabularies, language: str) -> tuple[ThemeLine, ...]:
    """Return a line for each theme, in the order of the vocabulary: two queries, and one for each theme."""
    given = bank_input(evidence, vocabulary)
    lines = []
    for term in vocabulary.terms("themes"):
        own = replace(given, priority=list_priority_outcomes(term.code))
        opening = open_theme(term.code, own, vocabulary)
        lines.append(
            ThemeLine(
                label=term.label(language),
                url=reverse("theme", args=[term.code]),
                studies=len(evidence.of_theme.get(term.code, ())),
                studies_url=list_address(theme=term.code),
                evaluations=opening.evaluations,
                evaluations_url=evaluations_url(term.code),
                sentence=opening_sentence(*opening.row, evidence, vocabulary, language) if opening.row else None,
                told=len(opening.row[1].evaluations) if opening.row else 0,
            )
        )
    return tuple(lines)
