"""What holds of every answer over the real bank: all interventions, all themes, and criteria drawn at random."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from django.utils.translation import override

from search.web.evidence.answer_facts_text import FactsWriter
from search.web.evidence.answer_text import AnswerWriter
from search.web.evidence.passed_over_text import MOST_NAMED
from search.web.evidence.sentences import Sentence
from studies.synthesis.answer_facts import describe_all, find_not_known, list_harms, list_reviews
from studies.synthesis.direction import Movement
from studies.synthesis.evidence import Scope, StudyEvidence
from studies.synthesis.forest import build_forests
from studies.synthesis.summary_of_findings import ComparatorGroup, SummaryInput, SummaryRow, build_summary
from studies.text.numbers import format_number
from tests.search.web.answer_cases import NAMES_OF_KINDS, PRIORITY, words
from tests.studies.evidence_factory import MEASURES, OUTCOMES, as_details, the_bank
from tests.studies.records_factory import fixture_json, fixture_studies
from tests.thorough import examples

pytestmark = pytest.mark.django_db

FORBIDDEN = re.compile(
    r"ningun[ao]s? (?:lo )?(?:encontr|hall|detect)|none (?:of \S+ )?found|\bfunciona|\bworks\b|\bworked\b|"
    r"efica|effective|significativ|significant|"
    r"\d+ (?:de|of) (?:las |the )?\d+ (?:evaluaciones |evaluations )?(?:encontr|hall|detect|found|show)|"
    r"un cambio favorable|a favourable change|según sus autores|according to (?:its|their) authors",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"«[^»]*»")


def asked_about(scope: Scope, belongs: Callable[[StudyEvidence], bool]) -> SummaryInput:
    studies, evidence = the_bank()
    own = [each for each in studies if belongs(each)]
    return SummaryInput(
        studies=own,
        evidence=evidence,
        scope=scope,
        measures=MEASURES,
        outcomes=OUTCOMES,
        priority=PRIORITY,
        details={each.id: as_details(each) for each in fixture_studies()},
        forests=build_forests(own, evidence, MEASURES, OUTCOMES, scope),
    )


def subjects() -> Iterator[SummaryInput]:
    terms = fixture_json("taxonomy")
    for term in terms["interventions"]:
        code = term["code"]
        yield asked_about(Scope(frozenset({code})), lambda study, code=code: code in study.interventions)
    for term in terms["themes"]:
        yield asked_about(Scope(), lambda study, code=term["code"]: code in study.themes)
    chance = random.Random(14)
    lists = ("countries", "populations", "settings", "designs", "outcomes", "interventions", "exposures")
    for _ in range(examples(200)):
        chosen = [(name, chance.choice(chance.choice(lists_of(name)))) for name in chance.sample(lists, 2)]
        yield asked_about(
            Scope(outcomes=frozenset(code for name, code in chosen if name == "outcomes")),
            lambda study, chosen=chosen: all(code in getattr(study, name) for name, code in chosen),
        )


def lists_of(name: str) -> list[tuple[str, ...]]:
    return [own for study in the_bank()[0] if (own := getattr(study, name))]


def facts_of(asked: SummaryInput, groups: tuple[ComparatorGroup, ...], told: FactsWriter) -> Iterator[str]:
    yield from (each.text for each in told.how_sure(describe_all(groups, asked.details)))
    yield str(told.harms(list_harms(groups, asked.details, asked.scope), ()))
    yield from (str(told.review(each)) for each in list_reviews(asked))
    yield from told.not_known(find_not_known(groups, asked, ("indigenous", "disability")))


def works_by_study(rows: Iterable[SummaryRow]) -> dict[str, set[str]]:
    """Return the evaluations of these rows to which each study belongs."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for each in row.evaluations:
            for id_ in each.members:
                found.setdefault(id_, set()).add(each.work.id)
    return found


def check_numbers(sentences: list[Sentence], works_of: dict[str, set[str]]) -> None:
    """Check that every linked number counts the evaluations of the studies that its address lists."""
    for sentence in sentences:
        for part in sentence.parts:
            if part.url:
                listed = {work for id_ in part.url.split("/") for work in works_of[id_]}
                assert int(part.text) == len(listed), str(sentence)


def check_row(row: SummaryRow, told: AnswerWriter, language: str) -> list[Sentence]:
    sentences = list(told.row(row))
    text = " ".join(map(str, sentences))
    # Every evaluation is told, under its own direction.
    assert sum(map(len, row.by_movement().values())) == len(row.evaluations)
    for movement, own in row.by_movement().items():
        if movement in (Movement.LESS, Movement.MORE):
            reporters = {each.candidate.finding.reporter for one in own for each in one.told}
            assert told.words.change(movement, row.outcome, reporters) in text
    if len(row.evaluations) <= MOST_NAMED:
        # What no sentence on the whole tells stands in one of its own: nothing favourable is hidden.
        for one in row.evaluations:
            shown = {each.direction.movement for each in one.told}
            for candidate, direction in one.other_times:
                if direction.movement not in shown:
                    assert told.words.time(candidate.finding) in text
                    assert told.words.short_change(direction.movement, row.outcome) in text
            for candidate, direction in one.asides:
                if direction.movement not in shown:
                    is_new = candidate.finding.reporter not in {each.candidate.finding.reporter for each in one.told}
                    part = told.words.part(candidate, with_reporter=is_new)
                    assert (part or told.words.statement(candidate.finding)) in text
                    assert told.words.short_change(direction.movement, row.outcome) in text
    for each in row.told:
        finding = each.candidate.finding
        if finding.comparator is not None:
            assert told.words.comparator(finding) in text
        if len(row.evaluations) > MOST_NAMED:
            continue
        assert told.words.name_of(each.candidate.study.id) in text
        if finding.value is not None:
            assert format_number(abs(finding.value), language) in text
        if each.direction.includes_no_difference and each.direction.movement is not Movement.MIXED:
            assert told.words.precision(finding, each.direction) in text
    return sentences


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_answer_tells_what_lies_under_it(language: str):
    with override(language):
        # The names of studies are theirs, so they are quoted here.
        effects = replace(words(language), name_of=lambda id_: f"«{id_}»")
        writer = AnswerWriter(effects, "/".join, NAMES_OF_KINDS, MEASURES)
        for asked in subjects():
            groups = build_summary(asked)
            facts = FactsWriter(effects, "/".join, asked.details)
            said: list[str] = list(facts_of(asked, groups, facts))
            for group in groups:
                for row in group.rows:
                    sentences = check_row(row, writer, language)
                    short = writer.short_row(row)
                    check_numbers([*sentences, short], works_by_study([row]))
                    said += map(str, (*sentences, short))
                check_numbers([writer.group(group)], works_by_study(group.rows))
            for sentence in said:
                assert not FORBIDDEN.search(_QUOTED.sub("", sentence)), sentence
