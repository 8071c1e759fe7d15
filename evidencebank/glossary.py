"""The view model of the glossary: terms of method and of the vocabularies that describe studies, from A to Z."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _

from studies.store.vocabularies import Vocabularies
from studies.text.method_terms import METHOD_TERMS
from studies.text.normalize import fold_text
from studies.web.shared.links import GLOSSARY_VOCABULARIES, glossary_anchor


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A term with its meaning. `kind` says what it is a term of; the same word may be a term of several."""

    anchor: str
    label: str
    kind: str
    definition: str


@dataclass(frozen=True, slots=True)
class GlossaryLetter:
    """The terms that begin with a letter."""

    letter: str
    entries: tuple[GlossaryEntry, ...]


def glossary_page(vocabulary: Vocabularies, language: str) -> tuple[GlossaryLetter, ...]:
    """Return the terms by their first letter, without accents: only letters with which some term begins."""
    entries = sorted((*_method_entries(), *_vocabulary_entries(vocabulary, language)), key=_sort_key)
    return tuple(GlossaryLetter(letter, tuple(own)) for letter, own in groupby(entries, _first_letter))


def _method_entries() -> Iterator[GlossaryEntry]:
    for term in METHOD_TERMS.values():
        yield GlossaryEntry(term.anchor, str(term.label), _("Método"), str(term.meaning))


def _vocabulary_entries(vocabulary: Vocabularies, language: str) -> Iterator[GlossaryEntry]:
    for kind in GLOSSARY_VOCABULARIES:
        for term in vocabulary.terms(kind):
            label = term.label(language)
            yield GlossaryEntry(
                glossary_anchor(term.vocabulary, term.code),
                # Measures stand within sentences, so their labels begin with a small letter.
                label[:1].upper() + label[1:],
                str(kind.label),
                term.definition(language),
            )


def _sort_key(entry: GlossaryEntry) -> tuple[str, str]:
    return fold_text(entry.label), entry.kind


def _first_letter(entry: GlossaryEntry) -> str:
    return fold_text(entry.label)[:1].upper()
