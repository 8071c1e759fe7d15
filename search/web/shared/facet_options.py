"""Facets as pages print them: options with counts, the first ten or all, and applied filters as chips (S5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from search.contract import NOT_STATED, Filters
from search.criteria.criteria import Criteria
from search.criteria.facet import CodeParameter, Facet
from search.criteria.facets import FACET_OF, FACETS, PARAMETERS
from search.web.shared.view_models import Chip, FacetOption, FacetOptionGroup, FacetView
from studies.store.vocabularies import Vocabularies

SHOWN_OPTIONS = 10
"""Options of a facet that are shown before "ver todas"."""
OPEN_FACETS = 3
"""The first facets that have something to offer are open, and those with a choice; the others a reader unfolds."""

CriteriaUrl = Callable[[Criteria], str]


@dataclass(frozen=True, slots=True)
class FacetViews:
    """Builds the view models of a page's facets. `counts` is None where nothing was counted (no index).

    `is_empty` says that the list has no study: a column of boxes that cannot be ticked would help nobody.
    """

    criteria: Criteria
    filters: Filters
    counts: Mapping[str, Mapping[str, int]] | None
    vocabulary: Vocabularies
    language: str
    expanded: frozenset[str]
    address: CriteriaUrl
    is_empty: bool = False

    def views(self) -> Iterator[FacetView]:
        """Yield every facet that has an option to show; of a list that is empty only those with a choice."""
        opened = 0
        for facet in FACETS:
            view = self._view(facet)
            offers = any(
                not option.disabled and not option.selected for group in view.groups for option in group.options
            )
            if view.groups and (offers or view.chosen_count or not self.is_empty):
                is_open = bool(view.chosen_count or view.fewer_url or (offers and opened < OPEN_FACETS))
                opened += is_open
                yield replace(view, is_open=is_open)

    def _view(self, facet: Facet) -> FacetView:
        available = list(self._available(facet))
        if facet.name in self.expanded:
            groups = self._grouped(facet, available)
        else:
            groups = (FacetOptionGroup(None, tuple(self._first(facet, available))),)
        shown = sum(len(group.options) for group in groups)
        base = self.address(self.criteria)
        joint = "&" if "?" in base else "?"
        is_expanded = facet.name in self.expanded
        return FacetView(
            name=facet.name,
            label=str(facet.label),
            groups=tuple(group for group in groups if group.options),
            hint=str(facet.hint),
            option_count=len(available),
            more_url=f"{base}{joint}all={facet.name}" if len(available) > shown and not is_expanded else "",
            fewer_url=base if is_expanded else "",
        )

    def _available(self, facet: Facet) -> Iterator[FacetOption]:
        """Yield the options of a facet in the order of its vocabulary.

        An option that would find nothing is left out, unless it is selected or the vocabulary is short.
        """
        for parameter in facet.code_parameters:
            every = parameter.codes(self.vocabulary)
            selected = self.filters.chosen.get(parameter.name, frozenset())
            counts = None if self.counts is None else self.counts.get(parameter.name, {})
            is_short = len(every) <= SHOWN_OPTIONS
            for code in every:
                # Most options of long vocabularies find nothing: no view model is made of them.
                is_offered = counts is None or counts.get(code, 0) > 0 or (is_short and code != NOT_STATED)
                if code in selected or (is_offered and not _repeats_wider_code(parameter.name, code)):
                    yield self._option(parameter, code, is_selected=code in selected)
            # Selected codes that the vocabulary does not offer stay visible, so that they can be deselected.
            for code in sorted(selected.difference(every)):
                yield self._option(parameter, code, is_selected=True)

    def _option(self, parameter: CodeParameter, code: str, *, is_selected: bool) -> FacetOption:
        count = None if self.counts is None else self.counts.get(parameter.name, {}).get(code, 0)
        return FacetOption(
            parameter=parameter.name,
            code=code,
            label=parameter.label(code, self.vocabulary, self.language),
            count=count,
            selected=is_selected,
            disabled=count == 0 and not is_selected,
        )

    def _first(self, facet: Facet, options: list[FacetOption]) -> list[FacetOption]:
        """Return the options before "ver todas": the wider codes of a facet that has them, else the most frequent."""
        if len(facet.parameters) > 1:
            return self._wider_first(facet, options)
        if len(options) <= SHOWN_OPTIONS or self.counts is None:
            ranked = options
        else:
            ranked = sorted(
                options, key=lambda option: (not option.selected, option.code == NOT_STATED, -(option.count or 0))
            )
        kept = {option.code for option in ranked[:SHOWN_OPTIONS]} | {o.code for o in options if o.selected}
        return [option for option in ranked if option.code in kept]

    def _wider_first(self, facet: Facet, options: list[FacetOption]) -> list[FacetOption]:
        wider, narrower = facet.parameters
        home_wider, home = facet.home
        shown = []
        for option in options:
            if option.parameter == wider and option.code == home_wider and not option.selected:
                continue
            if option.parameter == wider or option.selected or option.code == home:
                shown.append(option)
        return sorted(
            shown,
            key=lambda option: (option.code != home, option.code == NOT_STATED, option.parameter == narrower),
        )

    def _grouped(self, facet: Facet, options: list[FacetOption]) -> tuple[FacetOptionGroup, ...]:
        if len(facet.parameters) > 1:
            return (FacetOptionGroup(None, tuple(self._nested(facet, options))),)
        if not facet.grouped_by:
            return (FacetOptionGroup(None, tuple(options)),)
        vocabulary = facet.code_parameters[0].vocabulary
        by_parent: dict[str | None, list[FacetOption]] = {}
        for option in options:
            term = self.vocabulary.find(vocabulary, option.code)
            by_parent.setdefault(term.parent if term else None, []).append(option)
        return tuple(
            FacetOptionGroup(
                self.vocabulary.label(facet.grouped_by, parent, self.language) if parent else None, tuple(group)
            )
            for parent, group in by_parent.items()
        )

    def _nested(self, facet: Facet, options: list[FacetOption]) -> Iterator[FacetOption]:
        """Yield each wider code with its narrower ones below it, indented; "not stated" and strange codes last."""
        wider, narrower = facet.parameters
        vocabulary = PARAMETERS[narrower].vocabulary
        by_parent: dict[str | None, list[FacetOption]] = {}
        for option in options:
            if option.parameter == narrower:
                term = self.vocabulary.find(vocabulary, option.code)
                by_parent.setdefault(term.parent if term else None, []).append(option)
        for option in options:
            if option.parameter == wider:
                yield option
                for below in by_parent.pop(option.code, ()):
                    yield _indented(below)
        for rest in by_parent.values():
            yield from rest


def filter_chips(
    criteria: Criteria, filters: Filters, vocabulary: Vocabularies, language: str, address: CriteriaUrl
) -> Iterator[Chip]:
    """Yield a chip for each applied filter, in the order of the facets; its address is the list without that filter."""
    for parameter, chosen in _in_facet_order(criteria):
        facet = FACET_OF[parameter]
        for code in chosen:
            current = PARAMETERS[parameter].current_code(code, vocabulary)
            if current is None and code not in filters.chosen.get(parameter, ()):
                continue  # unknown beside a known one: named in a hint, not applied
            label = PARAMETERS[parameter].label(code, vocabulary, language)
            yield Chip(str(facet.label), label, address(criteria.without_code(parameter, code)))
    if criteria.year_from is not None or criteria.year_to is not None:
        yield Chip(_("Año"), years_label(criteria), address(criteria.without_years()))


def _in_facet_order(criteria: Criteria) -> Iterable[tuple[str, tuple[str, ...]]]:
    for facet in FACETS:
        for parameter in facet.parameters:
            yield parameter, criteria.chosen.get(parameter, ())


def years_label(criteria: Criteria) -> str:
    """Return the range of years in words; one end of it may be open."""
    if criteria.year_to is None:
        return _("desde %(year)s") % {"year": criteria.year_from}
    if criteria.year_from is None:
        return _("hasta %(year)s") % {"year": criteria.year_to}
    return f"{criteria.year_from}\u2013{criteria.year_to}"


def _repeats_wider_code(parameter: str, code: str) -> bool:
    """Return True if the wider code of the same facet already offers this: a study without country has no region."""
    return (
        code == NOT_STATED
        and len(FACET_OF[parameter].parameters) > 1
        and parameter == FACET_OF[parameter].parameters[1]
    )


def _indented(option: FacetOption) -> FacetOption:
    return FacetOption(
        option.parameter, option.code, option.label, option.count, option.selected, option.disabled, indent=1
    )
