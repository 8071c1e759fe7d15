"""What the rule of `chosen_estimate` passed over, told beside what speaks where it points another way.

Each part is told under the paper that prints it: an evaluation may have several.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django.utils.translation import gettext as _

from search.web.evidence.effect_words import EffectWords
from studies.synthesis.summary_of_findings import SummaryRow

MOST_NAMED = 6
"""A row of more evaluations tells numbers and ranges, and leaves the single estimates to its list."""


def tell_other_times(row: SummaryRow, words: EffectWords) -> Iterator[str]:
    """Yield what the same people told at another time, where that is another direction."""
    for evaluation in row.evaluations:
        shown = {each.direction.movement for each in evaluation.told}
        differing = [each for each in evaluation.other_times if each[1].movement not in shown]
        if not differing:
            continue
        told = [(each.candidate, each.direction) for each in evaluation.told] + differing
        told.sort(key=lambda each: each[0].finding.follow_up_months or 0)
        speaks = evaluation.papers[0]
        parts = []
        for candidate, direction in told:
            paper = "" if candidate.study.id == speaks else f" ({words.name_of(candidate.study.id)})"
            parts.append(
                f"{words.time(candidate.finding)}{paper}, {words.short_estimate(candidate.finding, direction)}"
            )
        yield _("%(name)s, según el momento: %(parts)s.") % {
            "name": words.name_of(speaks),
            "parts": "; ".join(parts),
        }


def tell_asides(row: SummaryRow, words: EffectWords) -> Iterator[str]:
    """Yield what else points another way: subgroups, other reporters, measures or papers."""
    if len(row.evaluations) > MOST_NAMED:
        return
    for evaluation in row.evaluations:
        shown = {each.direction.movement for each in evaluation.told}
        reporters = {each.candidate.finding.reporter for each in evaluation.told}
        differing = [each for each in evaluation.asides if each[1].movement not in shown]
        for paper, own in groupby(differing, key=lambda each: each[0].study.id):
            parts = []
            for candidate, direction in own:
                # The reporter of what speaks tells it from nothing.
                label = words.part(candidate, with_reporter=candidate.finding.reporter not in reporters)
                label = label or words.statement(candidate.finding)
                parts.append(f"{label}, {words.short_estimate(candidate.finding, direction)}")
            yield _("%(name)s, además: %(parts)s.") % {"name": words.name_of(paper), "parts": "; ".join(parts)}
