"""Facets of a study's findings, and the condition that a single finding has an outcome and an effect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from search.contract import NOT_STATED
from search.criteria.facet import CodedStudy
from search.criteria.term_parameters import TermParameter
from studies.models import Finding, StudyTerm
from studies.models import Vocabulary as Kind
from studies.records.study import REVIEWED, TESTED_ROLES

if TYPE_CHECKING:
    from django.db.models import QuerySet


class FindingField(TermParameter):
    """The terms in a field of a study's findings, which has the name of the parameter in record and model."""

    def stated_codes(self, study: CodedStudy) -> Iterable[str | None]:
        return (getattr(finding, self.name) for finding in study.record.findings)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(Exists(_findings().filter(**{f"{self.name}__code__in": codes})))

    def missing_condition(self) -> Q:
        return ~Q(Exists(_findings().filter(**{f"{self.name}__isnull": False})))


class Effects(FindingField):
    """The effects of the interventions of a study; of one that tests or reviews none, those of what it studies.

    An effect of a factor beside that of a programme is in no list of effects: a reader would take it for the other.
    """

    def stated_codes(self, study: CodedStudy) -> Iterable[str | None]:
        return (finding.effect for finding in study.record.findings_on_subject)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(Exists(_findings_on_subject().filter(effect__code__in=codes)))

    def missing_condition(self) -> Q:
        return ~Q(Exists(_findings_on_subject()))


class NamedFindingField(FindingField):
    """The same, where the names of the terms lead words of a query to them."""

    is_named = True


def has_finding(outcomes: frozenset[str], effects: frozenset[str]) -> Q:
    """Return the condition that a single finding has one of the outcomes and one of the effects.

    The effect "not stated" matches an outcome that the study names without any finding on it.
    """
    condition = Q(Exists(_findings_on_subject().filter(outcome__code__in=outcomes, effect__code__in=effects)))
    if NOT_STATED in effects:
        named = StudyTerm.objects.filter(study=OuterRef("pk"), term__vocabulary=Kind.OUTCOMES)
        on_it = _findings_on_subject("study").filter(outcome=OuterRef("term"))
        condition |= Q(Exists(named.filter(~Exists(on_it), term__code__in=outcomes)))
        if NOT_STATED in outcomes:
            condition |= ~Q(Exists(named)) & ~Q(Exists(_findings_on_subject()))
    return condition


def _findings() -> QuerySet[Finding]:
    return Finding.objects.filter(study=OuterRef("pk"))


def _findings_on_subject(study: str = "pk") -> QuerySet[Finding]:
    """The findings of `StudyRecord.findings_on_subject`; `study` is the field of the outer query that holds its id."""
    about = Finding.about.through.objects.filter(finding=OuterRef("pk"))
    subject = StudyTerm.objects.filter(study=OuterRef("study"), role__code__in=(*TESTED_ROLES, REVIEWED))
    return Finding.objects.filter(Q(is_about_all=True) | Q(Exists(about)) | ~Q(Exists(subject)), study=OuterRef(study))
