"""What the search page offers where a list finds nothing or little, in the page's language (S7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search import codes, services, wordbook
from search.cards import card
from search.correcting import FEW, corrected
from search.engines import IndexMissing
from search.highlight import Sought
from search.options import years_label
from search.pages import Help, NearCard, WayOut
from search.partial import partial_matches
from search.querytree import sought_leaves
from search.ways import LATIN_AMERICA, Way, ways_out
from studies.citations.names import listing
from studies.models import Study
from studies.web.numbers import format_number

if TYPE_CHECKING:
    from search.criteria import Criteria
    from search.services import Found
    from studies.vocabularies import Vocabularies

NEAREST_SHOWN = 3
LONGEST_SHOWN = 60
"""Letters of the reader's words that a label repeats."""

Address = Callable[["Criteria"], str]


def help_of(found: Found, vocabulary: Vocabularies, language: str, address: Address) -> Help:
    """Say what helps: nothing for a list of more than FEW studies, or without an index.

    A list without studies costs four queries more, for the cards of what is near; the bank's words are read when they
    changed: three queries.
    """
    if found.total is None or found.total > FEW:
        return Help()
    try:
        return _Helping(found, vocabulary, language, address).help()
    except IndexMissing:  # swapped away since the list was made
        return Help()


class _Helping:
    def __init__(self, found: Found, vocabulary: Vocabularies, language: str, address: Address) -> None:
        self.found = found
        self.criteria = found.criteria
        self.vocabulary = vocabulary
        self.language = language
        self.address = address

    def help(self) -> Help:
        offered = self._with_correction(Help())
        if self.found.total:
            return offered
        ways = ways_out(self.criteria, self.found.query, self.vocabulary, services.total)
        offered = replace(offered, lead=self._lead(), ways=tuple(map(self._way, ways)))
        return self._with_partial(offered) or self._with_nearest(offered, ways)

    def _with_correction(self, offered: Help) -> Help:
        if not self.criteria.q or self.found.total is None:
            return offered
        # What was read of the words, not what was sent: that may be as long as an address.
        read = replace(self.criteria, q=self.found.query.source)
        meant = corrected(read, self.found.total, wordbook.current(), services.total)
        if meant is None:
            return offered
        url = self.address(meant.criteria)
        return replace(offered, meant_words=meant.criteria.q, meant_total=meant.total, meant_url=url)

    def _lead(self) -> str:
        """Say how many studies the words find without the filters."""
        if not (self.criteria.q and self.criteria.has_filters):
            return ""
        total = services.total(self.criteria.without_filters().with_page(1))
        if not total:
            return _("Tampoco sin los filtros hay estudios con esas palabras.")
        return ngettext(
            "Sin los filtros, estas palabras dan %(number)s estudio, que no los cumple todos.",
            "Sin los filtros, estas palabras dan %(number)s estudios: ninguno los cumple todos.",
            total,
        ) % {"number": format_number(total, self.language)}

    def _with_partial(self, offered: Help) -> Help | None:
        matches = partial_matches(self.criteria, self.found.query)
        if not matches or not matches.studies:
            return None
        cards = self._cards(matches.studies, lambda study: _lacking(matches.missing[study.pk]))
        heading = _("Ningún estudio tiene todas las palabras; estos tienen algunas")
        return replace(offered, near_heading=heading, near=tuple(cards))

    def _with_nearest(self, offered: Help, ways: tuple[Way, ...]) -> Help:
        """Show the first studies of the closest way."""
        if not ways or ways[0].kind == "everything":
            return offered
        way = ways[0]
        node, filters = services.read(way.criteria)
        keys = services.closest(node, filters, NEAREST_SHOWN, way.criteria.order)
        studies = Study.objects.for_results().in_order_of(keys)
        return replace(
            offered,
            near_heading=_("Lo más cercano"),
            near_note=_("%(way)s da estos estudios.") % {"way": self._label(way)[0]},
            near_url=self.address(way.criteria) if way.total > len(studies) else "",
            near_total=way.total,
            near=tuple(self._cards(studies, lambda _study: "")),
        )

    def _cards(self, studies: Iterable[Study], lacks: Callable[[Study], str]) -> Iterator[NearCard]:
        sought = Sought(sought_leaves(self.found.query.node))
        for study in studies:
            yield NearCard(card(study, sought, self.vocabulary, self.language), lacks(study))

    def _way(self, way: Way) -> WayOut:
        label, note = self._label(way)
        return WayOut(label, note, self.address(way.criteria), way.total)

    def _label(self, way: Way) -> tuple[str, str]:
        rest = _("y conservar lo demás")
        match way.kind:
            case "widen":
                return self._widening(way), ""
            case "facet":
                return _("Quitar «%(facet)s: %(labels)s»") % {
                    "facet": way.facet.label if way.facet else "",
                    "labels": self._chosen(way),
                }, rest
            case "years":
                return _("Quitar «Año: %(years)s»") % {"years": years_label(self.criteria)}, rest
            case "word":
                return _("Quitar la palabra «%(word)s»") % {"word": _cut(way.word)}, _("y conservar las demás")
            case "quotes":
                return _("Quitar las comillas"), _("y buscar las palabras sueltas")
            case "words":
                if " " not in self.criteria.q:
                    return _("Quitar la palabra «%(word)s»") % {"word": _cut(self.criteria.q)}, _(
                        "y conservar los filtros"
                    )
                return _("Quitar las palabras «%(words)s»") % {"words": _cut(self.criteria.q)}, _(
                    "y conservar los filtros"
                )
            case "filters":
                return _("Quitar todos los filtros"), _("y conservar las palabras")
            case "everything":
                return _("Ver todos los estudios"), ""

    def _widening(self, way: Way) -> str:
        if way.parameter == "region" and set(LATIN_AMERICA) <= set(way.codes):
            wider = [_("América Latina y el Caribe")]
            wider += [self._name(way.parameter, code) for code in way.codes if code not in LATIN_AMERICA]
        else:
            wider = [self._name(way.parameter, code) for code in way.codes]
        return _("Cambiar «%(narrow)s» por «%(wide)s»") % {
            "narrow": self._chosen(way),
            "wide": listing(wider, self.language),
        }

    def _chosen(self, way: Way) -> str:
        names = [
            self._name(parameter, code)
            for parameter in (way.facet.parameters if way.facet else ())
            for code in self.criteria.chosen.get(parameter, ())
        ]
        return ", ".join(names)

    def _name(self, parameter: str, code: str) -> str:
        current = codes.current_code(parameter, code, self.vocabulary) or code
        return codes.label(parameter, current, self.vocabulary, self.language)


def _lacking(words: tuple[str, ...]) -> str:
    if not words:
        return ""
    return _("No tiene: %(words)s.") % {"words": ", ".join(_("«%(word)s»") % {"word": _cut(word)} for word in words)}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
