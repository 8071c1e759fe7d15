"""The metadata formats: Dublin Core, which every harvester reads, MODS, which keeps the parts apart, OpenAIRE.

All have texts in both languages with `xml:lang`, and mark the summaries as the bank's own. Vocabularies of the
values: info:eu-repo (the guidelines of OpenAIRE, which national repositories follow), MODS 3.8 of the Library of
Congress. A format is one function and one line in FORMATS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from studies.citations.names import format_family_name
from studies.citations.reference import NOTES, Reference, make_reference
from studies.models import Vocabulary
from studies.publishing.oai import openaire
from studies.publishing.oai.described import (
    ISO_639_3,
    SUBJECTS,
    XSI,
    DescribedStudy,
    full_name,
    list_label,
    list_labels,
    list_titles,
)
from studies.publishing.oai.markup import Element, text_element
from studies.records.finding import FindingRecord
from studies.records.study import AuthorRecord, StudyRecord
from studies.text.bibliographic_ids import orcid_address, ror_address
from studies.text.identifiers import doi_address

_EU_REPO = "info:eu-repo/semantics/"
_EU_REPO_TYPES = {
    "article-journal": "article",
    "report": "report",
    "article": "workingPaper",
    "chapter": "bookPart",
    "book": "book",
    "webpage": "other",
}
_IN_A_HOST = ("article-journal", "chapter", "webpage")


@dataclass(frozen=True, slots=True)
class MetadataFormat:
    """A metadata format as ListMetadataFormats lists it."""

    prefix: str
    schema: str
    namespace: str
    describe: Callable[[DescribedStudy], Element]


def describe_in_dublin_core(study: DescribedStudy) -> Element:
    """Return a study in unqualified Dublin Core."""
    attributes = {
        "xmlns:oai_dc": OAI_DC_NAMESPACE,
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        "xmlns:xsi": XSI,
        "xsi:schemaLocation": f"{OAI_DC_NAMESPACE} {OAI_DC_SCHEMA}",
    }
    return Element("oai_dc:dc", tuple(_dublin_core(study)), attributes)


def describe_in_mods(study: DescribedStudy) -> Element:
    """Return a study in MODS 3.8."""
    attributes = {
        "xmlns": MODS_NAMESPACE,
        "xmlns:xsi": XSI,
        "xsi:schemaLocation": f"{MODS_NAMESPACE} {MODS_SCHEMA}",
        "version": "3.8",
    }
    return Element("mods", tuple(_mods(study)), attributes)


OAI_DC_NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
OAI_DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
MODS_NAMESPACE = "http://www.loc.gov/mods/v3"
MODS_SCHEMA = "http://www.loc.gov/standards/mods/v3/mods-3-8.xsd"

FORMATS: Mapping[str, MetadataFormat] = {
    each.prefix: each
    for each in (
        MetadataFormat("oai_dc", OAI_DC_SCHEMA, OAI_DC_NAMESPACE, describe_in_dublin_core),
        MetadataFormat("mods", MODS_SCHEMA, MODS_NAMESPACE, describe_in_mods),
        MetadataFormat("oai_openaire", openaire.SCHEMA, openaire.NAMESPACE, openaire.describe),
    )
}


def _dublin_core(study: DescribedStudy) -> Iterator[Element]:
    record, cited = study.record, make_reference(study.record)
    for title, language in list_titles(record):
        yield text_element("dc:title", title, language)
    for author in cited.authors:
        yield Element("dc:creator", full_name(author))
    for label, language in list_labels(study, SUBJECTS):
        yield text_element("dc:subject", label, language)
    for language, summary in (("es", record.summary_es), ("en", record.summary_en)):
        if summary:
            yield text_element("dc:description", summary, language)
            yield text_element("dc:description", NOTES[language], language)
    if cited.publisher:
        yield Element("dc:publisher", cited.publisher)
    if record.year is not None:
        yield Element("dc:date", f"{record.year:04}")
    if record.type in _EU_REPO_TYPES:
        yield Element("dc:type", _EU_REPO + _EU_REPO_TYPES[record.type])
    for label, language in list_label(study, Vocabulary.TYPES, record.type):
        yield text_element("dc:type", label, language)
    for address in _addresses(study, cited):
        yield Element("dc:identifier", address)
    if source := _source(cited):
        yield Element("dc:source", source)
    if record.language:
        yield Element("dc:language", ISO_639_3.get(record.language, record.language))
    if cited.doi:
        yield Element("dc:relation", f"info:eu-repo/semantics/altIdentifier/doi/{cited.doi}")
    for label, language in list_labels(study, ("countries",)):
        yield text_element("dc:coverage", label, language)
    if record.open_access:
        yield Element("dc:rights", f"{_EU_REPO}openAccess")


def _mods(study: DescribedStudy) -> Iterator[Element]:
    record, cited = study.record, make_reference(study.record)
    (original, original_language), *translations = list_titles(record)
    yield _title(original, original_language)
    for title, language in translations:
        yield _title(title, language, kind="translated")
    for author in cited.authors:
        yield _mods_name(author)
    yield from (_mods_name(editor, "edt") for editor in cited.editors)
    yield from (_mods_name(translator, "trl") for translator in cited.translators)
    yield Element("typeOfResource", "text")
    if record.type in _EU_REPO_TYPES:
        yield Element("genre", _EU_REPO + _EU_REPO_TYPES[record.type])
    for label, language in list_label(study, Vocabulary.TYPES, record.type):
        yield text_element("genre", label, language)
    if origin := tuple(_origin(cited)):
        yield Element("originInfo", origin)
    if record.language:
        code = {"type": "code", "authority": "rfc5646"}
        yield Element("language", (Element("languageTerm", record.language, code),))
    for language, summary in (("es", record.summary_es), ("en", record.summary_en)):
        if summary:
            yield Element("abstract", summary, {"xml:lang": language, "displayLabel": NOTES[language]})
    yield from _mods_notes(record)
    for label, language in list_labels(study, SUBJECTS):
        yield Element("subject", (text_element("topic", label, language),))
    for label, language in list_labels(study, ("countries",)):
        yield Element("subject", (text_element("geographic", label, language),))
    yield from _mods_related(cited, record.type or "")
    yield Element("identifier", record.id, {"type": "local"})
    if cited.doi:
        yield Element("identifier", cited.doi, {"type": "doi"})
    if cited.pmid:
        yield Element("identifier", cited.pmid, {"type": "pmid"})
    if cited.type == "book":
        yield from (Element("identifier", number, {"type": "isbn"}) for number in cited.isbn)
    for address in _addresses(study, cited):
        yield Element("location", (Element("url", address),))
    if record.open_access:
        yield Element("accessCondition", f"{_EU_REPO}openAccess", {"type": "restriction on access"})
    yield Element("recordInfo", (Element("recordIdentifier", record.id),))


def _addresses(study: DescribedStudy, cited: Reference) -> Iterator[str]:
    """Yield the URLs of a study, the bank's own first: a harvester that keeps only one links to the record."""
    yield from study.pages.values()
    doi = doi_address(cited.doi) if cited.doi else ""
    yield from (address for address in dict.fromkeys((doi, cited.url)) if address)


def _source(cited: Reference) -> str:
    issue = f"{cited.volume}({cited.issue})" if cited.volume and cited.issue else cited.volume or cited.issue
    return ", ".join(part for part in (cited.container or cited.series, issue, cited.pages or cited.number) if part)


def _title(title: str, language: str, kind: str = "") -> Element:
    attributes = {name: value for name, value in (("type", kind), ("xml:lang", language)) if value}
    return Element("titleInfo", (Element("title", title),), attributes)


def _mods_name(author: AuthorRecord, code: str = "aut") -> Element:
    role = Element("role", (Element("roleTerm", code, {"type": "code", "authority": "marcrelator"}),))
    if author.literal:
        known = (Element("nameIdentifier", ror_address(author.ror), {"type": "ror"}),) if author.ror else ()
        return Element("name", (Element("namePart", author.literal), role, *known), {"type": "corporate"})
    parts = [Element("namePart", format_family_name(author), {"type": "family"})]
    if author.given:
        parts.append(Element("namePart", author.given, {"type": "given"}))
    known = (Element("nameIdentifier", orcid_address(author.orcid), {"type": "orcid"}),) if author.orcid else ()
    return Element("name", (*parts, role, *known), {"type": "personal"})


def _origin(cited: Reference) -> Iterator[Element]:
    if cited.place:
        yield Element("place", (Element("placeTerm", cited.place, {"type": "text"}),))
    if cited.publisher:
        yield Element("publisher", cited.publisher)
    if cited.iso_date:
        yield Element("dateIssued", cited.iso_date, {"encoding": "w3cdtf"})
    if cited.edition:
        yield Element("edition", cited.edition)


def _mods_notes(record: StudyRecord) -> Iterator[Element]:
    """Yield key finding, findings, limitations and the bank's own note, as the bank words them."""
    for language, finding in (("es", record.key_finding_es), ("en", record.key_finding_en)):
        if finding:
            yield Element("note", finding, {"type": "key finding", "xml:lang": language})
    for each in record.findings:
        yield from _mods_finding(each)
    for language, limits in (("es", record.limitations_es), ("en", record.limitations_en)):
        if limits:
            yield Element("note", limits, {"type": "limitations", "xml:lang": language})
    for language, note in (("es", record.note_es), ("en", record.note_en)):
        if note:
            yield Element("note", note, {"type": "note of the bank", "xml:lang": language})


def _mods_finding(finding: FindingRecord) -> Iterator[Element]:
    for language, statement in (("es", finding.statement_es), ("en", finding.statement_en)):
        if statement:
            yield Element("note", statement, {"type": "finding", "xml:lang": language})


def _mods_related(cited: Reference, kind: str) -> Iterator[Element]:
    """Yield the journal, book or site that contains the study, or its series."""
    container = cited.container or cited.series
    parts = tuple(_mods_part(cited))
    if not container and not parts:
        return
    title = (Element("titleInfo", (Element("title", container),)),) if container else ()
    part = (Element("part", parts),) if parts else ()
    numbers = [("issn", number) for number in cited.issn]
    numbers += [("isbn", number) for number in cited.isbn if cited.type == "chapter"]
    known = tuple(Element("identifier", number, {"type": name}) for name, number in numbers)
    yield Element("relatedItem", (*title, *part, *known), {"type": "host" if kind in _IN_A_HOST else "series"})


def _mods_part(cited: Reference) -> Iterator[Element]:
    for kind, number in (("volume", cited.volume), ("issue", cited.issue), ("number", cited.number)):
        if number:
            yield Element("detail", (Element("number", number),), {"type": kind})
    if cited.first_page:
        ends = [Element("start", cited.first_page)]
        if cited.last_page:
            ends.append(Element("end", cited.last_page))
        yield Element("extent", tuple(ends), {"unit": "pages"})
