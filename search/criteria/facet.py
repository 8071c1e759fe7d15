"""What a facet is: choices that a reader sees together, held by one or two parameters of codes.

The base classes. They know records and vocabularies, no rows: `term_parameters` and `facets` do.
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
    """What a study's codes are read from. `programme` is a slug: a record has only the programme's name."""

    record: StudyRecord
    programme: str | None
    vocabularies: Vocabularies


class CodeParameter(ABC):
    """A parameter of the criteria that holds codes: which ones, what they are called, which studies carry them.

    The index and the ORM must agree: `condition` finds the studies whose `document_codes` hold one of the codes (S6).
    """

    description: _StrPromise
    """What the API says of it; {label} is the name of the facet, {vocabulary} that of the vocabulary."""
    vocabulary = ""
    """The vocabulary that holds the codes; "" where they are none of the taxonomy."""
    not_stated = NOT_STATED
    """The code of a study that states nothing."""
    not_stated_label = _("Sin dato")

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def codes(self, vocabularies: Vocabularies) -> tuple[str, ...]:
        """Return every code that is offered, in order, `not_stated` last."""

    @abstractmethod
    def current_code(self, code: str, vocabularies: Vocabularies) -> str | None:
        """Return the code that `code` stands for today: itself, or that of the term it was merged into.

        None if it is unknown.
        """

    @abstractmethod
    def label(self, code: str, vocabularies: Vocabularies, language: str) -> str:
        """Return the name of a code as a reader sees it; an unknown code is its own name."""

    @abstractmethod
    def stated_codes(self, study: CodedStudy) -> Iterable[str | None]:
        """Return the codes that a study states, None among them where it leaves a field empty."""

    @abstractmethod
    def stated_condition(self, codes: frozenset[str]) -> Q:
        """Return the condition on `Study` that it states one of `codes`."""

    @abstractmethod
    def missing_condition(self) -> Q:
        """Return the condition on `Study` that it states nothing."""

    def names(self, vocabularies: Vocabularies) -> Iterator[NamedCode]:
        """Yield the names by which words of a query lead to codes (S1)."""
        yield from ()

    def document_codes(self, study: CodedStudy) -> frozenset[str]:
        """Return the codes of a study for the index, never empty."""
        return frozenset(code for code in self.stated_codes(study) if code) or frozenset({self.not_stated})

    def condition(self, codes: frozenset[str]) -> Q:
        """Return the condition on `Study` that it carries one of `codes`."""
        stated = self.stated_condition(codes - {self.not_stated})
        return stated | self.missing_condition() if self.not_stated in codes else stated


@dataclass(frozen=True, eq=False)
class Facet:
    """A facet as a reader sees it.

    Choices within one facet widen the list (any of them); choices in different facets narrow it (all of them). Of two
    parameters, the first holds the wider codes: a region of countries, a family of designs.
    `grouped_by`: the vocabulary of the headings that the options stand under, the parents of their terms.
    `home`: a wider code that holds one narrower code alone. The narrower one says it better and is shown first.
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
        """Return the condition on `Study` that it matches a choice in this facet; None without a choice."""
        conditions = [each.condition(chosen[each.name]) for each in self.code_parameters if chosen.get(each.name)]
        return reduce(or_, conditions) if conditions else None
