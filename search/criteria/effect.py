"""The facet of effects, and the condition for an outcome and an effect chosen together: one finding has both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from search.contract import NOT_STATED
from search.criteria.facet import CodedStudy
from search.criteria.term_parameters import TermParameter
from studies.models import Finding, StudyTerm
from studies.models import Vocabulary as Kind

if TYPE_CHECKING:
    from django.db.models import QuerySet


class FindingEffects(TermParameter):
    """The effects of a study's findings, whatever their outcome."""

    def stated_codes(self, study: CodedStudy) -> Iterable[str]:
        return (finding.effect for finding in study.record.findings)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(Exists(_findings().filter(effect__code__in=codes)))

    def missing_condition(self) -> Q:
        return ~Q(Exists(_findings()))


def has_finding(outcomes: frozenset[str], effects: frozenset[str]) -> Q:
    """Return the condition that a single finding has one of the outcomes and one of the effects.

    The effect "not stated" matches an outcome that the study names without any finding on it.
    """
    condition = Q(Exists(_findings().filter(outcome__code__in=outcomes, effect__code__in=effects)))
    if NOT_STATED in effects:
        named = StudyTerm.objects.filter(study=OuterRef("pk"), term__vocabulary=Kind.OUTCOMES)
        on_it = Finding.objects.filter(study=OuterRef("study"), outcome=OuterRef("term"))
        condition |= Q(Exists(named.filter(~Exists(on_it), term__code__in=outcomes)))
        if NOT_STATED in outcomes:
            condition |= ~Q(Exists(named)) & ~Q(Exists(_findings()))
    return condition


def _findings() -> QuerySet[Finding]:
    return Finding.objects.filter(study=OuterRef("pk"))
