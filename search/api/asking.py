"""What a program asks of a list: the criteria of the search page, read strictly, and which facets to count.

A page takes what it can of a mistyped address, because a person sees what was taken. A program does not look: here a
value that cannot be read is refused (400), all faults at once. What no criterion is named like is told in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from search.api.problems import BadParameters, Fault
from search.criteria.facets import FACETS
from search.criteria.filters import MAX_CODE_LENGTH, MAX_CODES, CodesFilter, PageFilter, StudyFilterSet, YearFilter
from search.query.tokenizer import LONGEST_QUERY
from studies.models import Study

if TYPE_CHECKING:
    from django.http import QueryDict

    from search.criteria.criteria import Criteria

YEARS = "years"
COUNTABLE = (*(facet.name for facet in FACETS), YEARS)
"""What the parameter `facets` may name."""

_CRITERIA = StudyFilterSet.base_filters
_DIGITS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A list that is asked for. `ignored`: parameters of the address that mean nothing here."""

    criteria: Criteria
    facets: tuple[str, ...]
    ignored: tuple[str, ...]


def read(given: QueryDict) -> Asked:
    """Read the parameters of an address. Raises BadParameters."""
    filter_set = StudyFilterSet(given, queryset=Study.objects.none())
    faults = [*_faults(given)]
    told = {fault.parameter for fault in faults}
    for name, messages in filter_set.form.errors.items():
        faults += [Fault(name, str(message)) for message in messages if name not in told]
    if faults:
        raise BadParameters(faults)
    return Asked(
        criteria=filter_set.criteria(),
        facets=tuple(name for name in COUNTABLE if name in given.getlist("facets")),
        ignored=tuple(name for name in given if name not in _CRITERIA and name != "facets"),
    )


def _faults(given: QueryDict) -> Iterator[Fault]:
    """Yield what the form would let pass, or cut."""
    for name, criterion in _CRITERIA.items():
        values = given.getlist(name)
        if isinstance(criterion, CodesFilter):
            yield from _faults_of_codes(name, values)
        elif len(values) > 1:
            yield Fault(name, _("va una sola vez."))
        elif isinstance(criterion, YearFilter | PageFilter) and values and not _DIGITS.fullmatch(values[0]):
            yield Fault(name, _("es un número entero, escrito con cifras."))
    if len(given.get("q", "")) > LONGEST_QUERY:
        yield Fault("q", _("pasa de %(most)s caracteres.") % {"most": LONGEST_QUERY})
    for name in given.getlist("facets"):
        if name not in COUNTABLE:
            yield Fault("facets", _("no hay tal faceta: %(names)s.") % {"names": ", ".join(COUNTABLE)})
            return


def _faults_of_codes(name: str, values: list[str]) -> Iterator[Fault]:
    if len(values) > MAX_CODES:
        yield Fault(name, _("va hasta %(most)s veces.") % {"most": MAX_CODES})
    if any(len(value) > MAX_CODE_LENGTH for value in values):
        yield Fault(name, _("un código tiene hasta %(most)s caracteres.") % {"most": MAX_CODE_LENGTH})
