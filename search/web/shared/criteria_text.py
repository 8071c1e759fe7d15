"""Criteria in words, in the page's language: for the titles of feeds and alerts, and for the record of a search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.criteria import codes
from search.criteria.facets import PARAMETERS
from search.web.shared import facet_options
from studies.store import vocabularies
from studies.text.characters import replace_non_xml

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.web.shared.view_models import Chip


def describe_criteria(criteria: Criteria, language: str) -> str:
    """Return the criteria as one line: "«transferencias»; Tema: Autonomía; Año: 2015–2020" or "todos los estudios"."""
    # Word files and figures have these words too, and python-docx raises ValueError for what XML cannot hold.
    typed = " ".join(replace_non_xml(criteria.q, instead=" ").split())
    words = [_("«%(words)s»") % {"words": typed}, *_tell_match(criteria)] if typed else []
    return _join(words, list_applied_filters(criteria, language))


def describe_without_words(criteria: Criteria, language: str) -> str:
    """Return the criteria as one line that holds nothing that a reader typed, for letters in the bank's name (R13).

    Words are mentioned, not repeated; a code that no vocabulary has is left out, as it may be any text.
    """
    vocabulary = vocabularies.current()
    known = {
        parameter: tuple(code for code in chosen if PARAMETERS[parameter].current_code(code, vocabulary) is not None)
        for parameter, chosen in criteria.chosen.items()
    }
    words = [_("con palabras escritas"), *_tell_match(criteria)] if criteria.q.strip() else []
    return _join(words, list_applied_filters(replace(criteria, q="", chosen=known), language))


def _tell_match(criteria: Criteria) -> list[str]:
    if criteria.match is None:
        return []
    told = ngettext("al menos %(match)s parte de ellas", "al menos %(match)s partes de ellas", criteria.match)
    return [told % {"match": criteria.match}]


def _join(words: list[str], filters: Iterable[Chip]) -> str:
    labels: dict[str, list[str]] = {}
    for chip in filters:
        labels.setdefault(chip.facet_label, []).append(chip.label)
    parts = [*words, *(f"{facet}: {', '.join(names)}" for facet, names in labels.items())]
    return "; ".join(parts) or _("todos los estudios")


def list_applied_filters(criteria: Criteria, language: str) -> tuple[Chip, ...]:
    """Return the applied filters by the names of their facets, without addresses."""
    vocabulary = vocabularies.current()
    filters = codes.resolve_codes(criteria, vocabulary).filters
    return tuple(facet_options.filter_chips(criteria, filters, vocabulary, language, lambda _criteria: ""))
