"""CSL-JSON: an array with one object a reference, valid by the schema of citationstyles.org (csl-data.json)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from studies.citations.names import split_suffix
from studies.citations.reference import Reference
from studies.records.study import AuthorRecord


def write(references: Iterable[Reference]) -> Iterator[str]:
    """Yield the array with one object a line, so that it can be streamed and compared line by line."""
    separator = "[\n"
    for reference in references:
        yield separator + json.dumps(make_csl_item(reference), ensure_ascii=False, separators=(",", ":"))
        separator = ",\n"
    yield "\n]\n" if separator == ",\n" else "[]\n"


def make_csl_item(reference: Reference) -> dict[str, Any]:
    """Return a reference as a CSL item; its `id` is the slug."""
    fields: dict[str, Any] = {
        "id": reference.key,
        "type": reference.type,
        "genre": "Working paper" if reference.type == "article" else "",
        "title": reference.title,
        "author": [_name(author) for author in reference.authors],
        "editor": [_name(editor) for editor in reference.editors],
        "translator": [_name(translator) for translator in reference.translators],
        "issued": {"date-parts": [list(reference.date_parts)]} if reference.date_parts else None,
        "container-title": reference.container,
        "collection-title": reference.series,
        "volume": reference.volume,
        "issue": reference.issue,
        "page": reference.pages,
        "publisher": reference.publisher,
        "publisher-place": reference.place,
        "edition": reference.edition,
        "event-title": reference.conference,
        "ISSN": ", ".join(reference.issn),
        "ISBN": ", ".join(reference.isbn),
        "PMID": reference.pmid,
        "number": reference.number,
        "DOI": reference.doi,
        "URL": reference.url,
        "accessed": {"date-parts": [[day.year, day.month, day.day]]} if (day := reference.accessed) else None,
        "language": reference.language,
        "abstract": reference.abstract,
        "keyword": ", ".join(reference.keywords),
        "annote": reference.note,  # styles print `note` as a part of the reference
    }
    return {name: value for name, value in fields.items() if value}


def _name(author: AuthorRecord) -> dict[str, str]:
    if author.literal:
        return {"literal": author.literal}
    given, suffix = split_suffix(author)
    parts = {
        "family": author.family,
        "given": given,
        "non-dropping-particle": author.non_dropping_particle,
        "dropping-particle": author.dropping_particle,
        "suffix": suffix,
    }
    return {name: value for name, value in parts.items() if value}
