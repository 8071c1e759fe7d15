"""The facts under the head of an answer: always the same, in the same order. What nobody knows stays, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria.evidence_address import TablePlace
from search.web.evidence.basis import Basis
from search.web.evidence.cell_text import design_text
from search.web.evidence.sentences import Sentence, mark_link, parse_sentence
from search.web.evidence.study_address import studies_url
from studies.citations.names import join_with_and
from studies.synthesis.answer_facts import HARMS_FOUND, HARMS_NONE_FOUND, Harm, Review, ToldCost
from studies.synthesis.evidence import STRENGTHS, classify_design
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.summary_of_findings import ComparatorGroup
from studies.synthesis.tables import Tally, iterate_works, tally_claims
from studies.text.numbers import format_number


@dataclass(frozen=True, slots=True)
class KeyFact:
    """One of the facts under the head of the answer: `text` in large letters, `note` below it.

    `is_lacking`: nobody knows it yet.
    """

    label: str
    text: Sentence
    note: str = ""
    is_lacking: bool = False


def list_key_facts(
    basis: Basis,
    groups: Sequence[ComparatorGroup],
    harms: tuple[Sequence[Harm], Sequence[Harm]],
    costs: Sequence[ToldCost],
    reviews: Sequence[Review],
) -> tuple[KeyFact, ...]:
    """Return evaluations, cost, harms, Peru and reviews, always in this order; `with_certainty` adds certainty.

    `harms` are those that evaluations tell and those that reviews tell.
    """
    language = basis.language
    total = tally_claims(basis.studies, basis.evidence, basis.scope)
    return (
        _evaluations(basis, total),
        _cost(costs, language),
        _harms(*harms, language),
        _in_peru(groups, language),
        _reviews(basis, total, reviews),
    )


def with_certainty(facts: Sequence[KeyFact], certainty: KeyFact) -> tuple[KeyFact, ...]:
    """Return all six facts: certainty stands second, behind the evaluations."""
    return (facts[0], certainty, *facts[1:])


def lacking(label: str, text: str, note: str = "") -> KeyFact:
    """Return a fact that nobody knows."""
    return KeyFact(label, parse_sentence(text), note, is_lacking=True)


def _evaluations(basis: Basis, total: Tally) -> KeyFact:
    label = _("Evaluaciones")
    if not total.evaluations:
        return lacking(label, _("Ninguna"), _("en este banco"))
    number = format_number(total.evaluations, basis.language)
    url = basis.address(TablePlace(kind="evaluation"))
    return KeyFact(label, parse_sentence(mark_link(number, url)), _designs(basis, total))


def _designs(basis: Basis, total: Tally) -> str:
    strengths = [classify_design(work) for work in iterate_works(total, basis.evidence)]
    counts = {code: strengths.count(code) for code in STRENGTHS if code in strengths}
    if len(counts) == 1:
        (code,) = counts
        name = design_text(code, len(strengths))
        return name if len(strengths) == 1 else _("todas %(design)s") % {"design": name}
    parts = [f"{format_number(count, basis.language)} {design_text(code, count)}" for code, count in counts.items()]
    return join_with_and(parts, basis.language)


def _cost(costs: Sequence[ToldCost], language: str) -> KeyFact:
    studies = list(dict.fromkeys(each.study for each in costs))
    if not studies:
        return lacking(_("Costo"), _("Sin dato"))
    pattern = ngettext("%(number)s estudio lo dice", "%(number)s estudios lo dicen", len(studies))
    return KeyFact(_("Costo"), _linked(pattern, studies, language))


def _harms(harms: Sequence[Harm], of_reviews: Sequence[Harm], language: str) -> KeyFact:
    label = _("Daños")
    for code in (HARMS_FOUND, HARMS_NONE_FOUND):
        if own := [each for each in harms if each.code == code]:
            return KeyFact(label, _linked_evaluations(_harms_pattern(code, len(own)), own, language), _note(of_reviews))
    for code in (HARMS_FOUND, HARMS_NONE_FOUND):
        if own := [each for each in of_reviews if each.code == code]:
            note = _("ninguna evaluación informa de alguno") if harms else ""
            return KeyFact(label, _linked_evaluations(_harms_pattern_of_reviews(code, len(own)), own, language), note)
    note = _("ninguna informa de alguno; no quiere decir que no los haya") if harms else ""
    return lacking(label, _("Sin dato"), note)


def _harms_pattern(code: str, count: int) -> str:
    if code == HARMS_FOUND:
        return ngettext("%(number)s informa de alguno", "%(number)s informan de alguno", count)
    return ngettext("%(number)s los buscó y no los vio", "%(number)s los buscaron y no los vieron", count)


def _harms_pattern_of_reviews(code: str, count: int) -> str:
    if code == HARMS_FOUND:
        return ngettext("%(number)s revisión informa de alguno", "%(number)s revisiones informan de alguno", count)
    return ngettext(
        "%(number)s revisión los buscó y no los vio", "%(number)s revisiones los buscaron y no los vieron", count
    )


def _note(of_reviews: Sequence[Harm]) -> str:
    """Return how many reviews tell of a harm, which the evaluations of this bank may not show."""
    found = sum(each.code == HARMS_FOUND for each in of_reviews)
    return _harms_pattern_of_reviews(HARMS_FOUND, found) % {"number": found} if found else ""


def _in_peru(groups: Sequence[ComparatorGroup], language: str) -> KeyFact:
    peru = NEARNESS_STEPS.index("peru")
    works = {
        each.work.id: told.candidate.study.id
        for group in groups
        for row in group.rows
        for each in row.evaluations
        for told in each.told
        if told.candidate.study.nearness == peru
    }
    if not works:
        return lacking(_("Perú"), _("Ninguna evaluación"), _("en este banco"))
    pattern = ngettext("%(number)s evaluación", "%(number)s evaluaciones", len(works))
    return KeyFact(_("Perú"), _linked(pattern, works.values(), language))


def _reviews(basis: Basis, total: Tally, reviews: Sequence[Review]) -> KeyFact:
    label = _("Revisiones")
    if not total.reviews:
        return lacking(label, _("Ninguna"), _("en este banco"))
    years = sorted(each.study.year for each in reviews if each.study.year)
    note = ""
    if years:
        note = _("de %(first)s a %(last)s") % {"first": years[0], "last": years[-1]}
        if years[0] == years[-1]:
            note = _("de %(year)s") % {"year": years[0]}
    number = format_number(len(total.reviews), basis.language)
    return KeyFact(label, parse_sentence(mark_link(number, basis.address(TablePlace(kind="review")))), note)


def _linked_evaluations(pattern: str, harms: Sequence[Harm], language: str) -> Sentence:
    """Return how many evaluations say so, which are not their studies: one may report several."""
    url = studies_url(tuple(dict.fromkeys(id_ for each in harms for id_ in each.studies)))
    return parse_sentence(pattern % {"number": mark_link(format_number(len(harms), language), url)})


def _linked(pattern: str, ids: Iterable[str], language: str) -> Sentence:
    own = tuple(dict.fromkeys(ids))
    return parse_sentence(pattern % {"number": mark_link(format_number(len(own), language), studies_url(own))})
