"""Facets of what a study has to do with interventions: which ones, in which role, and what kind of thing it studies.

An intervention without a role counts nowhere: nobody has said yet what the study does with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from search.contract import NOT_STATED
from search.criteria.facet import CodedStudy, CodeParameter
from search.criteria.term_parameters import StudyTerms, TermParameter
from studies.models import StudyTerm
from studies.models import Vocabulary as Kind

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.store.vocabularies import Vocabularies

LAW = "legal-reform"
"""The intervention that is a law; all others are programmes."""


def list_in_role(study: CodedStudy) -> list[tuple[str, str]]:
    """Return (intervention, role) of each intervention of a study, without those of which no role is known."""
    return [(each.code, each.role) for each in study.record.interventions if each.role is not None]


class Interventions(StudyTerms):
    """The interventions of a study, in any role."""

    def stated_codes(self, study: CodedStudy) -> Iterable[str]:
        return (intervention for intervention, _role in list_in_role(study))

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(Exists(_in_role().filter(term__code__in=codes)))

    def missing_condition(self) -> Q:
        return ~Q(Exists(_in_role()))


class Roles(TermParameter):
    """The roles that any of a study's interventions has in it."""

    not_stated_label = _("Sin intervención, o papel sin decidir")

    def stated_codes(self, study: CodedStudy) -> Iterable[str]:
        return (role for _intervention, role in list_in_role(study))

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(Exists(_in_role().filter(role__code__in=codes)))

    def missing_condition(self) -> Q:
        return ~Q(Exists(_in_role()))


def has_intervention_in_role(interventions: frozenset[str], roles: frozenset[str]) -> Q:
    """Return the condition that a single intervention is one of `interventions` and has one of `roles`.

    "Not stated" in both matches a study without any intervention in a role.
    """
    condition = Q(Exists(_in_role().filter(term__code__in=interventions, role__code__in=roles)))
    if NOT_STATED in interventions and NOT_STATED in roles:
        condition |= ~Q(Exists(_in_role()))
    return condition


class Studied(CodeParameter):
    """What a study is about: a law, a programme, an exposure, how much violence there is, how to measure it."""

    description = _("{label}: law, programme, exposure, magnitude, method o none.")
    not_stated_label = _("Otro asunto")
    _LABELS = {
        "law": _("Una ley o reforma"),
        "programme": _("Un programa o servicio"),
        "exposure": _("Un factor, como una crisis o la cuarentena"),
        "magnitude": _("Cuánta violencia hay"),
        "method": _("Cómo medir la violencia"),
        NOT_STATED: not_stated_label,
    }
    _OUTCOMES = {"magnitude": "prevalence", "method": "measurement"}

    def codes(self, vocabularies: Vocabularies) -> tuple[str, ...]:
        return tuple(self._LABELS)

    def current_code(self, code: str, vocabularies: Vocabularies) -> str | None:
        return code if code in self._LABELS else None

    def label(self, code: str, vocabularies: Vocabularies, language: str) -> str:
        return str(self._LABELS.get(code, code))

    def stated_codes(self, study: CodedStudy) -> Iterator[str]:
        done = {intervention for intervention, _role in list_in_role(study)}
        if LAW in done:
            yield "law"
        if done - {LAW}:
            yield "programme"
        if study.record.exposures:
            yield "exposure"
        yield from (code for code, outcome in self._OUTCOMES.items() if outcome in study.record.outcomes)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        conditions = self._conditions()
        return reduce(or_, (conditions[code] for code in codes & conditions.keys()), Q(pk__in=()))

    def missing_condition(self) -> Q:
        return ~reduce(or_, self._conditions().values())

    def _conditions(self) -> dict[str, Q]:
        rows = StudyTerm.objects.filter(study=OuterRef("pk"))
        outcomes = rows.filter(term__vocabulary=Kind.OUTCOMES)
        return {
            "law": Q(Exists(_in_role().filter(term__code=LAW))),
            "programme": Q(Exists(_in_role().exclude(term__code=LAW))),
            "exposure": Q(Exists(rows.filter(term__vocabulary=Kind.EXPOSURES))),
            **{code: Q(Exists(outcomes.filter(term__code=outcome))) for code, outcome in self._OUTCOMES.items()},
        }


def _in_role() -> QuerySet[StudyTerm]:
    return StudyTerm.objects.filter(study=OuterRef("pk"), term__vocabulary=Kind.INTERVENTIONS, role__isnull=False)
