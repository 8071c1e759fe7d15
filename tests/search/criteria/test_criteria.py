"""Criteria: one list, one address (S8)."""

from __future__ import annotations

import random
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from search.contract import SORTS
from search.criteria.criteria import MATCHES, PAGE_SIZES, Criteria
from search.criteria.facets import PARAMETERS
from search.criteria.filters import read_criteria


def read(query_string: str) -> Criteria:
    return read_criteria(QueryDict(query_string))


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=30)
words = texts.map(str.strip)
code = st.text(st.characters(exclude_categories=("Cs", "Z", "Cc")), min_size=1, max_size=10).filter(
    lambda text: text == text.strip()
)
code_lists = st.lists(code, min_size=1, max_size=4, unique=True).map(lambda found: tuple(sorted(found)))
years = st.none() | st.integers(1000, 2999)


@st.composite
def criteria(draw: st.DrawFn) -> Criteria:
    made = Criteria(
        q=draw(words),
        chosen=draw(st.dictionaries(st.sampled_from(tuple(PARAMETERS)), code_lists, max_size=4)),
        year_from=draw(years),
        year_to=draw(years),
        sort=draw(st.sampled_from(["", *SORTS])),
        page=draw(st.integers(1, 1_000_000)),
        page_size=draw(st.sampled_from(PAGE_SIZES)),
        match=draw(st.sampled_from((None, *MATCHES))),
    )
    # Without words there are none to match.
    made = made if made.q else replace(made, match=None)
    # The order that applies anyhow is written as none.
    return replace(made, sort="") if made.sort == replace(made, sort="").order else made


class TestS8Addresses:
    @given(criteria())
    def test_the_query_string_is_read_back_as_the_same_criteria(self, given_criteria: Criteria):
        assert read(given_criteria.query_string) == given_criteria

    @given(criteria(), st.randoms(use_true_random=False))
    def test_parameters_in_any_order_and_twice_give_one_query_string(
        self, given_criteria: Criteria, order: random.Random
    ):
        pairs = QueryDict(given_criteria.query_string)
        shuffled = [(name, value) for name, values in pairs.lists() for value in values]
        shuffled += [(name, value) for name, value in shuffled if name in PARAMETERS]
        order.shuffle(shuffled)
        assert read(urlencode(shuffled)).query_string == given_criteria.query_string

    @given(
        st.lists(st.tuples(st.sampled_from([*PARAMETERS, "q", "year_from", "sort", "page", "x"]), texts), max_size=8)
    )
    def test_any_address_gives_criteria_that_have_an_address(self, pairs: list[tuple[str, str]]):
        query_string = read(urlencode(pairs)).query_string
        assert read(query_string).query_string == query_string

    def test_what_applies_anyhow_is_left_out(self):
        assert read("").query_string == ""
        assert read("q=&page=1&page_size=20&sort=newest&theme=").query_string == ""
        assert read("q=agua&sort=relevance").query_string == "q=agua"

    def test_parameters_stand_in_a_fixed_order(self):
        assert (
            read("page=2&country=PE&country=BR&sort=title&year_to=2020&theme=autonomy&q=agua&page_size=50").query_string
            == "q=agua&theme=autonomy&country=BR&country=PE&year_to=2020&sort=title&page=2&page_size=50"
        )

    def test_an_unknown_parameter_is_ignored(self):
        assert read("country=PE&utm_source=x") == read("country=PE")


class TestOrder:
    @pytest.mark.parametrize(
        ("query_string", "order"),
        [("", "newest"), ("q=agua", "relevance"), ("q=agua&sort=title", "title"), ("sort=nearness", "nearness")],
    )
    def test_words_are_sorted_by_relevance_and_a_list_without_them_by_year(self, query_string: str, order: str):
        assert read(query_string).order == order


class TestChanges:
    start = Criteria(q="agua", chosen={"country": ("PE",)}, year_from=2010, sort="title", page=7, page_size=50)

    def test_a_choice_more_or_less_begins_at_the_first_page(self):
        more = self.start.with_code("country", "BR")
        assert more.query_string == "q=agua&country=BR&country=PE&year_from=2010&sort=title&page_size=50"
        assert more.with_code("country", "BR") == more
        assert more.without_code("country", "BR").query_string == self.start.with_page(1).query_string
        assert self.start.without_code("theme", "never") == replace(
            self.start, chosen={**self.start.chosen, "theme": ()}, page=1
        )

    def test_another_page_keeps_everything_else(self):
        assert self.start.with_page(3) == replace(self.start, page=3)

    def test_what_narrows_is_taken_away(self):
        assert self.start.without_years().year_from is None
        assert self.start.without_filters().query_string == "q=agua&sort=title&page_size=50"
        assert not self.start.without_filters().has_filters
        assert not self.start.without_code("country", "PE").without_years().has_filters

    def test_without_words_nothing_is_sorted_by_relevance(self):
        assert replace(self.start, sort="relevance").without_words().order == "newest"
        assert self.start.without_words().order == "title"
