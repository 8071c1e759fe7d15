"""Builds the response to an OAI-PMH request: one XML document, with either its content or an error. For `view`."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings

from studies.models import Vocabulary
from studies.publishing.oai import formats, harvest, protocol
from studies.publishing.oai.described import XSI, DescribedStudy
from studies.publishing.oai.formats import FORMATS
from studies.publishing.oai.harvest import HarvestPage, OaiItem
from studies.publishing.oai.markup import Element, render_document
from studies.publishing.oai.protocol import TOKEN, OaiError, OaiRequest
from studies.store import vocabularies
from studies.store.exchange.study import to_record
from studies.store.vocabularies import Vocabularies

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_IDENTIFIER_NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai-identifier"

CAUTION = {
    "es": "El banco no es una búsqueda sistemática: los conteos describen el banco, no toda la literatura.",
    "en": "The bank is not a systematic search: counts describe the bank, not the whole literature.",
}


@dataclass(frozen=True, slots=True)
class OaiAddresses:
    """Absolute URLs: that of the protocol, and by language those of the pages of a study, given its slug."""

    base_url: str
    pages: Callable[[str], Mapping[str, str]]


def build_response(given: Mapping[str, list[str]], site: OaiAddresses, now: datetime.datetime) -> str:
    """Return the response to the arguments of a request.

    `now` must be read before the database is, so that the next harvest from that time misses no change.
    """
    request = None
    try:
        request = protocol.parse_request(given)
        content: tuple[Element, ...] = (Element(request.verb, tuple(_WRITERS[request.verb](request, site))),)
    except OaiError as error:
        # The protocol wants a bad request echoed without its arguments.
        request = None if error.code in ("badVerb", "badArgument") else request
        content = (Element("error", error.message, {"code": error.code}),)
    head = Element("responseDate", protocol.format_datestamp(now)), _echo(request, site)
    attributes = {
        "xmlns": NAMESPACE,
        "xmlns:xsi": XSI,
        "xsi:schemaLocation": f"{NAMESPACE} {_SCHEMA}",
    }
    return render_document(Element("OAI-PMH", (*head, *content), attributes))


def _echo(request: OaiRequest | None, site: OaiAddresses) -> Element:
    attributes = {"verb": request.verb, **request.arguments} if request else {}
    return Element("request", site.base_url, attributes)


def _identify(request: OaiRequest, site: OaiAddresses) -> Iterator[Element]:
    yield Element("repositoryName", "Banco de Evidencias")
    yield Element("baseURL", site.base_url)
    yield Element("protocolVersion", "2.0")
    yield Element("adminEmail", settings.CONTACT_EMAIL or f"postmaster@{settings.OAI_DOMAIN}")
    yield Element("earliestDatestamp", protocol.format_datestamp(harvest.find_earliest_datestamp()))
    yield Element("deletedRecord", "persistent")
    yield Element("granularity", "YYYY-MM-DDThh:mm:ssZ")
    yield Element("compression", "gzip")
    yield Element("description", (_identifiers(),))
    yield Element("description", (_about_the_bank(),))


def _identifiers() -> Element:
    attributes = {
        "xmlns": _IDENTIFIER_NAMESPACE,
        "xsi:schemaLocation": f"{_IDENTIFIER_NAMESPACE} {_IDENTIFIER_NAMESPACE}.xsd",
    }
    parts = (
        Element("scheme", "oai"),
        Element("repositoryIdentifier", settings.OAI_DOMAIN),
        Element("delimiter", ":"),
        Element("sampleIdentifier", f"{harvest.identifier_prefix()}abramsky-2014-sasa"),
    )
    return Element("oai-identifier", parts, attributes)


def _about_the_bank() -> Element:
    attributes = {
        "xmlns:oai_dc": formats.OAI_DC_NAMESPACE,
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        "xsi:schemaLocation": f"{formats.OAI_DC_NAMESPACE} {formats.OAI_DC_SCHEMA}",
    }
    cautions = (Element("dc:description", text, {"xml:lang": language}) for language, text in CAUTION.items())
    licence = f"{settings.DATA_LICENCE_NAME} {settings.DATA_LICENCE_URL}"
    parts = (Element("dc:title", "Banco de Evidencias"), *cautions, Element("dc:rights", licence))
    return Element("oai_dc:dc", parts, attributes)


def _list_metadata_formats(request: OaiRequest, site: OaiAddresses) -> Iterator[Element]:
    if "identifier" in request.arguments and harvest.get_item(request.arguments["identifier"]).is_deleted:
        raise OaiError("noMetadataFormats", "That record is deleted: no metadata is left of it.")
    for each in FORMATS.values():
        parts = {"metadataPrefix": each.prefix, "schema": each.schema, "metadataNamespace": each.namespace}
        yield Element("metadataFormat", tuple(Element(name, text) for name, text in parts.items()))


def _list_sets(request: OaiRequest, site: OaiAddresses) -> Iterator[Element]:
    if TOKEN in request.arguments:
        raise OaiError("badResumptionToken", "The list of sets is given whole.")
    themes = harvest.list_sets(vocabularies.current())
    if not themes:
        raise OaiError("noSetHierarchy", "This bank has no sets.")
    for theme in themes:
        yield Element("set", (Element("setSpec", theme.code), Element("setName", f"{theme.es} / {theme.en}")))


def _list_identifiers(request: OaiRequest, site: OaiAddresses) -> Iterator[Element]:
    _check_format(request)
    page = harvest.read_page(request)
    vocabulary = vocabularies.current()
    yield from (_header(item, vocabulary) for item in page.items)
    yield from _resumption(page)


def _list_records(request: OaiRequest, site: OaiAddresses) -> Iterator[Element]:
    _check_format(request)
    page = harvest.read_page(request)
    yield from _records(page.items, page.metadata_prefix, site)
    yield from _resumption(page)


def _get_record(request: OaiRequest, site: OaiAddresses) -> Iterator[Element]:
    item = harvest.get_item(request.arguments["identifier"])
    _check_format(request)
    yield from _records([item], request.arguments["metadataPrefix"], site)


_WRITERS: Mapping[str, Callable[[OaiRequest, OaiAddresses], Iterable[Element]]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_metadata_formats,
    "ListSets": _list_sets,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
    "GetRecord": _get_record,
}


def _check_format(request: OaiRequest) -> None:
    prefix = request.arguments.get("metadataPrefix")
    if prefix is not None and prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", f"The formats of this bank are {', '.join(FORMATS)}.")


def _records(items: Iterable[OaiItem], metadata_prefix: str, site: OaiAddresses) -> Iterator[Element]:
    vocabulary = vocabularies.current()
    describe = FORMATS[metadata_prefix].describe
    for item in items:
        header = _header(item, vocabulary)
        if item.is_deleted:
            yield Element("record", (header,))
        else:
            described = DescribedStudy(to_record(item.study, vocabulary), vocabulary, site.pages(item.study.slug))
            yield Element("record", (header, Element("metadata", (describe(described),))))


def _header(item: OaiItem, vocabulary: Vocabularies) -> Element:
    terms = (vocabulary.by_id[row.term_id] for row in item.study.study_terms.all())
    themes = sorted(term.code for term in terms if term.vocabulary == Vocabulary.THEMES)
    parts = (
        Element("identifier", item.identifier),
        Element("datestamp", protocol.format_datestamp(item.datestamp)),
        *(Element("setSpec", code) for code in themes),
    )
    return Element("header", parts, {"status": "deleted"} if item.is_deleted else {})


def _resumption(page: HarvestPage) -> Iterator[Element]:
    if page.token is not None:
        yield Element(TOKEN, page.token, {"completeListSize": str(page.size), "cursor": str(page.cursor)})
