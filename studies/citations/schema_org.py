"""schema.org linked data of a study: the published work, and the page with the bank's summary of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studies.citations.names import format_full_name
from studies.citations.reference import Reference
from studies.citations.styles.parts import split_publishers
from studies.records.study import AuthorRecord
from studies.text.bibliographic_ids import orcid_address, ror_address
from studies.text.identifiers import doi_address

TYPES = {
    "article-journal": "ScholarlyArticle",
    "report": "Report",
    "article": "Report",
    "chapter": "Chapter",
    "book": "Book",
    "thesis": "Thesis",
    "webpage": "WebPage",
}


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """The page that carries the data. `summary` is the bank's text in the `language` of the page, "" for none.

    `is_free` is None where nobody knows whether the full text is free.
    """

    url: str
    language: str
    bank_url: str
    licence_url: str
    summary: str = ""
    is_free: bool | None = None


def build_graph(reference: Reference, page: PageMetadata) -> dict[str, Any]:
    """Return the JSON-LD document of a page: the work, and the page about it."""
    work = _work(reference, page)
    return {"@context": "https://schema.org", "@graph": [work, _summary(work["@id"], page)]}


def get_schema_type(reference: Reference) -> str:
    """Return the schema.org class of the work."""
    return TYPES.get(reference.type, "Report")


def _work(reference: Reference, page: PageMetadata) -> dict[str, Any]:
    doi = doi_address(reference.doi) if reference.doi else ""
    fields: dict[str, Any] = {
        "@type": get_schema_type(reference),
        # Without a DOI, the work needs an identifier that is not the address of the page about it.
        "@id": doi or f"{page.url}#estudio",
        "name": reference.title,
        "headline": reference.title,  # of an article, Google reads no other
        "inLanguage": reference.language,
        "author": [_agent(author) for author in reference.authors],
        "editor": [_agent(editor) for editor in reference.editors],
        "translator": [_agent(translator) for translator in reference.translators],
        "datePublished": reference.iso_date,
        "publisher": [{"@type": "Organization", "name": name} for name in split_publishers(reference)],
        "genre": "Working paper" if reference.type == "article" else "",
        "isPartOf": _container(reference),
        "bookEdition": reference.edition if reference.type == "book" else "",
        "isbn": list(reference.isbn) if reference.type == "book" else [],
        "reportNumber": reference.number if get_schema_type(reference) == "Report" else "",
        "pageStart": reference.first_page,
        "pageEnd": reference.last_page,
        "identifier": _identifiers(reference),
        "sameAs": doi,
        "url": reference.url,
        "keywords": list(reference.keywords),
    }
    written = {key: value for key, value in fields.items() if value not in ("", [], {})}
    if page.is_free is not None:
        written["isAccessibleForFree"] = page.is_free
    return written


def _identifiers(reference: Reference) -> dict[str, str] | list[dict[str, str]]:
    """Return the DOI and the number in PubMed: one alone, both in a list."""
    numbers = {"DOI": reference.doi, "PMID": reference.pmid}
    found = [{"@type": "PropertyValue", "propertyID": name, "value": value} for name, value in numbers.items() if value]
    return found[0] if len(found) == 1 else found


def _summary(work_id: str, page: PageMetadata) -> dict[str, Any]:
    fields = {
        "@type": "AboutPage",
        "@id": page.url,
        "url": page.url,
        "inLanguage": page.language,
        "about": {"@id": work_id},
        "author": {"@type": "Organization", "name": "Banco de Evidencias", "url": page.bank_url},
        "abstract": page.summary,
        "license": page.licence_url,
        "isPartOf": {"@type": "WebSite", "name": "Banco de Evidencias", "url": page.bank_url},
    }
    return {key: value for key, value in fields.items() if value}


def _agent(author: AuthorRecord) -> dict[str, str]:
    if author.literal:
        organisation = {"@type": "Organization", "name": author.literal}
        return {**organisation, "@id": ror_address(author.ror)} if author.ror else organisation
    parts = {"givenName": author.given or "", "familyName": author.family or ""}
    return {
        "@type": "Person",
        **({"@id": orcid_address(author.orcid)} if author.orcid else {}),
        "name": format_full_name(author),
        **{key: value for key, value in parts.items() if value},
    }


def _container(reference: Reference) -> dict[str, Any]:
    """Return the container: issue in volume in journal for an article, else a series, a book or a web site."""
    if reference.type == "article-journal":
        nested: dict[str, Any] = {"@type": "Periodical", "name": reference.container} if reference.container else {}
        if nested and reference.issn:
            nested["issn"] = list(reference.issn)
        if reference.volume:
            nested = _within({"@type": "PublicationVolume", "volumeNumber": reference.volume}, nested)
        if reference.issue:
            nested = _within({"@type": "PublicationIssue", "issueNumber": reference.issue}, nested)
        return nested
    if reference.series:
        return {"@type": "CreativeWorkSeries", "name": reference.series}
    kind = "Book" if reference.type == "chapter" else "WebSite"
    return {"@type": kind, "name": reference.container} if reference.container else {}


def _within(part: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    return {**part, "isPartOf": whole} if whole else part
