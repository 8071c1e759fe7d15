"""Criteria in words, in the page's language: for the titles of feeds and alerts, and for the record of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from search.criteria import codes
from search.web.shared import facet_options
from studies.store import vocabularies

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.web.shared.view_models import Chip


def describe_criteria(criteria: Criteria, language: str) -> str:
    """Return the criteria as one line: "«transferencias»; Tema: Autonomía; Año: 2015–2020" or "todos los estudios"."""
    parts = [_("«%(words)s»") % {"words": " ".join(criteria.q.split())}] if criteria.q.strip() else []
    labels: dict[str, list[str]] = {}
    for chip in list_applied_filters(criteria, language):
        labels.setdefault(chip.facet_label, []).append(chip.label)
    parts += [f"{facet}: {', '.join(names)}" for facet, names in labels.items()]
    return "; ".join(parts) or _("todos los estudios")


def list_applied_filters(criteria: Criteria, language: str) -> tuple[Chip, ...]:
    """Return the applied filters by the names of their facets, without addresses."""
    vocabulary = vocabularies.current()
    filters = codes.resolve_codes(criteria, vocabulary).filters
    return tuple(facet_options.filter_chips(criteria, filters, vocabulary, language, lambda _criteria: ""))
