"""The view model of a result list: what was found, in the page's language, with every address that it links to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from search.contract import SORTS
from search.criteria.criteria import PAGE_SIZES
from search.criteria.facets import FACET_OF
from search.help.query_explanation import ExplanationRun, QueryExplainer, iterate_hints
from search.query.matcher import TextMatcher
from search.query.tree import MOST_PREFIX_TOKENS, iterate_sought_leaves
from search.services.query_reader import get_query_reader
from search.web.results.other_pages import other_pages
from search.web.results.thesaurus import ThesaurusViewBuilder
from search.web.results.zero_results import search_help, tell_match, tell_missing
from search.web.shared import facet_options
from search.web.shared.cards import build_cards
from search.web.shared.evidence_request import with_query
from search.web.shared.export_links import export_links
from search.web.shared.subscribe_links import follow_links
from search.web.shared.view_models import MatchView, PageLink, ResultPage, SortOption, ThesaurusView, YearsView
from studies.store import vocabularies

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.services.public_search import SearchPage
    from studies.store.vocabularies import Vocabularies

_NEIGHBOURS = 2
_OFFERED_SORTS = ("relevance", "newest", "oldest", "nearness", "added", "title")


def result_page(
    found: SearchPage,
    *,
    errors: Mapping[str, object],
    typed: Mapping[str, str],
    expanded: frozenset[str],
    notices: tuple[str, ...],
    language: str,
    is_staff: bool,
) -> ResultPage:
    """Return the view model of a search's results.

    `errors` are those of the form of criteria, by field. `typed` are the years as the reader sent them, which the form
    shows again even where they are no years. `expanded` are the names of facets of which all options are shown.
    `notices` are sentences about the address from which the reader was led here.
    """
    vocabulary = vocabularies.current()
    criteria = found.criteria
    sought = TextMatcher(iterate_sought_leaves(found.query.node))
    first = (criteria.page - 1) * criteria.page_size + 1
    facets = facet_options.FacetViews(
        criteria=criteria.with_page(1),
        filters=found.filters,
        counts=found.result.facets if found.has_index else None,
        vocabulary=vocabulary,
        language=language,
        expanded=expanded,
        address=search_url,
        is_empty=found.total == 0,
    )
    chips = facet_options.filter_chips(criteria, found.filters, vocabulary, language, search_url)
    return ResultPage(
        criteria=criteria,
        total=found.total,
        total_is_known=found.has_index,
        first=first if found.studies else 0,
        last=first + len(found.studies) - 1 if found.studies else 0,
        page_number=criteria.page,
        page_count=found.page_count,
        cards=build_cards(found.studies, sought, vocabulary, language),
        facets=tuple(facets.views()),
        years=_years(found, errors, typed),
        chips=tuple(chips),
        clear_url=search_url(criteria.without_filters()),
        sorts=tuple(_sorts(criteria)),
        sort_note=_sort_note(criteria, has_index=found.has_index),
        understood=_understood(found, vocabulary, language),
        thesaurus=_thesaurus(found, vocabulary, language),
        hints=(*notices, *list_hints(found)),
        exports=tuple(export_links("studies-export", criteria.with_page(1).query_string)),
        references_url=_export_page_url(criteria),
        pages=tuple(_pages(found)),
        previous_url=search_url(criteria.with_page(criteria.page - 1)) if criteria.page > 1 else "",
        next_url=search_url(criteria.with_page(criteria.page + 1)) if found.has_more else "",
        staff_notice=_staff_notice(found) if is_staff else "",
        language_switch_url=_language_switch_url(criteria, language),
        map_url=with_query(reverse("map"), criteria.as_set().query_string),
        evidence_url=with_query(reverse("evidence"), criteria.as_set().query_string),
        brief_url=with_query(reverse("brief"), criteria.as_set().query_string),
        words_url=search_url(criteria.without_words()) if criteria.q else "",
        other_pages=other_pages(found, language),
        match=_match(found),
        lacks={study.slug: tell_missing(found.missing.get(study.pk, ())) for study in found.studies},
        hidden=tuple(_hidden(criteria)),
        follow=follow_links(criteria, language),
        help=search_help(found, vocabulary, language, search_url),
    )


def search_url(criteria: Criteria) -> str:
    """Return the address of the list of the criteria, at their page and in their order."""
    path = reverse("search")
    return f"{path}?{criteria.query_string}" if criteria.query_string else path


def _understood(found: SearchPage, vocabulary: Vocabularies, language: str) -> tuple[ExplanationRun, ...]:
    def of_query(query: str) -> str:
        return search_url(found.criteria.with_words(query))

    return QueryExplainer(found.query, vocabulary, language, of_query).explain()


def _thesaurus(found: SearchPage, vocabulary: Vocabularies, language: str) -> ThesaurusView | None:
    if not found.has_index:
        return None
    thesaurus = get_query_reader(vocabulary).thesaurus
    return ThesaurusViewBuilder(found.query, found.criteria.with_page(1), thesaurus, language, search_url).view()


def _hidden(criteria: Criteria) -> Iterator[tuple[str, str]]:
    """Yield the criteria without a control on the page as (name, value), for hidden fields of its form."""
    for slug in criteria.without:
        yield "without", slug
    if criteria.exact:
        yield "exact", "1"
    if criteria.match is not None:
        yield "match", str(criteria.match)
    if criteria.page_size != PAGE_SIZES[0]:
        yield "page_size", str(criteria.page_size)


def _language_switch_url(criteria: Criteria, language: str) -> str:
    with override("es" if language == "en" else "en"):
        return search_url(criteria)


def _match(found: SearchPage) -> MatchView | None:
    match = found.criteria.match
    if not found.part_count or match is None:
        return None
    return MatchView(
        sentence=tell_match(match, found.part_count),
        all_url=search_url(found.criteria.with_match(None)),
        fewer_url=search_url(found.criteria.with_match(match - 1)) if match > 1 else "",
    )


def _years(found: SearchPage, errors: Mapping[str, object], typed: Mapping[str, str]) -> YearsView | None:
    if found.total == 0 and not any(typed.values()):
        return None
    error = _("Escriba los años con cuatro cifras, por ejemplo 2015.") if {"year_from", "year_to"} & set(errors) else ""
    return YearsView.of(found.result.years, typed["year_from"], typed["year_to"], error)


def sort_label(code: str) -> str:
    """Return the label of an order of lists. Raises KeyError for a code that is none of SORTS."""
    return {
        "relevance": _("Relevancia"),
        "newest": _("Más nuevos"),
        "oldest": _("Más antiguos"),
        "nearness": _("Cercanía al Perú"),
        "added": _("Últimos añadidos al banco"),
        "title": _("Título original"),
    }[code]


def _sorts(criteria: Criteria) -> Iterator[SortOption]:
    # The order of the menu is ours, so it is written out: this fails if the contract gets another sort.
    assert set(_OFFERED_SORTS) == set(SORTS)
    for code in _OFFERED_SORTS:
        if code != "relevance" or criteria.q:
            yield SortOption(code, sort_label(code), code == criteria.order)


def _sort_note(criteria: Criteria, *, has_index: bool) -> str:
    if not has_index:
        return ""
    return {
        "relevance": _("Primero, los estudios que tienen sus palabras en el título o en sus temas."),
        "newest": _("Primero, los publicados en los años más recientes."),
        "oldest": _("Primero, los publicados hace más años."),
        "nearness": _("Primero, los hechos en el Perú; luego países andinos, América Latina y los demás."),
        "added": _("Primero, los que entraron al banco más tarde."),
        "title": _("Por el título original, de la A a la Z."),
    }[criteria.order]


def list_hints(found: SearchPage) -> Iterator[str]:
    """Yield a sentence for each part of the query or criteria that was not used as the reader gave it."""
    yield from iterate_hints(found.query)
    for parameter, code in found.unknown:
        facet = FACET_OF[parameter].label
        # An unknown code alone finds nothing, as without it the list would be of all studies; beside known ones it is
        # left out.
        if code in found.filters.chosen.get(parameter, ()):
            yield _("El filtro «%(facet)s» no tiene la opción «%(code)s»: con ella no hay resultados.") % {
                "facet": facet,
                "code": code,
            }
        else:
            yield _("El filtro «%(facet)s» no tiene la opción «%(code)s»: no se usó.") % {"facet": facet, "code": code}
    for letters in found.result.truncated_prefixes:
        yield _("Con «%(letters)s» empiezan muchas palabras: se buscaron las %(most)s más cortas.") % {
            "letters": letters,
            "most": MOST_PREFIX_TOKENS,
        }
    if found.requested.page > found.criteria.page:
        yield _("La lista no llega a la página %(asked)s: esta es la última.") % {"asked": found.requested.page}
    if not found.has_index:
        yield _(
            "La búsqueda mira por ahora solo títulos, nombres y DOI, y no cuenta resultados. Los filtros son exactos."
        )


def _staff_notice(found: SearchPage) -> str:
    if found.has_index:
        return ""
    return _(
        "No hay índice de búsqueda: se está construyendo. Si este aviso no se va, ejecute «manage.py rebuild_index»."
    )


def _export_page_url(criteria: Criteria) -> str:
    path, query = reverse("export-list"), criteria.with_page(1).query_string
    return f"{path}?{query}" if query else path


def _pages(found: SearchPage) -> Iterator[PageLink]:
    """Yield links to the first page, the last and those around this one, with a gap where pages are left out."""
    criteria, last = found.criteria, found.page_count
    near = range(criteria.page - _NEIGHBOURS, criteria.page + _NEIGHBOURS + 1)
    numbers = [number for number in range(1, last + 1) if number in (1, last) or number in near]
    before = 0
    for number in numbers:
        if number > before + 1:
            yield PageLink(None)
        yield PageLink(number, search_url(criteria.with_page(number)), number == criteria.page)
        before = number
