"""The FilterSet: names and types of the criteria, and the studies that match them in the database (S6).

It reads the criteria of an address, and finds studies when there is no index. Tests compare every engine with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from search.contract import PAIRED_FACETS, SORTS, FacetPair, Filters
from search.criteria.criteria import MATCHES, PAGE_SIZES, Criteria
from search.criteria.facets import FACETS, PARAMETERS
from search.criteria.finding_terms import has_finding
from search.criteria.interventions import has_intervention_in_role
from search.criteria.old_parameters import update_parameters
from studies.models import Study
from studies.text.characters import replace_unstorable
from studies.text.normalize import fold_text

if TYPE_CHECKING:
    from django.db.models import Q
    from django.http import QueryDict

    from studies.models.querysets import StudyQuerySet

_PAIR_CONDITIONS: Mapping[FacetPair, Callable[[frozenset[str], frozenset[str]], Q]] = {
    ("outcome", "effect"): has_finding,
    ("intervention", "role"): has_intervention_in_role,
}
"""For each pair of facets, the condition that one thing has a code of each."""

MAX_CODES = 100
MAX_CODE_LENGTH = 120
MAX_PAGE = 1_000_000
_FOLDED_MAX_WORDS = 32


class _CodesWidget(forms.SelectMultiple):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return data.getlist(name) if hasattr(data, "getlist") else list(data.get(name, ()))


class CodesField(forms.Field):
    """The codes of one parameter, distinct and sorted. `codes.resolve_codes` checks which are known."""

    widget = _CodesWidget

    def to_python(self, value: Iterable[str] | None) -> tuple[str, ...]:
        codes = (replace_unstorable(code).strip() for code in value or ())
        return tuple(sorted({code for code in codes if code and len(code) <= MAX_CODE_LENGTH}))[:MAX_CODES]


class CodesFilter(django_filters.Filter):
    """A repeatable parameter of codes. It filters nothing by itself: see `filter_studies`."""

    field_class = CodesField


class _WordsField(forms.CharField):
    """Words as typed, with characters that the database cannot store replaced by spaces."""

    def to_python(self, value: Any) -> str:
        return super().to_python(replace_unstorable(str(value or ""))) or ""


class WordsFilter(django_filters.Filter):
    """The words that a reader typed: see `filter_by_words`."""

    field_class = _WordsField


class YearFilter(django_filters.Filter):
    """A year of publication: one end of a range."""

    field_class = forms.IntegerField

    def __init__(self) -> None:
        message = _("Escriba un año con cuatro cifras, por ejemplo 2015.")
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), message)
        super().__init__(min_value=1000, max_value=2999, error_messages=messages)


class PageFilter(django_filters.Filter):
    """The number of a page, from 1."""

    field_class = forms.IntegerField

    def __init__(self) -> None:
        super().__init__(min_value=1, max_value=MAX_PAGE)


class ChoiceFilter(django_filters.Filter):
    """One of a few values."""

    field_class = forms.ChoiceField

    def __init__(self, values: Iterable[object]) -> None:
        super().__init__(choices=[(str(value), str(value)) for value in values])


class StudyFilterSet(django_filters.FilterSet):
    """All criteria with their types. A value that cannot be read is ignored and listed in `errors`."""

    q = WordsFilter()
    year_from = YearFilter()
    year_to = YearFilter()
    sort = ChoiceFilter(SORTS)
    page = PageFilter()
    page_size = ChoiceFilter(PAGE_SIZES)
    without = CodesFilter()
    exact = ChoiceFilter((1,))
    match = ChoiceFilter(MATCHES)

    class Meta:
        model = Study
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, queryset: StudyQuerySet) -> None:
        """Read `data`; parameters of earlier versions, which stored lists may still have, count as those of today."""
        super().__init__(update_parameters(data) or data, queryset=queryset)

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """Return the filters above, and one for each parameter of the facets, after that of the words."""
        declared = super().get_filters()
        of_facets = {name: CodesFilter(field_name=name) for name in PARAMETERS}
        return {"q": declared.pop("q"), **of_facets, **declared}

    def get_form_class(self) -> Any:
        """Return the class of the form: no field of it depends on a request, so it is made once a process."""
        return _form_class(self)

    def criteria(self) -> Criteria:
        """Return the criteria in the data; values that cannot be read are ignored."""
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
            match=int(given["match"]) if given.get("match") and given.get("q") else None,
        )

    def filter_queryset(self, queryset: StudyQuerySet) -> StudyQuerySet:
        """Return the studies that match the criteria; words are looked up in folded titles, names and DOI."""
        criteria = self.criteria()
        return filter_by_words(filter_studies(queryset, unresolved_filters(criteria)), criteria.q)


def _form_class(filter_set: StudyFilterSet) -> Any:
    made = _form_classes.get(type(filter_set))
    if made is None:
        made = _form_classes[type(filter_set)] = django_filters.FilterSet.get_form_class(filter_set)
    return made


_form_classes: dict[type[StudyFilterSet], Any] = {}


def read_criteria(data: QueryDict) -> Criteria:
    """Return the criteria in the parameters of an address; values that cannot be read are ignored."""
    return StudyFilterSet(data, queryset=Study.objects.none()).criteria()


def unresolved_filters(criteria: Criteria) -> Filters:
    """Return the filters of the criteria with codes as given; `codes.resolve_codes` looks them up."""
    chosen = {parameter: frozenset(codes) for parameter, codes in criteria.chosen.items() if codes}
    return Filters(chosen, criteria.year_from, criteria.year_to)


def filter_studies(queryset: StudyQuerySet, filters: Filters) -> StudyQuerySet:
    """Return the studies that match the codes of every facet and the range of years (S5)."""
    chosen = filters.chosen
    paired: set[str] = set()
    for pair in PAIRED_FACETS:
        firsts, seconds = (chosen.get(name, frozenset()) for name in pair)
        if firsts and seconds:
            paired.update(pair)
            queryset = queryset.filter(_PAIR_CONDITIONS[pair](firsts, seconds))
    for facet in FACETS:
        condition = facet.condition(chosen) if facet.name not in paired else None
        if condition is not None:
            queryset = queryset.filter(condition)
    if filters.year_from is not None:
        queryset = queryset.filter(year__gte=filters.year_from)
    if filters.year_to is not None:
        queryset = queryset.filter(year__lte=filters.year_to)
    return queryset


def filter_by_words(queryset: StudyQuerySet, text: str) -> StudyQuerySet:
    """Return the studies whose titles, names or DOI contain every word of `text`, ignoring case and accents."""
    for word in fold_text(replace_unstorable(text)).split()[:_FOLDED_MAX_WORDS]:
        queryset = queryset.filter(folded__contains=word)
    return queryset
