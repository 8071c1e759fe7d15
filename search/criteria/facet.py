"""The base classes of facets: a facet groups the options of one or two parameters, each with codes of its own.

They use records and vocabularies, but no models; the subclasses in `term_parameters` and `facets` do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from search.contract import NOT_STATED

if TYPE_CHECKING:
    from django.db.models import Q
    from django.utils.functional import _StrPromise

    from search.query.names import NamedCode
    from studies.records.study import StudyRecord
    from studies.store.vocabularies import Vocabularies


@dataclass(frozen=True, slots=True)
class CodedStudy:
    """A study whose codes are read. `programme` is a slug: a record has only the programme's name."""

    record: StudyRecord
    programme: str | None
    vocabularies: Vocabularies


class CodeParameter(ABC):
    """A parameter of the criteria with codes as values: which codes, their labels, and which studies carry them.

    The index and the ORM must agree: `condition` matches the studies whose `document_codes` have one of the codes (S6).
    """

    description: _StrPromise
    """Its description in the API; {label} is the name of the facet, {vocabulary} that of the vocabulary."""
    vocabulary = ""
    """The vocabulary of the codes; "" if they belong to none."""
    not_stated = NOT_STATED
    """The code of a study that states nothing."""
    not_stated_label = _("Sin dato")

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def codes(self, vocabularies: Vocabularies) -> tuple[str, ...]:
        """Return the codes of all options, in order, `not_stated` last."""

    @abstractmethod
    def current_code(self, code: str, vocabularies: Vocabularies) -> str | None:
        """Return the code for `code` today: itself, or that of the term it was merged into.

        None if it is unknown.
        """

    @abstractmethod
    def label(self, code: str, vocabularies: Vocabularies, language: str) -> str:
        """Return the label of a code in `language` ("es" or "en"); for an unknown code, the code itself."""

    @abstractmethod
    def stated_codes(self, study: CodedStudy) -> Iterable[str | None]:
        """Return the codes that a study states; a None among them, for an empty field, is ignored."""

    @abstractmethod
    def stated_condition(self, codes: frozenset[str]) -> Q:
        """Return the condition that a `Study` states one of `codes`."""

    @abstractmethod
    def missing_condition(self) -> Q:
        """Return the condition that a `Study` states nothing."""

    def names(self, vocabularies: Vocabularies) -> Iterator[NamedCode]:
        """Yield the names that lead words of a query to codes (S1)."""
        yield from ()

    def document_codes(self, study: CodedStudy) -> frozenset[str]:
        """Return the codes of a study for the index, never empty."""
        return frozenset(code for code in self.stated_codes(study) if code) or frozenset({self.not_stated})

    def condition(self, codes: frozenset[str]) -> Q:
        """Return the condition that a `Study` carries one of `codes`, `not_stated` included."""
        stated = self.stated_condition(codes - {self.not_stated})
        return stated | self.missing_condition() if self.not_stated in codes else stated


@dataclass(frozen=True, eq=False)
class Facet:
    """A facet of the search page.

    Codes within a facet are joined by "or", facets by "and". Of two parameters, the first has the wider codes: regions
    of countries, families of designs.
    `grouped_by`: the vocabulary of the headings above groups of options, the parents of their terms.
    `home`: a wider and a narrower code that mean the same (the region Peru and the country PE). The narrower one is
    the first option; the wider one is an option only while it is chosen.
    """

    name: str
    label: _StrPromise
    code_parameters: tuple[CodeParameter, ...]
    hint: _StrPromise | str = ""
    grouped_by: str = ""
    home: tuple[str, str] = ("", "")

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(parameter.name for parameter in self.code_parameters)

    def condition(self, chosen: Mapping[str, frozenset[str]]) -> Q | None:
        """Return the condition that a `Study` carries one of the codes in `chosen`; None if none is of this facet."""
        conditions = [each.condition(chosen[each.name]) for each in self.code_parameters if chosen.get(each.name)]
        return reduce(or_, conditions) if conditions else None
