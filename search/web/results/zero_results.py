"""Help on the search page where a list is empty or short: a correction, ways out, partial matches (S7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from search.contract import IndexMissing
from search.criteria.facets import LATIN_AMERICA, PARAMETERS
from search.help import known_words
from search.help.alternatives import Alternative, find_alternatives
from search.help.did_you_mean import FEW_STUDIES, Correction, find_correction
from search.help.partial import MOST_SHOWN, PartialMatches, find_partial_matches
from search.pages.finding import find_next_to
from search.query.matcher import TextMatcher
from search.query.tree import iterate_sought_leaves
from search.services import public_search
from search.services.query_reader import get_query_reader
from search.web.shared.cards import build_cards
from search.web.shared.facet_options import CriteriaUrl, years_label
from search.web.shared.view_models import Card, NearCard, SearchHelp, WayOut
from studies.citations.names import join_with_and
from studies.models import Study
from studies.models.querysets import StudyQuerySet
from studies.text.numbers import format_number

if TYPE_CHECKING:
    from search.services.public_search import SearchPage
    from studies.store.vocabularies import Vocabularies

NEAREST_SHOWN = 3
LONGEST_SHOWN = 60
"""Letters of the reader's words that a label repeats."""


def search_help(found: SearchPage, vocabulary: Vocabularies, language: str, address: CriteriaUrl) -> SearchHelp:
    """Return what helps a reader on: nothing for a list of MOST_SHOWN studies or more, of some words, or unindexed.

    Partial matches cost two queries; an empty list up to ten, for the corrected words and the studies near to them.
    Three more read the words of the bank when they have changed.
    """
    if found.total is None or found.total >= MOST_SHOWN or (found.part_count and found.total):
        return SearchHelp()
    try:
        return _HelpBuilder(found, vocabulary, language, address).help()
    except IndexMissing:  # the index was taken away after the list was made
        return SearchHelp()


class _HelpBuilder:
    def __init__(self, found: SearchPage, vocabulary: Vocabularies, language: str, address: CriteriaUrl) -> None:
        self.found = found
        self.criteria = found.criteria
        self.vocabulary = vocabulary
        self.language = language
        self.address = address

    def help(self) -> SearchHelp:
        meant = self._meant()
        offered = self._with_correction(SearchHelp(), meant) if meant else SearchHelp()
        if self.found.total:
            heading = _("Otros estudios, con parte de sus palabras")
            return self._with_next_to(offered) or self._with_partial(offered, self.found, heading) or offered
        ways = find_alternatives(self.criteria, self.found.query, self.vocabulary, public_search.count)
        offered = replace(offered, lead=self._lead(), ways=tuple(map(self._way, ways)))
        if meant:
            return self._with_meant(offered, meant)
        heading = _("Ningún estudio tiene todas las palabras; estos tienen algunas")
        return (
            self._with_next_to(offered)
            or self._with_partial(offered, self.found, heading)
            or self._with_nearest(offered, ways)
        )

    def _meant(self) -> Correction | None:
        total = self.found.total
        if not self.criteria.q or total is None or total > FEW_STUDIES:
            return None
        # What was read of the words, not what was sent: that may be as long as an address.
        read = replace(self.criteria, q=self.found.query.source)
        spelled = get_query_reader(self.vocabulary).thesaurus.known_words
        return find_correction(read, total, known_words.get_wordlist(), public_search.count, spelled)

    def _with_correction(self, offered: SearchHelp, meant: Correction) -> SearchHelp:
        url = self.address(meant.criteria)
        return replace(offered, meant_words=meant.criteria.q, meant_total=meant.total, meant_url=url)

    def _lead(self) -> str:
        """Return a sentence on how many studies the words find without the filters; "" without words or filters."""
        if not (self.criteria.q and self.criteria.has_filters):
            return ""
        total = public_search.count(self.criteria.without_filters().with_page(1))
        if not total:
            return _("Tampoco sin los filtros hay estudios con esas palabras.")
        return ngettext(
            "Sin los filtros, estas palabras dan %(number)s estudio, que no los cumple todos.",
            "Sin los filtros, estas palabras dan %(number)s estudios: ninguno los cumple todos.",
            total,
        ) % {"number": format_number(total, self.language)}

    def _with_meant(self, offered: SearchHelp, meant: Correction) -> SearchHelp:
        """Add the studies that the corrected words find, then their partial matches."""
        found = public_search.search(meant.criteria, prefetch=StudyQuerySet.for_cards, count_facets=False)
        partial = find_partial_matches(found.criteria, [study.pk for study in found.studies])
        near = [NearCard(shown, "") for shown in self._cards(found, found.studies)]
        offered = replace(
            offered,
            near_heading=_("Estudios con «%(words)s»") % {"words": _shorten(meant.criteria.q)},
            near_url=self.address(meant.criteria) if meant.total > len(near) else "",
            near_total=meant.total,
        )
        return replace(offered, near=(*near, *(self._partial_cards(found, partial) if partial else ())))

    def _with_partial(self, offered: SearchHelp, found: SearchPage, heading: str) -> SearchHelp | None:
        partial = find_partial_matches(found.criteria, [study.pk for study in found.studies])
        if partial is None:
            return None
        return replace(
            offered,
            near_heading=heading,
            near_note=tell_match(partial.criteria.match or 0, partial.part_count),
            near_url=self.address(partial.criteria),
            near_total=partial.total,
            near=tuple(self._partial_cards(found, partial)),
        )

    def _with_next_to(self, offered: SearchHelp) -> SearchHelp | None:
        """Add the studies of what is next to the one thing that the words mean: its single words say less."""
        thesaurus = get_query_reader(self.vocabulary).thesaurus
        near = find_next_to(self.found.query)
        words = list(filter(None, (thesaurus.label_in_small_letters(slug, self.language) for slug in near)))
        if not words or self.criteria.exact:
            return None
        criteria = replace(self.criteria.with_page(1), q=" O ".join(words), sort="")
        listed = public_search.search(criteria, prefetch=StudyQuerySet.for_cards, count_facets=False)
        shown = {study.pk for study in self.found.studies}
        fresh = [study for study in listed.studies if study.pk not in shown][: MOST_SHOWN - len(shown)]
        return replace(
            offered,
            near_heading=_("Lo más cercano: %(names)s") % {"names": join_with_and(words, self.language)},
            near_url=self.address(criteria) if (listed.total or 0) > len(fresh) else "",
            near_total=listed.total or 0,
            near=tuple(NearCard(card, "") for card in self._cards(listed, fresh)),
        )

    def _with_nearest(self, offered: SearchHelp, ways: tuple[Alternative, ...]) -> SearchHelp:
        """Add the first studies of the first way out, unless that one is to see all studies."""
        if not ways or ways[0].kind == "everything":
            return offered
        way = ways[0]
        node, filters = public_search.interpret(way.criteria)
        keys = public_search.list_top_ids(node, filters, NEAREST_SHOWN, way.criteria.order)
        studies = Study.objects.for_cards().in_order_of(keys)
        if way.kind == "nearest":
            heading, note = _("Estudios de «%(name)s»") % {"name": self._name(way.parameter, way.codes[0])}, ""
        else:
            heading, note = _("Lo más cercano"), _("%(way)s da estos estudios.") % {"way": self._label(way)[0]}
        return replace(
            offered,
            near_heading=heading,
            near_note=note,
            near_url=self.address(way.criteria) if way.total > len(studies) else "",
            near_total=way.total,
            near=tuple(NearCard(shown, "") for shown in self._cards(self.found, studies)),
        )

    def _partial_cards(self, found: SearchPage, partial: PartialMatches) -> Iterator[NearCard]:
        lacks = {study.slug: tell_missing(partial.missing.get(study.pk, ())) for study in partial.studies}
        for card in self._cards(found, partial.studies):
            yield NearCard(card, lacks[card.slug])

    def _cards(self, found: SearchPage, studies: Sequence[Study]) -> tuple[Card, ...]:
        sought = TextMatcher(iterate_sought_leaves(found.query.node))
        return build_cards(studies, sought, self.vocabulary, self.language)

    def _way(self, way: Alternative) -> WayOut:
        label, note = self._label(way)
        return WayOut(label, note, self.address(way.criteria), way.total)

    def _label(self, way: Alternative) -> tuple[str, str]:
        rest = _("y conservar lo demás")
        match way.kind:
            case "nearest":
                return _("Ver los estudios de «%(name)s»") % {"name": self._name(way.parameter, way.codes[0])}, ""
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
                return _("Quitar la palabra «%(word)s»") % {"word": _shorten(way.word)}, _("y conservar las demás")
            case "quotes":
                return _("Quitar las comillas"), _("y buscar las palabras sueltas")
            case "words":
                if " " not in self.criteria.q:
                    return _("Quitar la palabra «%(word)s»") % {"word": _shorten(self.criteria.q)}, _(
                        "y conservar los filtros"
                    )
                return _("Quitar las palabras «%(words)s»") % {"words": _shorten(self.criteria.q)}, _(
                    "y conservar los filtros"
                )
            case "filters":
                return _("Quitar todos los filtros"), _("y conservar las palabras")
            case "everything":
                return _("Ver todos los estudios"), ""

    def _widening(self, way: Alternative) -> str:
        if way.parameter == "region" and set(LATIN_AMERICA) <= set(way.codes):
            wider = [_("América Latina y el Caribe")]
            wider += [self._name(way.parameter, code) for code in way.codes if code not in LATIN_AMERICA]
        else:
            wider = [self._name(way.parameter, code) for code in way.codes]
        return _("Cambiar «%(narrow)s» por «%(wide)s»") % {
            "narrow": self._chosen(way),
            "wide": join_with_and(wider, self.language),
        }

    def _chosen(self, way: Alternative) -> str:
        names = [
            self._name(parameter, code)
            for parameter in (way.facet.parameters if way.facet else ())
            for code in self.criteria.chosen.get(parameter, ())
        ]
        return ", ".join(names)

    def _name(self, parameter: str, code: str) -> str:
        current = PARAMETERS[parameter].current_code(code, self.vocabulary) or code
        return PARAMETERS[parameter].label(current, self.vocabulary, self.language)


def tell_match(match: int, part_count: int) -> str:
    """Return in a sentence which studies a list of some words has."""
    return _("Tienen al menos %(match)s de las %(all)s partes de su búsqueda; primero, los más cercanos.") % {
        "match": match,
        "all": part_count,
    }


def tell_missing(words: tuple[str, ...]) -> str:
    """Return in a sentence which parts of the query a study lacks, "" if none."""
    if not words:
        return ""
    return _("No tiene: %(words)s.") % {
        "words": ", ".join(_("«%(word)s»") % {"word": _shorten(word)} for word in words)
    }


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
