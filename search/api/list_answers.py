"""Builds the answers of lists: of studies and findings by a cursor, of changes, of collections; and their tables.

Runs no database query. Pages of a search are built by `answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from search.api import answers
from search.api.answers import Absolute, Json
from search.criteria import codes
from search.services.query_reader import get_query_reader
from studies.exports import tabular
from studies.publishing.opendata.fields import FINDING_KEYS, table_columns
from studies.records.finding import FindingRecord
from studies.store.exchange.study import to_record

if TYPE_CHECKING:
    from search.api.collections import ApiCollection
    from search.api.listing import PlacedFinding, StudyChange
    from search.api.paging import Slice
    from search.api.parameters import StudyListRequest
    from search.criteria.criteria import Criteria
    from studies.models import Study
    from studies.records.json_record import Record
    from studies.store.vocabularies import Vocabularies

CHANGE_COLUMNS = ("id", "change", "changed_at", "state", "merged_into")


def build_study_walk(
    asked: StudyListRequest, page: Slice, studies: Sequence[Study], vocabulary: Vocabularies, absolute: Absolute
) -> Json:
    """Return a page of a list of studies that is walked by a cursor: the same members as a page of a search."""
    query = get_query_reader(vocabulary).parse(
        asked.criteria.q, frozenset(asked.criteria.without), exact=asked.criteria.exact
    )
    html = asked.criteria.as_set().query_string
    return {
        **_head(page, asked.criteria.page_size),
        "page": None,
        "page_count": None,
        "links": {
            **_links(
                absolute,
                "api-studies",
                asked.given,
                page.following,
                html=answers.page_links(absolute, "search", query=html),
            ),
            "previous": None,
            "last": None,
        },
        "understood": answers.describe_query(query),
        "unknown_codes": _unknown_codes(asked.criteria, vocabulary),
        "ignored_parameters": list(asked.ignored),
        "results": [answers.build_study(study, vocabulary, absolute, asked.fields) for study in studies],
    }


def build_finding_list(
    asked: StudyListRequest,
    page: Slice,
    findings: Iterable[PlacedFinding],
    vocabulary: Vocabularies,
    absolute: Absolute,
) -> Json:
    """Return a page of findings, each with the addresses of its study."""
    html = asked.criteria.as_set().query_string
    return {
        **_head(page, asked.criteria.page_size),
        "links": _links(
            absolute,
            "api-findings",
            asked.given,
            page.following,
            html=answers.page_links(absolute, "search", query=html),
        ),
        "unknown_codes": _unknown_codes(asked.criteria, vocabulary),
        "ignored_parameters": list(asked.ignored),
        "results": [
            {
                "study": each.study.slug,
                "position": each.place,
                "change": each.study.changed_no,
                "changed_at": each.study.updated_at.isoformat(),
                "links": _study_links(each.study.slug, absolute),
                "record": answers.choose_fields(each.record, asked.fields),
            }
            for each in findings
        ],
    }


def build_change_list(
    given: Mapping[str, Sequence[str]],
    page: Slice,
    page_size: int,
    changes: Iterable[StudyChange],
    ignored: Sequence[str],
    absolute: Absolute,
) -> Json:
    """Return a page of the last changes of studies; one that is no longer public is named, with what became of it."""
    return {
        **_head(page, page_size),
        "links": _links(absolute, "api-changes", given, page.following, html=answers.page_links(absolute, "search")),
        "ignored_parameters": list(ignored),
        "results": [{**_change(each), "links": _study_links(each.position.slug, absolute)} for each in changes],
    }


def build_collection(
    collection: ApiCollection,
    given: Mapping[str, Sequence[str]],
    page: Slice,
    page_size: int,
    records: Iterable[Record],
    asked: tuple[Sequence[str], Sequence[str]],
    absolute: Absolute,
) -> Json:
    """Return a page of a collection. `asked` holds the fields that are wanted and the ignored parameters."""
    fields, ignored = asked
    return {
        **_head(page, page_size),
        "links": _links(absolute, f"api-{collection.name}", given, page.following, html=None),
        "ignored_parameters": list(ignored),
        "results": [build_entry_of(collection, record, fields, absolute) for record in records],
    }


def build_entry_of(collection: ApiCollection, record: Record, fields: Sequence[str], absolute: Absolute) -> Json:
    """Return an entry of a collection: its identifier, addresses and record."""
    identifier = collection.id_of(record)
    page = collection.page(record)
    return {
        "id": identifier,
        "links": {
            "self": absolute(reverse(f"api-{collection.singular}", args=[identifier])),
            "html": answers.page_links(absolute, *page) if page is not None else None,
        },
        "record": answers.choose_fields(record, fields),
    }


def write_studies(studies: Iterable[Study], vocabulary: Vocabularies, fields: Sequence[str]) -> HttpResponse:
    """Return studies as a table: the columns of open data, or those that are wanted."""
    columns = fields or tabular.COLUMNS
    records = (to_record(study, vocabulary) for study in studies)
    return _table(columns, ([tabular.record_cell(record, column) for column in columns] for record in records))


def write_findings(findings: Iterable[PlacedFinding], fields: Sequence[str]) -> HttpResponse:
    """Return findings as a table: study and place first, then the columns of open data, or those that are wanted."""
    columns = [name for name in table_columns(FindingRecord) if not fields or name in fields]
    rows = (
        [each.study.slug, str(each.place), *(tabular.record_cell(each.record, column) for column in columns)]
        for each in findings
    )
    return _table([*FINDING_KEYS, *columns], rows)


def write_changes(changes: Iterable[StudyChange]) -> HttpResponse:
    """Return changes as a table."""
    return _table(
        CHANGE_COLUMNS, ([tabular.format_cell(value) for value in _change(each).values()] for each in changes)
    )


def write_collection(collection: ApiCollection, records: Iterable[Record], fields: Sequence[str]) -> HttpResponse:
    """Return a page of a collection as a table, without fields that hold objects."""
    columns = [name for name in table_columns(collection.record) if not fields or name in fields]
    return _table(columns, ([tabular.record_cell(record, column) for column in columns] for record in records))


def _head(page: Slice, page_size: int) -> Json:
    return {"bank": answers.bank_version(), "total": page.total, "page_size": page_size}


def _links(
    absolute: Absolute, name: str, given: Mapping[str, Sequence[str]], following: str | None, *, html: Any
) -> Json:
    """Return the addresses of this page of a list, of the first and of the next one."""
    path = reverse(name)

    def address(cursor: str | None) -> str:
        query = {key: values for key, values in given.items() if key != "cursor"} | (
            {"cursor": [cursor]} if cursor is not None else {}
        )
        return absolute(f"{path}?{urlencode(query, doseq=True)}" if query else path)

    here = given.get("cursor", [None])[0]
    return {
        "self": address(here),
        "first": address("*"),
        "next": address(following) if following is not None else None,
        "html": html,
    }


def _study_links(slug: str, absolute: Absolute) -> Json:
    return {"self": absolute(reverse("api-study", args=[slug])), "html": answers.page_links(absolute, "study", slug)}


def _change(change: StudyChange) -> Json:
    return {
        "id": change.position.slug,
        "change": change.position.change,
        "changed_at": change.changed_at.isoformat(),
        "state": change.stage,
        "merged_into": change.merged_into,
    }


def _unknown_codes(criteria: Criteria, vocabulary: Vocabularies) -> list[Json]:
    unknown = codes.resolve_codes(criteria, vocabulary).unknown
    return [{"parameter": parameter, "code": code} for parameter, code in unknown]


def _table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> HttpResponse:
    # Without a byte order mark, which programs would take for a part of the first name.
    text = "".join([tabular.format_line(columns), *map(tabular.format_line, rows)])
    return HttpResponse(text, content_type="text/csv; charset=utf-8")
