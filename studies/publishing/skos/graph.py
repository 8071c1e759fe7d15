"""What is stated of vocabularies and thesaurus: a list of resources with their properties.

An identifier is an address of the document with the code after `#`. Links to other vocabularies are only those that the
bank's own data state: codes of countries are those of ISO 3166-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import override

from studies.models import Vocabulary
from studies.models.vocabulary import PARENT_OF
from studies.store.vocabularies import ConceptView, TermView, Vocabularies

THESAURUS = "thesaurus"
LANGUAGES = ("es", "en")
_ISO_3166 = "https://www.iso.org/obp/ui/#iso:code:3166:"
_COUNTRY = re.compile("[A-Z]{2}")
_NAMES_OF_THESAURUS = {"es": "Tesauro de las búsquedas", "en": "Thesaurus of searches"}


@dataclass(frozen=True, slots=True)
class Iri:
    """The identifier of a resource, absolute."""

    value: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text. `language` "" is none."""

    value: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    value: bool


Value = Iri | Literal | Truth


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource and its properties, as (prefixed name, value)."""

    iri: Iri
    properties: tuple[tuple[str, Value], ...]


def build_graph(vocabulary: Vocabularies, document: str, licence: str) -> Iterator[Resource]:
    """Yield the schemes and their concepts. `document` and `licence` are absolute addresses."""
    for kind in Vocabulary:
        yield Resource(
            scheme_iri(document, kind.value),
            (
                ("rdf:type", Iri(PREFIXES["skos"] + "ConceptScheme")),
                *(("skos:prefLabel", Literal(label, language)) for language, label in _labels_of(kind).items()),
                ("dct:license", Iri(licence)),
            ),
        )
        for term in vocabulary.every_term(kind):
            yield Resource(term_iri(document, term.vocabulary, term.code), tuple(_term(term, document)))
    yield Resource(
        scheme_iri(document, THESAURUS),
        (
            ("rdf:type", Iri(PREFIXES["skos"] + "ConceptScheme")),
            *(("skos:prefLabel", Literal(label, language)) for language, label in _NAMES_OF_THESAURUS.items()),
            ("dct:license", Iri(licence)),
        ),
    )
    for concept in vocabulary.concepts:
        iri = term_iri(document, THESAURUS, concept.slug)
        yield Resource(iri, tuple(_concept(concept, vocabulary, document)))


PREFIXES: Mapping[str, str] = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


def scheme_iri(document: str, name: str) -> Iri:
    """Return the identifier of a vocabulary, or of THESAURUS."""
    return Iri(f"{document}#{name}")


def term_iri(document: str, name: str, code: str) -> Iri:
    """Return the identifier of a term or of a concept of the thesaurus."""
    return Iri(f"{document}#{name}.{quote(code, safe='')}")


def _labels_of(kind: Vocabulary) -> Mapping[str, str]:
    labels = {}
    for language in LANGUAGES:
        with override(language):
            labels[language] = str(kind.label)
    return labels


def _term(term: TermView, document: str) -> Iterator[tuple[str, Value]]:
    scheme = scheme_iri(document, term.vocabulary)
    yield "rdf:type", Iri(PREFIXES["skos"] + "Concept")
    yield "skos:inScheme", scheme
    yield "skos:topConceptOf", scheme
    yield "skos:notation", Literal(term.code)
    for language in LANGUAGES:
        yield "skos:prefLabel", Literal(term.label(language), language)
        if definition := term.definition(language):
            yield "skos:definition", Literal(definition, language)
    if term.parent is not None:
        # The parent is of another vocabulary: a theme, a group, a family, a region.
        parents = PARENT_OF[Vocabulary(term.vocabulary)]
        yield "skos:broadMatch", term_iri(document, parents, term.parent)
    if term.vocabulary == Vocabulary.COUNTRIES and _COUNTRY.fullmatch(term.code):
        yield "skos:exactMatch", Iri(f"{_ISO_3166}{term.code}")
    if term.is_retired:
        yield "owl:deprecated", Truth(True)
    if term.current != term.code:
        yield "dct:isReplacedBy", term_iri(document, term.vocabulary, term.current)


def _concept(concept: ConceptView, vocabulary: Vocabularies, document: str) -> Iterator[tuple[str, Value]]:
    scheme = scheme_iri(document, THESAURUS)
    yield "rdf:type", Iri(PREFIXES["skos"] + "Concept")
    yield "skos:inScheme", scheme
    yield "skos:notation", Literal(concept.slug)
    if concept.broader is not None:
        yield "skos:broader", term_iri(document, THESAURUS, concept.broader)
    else:
        yield "skos:topConceptOf", scheme
    for language, words in (("es", concept.es), ("en", concept.en)):
        # The first word is what the bank calls it. A label is preferred or another one, never both.
        for place, word in enumerate(dict.fromkeys(words)):
            yield ("skos:altLabel" if place else "skos:prefLabel"), Literal(word, language)
    for word in dict.fromkeys(concept.typed):
        yield "skos:hiddenLabel", Literal(word)
    for kind, code in concept.terms:
        if (term := vocabulary.find(kind, code)) is not None:
            yield "skos:closeMatch", term_iri(document, kind, term.code)
