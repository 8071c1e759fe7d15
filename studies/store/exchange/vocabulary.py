"""Converts terms and concepts of the thesaurus between rows and records."""

from __future__ import annotations

from studies.models import Concept, Term, Vocabulary
from studies.models.vocabulary import PARENT_OF
from studies.records.study import ConceptRecord, TermRecord
from studies.store.exchange.errors import UnknownTerm
from studies.store.vocabularies import TermView

PARENT_KEY = {
    Vocabulary.INTERVENTIONS: "theme",
    Vocabulary.OUTCOMES: "group",
    Vocabulary.DESIGNS: "family",
    Vocabulary.COUNTRIES: "region",
}
"""The key under which a term of the exchange format names its parent."""


def term_to_record(term: Term) -> TermRecord:
    """Convert a term: one query for its parent, unless `select_related` read it."""
    attributes = dict(term.attributes)
    if term.parent is not None:
        attributes[PARENT_KEY[Vocabulary(term.vocabulary)]] = term.parent.code
    return TermRecord(
        code=term.code,
        es=term.label_es,
        en=term.label_en,
        definition_es=term.definition_es or None,
        definition_en=term.definition_en or None,
        coding_es=term.coding_es or None,
        coding_en=term.coding_en or None,
        attributes=attributes,
    )


def term_view_to_record(term: TermView) -> TermRecord:
    """Return the record of a term of `vocabularies.current()`, without notes for coders: no query."""
    parent = {PARENT_KEY[Vocabulary(term.vocabulary)]: term.parent} if term.parent else {}
    return TermRecord(
        code=term.code,
        es=term.es,
        en=term.en,
        definition_es=term.definition_es or None,
        definition_en=term.definition_en or None,
        attributes={**term.attributes, **parent},
    )


def save_term(record: TermRecord, vocabulary: str, position: int, term: Term | None = None) -> Term:
    """Write a term over `term`, or as a new one. Call it inside `changes.vocabulary_change`. Raises UnknownTerm."""
    term = term if term is not None else Term(vocabulary=vocabulary, code=record.code)
    attributes = dict(record.attributes)
    kind = Vocabulary(vocabulary)
    if kind in PARENT_OF:
        parent_code = attributes.pop(PARENT_KEY[kind], "")
        term.parent = Term.objects.filter(vocabulary=PARENT_OF[kind], code=parent_code).first()
        if term.parent is None:
            raise UnknownTerm(f"{vocabulary}:{record.code}.{PARENT_KEY[kind]}", parent_code)
    term.label_es = record.es
    term.label_en = record.en
    term.definition_es = record.definition_es or ""
    term.definition_en = record.definition_en or ""
    term.coding_es = record.coding_es or ""
    term.coding_en = record.coding_en or ""
    term.attributes = attributes
    term.position = position
    term.save()
    return term


def concept_to_record(concept: Concept) -> ConceptRecord:
    """Convert a concept, with its terms in the order of the taxonomy."""
    terms = sorted(concept.terms.all(), key=lambda term: (_VOCABULARY_ORDER[term.vocabulary], term.position, term.code))
    return ConceptRecord(
        concept=concept.slug,
        terms=tuple(f"{term.vocabulary}:{term.code}" for term in terms),
        es=tuple(concept.words_es),
        en=tuple(concept.words_en),
        typed=tuple(concept.words_typed),
        broader=concept.broader.slug if concept.broader else None,
        expand=concept.expand,
        case="upper" if concept.only_in_capitals else None,
        ambiguous=concept.is_ambiguous,
        note=concept.note or None,
    )


def save_concept(record: ConceptRecord, concept: Concept | None = None) -> Concept:
    """Write a concept over `concept`, or as a new one. Call it inside `changes.vocabulary_change`.

    Raises UnknownTerm for a term or a broader concept that the bank does not have.
    """
    concept = concept if concept is not None else Concept(slug=record.concept)
    concept.words_es = list(record.es)
    concept.words_en = list(record.en)
    concept.words_typed = list(record.typed)
    concept.broader = Concept.objects.filter(slug=record.broader).first() if record.broader else None
    if record.broader and concept.broader is None:
        raise UnknownTerm(f"{record.concept}.broader", record.broader)
    concept.expand = record.expand
    concept.only_in_capitals = record.case == "upper"
    concept.is_ambiguous = record.ambiguous
    concept.note = record.note or ""
    concept.save()
    concept.terms.set(_find_term(path, record.concept) for path in record.terms)
    return concept


_VOCABULARY_ORDER = {vocabulary: order for order, vocabulary in enumerate(Vocabulary.values)}


def _find_term(path: str, concept: str) -> Term:
    vocabulary, _colon, code = path.partition(":")
    term = Term.objects.filter(vocabulary=vocabulary, code=code).first()
    if term is None:
        raise UnknownTerm(f"{concept}.terms", path)
    return term
