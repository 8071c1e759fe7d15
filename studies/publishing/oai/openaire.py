"""A study by the OpenAIRE Guidelines for Literature Repository Managers, version 4: the format `oai_openaire`.

ALICIA and LA Referencia harvest it. Types and rights are of the vocabularies of COAR. Where the record does not say
that the text is open, the bank offers "metadata only access", which is what it has itself. What records do not have
(funding, version) is left out, and so is the licence of a text, of which they have the name and no address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from studies.citations.names import format_family_name
from studies.citations.reference import NOTES, Reference, make_reference
from studies.publishing.oai.described import (
    ISO_639_3,
    SUBJECTS,
    XSI,
    DescribedStudy,
    full_name,
    list_labels,
    list_titles,
)
from studies.publishing.oai.markup import Element, text_element
from studies.records.study import AuthorRecord
from studies.text.identifiers import doi_address

NAMESPACE = "http://namespace.openaire.eu/schema/oaire/"
SCHEMA = "https://www.openaire.eu/schema/repo-lit/4.0/openaire.xsd"

_COAR = "http://purl.org/coar/"
_RESOURCE_TYPES = {
    "article-journal": ("c_6501", "journal article"),
    "report": ("c_93fc", "report"),
    "article": ("c_8042", "working paper"),
    "chapter": ("c_3248", "book part"),
    "book": ("c_2f33", "book"),
    "webpage": ("c_7ad9", "website"),
}
_OTHER_TYPE = ("c_1843", "other")
_OPEN = ("c_abf2", "open access")
_METADATA_ONLY = ("c_14cb", "metadata only access")


def describe(study: DescribedStudy) -> Element:
    """Return a study as a resource of OpenAIRE."""
    attributes = {
        "xmlns:oaire": NAMESPACE,
        "xmlns:datacite": "http://datacite.org/schema/kernel-4",
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        "xmlns:xsi": XSI,
        "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
    }
    return Element("oaire:resource", tuple(_parts(study)), attributes)


def _parts(study: DescribedStudy) -> Iterator[Element]:
    record, cited = study.record, make_reference(study.record)
    (original, language), *translations = list_titles(record)
    titles = [text_element("datacite:title", original, language)]
    titles += [
        Element("datacite:title", title, {"xml:lang": language, "titleType": "TranslatedTitle"})
        for title, language in translations
    ]
    yield Element("datacite:titles", tuple(titles))
    if cited.authors:
        creators = (Element("datacite:creator", _name("creator", author)) for author in cited.authors)
        yield Element("datacite:creators", tuple(creators))
    if contributors := tuple(_contributors(cited)):
        yield Element("datacite:contributors", contributors)
    if others := tuple(_alternate_identifiers(study, cited)):
        yield Element("datacite:alternateIdentifiers", others)
    if wholes := tuple(_wholes(cited)):
        yield Element("datacite:relatedIdentifiers", wholes)
    if cited.iso_date:
        date = Element("datacite:date", cited.iso_date, {"dateType": "Issued"})
        yield Element("datacite:dates", (date,))
    if record.language:
        yield Element("dc:language", ISO_639_3.get(record.language, record.language))
    if cited.publisher:
        yield Element("dc:publisher", cited.publisher)
    code, label = _RESOURCE_TYPES.get(record.type or "", _OTHER_TYPE)
    kind = {"resourceTypeGeneral": "literature", "uri": f"{_COAR}resource_type/{code}"}
    yield Element("oaire:resourceType", label, kind)
    for language, summary in (("es", record.summary_es), ("en", record.summary_en)):
        if summary:
            # The guidelines have no place for who wrote a description, so the text itself says it.
            yield text_element("dc:description", f"{summary} ({NOTES[language]})", language)
    yield _identifier(study, cited)
    code, label = _OPEN if record.open_access else _METADATA_ONLY
    yield Element("datacite:rights", label, {"rightsURI": f"{_COAR}access_right/{code}"})
    if subjects := tuple(_in_language("datacite:subject", list_labels(study, SUBJECTS))):
        yield Element("datacite:subjects", subjects)
    yield from _in_language("dc:coverage", list_labels(study, ("countries",)))
    yield from _citation(cited)


def _name(role: str, author: AuthorRecord) -> tuple[Element, ...]:
    """Return the parts of the name of a "creator" or "contributor"."""
    if author.literal:
        parts = [Element(f"datacite:{role}Name", author.literal, {"nameType": "Organizational"})]
    else:
        parts = [Element(f"datacite:{role}Name", full_name(author), {"nameType": "Personal"})]
        if author.given:
            parts.append(Element("datacite:givenName", author.given))
        if author.family:
            parts.append(Element("datacite:familyName", format_family_name(author)))
    for scheme, home, number in (("ORCID", "https://orcid.org", author.orcid), ("ROR", "https://ror.org", author.ror)):
        if number:
            known = {"nameIdentifierScheme": scheme, "schemeURI": home}
            parts.append(Element("datacite:nameIdentifier", f"{home}/{number}", known))
    return tuple(parts)


def _contributors(cited: Reference) -> Iterator[Element]:
    # The vocabulary of version 4 has no translator.
    for kind, people in (("Editor", cited.editors), ("Other", cited.translators)):
        for person in people:
            yield Element("datacite:contributor", _name("contributor", person), {"contributorType": kind})


def _wholes(cited: Reference) -> Iterator[Element]:
    """Yield the numbers of the journal, series or book that the work is a part of."""
    numbers = [("ISSN", number) for number in cited.issn]
    numbers += [("ISBN", number) for number in cited.isbn if cited.type == "chapter"]
    for kind, number in numbers:
        attributes = {"relatedIdentifierType": kind, "relationType": "IsPartOf"}
        yield Element("datacite:relatedIdentifier", number, attributes)


def _identifier(study: DescribedStudy, cited: Reference) -> Element:
    """Return the identifier of the text: its DOI, else its address, else that of its record here."""
    if cited.doi:
        return Element("datacite:identifier", doi_address(cited.doi), {"identifierType": "DOI"})
    return Element("datacite:identifier", cited.url or study.pages["es"], {"identifierType": "URL"})


def _alternate_identifiers(study: DescribedStudy, cited: Reference) -> Iterator[Element]:
    addresses = [*study.pages.values(), *((cited.url,) if cited.doi and cited.url else ())]
    for address in dict.fromkeys(addresses):
        yield Element("datacite:alternateIdentifier", address, {"alternateIdentifierType": "URL"})
    numbers = [("PMID", number) for number in (cited.pmid,) if number]
    numbers += [("ISBN", number) for number in cited.isbn if cited.type == "book"]
    for kind, number in numbers:
        yield Element("datacite:alternateIdentifier", number, {"alternateIdentifierType": kind})


def _citation(cited: Reference) -> Iterator[Element]:
    for name, value in (
        ("Title", cited.container or cited.series),
        ("Volume", cited.volume),
        ("Issue", cited.issue or cited.number),
        ("StartPage", cited.first_page),
        ("EndPage", cited.last_page),
        ("Edition", cited.edition),
    ):
        if value:
            yield Element(f"oaire:citation{name}", value)


def _in_language(name: str, labels: Iterable[tuple[str, str]]) -> Iterator[Element]:
    return (text_element(name, label, language) for label, language in labels)
