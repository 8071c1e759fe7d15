"""Which options a facet offers, and the first of many."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from search.contract import NOT_STATED, Filters
from search.criteria.criteria import Criteria
from search.criteria.facets import PARAMETERS
from search.web.shared.facet_options import SHOWN_OPTIONS, FacetViews
from search.web.shared.view_models import FacetOption, FacetView
from studies.store import vocabularies

pytestmark = pytest.mark.django_db


def facet(
    name: str,
    counts: Mapping[str, Mapping[str, int]] | None,
    *,
    expanded: bool = False,
    is_empty: bool = False,
    **chosen: str,
) -> FacetView | None:
    """The view of a facet, None if it is not shown. `chosen` holds one code a parameter."""
    views: dict[str, FacetView] = {
        view.name: view
        for view in FacetViews(
            criteria=Criteria(chosen={parameter: (code,) for parameter, code in chosen.items()}),
            filters=Filters({parameter: frozenset({code}) for parameter, code in chosen.items()}),
            counts=counts,
            vocabulary=vocabularies.current(),
            language="es",
            expanded=frozenset({name} if expanded else ()),
            address=lambda criteria: "/estudios/",
            is_empty=is_empty,
        ).views()
    }
    return views.get(name)


def options(view: FacetView) -> list[FacetOption]:
    return [option for group in view.groups for option in group.options]


def every(parameter: str) -> list[str]:
    return [code for code in PARAMETERS[parameter].codes(vocabularies.current()) if code != NOT_STATED]


class TestShortVocabulary:
    def test_an_option_that_finds_nothing_is_shown_but_cannot_be_chosen(self):
        assert len(every("theme")) <= SHOWN_OPTIONS
        shown = {
            option.code: (option.count, option.disabled)
            for option in options(facet("theme", {"theme": {"autonomy": 7}}))
        }
        assert shown == {code: (7, False) if code == "autonomy" else (0, True) for code in every("theme")}

    def test_not_stated_is_left_out_where_every_study_states_it(self):
        view = facet("effect", {"effect": {"favourable": 7}})
        assert [option.code for option in options(view)] == every("effect")


class TestLongVocabulary:
    def test_an_option_that_finds_nothing_is_left_out(self):
        assert len(every("intervention")) > SHOWN_OPTIONS
        view = facet("intervention", {"intervention": {"engaging-men": 7}}, expanded=True)
        assert [(option.code, option.count) for option in options(view)] == [("engaging-men", 7)]

    def test_a_chosen_option_stays_though_it_finds_nothing(self):
        view = facet("intervention", {"intervention": {"engaging-men": 7}}, expanded=True, intervention="shelter")
        chosen = {option.code: (option.selected, option.disabled) for option in options(view)}
        assert chosen == {"engaging-men": (False, False), "shelter": (True, False)}

    def test_the_most_frequent_come_first_and_the_rest_is_behind_an_address(self):
        counts = {code: number for number, code in enumerate(every("intervention"), start=1)}
        view = facet("intervention", {"intervention": counts})
        assert [option.count for option in options(view)] == sorted(counts.values(), reverse=True)[:SHOWN_OPTIONS]
        assert (view.option_count, view.more_url) == (len(counts), "/estudios/?all=intervention")

    def test_without_counts_every_option_is_offered(self):
        view = facet("intervention", None, expanded=True)
        offered = {option.code for option in options(view)}
        assert offered >= set(every("intervention"))
        assert {option.count for option in options(view)} == {None}


class TestFolding:
    COUNTS: Mapping[str, Mapping[str, int]] = {"theme": {"prevention": 3}, "status": {"completed": 3}}

    def test_the_first_that_offer_something_are_open(self):
        assert facet("theme", self.COUNTS).is_open

    def test_one_with_a_choice_is_open_wherever_it_stands(self):
        every_one = {name: dict.fromkeys(every(name), 2) for name in ("theme", "effect", "role", "status")}
        assert not facet("status", every_one).is_open
        chosen = facet("status", every_one, status="completed")
        assert (chosen.is_open, chosen.chosen_count) == (True, 1)
        assert facet("status", every_one, expanded=True).is_open

    def test_one_with_nothing_to_offer_is_closed(self):
        assert not facet("theme", {"status": {"completed": 3}}).is_open

    def test_an_empty_list_shows_only_what_can_be_taken_off(self):
        assert facet("theme", {}, is_empty=True) is None
        assert facet("theme", {}, is_empty=True, theme="prevention").is_open
