"""What the pages of a body of evidence share: hints about its criteria, addresses that carry them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from search.criteria.facets import FACET_OF
from search.criteria.filters import criteria_of
from search.lists.selection import MOST_STUDIES
from search.services.evidence_scope import Body, body_of, body_of_picked

if TYPE_CHECKING:
    from django.http import QueryDict


def read_body(data: QueryDict) -> Body:
    """Gather the evidence that an address asks for: of picked studies (`id`), or else of its criteria."""
    if picked := data.getlist("id"):
        return body_of_picked(picked[:MOST_STUDIES])
    return body_of(criteria_of(data))


def criteria_hints(body: Body) -> Iterator[str]:
    """Yield what has to be told about the criteria of a count."""
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
