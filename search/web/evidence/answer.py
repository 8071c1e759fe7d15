"""The view model of an answer: what was compared with what, what each outcome showed, how sure, what nobody knows.

The same for an intervention, a theme and any criteria: only the studies, and the outcomes that come first, differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.web.evidence.absolute_strip import AbsoluteStrip, absolute_strip
from search.web.evidence.answer_facts_text import Fact, FactsWriter
from search.web.evidence.answer_text import AnswerWriter, papers_of
from search.web.evidence.basis import Basis
from search.web.evidence.effect_words import EffectWords
from search.web.evidence.key_facts import KeyFact, list_key_facts
from search.web.evidence.sentences import Sentence, parse_sentence
from search.web.evidence.study_address import studies_url
from studies.learning.answer_tables import list_priority_outcomes, list_used_baselines
from studies.store import evidence_snapshot
from studies.store.vocabularies import Vocabularies
from studies.synthesis.absolute_effect import Baseline
from studies.synthesis.answer_facts import (
    Review,
    describe_all,
    describe_row,
    find_not_known,
    list_costs,
    list_harms,
    list_harms_of_reviews,
    list_reviews,
)
from studies.synthesis.comparators import COMPARATOR_KINDS
from studies.synthesis.nearness import NEARNESS_STEPS
from studies.synthesis.summary_of_findings import (
    ComparatorGroup,
    EvaluationResult,
    SummaryInput,
    SummaryRow,
    build_summary,
)
from studies.synthesis.tables import tally_claims
from studies.text.numbers import format_number

SAID_FIRST = 3
"""Sentences of the answer's head: the first outcome of as many kinds of comparator, those most evaluated."""

OUTCOMES_OF_PERU = 2

GROUPS_IN_SIGHT, ROWS_IN_SIGHT = 4, 6
"""Kinds of comparator, and rows over all of them, that stand open; the rest is folded."""

MOST_IN_A_CELL = 2
"""Evaluations that a cell tells one by one. Those of a row of more are folded below their sum."""

POPULATIONS_ASKED_ABOUT = ("indigenous", "afro-descendant", "disability")
"""Whose absence an answer tells: women whom Peru's law on violence names and few evaluations reach."""


@dataclass(frozen=True, slots=True)
class RowView:
    """An outcome of the summary of findings; each field is a cell of its row.

    `one_by_one` is folded below `effect`: what each evaluation showed, where they are too many to stand in the cell.
    `briefly` is the effect in few words, for paper, and `papers` are the ids of the studies behind the row. `strip`
    draws the one absolute effect that `absolute` tells, None where it tells several or none.
    """

    outcome: str
    code: str
    papers: tuple[str, ...]
    briefly: tuple[Sentence, ...]
    measured: tuple[Sentence, ...]
    effect: tuple[Sentence, ...]
    one_by_one: tuple[Sentence, ...]
    absolute: tuple[Sentence, ...]
    strip: AbsoluteStrip | None
    sure: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """What was compared with one kind of thing: its outcomes that come first, and the others in a sentence each.

    `kind` is the code of the comparator's kind. Of the rows `in_sight` stand open.
    """

    kind: str
    heading: Sentence
    rows: tuple[RowView, ...]
    others: tuple[Sentence, ...]
    in_sight: int

    @property
    def first_rows(self) -> tuple[RowView, ...]:
        """The rows that stand open."""
        return self.rows[: self.in_sight]

    @property
    def folded_rows(self) -> tuple[RowView, ...]:
        """The rows that are folded."""
        return self.rows[self.in_sight :]

    @property
    def folded(self) -> int:
        """The number of outcomes that are folded."""
        return len(self.folded_rows) + len(self.others)


@dataclass(frozen=True, slots=True)
class Answer:
    """All that an answer prints, without what people wrote. Without an evaluation `groups` is empty.

    `said` is the answer in a few sentences; `said` of no evaluation says so. `facts` lack certainty: people judge it.
    `sure_of` says of which evaluations `how_sure` speaks, `left_out` of how many no record tells a result.
    """

    said: tuple[Sentence, ...]
    facts: tuple[KeyFact, ...]
    groups: tuple[GroupView, ...]
    left_out: str
    how_sure: tuple[Fact, ...]
    sure_of: str
    harms: Sentence
    harms_in_words: tuple[Sentence, ...]
    costs: tuple[Sentence, ...]
    reviews: tuple[Sentence, ...]
    not_known: tuple[str, ...]

    @property
    def open_groups(self) -> tuple[GroupView, ...]:
        """The groups with a row in sight."""
        return tuple(group for group in self.groups if group.in_sight)

    @property
    def folded_groups(self) -> tuple[GroupView, ...]:
        """The groups without any: none of their outcomes comes first, or others were evaluated more."""
        return tuple(group for group in self.groups if not group.in_sight)

    @property
    def description(self) -> str:
        """The answer in plain text, for search engines."""
        return " ".join(str(sentence) for sentence in self.said)


def build_answer(basis: Basis, theme: str | None = None) -> Answer:
    """Return the answer of a body of evidence: two queries. The aims of `theme`, a code, come after violence.

    All but these tables is worked out once for each version of the bank.
    """
    priority, baselines = list_priority_outcomes(theme), list_used_baselines()
    return basis.keep(("answer", priority, baselines), lambda: _build_answer(basis, priority, baselines))


def _build_answer(basis: Basis, priority: tuple[str, ...], baselines: tuple[Baseline, ...]) -> Answer:
    given = _summary_input(basis, priority, baselines)
    groups = build_summary(given)
    vocabulary, language = basis.vocabulary, basis.language
    words = EffectWords(vocabulary, basis.evidence.taxonomy, language, namer(basis))
    writer = AnswerWriter(
        words, studies_url, {kind.code: _(kind.name) for kind in COMPARATOR_KINDS}, dict(given.measures)
    )
    facts = FactsWriter(words, studies_url, given.details)
    harms = list_harms(groups, given.details, given.scope)
    costs = list_costs(given.studies, given.details, given.scope)
    reviews = list_reviews(given)
    harms_of_reviews = list_harms_of_reviews(reviews, given.details, given.scope)
    sure = describe_all(groups, given.details)
    in_sight = _share_out(groups)
    return Answer(
        said=_said(groups, writer, given.priority),
        facts=list_key_facts(basis, groups, (harms, harms_of_reviews), costs, reviews),
        groups=tuple(
            _group_view(group, writer, facts, given, shown) for group, shown in zip(groups, in_sight, strict=True)
        ),
        left_out=_left_out(basis, groups),
        how_sure=facts.how_sure(sure),
        sure_of=_sure_of(groups, sure.evaluations, language),
        harms=facts.harms(harms, harms_of_reviews),
        harms_in_words=tuple(dict.fromkeys(facts.harms_in_words(harms, harms_of_reviews))),
        costs=tuple(facts.cost(cost) for cost in costs),
        reviews=tuple(facts.review(each) for each in sorted(reviews, key=_says_least)),
        not_known=facts.not_known(find_not_known(groups, given, _known_populations(vocabulary))) if groups else (),
    )


def summary_input(basis: Basis, theme: str | None = None) -> SummaryInput:
    """Return what the summary of a body of evidence is built of: two queries."""
    return _summary_input(basis, list_priority_outcomes(theme), list_used_baselines())


def _summary_input(basis: Basis, priority: tuple[str, ...], baselines: tuple[Baseline, ...]) -> SummaryInput:
    return SummaryInput(
        studies=basis.studies,
        evidence=basis.evidence,
        scope=basis.scope,
        measures=evidence_snapshot.read_measures(basis.vocabulary),
        outcomes=basis.outcome_codes(),
        priority=priority,
        details=basis.evidence.details,
        baselines=baselines,
        forests=basis.forests(),
    )


def namer(basis: Basis) -> Callable[[str], str]:
    """Return what names a study by its id: authors, year, and its country if it has only one."""
    by_id = basis.evidence.by_id

    def name(id_: str) -> str:
        study = by_id[id_]
        authors = study.details.author_names[basis.language == "en"] if study.details is not None else ""
        text = f"{authors or id_}, {study.year}" if study.year else authors or id_
        if len(study.countries) == 1:
            text += f" ({basis.vocabulary.label('countries', study.countries[0], basis.language)})"
        return text

    return name


def _said(groups: Sequence[ComparatorGroup], writer: AnswerWriter, priority: Sequence[str]) -> tuple[Sentence, ...]:
    first = [(group, group.lead[0]) for group in groups if group.lead] or [
        (group, group.others[0]) for group in groups if group.others
    ]
    if not first:
        text = _("Este banco no tiene ninguna evaluación con estos criterios: no permite decir qué efecto hay.")
        return (parse_sentence(text),)
    most = sorted(first, key=lambda each: -len(each[1].evaluations))[:SAID_FIRST]
    said = [writer.head(group, row) for group, row in first if (group, row) in most]
    return (*said, *_said_of_peru(groups, writer, priority))


def _said_of_peru(
    groups: Sequence[ComparatorGroup], writer: AnswerWriter, priority: Sequence[str]
) -> Iterable[Sentence]:
    """Yield a sentence on what evaluations in Peru show on the first outcomes that they measured.

    None without one, and none where all are of Peru: the sentences before say it.
    """
    if all(_is_in_peru(each) for group in groups for row in group.rows for each in row.evaluations):
        return
    rows = [(group, row) for group in groups for row in group.lead]
    rows = rows or [(group, row) for group in groups for row in group.others]
    in_peru = [
        (group, replace(row, evaluations=own))
        for group, row in rows
        if (own := tuple(each for each in row.evaluations if _is_in_peru(each)))
    ]
    if in_peru:
        place = {code: number for number, code in enumerate(priority)}
        in_peru.sort(key=lambda each: place.get(each[1].outcome, len(place)))
        yield writer.of_peru(in_peru[:OUTCOMES_OF_PERU])


def _is_in_peru(evaluation: EvaluationResult) -> bool:
    peru = NEARNESS_STEPS.index("peru")
    return any(each.candidate.study.nearness == peru for each in evaluation.told)


def _left_out(basis: Basis, groups: Sequence[ComparatorGroup]) -> str:
    counted = tally_claims(basis.studies, basis.evidence, basis.scope).evaluations
    missing = counted - len({work for group in groups for work in group.works})
    if not missing:
        return ""
    text = ngettext(
        "De %(number)s evaluación el registro no trae ningún resultado que contar.",
        "De %(number)s evaluaciones el registro no trae ningún resultado que contar.",
        missing,
    )
    return text % {"number": format_number(missing, basis.language)}


def _sure_of(groups: Sequence[ComparatorGroup], evaluations: int, language: str) -> str:
    if not evaluations:
        return ""
    if not any(group.lead for group in groups):
        return _("Hechos, no un puntaje.")
    text = ngettext(
        "Hechos, no un puntaje, de la evaluación de la tabla completa.",
        "Hechos, no un puntaje, de las %(number)s evaluaciones de la tabla completa.",
        evaluations,
    )
    return text % {"number": format_number(evaluations, language)}


def _share_out(groups: Sequence[ComparatorGroup]) -> list[int]:
    """Return how many rows of each group stand open: one of each, then a second, until there are enough.

    Of more groups than may stand open those do whose first outcome was evaluated most.
    """
    most = sorted((group for group in groups if group.lead), key=lambda group: -len(group.lead[0].evaluations))
    opened = [group.kind for group in most[:GROUPS_IN_SIGHT]]
    shown = [0] * len(groups)
    for depth in range(ROWS_IN_SIGHT):
        for place, group in enumerate(groups):
            if group.kind in opened and len(group.lead) > depth and sum(shown) < ROWS_IN_SIGHT:
                shown[place] += 1
    return shown


def _group_view(
    group: ComparatorGroup, writer: AnswerWriter, facts: FactsWriter, given: SummaryInput, in_sight: int
) -> GroupView:
    return GroupView(
        kind=group.kind,
        heading=writer.group(group),
        rows=tuple(_row_view(row, writer, facts, given) for row in group.lead),
        others=tuple(writer.short_row(row) for row in group.others),
        in_sight=in_sight,
    )


def _says_least(review: Review) -> int:
    """Return a key that puts reviews with a pooled result first, and those without any result last."""
    if any(each.is_pooled for each in review.results):
        return 0
    return 1 if any(each.direction is not None for each in review.results) else 2


def _row_view(row: SummaryRow, writer: AnswerWriter, facts: FactsWriter, given: SummaryInput) -> RowView:
    each_one = [*writer.directions(row), *writer.other_times(row), *writer.asides(row)]
    is_folded = len(row.evaluations) > MOST_IN_A_CELL or len(row.told) > MOST_IN_A_CELL + 1
    measured = [writer.measured_by(row)]
    if is_folded:
        each_one.insert(0, writer.compared_with(row))
    else:
        measured.append(writer.compared_with(row))
    sums = [*writer.ranges(row), *writer.pooled(row)]
    sure = [writer.reporters(row), writer.packages(row), facts.precision_of_row(describe_row(row, given.details))]
    return RowView(
        outcome=writer.words.outcome_title(row.outcome),
        code=row.outcome,
        papers=papers_of(row.evaluations),
        briefly=_sentences([writer.movements(row), *writer.ranges(row), *writer.pooled(row)]),
        measured=_sentences(measured),
        effect=_sentences([writer.movements(row), *sums] if is_folded else [*each_one, *sums]),
        one_by_one=_sentences(each_one) if is_folded else (),
        absolute=(absolute := _sentences(writer.absolute(row))),
        strip=absolute_strip(row, writer.words.language) if absolute else None,
        sure=_sentences(sure),
    )


def _sentences(texts: Iterable[str]) -> tuple[Sentence, ...]:
    return tuple(parse_sentence(text) for text in texts if text)


def _known_populations(vocabulary: Vocabularies) -> tuple[str, ...]:
    return tuple(code for code in POPULATIONS_ASKED_ABOUT if vocabulary.find("populations", code) is not None)
