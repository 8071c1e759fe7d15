"""The value `Criteria`, which defines a list of results and has one canonical query string: its address (S8).

`filters` reads it from an address and applies it in the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from search.criteria.facets import PARAMETERS

PAGE_SIZES = (20, 50)
MATCHES = tuple(range(1, 8))
"""Values of `match`: a query has eight parts that count."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """What defines a list. `chosen` holds codes by parameter as the reader sent them, known or not.

    `sort` "" is the default order: by relevance if there are words, else the newest first. `without` are slugs of
    concepts of the thesaurus, known or not, that must not widen the words; with `exact` no concept does. `match` is the
    number of parts of the query that a study must have (see `services.some_words`), None for all.
    """

    q: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    sort: str = ""
    page: int = 1
    page_size: int = PAGE_SIZES[0]
    without: tuple[str, ...] = ()
    exact: bool = False
    match: int | None = None

    @property
    def order(self) -> str:
        """The sort that applies: `sort`, or the default one."""
        return self.sort or ("relevance" if self.q else "newest")

    @property
    def has_filters(self) -> bool:
        """Whether anything but words narrows the list."""
        return bool(any(self.chosen.values()) or self.year_from is not None or self.year_to is not None)

    @property
    def query_string(self) -> str:
        """The canonical query string, without "?": parameters in a fixed order, codes sorted, defaults left out."""
        return urlencode(list(self._pairs()))

    def as_set(self) -> Self:
        """Return the criteria of the same set of studies: without order, page and page size."""
        return replace(self, sort="", page=1, page_size=PAGE_SIZES[0])

    def with_page(self, page: int) -> Self:
        """Return the same list at another page."""
        return replace(self, page=page)

    def with_code(self, parameter: str, code: str) -> Self:
        """Return the list with one more code chosen, at its first page."""
        codes = (*self.chosen.get(parameter, ()), code)
        return replace(self, chosen={**self.chosen, parameter: tuple(sorted(set(codes)))}, page=1)

    def without_code(self, parameter: str, code: str) -> Self:
        """Return the list with one code less, at its first page."""
        codes = tuple(each for each in self.chosen.get(parameter, ()) if each != code)
        return replace(self, chosen={**self.chosen, parameter: codes}, page=1)

    def without_years(self) -> Self:
        """Return the list of all years."""
        return replace(self, year_from=None, year_to=None, page=1)

    def without_filters(self) -> Self:
        """Return the list with the words but no filter."""
        return replace(self.without_years(), chosen={})

    def without_words(self) -> Self:
        """Return the list with the filters but no words."""
        sort = "" if self.sort == "relevance" else self.sort
        return replace(self, q="", sort=sort, page=1, without=(), exact=False, match=None)

    def with_words(self, q: str) -> Self:
        """Return the list with other words, all of them, under the same filters."""
        return replace(self, q=q, page=1, match=None)

    def with_match(self, match: int | None) -> Self:
        """Return the list of studies with at least so many parts of the query, None for all, at its first page."""
        return replace(self, match=match, page=1)

    def without_concept(self, slug: str) -> Self:
        """Return the list in which this concept does not widen the words."""
        return replace(self, without=tuple(sorted({*self.without, slug})), page=1)

    def with_concept(self, slug: str) -> Self:
        """Return the list in which this concept widens the words again."""
        return replace(self, without=tuple(each for each in self.without if each != slug), page=1)

    def exactly(self, exact: bool = True) -> Self:
        """Return the list without anything that the thesaurus adds, or with all of it."""
        return replace(self, exact=exact, without=(), page=1)

    def _pairs(self) -> Iterator[tuple[str, str | int]]:
        if self.q:
            yield "q", self.q
        for parameter in PARAMETERS:
            for code in sorted(self.chosen.get(parameter, ())):
                yield parameter, code
        if self.year_from is not None:
            yield "year_from", self.year_from
        if self.year_to is not None:
            yield "year_to", self.year_to
        if self.sort and self.sort != replace(self, sort="").order:
            yield "sort", self.sort
        for slug in sorted(self.without):
            yield "without", slug
        if self.exact:
            yield "exact", 1
        if self.match is not None and self.q:
            yield "match", self.match
        if self.page > 1:
            yield "page", self.page
        if self.page_size != PAGE_SIZES[0]:
            yield "page_size", self.page_size
