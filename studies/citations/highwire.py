"""Highwire Press meta tags, by which reference managers and search engines read the page of a study.

Zotero infers the type of a work from the tag that names its container, and splits names: a value with a comma is
"Family, Given"; where a page names one author alone, with two words on either side of the only comma, it is read as two
people, unless a semicolon ends it.
Sources: Zotero's translator "Embedded Metadata", Google Scholar's inclusion guidelines, November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from studies.citations.names import format_family_name
from studies.citations.reference import Reference
from studies.records.study import AuthorRecord

MetaTag = tuple[str, str]

_TYPE_TAGS = {
    "article-journal": "citation_journal_title",
    "chapter": "citation_inbook_title",
    "thesis": "citation_dissertation_institution",
    "report": "citation_technical_report_institution",
    "article": "citation_technical_report_institution",
}
"""The tag that shows the type of a work; books and web pages have none."""
_PLAIN_TYPES = {"chapter": "bookSection", "article": "report"}


def list_meta_tags(reference: Reference, page_url: str, pdf_url: str = "") -> Iterator[MetaTag]:
    """Yield name and content of each tag. `pdf_url` is the free PDF of the work itself, never a file of the bank."""
    yield "citation_title", reference.title
    for author in reference.authors:
        yield "citation_author", format_tag_name(author, is_alone=len(reference.authors) == 1)
    yield from (("citation_editor", format_tag_name(editor, is_alone=False)) for editor in reference.editors)
    yield from (("citation_issn", number) for number in reference.issn)
    yield from (("citation_isbn", number) for number in reference.isbn)
    single = {
        "citation_publication_date": reference.iso_date.replace("-", "/"),
        "citation_pmid": reference.pmid,
        "citation_conference_title": reference.conference if reference.type == "chapter" else "",
        **_container(reference),
        "citation_volume": reference.volume,
        "citation_issue": reference.issue,
        "citation_firstpage": reference.first_page or (reference.number if _is_article(reference) else ""),
        "citation_lastpage": reference.last_page,
        "citation_doi": reference.doi,
        "citation_language": reference.language,
        "citation_public_url": reference.url,
        "citation_abstract_html_url": page_url,
        "citation_pdf_url": pdf_url,
        # The note says that this is the bank's own text, not the published abstract (R5).
        "citation_abstract": f"{reference.abstract} ({reference.note})" if reference.abstract else "",
        "citation_keywords": "; ".join(keyword.replace(";", ",") for keyword in reference.keywords),
    }
    if not single.get(_TYPE_TAGS.get(reference.type, "")) and not _is_article(reference):
        single["DC.type"] = _PLAIN_TYPES.get(reference.type, reference.type)
    yield from ((tag, content) for tag, content in single.items() if content)


def format_tag_name(author: AuthorRecord, *, is_alone: bool) -> str:
    """Return a name that is read back as one name: an institution whole, a person as "Family, Given".

    `is_alone`: it is the only author of the work.
    """
    if author.literal:
        # A comma at the end keeps the last word from being taken for a family name; Zotero drops it.
        return f"{author.literal.replace(', ', ' - ').replace(',', ' ').replace(';', ' ')},"
    family = format_family_name(author).replace(",", "").replace(";", "")
    given = (author.given or "").replace(";", "")
    if is_alone and " " in family and " " in given.partition(",")[0]:
        return f"{family}, {given};"
    return f"{family}, {given}"


def _is_article(reference: Reference) -> bool:
    return reference.type == "article-journal"


def _container(reference: Reference) -> dict[str, str]:
    """Return the tags for the publisher and the container, from which the type of the work is inferred."""
    match reference.type:
        case "article-journal":
            return {"citation_journal_title": reference.container, "citation_publisher": reference.publisher}
        case "chapter":
            return {"citation_inbook_title": reference.container, "citation_publisher": reference.publisher}
        case "thesis":
            return {"citation_dissertation_institution": _institution(reference)}
        case "report" | "article":
            return {
                "citation_technical_report_institution": _institution(reference),
                "citation_technical_report_number": reference.number,
                "citation_series_title": reference.series if reference.publisher else "",
            }
        case _:
            return {"citation_publisher": reference.publisher, "citation_series_title": reference.series}


def _institution(reference: Reference) -> str:
    """Return the publisher of a report, or the best stand-in: without this tag a report is read as an article."""
    author = next((author.literal for author in reference.authors if author.literal), "")
    host = (urlsplit(reference.url).hostname or "").removeprefix("www.")
    return reference.publisher or reference.series or author or host
