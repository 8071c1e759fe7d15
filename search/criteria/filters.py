"""The FilterSet: names, types and validation of the criteria, and their meaning on the ORM (S6).

It is the reference that every engine is compared with, and the answer where there is no index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from search.contract import NOT_STATED, SORTS, Filters
from search.criteria.criteria import PAGE_SIZES, Criteria
from search.criteria.facets import FACETS, PARAMETERS, VOCABULARY_OF, Facet
from studies.models import Appraisal, Finding, Study, StudyTerm
from studies.models import Vocabulary as Kind
from studies.text.characters import storable
from studies.text.normalize import folded

if TYPE_CHECKING:
    from django.http import QueryDict

    from studies.models.querysets import StudyQuerySet

MAX_CODES = 100
MAX_CODE_LENGTH = 120
MAX_PAGE = 1_000_000
_FOLDED_MAX_WORDS = 32


class _CodesWidget(forms.SelectMultiple):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name) if hasattr(data, "getlist") else list(data.get(name, ()))


class CodesField(forms.Field):
    """Codes of one parameter, each once and sorted. Whether they are known is told by `resolve`, not here."""

    widget = _CodesWidget

    def to_python(self, value: Iterable[str] | None) -> tuple[str, ...]:
        codes = (storable(code).strip() for code in value or ())
        return tuple(sorted({code for code in codes if code and len(code) <= MAX_CODE_LENGTH}))[:MAX_CODES]


class CodesFilter(django_filters.Filter):
    """A repeatable parameter of codes. `StudyFilterSet.filter_queryset` gives it its meaning, facet by facet."""

    field_class = CodesField


class _WordsField(forms.CharField):
    """Words as typed, with spaces in place of what the database cannot hold."""

    def to_python(self, value: Any) -> str:
        return super().to_python(storable(str(value or ""))) or ""


class WordsFilter(django_filters.Filter):
    """Words looked up without an index: each must stand somewhere in titles, names and DOI, case and accents aside."""

    field_class = _WordsField


class YearFilter(django_filters.Filter):
    """A year of publication, one end of a range."""

    field_class = forms.IntegerField

    def __init__(self) -> None:
        message = _("Escriba un año con cuatro cifras, por ejemplo 2015.")
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), message)
        super().__init__(min_value=1000, max_value=2999, error_messages=messages)


class PageFilter(django_filters.Filter):
    """The number of a page, from 1 on."""

    field_class = forms.IntegerField

    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=MAX_PAGE)


class ChoiceFilter(django_filters.Filter):
    """One of a few values."""

    field_class = forms.ChoiceField

    def __init__(self, values: Iterable[object]) -> None:
        super().__init__(choices=[(str(value), str(value)) for value in values])


class StudyFilterSet(django_filters.FilterSet):
    """Every criterion with its type. A value that cannot be read is ignored and told by `errors`."""

    q = WordsFilter()
    theme = CodesFilter()
    intervention = CodesFilter()
    outcome = CodesFilter()
    effect = CodesFilter()
    design = CodesFilter()
    design_family = CodesFilter()
    country = CodesFilter()
    region = CodesFilter()
    population = CodesFilter()
    setting = CodesFilter()
    type = CodesFilter()
    language = CodesFilter()
    status = CodesFilter()
    open_access = CodesFilter()
    appraisal = CodesFilter()
    programme = CodesFilter()
    year_from = YearFilter()
    year_to = YearFilter()
    sort = ChoiceFilter(SORTS)
    page = PageFilter()
    page_size = ChoiceFilter(PAGE_SIZES)
    without = CodesFilter()
    exact = ChoiceFilter((1,))

    class Meta:
        model = Study
        fields: tuple[str, ...] = ()

    def criteria(self) -> Criteria:
        """Return the criteria of the data; what cannot be read counts as not given."""
        self.form.is_valid()
        given = self.form.cleaned_data
        return Criteria(
            q=given.get("q") or "",
            chosen={name: given[name] for name in PARAMETERS if given.get(name)},
            year_from=given.get("year_from"),
            year_to=given.get("year_to"),
            sort=given.get("sort") or "",
            page=given.get("page") or 1,
            page_size=int(given.get("page_size") or PAGE_SIZES[0]),
            without=given.get("without") or (),
            exact=bool(given.get("exact")),
        )

    def filter_queryset(self, queryset: StudyQuerySet) -> StudyQuerySet:
        """Narrow `queryset` by the criteria; words are looked up in the folded titles, names and DOI."""
        criteria = self.criteria()
        return with_words(narrowed(queryset, as_filters(criteria)), criteria.q)


def criteria_of(data: QueryDict) -> Criteria:
    """Read the criteria of an address."""
    return StudyFilterSet(data, queryset=Study.objects.none()).criteria()


def as_filters(criteria: Criteria) -> Filters:
    """Return the choices of the criteria as they stand, codes not looked up."""
    chosen = {parameter: frozenset(codes) for parameter, codes in criteria.chosen.items() if codes}
    return Filters(chosen, criteria.year_from, criteria.year_to)


def narrowed(queryset: StudyQuerySet, filters: Filters) -> StudyQuerySet:
    """Return the studies that match every facet's choices and the range of years: the meaning of S5 on the ORM."""
    for facet in FACETS:
        if facet.name == "effect" and "outcome" in filters.chosen and "effect" in filters.chosen:
            continue  # told with the outcome: both speak of one finding
        condition = _facet_condition(facet, filters.chosen)
        if condition is not None:
            queryset = queryset.filter(condition)
    if filters.year_from is not None:
        queryset = queryset.filter(year__gte=filters.year_from)
    if filters.year_to is not None:
        queryset = queryset.filter(year__lte=filters.year_to)
    return queryset


def with_words(queryset: StudyQuerySet, text: str) -> StudyQuerySet:
    """Return the studies whose titles, names or DOI hold every word of `text`, case and accents aside."""
    for word in folded(storable(text)).split()[:_FOLDED_MAX_WORDS]:
        queryset = queryset.filter(folded__contains=word)
    return queryset


def _facet_condition(facet: Facet, chosen: Mapping[str, frozenset[str]]) -> Q | None:
    if facet.name == "outcome" and chosen.get("outcome") and chosen.get("effect"):
        return _one_finding(chosen["outcome"], chosen["effect"])
    condition: Q | None = None
    for parameter in facet.parameters:
        if chosen.get(parameter):
            part = _MEANINGS[parameter](chosen[parameter])
            condition = part if condition is None else condition | part
    return condition


def _of_terms(vocabulary: str, by_parent: bool = False) -> Any:
    """Return the meaning of a parameter whose codes are terms of the study, or the parents of its terms."""
    lookup = "term__parent__code__in" if by_parent else "term__code__in"

    def meaning(codes: frozenset[str]) -> Q:
        rows = StudyTerm.objects.filter(study=OuterRef("pk"), term__vocabulary=vocabulary)
        condition = Q(Exists(rows.filter(**{lookup: codes - {NOT_STATED}})))
        return condition | ~Q(Exists(rows)) if NOT_STATED in codes else condition

    return meaning


def _of_field(path: str) -> Any:
    """Return the meaning of a parameter whose code is that of one row the study points to."""

    def meaning(codes: frozenset[str]) -> Q:
        condition = Q(**{f"{path}__in": codes - {NOT_STATED}})
        return condition | Q(**{f"{path}__isnull": True}) if NOT_STATED in codes else condition

    return meaning


def _findings() -> Any:
    return Finding.objects.filter(study=OuterRef("pk"))


def _effect(codes: frozenset[str]) -> Q:
    condition = Q(Exists(_findings().filter(effect__code__in=codes - {NOT_STATED})))
    return condition | ~Q(Exists(_findings())) if NOT_STATED in codes else condition


def _one_finding(outcomes: frozenset[str], effects: frozenset[str]) -> Q:
    """A single finding has one of the outcomes and one of the effects.

    An effect "not stated" asks for an outcome that the study names without any finding on it.
    """
    condition = Q(Exists(_findings().filter(outcome__code__in=outcomes, effect__code__in=effects)))
    if NOT_STATED in effects:
        named = StudyTerm.objects.filter(study=OuterRef("pk"), term__vocabulary=Kind.OUTCOMES)
        found = Finding.objects.filter(study=OuterRef("study"), outcome=OuterRef("term"))
        condition |= Q(Exists(named.filter(~Exists(found), term__code__in=outcomes)))
        if NOT_STATED in outcomes:
            condition |= ~Q(Exists(named)) & ~Q(Exists(_findings()))
    return condition


def _open_access(codes: frozenset[str]) -> Q:
    values = {"yes": Q(open_access=True), "no": Q(open_access=False), "unknown": Q(open_access__isnull=True)}
    condition = Q(pk__in=())
    for code in codes & values.keys():
        condition |= values[code]
    return condition


def _appraisal(codes: frozenset[str]) -> Q:
    rows = Appraisal.objects.filter(study=OuterRef("pk"), position=0)
    condition = Q(Exists(rows.filter(certainty__code__in=codes)))
    return condition | ~Q(Exists(rows)) if "not-appraised" in codes else condition


_MEANINGS = {
    **{
        parameter: _of_terms(VOCABULARY_OF[parameter])
        for parameter in ("theme", "intervention", "outcome", "design", "country", "population", "setting")
    },
    "region": _of_terms(Kind.COUNTRIES, by_parent=True),
    "design_family": _of_terms(Kind.DESIGNS, by_parent=True),
    "type": _of_field("type__code"),
    "language": _of_field("language__code"),
    "status": _of_field("status__code"),
    "programme": _of_field("programme__slug"),
    "effect": _effect,
    "open_access": _open_access,
    "appraisal": _appraisal,
}
