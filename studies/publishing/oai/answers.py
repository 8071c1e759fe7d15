"""The answer to a request: one document, whether it tells records or an error."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings

from studies.models import Vocabulary
from studies.publishing.oai import formats, harvest, protocol
from studies.publishing.oai.formats import FORMATS, Described
from studies.publishing.oai.harvest import Harvested, Item
from studies.publishing.oai.markup import Element, document
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
class Site:
    """What an answer must know of where it is given: the address of the protocol, and those of a study's pages."""

    base_url: str
    pages: Callable[[str], Mapping[str, str]]


def answer(given: Mapping[str, list[str]], site: Site, now: datetime.datetime) -> str:
    """Answer the arguments of a request. `now` was read before anything is: what changes after it comes next time."""
    request = None
    try:
        request = protocol.read(given)
        content: tuple[Element, ...] = (Element(request.verb, tuple(_VERBS[request.verb](request, site))),)
    except OaiError as error:
        # A request that cannot be read is echoed without what it held.
        request = None if error.code in ("badVerb", "badArgument") else request
        content = (Element("error", error.message, {"code": error.code}),)
    head = Element("responseDate", protocol.stamp(now)), _echo(request, site)
    attributes = {
        "xmlns": NAMESPACE,
        "xmlns:xsi": formats.XSI,
        "xsi:schemaLocation": f"{NAMESPACE} {_SCHEMA}",
    }
    return document(Element("OAI-PMH", (*head, *content), attributes))


def _echo(request: OaiRequest | None, site: Site) -> Element:
    attributes = {"verb": request.verb, **request.arguments} if request else {}
    return Element("request", site.base_url, attributes)


def _identify(request: OaiRequest, site: Site) -> Iterator[Element]:
    yield Element("repositoryName", "Banco de Evidencias")
    yield Element("baseURL", site.base_url)
    yield Element("protocolVersion", "2.0")
    yield Element("adminEmail", settings.CONTACT_EMAIL or f"postmaster@{settings.OAI_DOMAIN}")
    yield Element("earliestDatestamp", protocol.stamp(harvest.earliest_datestamp()))
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
        Element("sampleIdentifier", f"{harvest.prefix()}abramsky-2014-sasa"),
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


def _list_metadata_formats(request: OaiRequest, site: Site) -> Iterator[Element]:
    if "identifier" in request.arguments and harvest.item(request.arguments["identifier"]).is_deleted:
        raise OaiError("noMetadataFormats", "That record is deleted: no metadata is left of it.")
    for each in FORMATS.values():
        parts = {"metadataPrefix": each.prefix, "schema": each.schema, "metadataNamespace": each.namespace}
        yield Element("metadataFormat", tuple(Element(name, text) for name, text in parts.items()))


def _list_sets(request: OaiRequest, site: Site) -> Iterator[Element]:
    if TOKEN in request.arguments:
        raise OaiError("badResumptionToken", "The list of sets is given whole.")
    themes = harvest.sets(vocabularies.current())
    if not themes:
        raise OaiError("noSetHierarchy", "This bank has no sets.")
    for theme in themes:
        yield Element("set", (Element("setSpec", theme.code), Element("setName", f"{theme.es} / {theme.en}")))


def _list_identifiers(request: OaiRequest, site: Site) -> Iterator[Element]:
    _check_format(request)
    page = harvest.page(request)
    vocabulary = vocabularies.current()
    yield from (_header(item, vocabulary) for item in page.items)
    yield from _resumption(page)


def _list_records(request: OaiRequest, site: Site) -> Iterator[Element]:
    _check_format(request)
    page = harvest.page(request)
    yield from _records(page.items, page.metadata_prefix, site)
    yield from _resumption(page)


def _get_record(request: OaiRequest, site: Site) -> Iterator[Element]:
    item = harvest.item(request.arguments["identifier"])
    _check_format(request)
    yield from _records([item], request.arguments["metadataPrefix"], site)


_VERBS: Mapping[str, Callable[[OaiRequest, Site], Iterable[Element]]] = {
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


def _records(items: Iterable[Item], metadata_prefix: str, site: Site) -> Iterator[Element]:
    vocabulary = vocabularies.current()
    describe = FORMATS[metadata_prefix].describe
    for item in items:
        header = _header(item, vocabulary)
        if item.is_deleted:
            yield Element("record", (header,))
        else:
            described = Described(to_record(item.study, vocabulary), vocabulary, site.pages(item.study.slug))
            yield Element("record", (header, Element("metadata", (describe(described),))))


def _header(item: Item, vocabulary: Vocabularies) -> Element:
    terms = (vocabulary.by_id[row.term_id] for row in item.study.study_terms.all())
    themes = sorted(term.code for term in terms if term.vocabulary == Vocabulary.THEMES)
    parts = (
        Element("identifier", item.identifier),
        Element("datestamp", protocol.stamp(item.datestamp)),
        *(Element("setSpec", code) for code in themes),
    )
    return Element("header", parts, {"status": "deleted"} if item.is_deleted else {})


def _resumption(page: Harvested) -> Iterator[Element]:
    if page.token is not None:
        yield Element(TOKEN, page.token, {"completeListSize": str(page.size), "cursor": str(page.cursor)})
