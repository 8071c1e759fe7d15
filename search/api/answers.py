"""Builds the JSON bodies of answers: a list, a study, the vocabularies, the entry point. Runs no database query.

A record is complete and in the exchange format, as in the files of open data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from search.api.collections import COLLECTIONS
from search.api.parameters import YEARS
from search.api.problems import RequestRefused
from search.criteria.criteria import PAGE_SIZES
from search.criteria.facets import FACETS, PARAMETERS
from search.help.query_explanation import iterate_hints
from studies.models import Vocabulary
from studies.store import bank_state
from studies.store.exchange.study import to_record
from studies.store.exchange.vocabulary import term_view_to_record
from studies.web.shared.addresses import in_each_language

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from search.api.parameters import StudyListRequest
    from search.criteria.criteria import Criteria
    from search.criteria.facet import Facet
    from search.query.parsed_query import ParsedQuery
    from search.services.public_search import SearchPage
    from studies.models import Study
    from studies.records.json_record import Record
    from studies.store.vocabularies import Vocabularies

Json = dict[str, Any]
Absolute = Callable[[str], str]
"""Returns the absolute URL of a path."""

LANGUAGES = ("es", "en")


def build_entry(absolute: Absolute) -> Json:
    """Return the name, version and licence of the bank, and the addresses of the other operations."""
    return {
        "name": "Banco de Evidencias",
        "bank": bank_version(),
        "licence": {"name": settings.DATA_LICENCE_NAME, "url": settings.DATA_LICENCE_URL},
        "caution": {
            "es": "El banco no es una búsqueda sistemática: los conteos describen el banco, no toda la literatura.",
            "en": "The bank is not a systematic search: counts describe the bank, not the whole literature.",
        },
        "links": {
            "studies": absolute(reverse("api-studies")),
            "findings": absolute(reverse("api-findings")),
            **{name: absolute(reverse(f"api-{name}")) for name in COLLECTIONS},
            "changes": absolute(reverse("api-changes")),
            "taxonomy": absolute(reverse("api-taxonomy")),
            "schema": absolute(reverse("api-schema")),
            "documentation": page_links(absolute, "api-docs"),
            "data": page_links(absolute, "data"),
        },
    }


def bank_version() -> Json:
    """Return the version of the bank: the number and the time of its last change."""
    counter = bank_state.current()
    return {"change": counter.change_no, "changed_at": counter.changed_at.isoformat()}


def build_study_list(asked: StudyListRequest, found: SearchPage, vocabulary: Vocabularies, absolute: Absolute) -> Json:
    """Return one page of a list. Raises RequestRefused past its last page.

    The studies of `found` were fetched with `for_export`.
    """
    if found.requested.page > found.criteria.page or (found.criteria.page > 1 and not found.studies):
        raise RequestRefused("past-the-end")
    criteria = found.criteria
    body: Json = {
        "bank": bank_version(),
        "total": found.total,
        "page": criteria.page,
        "page_size": criteria.page_size,
        "page_count": found.page_count if found.has_index else None,
        "links": {
            "self": absolute(_address(asked, criteria.page)),
            "first": absolute(_address(asked, 1)),
            "previous": absolute(_address(asked, criteria.page - 1)) if criteria.page > 1 else None,
            "next": absolute(_address(asked, criteria.page + 1)) if found.has_more else None,
            "last": absolute(_address(asked, found.page_count)) if found.has_index else None,
            "html": page_links(absolute, "search", query=_page_query(criteria)),
        },
        "understood": describe_query(found.query),
        "unknown_codes": [{"parameter": parameter, "code": code} for parameter, code in found.unknown],
        "ignored_parameters": list(asked.ignored),
    }
    if asked.facets:
        body["facets"] = _facets(asked.facets, found, vocabulary) if found.has_index else None
    body["results"] = [build_study(study, vocabulary, absolute, asked.fields) for study in found.studies]
    return body


def build_study(study: Study, vocabulary: Vocabularies, absolute: Absolute, fields: Sequence[str] = ()) -> Json:
    """Return a study fetched with `for_export`: its record, the time of its last change, and its addresses.

    Of the record only `fields`, or all for none.
    """
    assert study.published_at is not None, "only published studies have rows of for_export"
    return {
        "id": study.slug,
        "change": study.changed_no,
        "changed_at": study.updated_at.isoformat(),
        "published_at": study.published_at.isoformat(),
        "links": {
            "self": absolute(reverse("api-study", args=[study.slug])),
            "html": page_links(absolute, "study", study.slug),
        },
        "record": choose_fields(to_record(study, vocabulary), fields),
    }


def choose_fields(record: Record, fields: Sequence[str]) -> Json:
    """Return the JSON of a record with these fields alone; all for none."""
    written = record.to_json()
    return {key: value for key, value in written.items() if key in fields} if fields else written


def build_taxonomy(vocabulary: Vocabularies, absolute: Absolute) -> Json:
    """Return all terms of all vocabularies, in order. Retired terms too: old records and addresses may have them."""
    parameter_of = {parameter.vocabulary: name for name, parameter in PARAMETERS.items()}
    return {
        "number": vocabulary.number,
        "links": {"self": absolute(reverse("api-taxonomy")), "html": page_links(absolute, "glossary")},
        "vocabularies": [
            {
                "code": kind.value,
                **_in_each_language(kind.label),
                "parameter": parameter_of.get(kind.value),
                "terms": [
                    {
                        "term": term_view_to_record(term).to_json(),
                        "retired": term.is_retired,
                        "merged_into": term.current if term.current != term.code else None,
                    }
                    for term in vocabulary.every_term(kind)
                ],
            }
            for kind in Vocabulary
        ],
    }


def link_header(body: Json) -> str:
    """Return the value of the header `Link` of a list: its pages and the licence (RFC 8288)."""
    relations = {"first": "first", "previous": "prev", "next": "next", "last": "last"}
    links = [f'<{body["links"][name]}>; rel="{rel}"' for name, rel in relations.items() if body["links"].get(name)]
    return ", ".join([*links, licence_link()])


def licence_link() -> str:
    return f'<{settings.DATA_LICENCE_URL}>; rel="license"'


def _address(asked: StudyListRequest, page: int) -> str:
    path = reverse("api-studies")
    more = [("facets", name) for name in asked.facets]
    more += [("fields", ",".join(asked.fields))] if asked.fields else []
    more += [(name, value) for name in ("format",) for value in asked.given.get(name, ())]
    query = "&".join(filter(None, [asked.criteria.with_page(page).query_string, urlencode(more)]))
    return f"{path}?{query}" if query else path


def page_links(absolute: Absolute, name: str, *args: str, query: str = "") -> Mapping[str, str]:
    """Return the addresses of a page of the site by language."""
    more = f"?{query}" if query else ""
    return {language: absolute(path + more) for language, path in in_each_language(name, *args).items()}


def _page_query(criteria: Criteria) -> str:
    """Return the query of the page of the site that shows a page of a list: its first one for another page size."""
    if criteria.page_size in PAGE_SIZES:
        return criteria.query_string
    return replace(criteria, page=1, page_size=PAGE_SIZES[0]).query_string


def describe_query(query: ParsedQuery) -> Json:
    """Return how the words were read: the concepts that widened them, and notes on what was not taken as typed."""
    return {
        "concepts": [
            {
                "concept": added.slug,
                "words": [{"text": word.text, "language": word.language} for word in added.words],
            }
            for added in query.added
        ],
        "notes": list(iterate_hints(query)),
    }


def _facets(names: tuple[str, ...], found: SearchPage, vocabulary: Vocabularies) -> Json:
    counted: Json = {
        facet.name: {**_in_each_language(facet.label), "options": [*_options(facet, found, vocabulary)]}
        for facet in FACETS
        if facet.name in names
    }
    if YEARS in names:
        counted[YEARS] = [{"year": year, "count": count} for year, count in sorted(found.result.years.items())]
    return counted


def _options(facet: Facet, found: SearchPage, vocabulary: Vocabularies) -> Iterator[Json]:
    for parameter in facet.code_parameters:
        counts = found.result.facets.get(parameter.name, {})
        for code in parameter.codes(vocabulary):
            if code in counts:
                labels = {}
                for language in LANGUAGES:
                    with override(language):
                        labels[language] = parameter.label(code, vocabulary, language)
                yield {"parameter": parameter.name, "code": code, **labels, "count": counts[code]}


def _in_each_language(label: str | _StrPromise) -> Json:
    labels = {}
    for language in LANGUAGES:
        with override(language):
            labels[language] = str(label)
    return labels
