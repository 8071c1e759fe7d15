"""Texts and marks of a cell of evidence: numbers with their nouns, effects, designs, newest year. No query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import ngettext

from search.web.evidence.dimensions import code_label
from studies.store.vocabularies import Vocabularies
from studies.synthesis.evidence import STRENGTHS, Evidence, classify_design
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.tables import Tally, group_by_work, iterate_works
from studies.text.numbers import format_number

MARKS = ("effect", "design", "nearness")
"""What the marks of a cell can show."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A kind of evaluation and how many there are of it. `code` is that of an effect, else empty."""

    code: str
    label: str
    count: int


def evaluations_text(count: int, language: str) -> str:
    """Return a count with its noun: "4 evaluaciones"."""
    return ngettext("%(number)s evaluación", "%(number)s evaluaciones", count) % {
        "number": format_number(count, language)
    }


def studies_text(count: int, reviews: int, language: str) -> str:
    """Return "5 estudios (1 revisión)". `count` includes the `reviews`."""
    text = ngettext("%(number)s estudio", "%(number)s estudios", count) % {"number": format_number(count, language)}
    if not reviews:
        return text
    of_these = ngettext("%(number)s revisión", "%(number)s revisiones", reviews) % {
        "number": format_number(reviews, language)
    }
    return f"{text} ({of_these})"


def together_text(count: int, language: str) -> str:
    """Return "3 con otras", for evaluations that tested several interventions at once."""
    return ngettext("%(number)s con otras", "%(number)s con otras", count) % {"number": format_number(count, language)}


def marks(tally: Tally, evidence: Evidence, kind: str, vocabulary: Vocabularies, language: str) -> Iterator[Mark]:
    """Yield the marks of a cell: its evaluations by effect, strength of design or nearness. `kind` is one of MARKS."""
    if kind == "effect":
        yield from effect_marks(tally, vocabulary, language)
    elif kind == "design":
        works = list(iterate_works(tally, evidence))
        for code in STRENGTHS:
            if count := sum(classify_design(work) == code for work in works):
                yield Mark("", design_text(code, count), count)
    else:
        steps: dict[str, int] = {}
        for group in group_by_work(tally, evidence):
            if group.is_evaluation:
                # An evaluation with studies in several places counts once, at the nearest of them.
                steps[group.work.id] = min(study.nearness for study in group.studies)
        for step, code in enumerate(NEARNESS_STEPS):
            if count := list(steps.values()).count(step):
                yield Mark("", code_label("nearness", code, vocabulary, language), count)


def effect_marks(tally: Tally, vocabulary: Vocabularies, language: str) -> Iterator[Mark]:
    """Yield the evaluations of a cell by effect, in the order of the vocabulary."""
    counts = tally.count_by_effect()
    for term in vocabulary.terms("effects"):
        if counts[term.code]:
            yield Mark(term.code, term.label(language), counts[term.code])


def design_text(code: str, count: int) -> str:
    """Return the name of a strength of design as it agrees with `count` evaluations."""
    return {
        "randomised": ngettext("aleatorizada", "aleatorizadas", count),
        "quasi-experimental": ngettext("cuasiexperimental", "cuasiexperimentales", count),
        "other": ngettext("de otro diseño", "de otros diseños", count),
    }[code]


def strongest_design(tally: Tally, evidence: Evidence) -> str:
    """Return the name of the strongest design among the evaluations of a cell, "" if there is none."""
    for code in STRENGTHS:
        # Stop at the first: most cells have one of the strongest design early on, and thousands of works may follow.
        if any(classify_design(work) == code for work in iterate_works(tally, evidence)):
            return design_text(code, 1)
    return ""


def newest_year(tally: Tally, evidence: Evidence) -> int:
    """Return the newest year of publication among the studies of a cell."""
    return max(evidence.studies[key].year for key in tally.studies)


def spoken_text(parts: Iterable[Mark]) -> str:
    """Return marks as a screen reader reads them: "Favorable: 5, Mixto: 2"."""
    return ", ".join(f"{mark.label}: {mark.count}" for mark in parts)
