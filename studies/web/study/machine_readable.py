"""The metadata of a study's page for programs: meta tags, linked data, and FAIR Signposting in a header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.safestring import SafeString

from studies.citations import highwire, schema_org
from studies.citations import reference as citations_reference
from studies.citations.styles.parts import get_address
from studies.exports.registry import EXPORTS
from studies.records.study import StudyRecord
from studies.text.bilingual import choose_text
from studies.text.identifiers import web_link
from studies.web.shared.addresses import absolute_url
from studies.web.shared.linked_data import write_linked_data


@dataclass(frozen=True, slots=True)
class MachineReadable:
    """`tags` are (name, content); `linked_data` is JSON that may stand in a script element; `links` is a header."""

    tags: tuple[highwire.MetaTag, ...]
    linked_data: SafeString
    links: str


def machine_readable(
    request: HttpRequest, record: StudyRecord, language: str, keywords: Sequence[str]
) -> MachineReadable:
    """Return the metadata of a published study for its page in `language`."""
    reference = citations_reference.make_reference(record, language=language, keywords=keywords)
    url = absolute_url(request, reverse("study", args=[record.id]))
    summary = choose_text(record.summary_es, record.summary_en, language)
    page = schema_org.PageMetadata(
        url=url,
        language=language,
        bank_url=absolute_url(request, reverse("home")),
        licence_url=settings.DATA_LICENCE_URL,
        summary=summary.text if summary and not summary.is_fallback else "",
        is_free=record.open_access,
    )
    return MachineReadable(
        tags=tuple(highwire.list_meta_tags(reference, url, _own_pdf(record))),
        linked_data=write_linked_data(schema_org.build_graph(reference, page)),
        links=_links(request, reference, url),
    )


def _own_pdf(record: StudyRecord) -> str:
    """Return the address of the work's free PDF, "" if the record has none."""
    url = web_link(record.url)
    return url if record.open_access and urlsplit(url).path.lower().endswith(".pdf") else ""


def _links(request: HttpRequest, reference: citations_reference.Reference, url: str) -> str:
    """Return the header `Link` of FAIR Signposting: what to cite, its descriptions, its types, author and licence.

    `author` and `license` are those of the page, which is the bank's; records have no addresses of a study's authors.
    """
    signposts = [(get_address(reference) or url, 'rel="cite-as"')]
    for ext, export in EXPORTS.items():
        if export.is_citation and not export.has_style:
            path = absolute_url(request, reverse("study-citation", args=[reference.key, ext]))
            signposts.append((path, f'rel="describedby"; type="{export.content_type.partition(";")[0]}"'))
    signposts += [
        ("https://schema.org/AboutPage", 'rel="type"'),
        (f"https://schema.org/{schema_org.get_schema_type(reference)}", 'rel="type"'),
        (absolute_url(request, reverse("about")), 'rel="author"'),
        (settings.DATA_LICENCE_URL, 'rel="license"'),
    ]
    return ", ".join(f"<{iri_to_uri(target)}>; {attributes}" for target, attributes in signposts)
