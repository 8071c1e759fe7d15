"""Reading the body of evidence that a request asks for, with hints on its criteria: for map, synthesis and brief."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from search.criteria.facets import FACET_OF
from search.criteria.filters import read_criteria
from search.lists.selection import MOST_STUDIES
from search.services.evidence_scope import EvidenceScope, gather_evidence, gather_picked_evidence

if TYPE_CHECKING:
    from django.http import QueryDict


def read_body(data: QueryDict) -> EvidenceScope:
    """Return the evidence that the parameters of an address ask for: picked studies (`id`), or else criteria."""
    if picked := data.getlist("id"):
        return gather_picked_evidence(picked[:MOST_STUDIES])
    return gather_evidence(read_criteria(data))


def criteria_hints(body: EvidenceScope) -> Iterator[str]:
    """Yield the sentences that a page of counts prints about its criteria: a choice by effect, unknown codes."""
    if body.is_chosen_by_effect:
        yield _(
            "La lista está filtrada por efecto: lo que se cuenta describe esa elección, no lo que halló la evidencia."
        )
    for parameter, code in body.unknown:
        yield _("El filtro «%(facet)s» no tiene la opción «%(code)s»: no se usó.") % {
            "facet": FACET_OF[parameter].label,
            "code": code,
        }


def with_query(path: str, query: str) -> str:
    """Return an address with a query string, where there is one."""
    return f"{path}?{query}" if query else path
