"""The vocabularies and the thesaurus as one value in memory, so that no page joins tables for labels.

A snapshot is read once per vocabulary number (I2) and shared by all threads of the process.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from studies.models import Concept, Programme, Term
from studies.store import bank_state


@dataclass(frozen=True, slots=True)
class TermView:
    """A term as pages need it. `current` is its own code, or the code of the term that it was merged into."""

    id: int
    vocabulary: str
    code: str
    es: str
    en: str
    definition_es: str
    definition_en: str
    parent: str | None
    current: str
    is_retired: bool
    attributes: Mapping[str, Any] = field(hash=False)
    coding_es: str = ""
    """The note for whoever codes: shown in the workplace alone."""

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.en if language == "en" else self.es

    def definition(self, language: str) -> str:
        """Return the definition in "es" or "en", possibly empty."""
        return self.definition_en if language == "en" else self.definition_es


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme's names, as search and pages need them."""

    id: int
    slug: str
    name: str
    name_es: str
    name_en: str
    aliases: tuple[str, ...]
    stage: str
    is_published: bool = False
    is_named: bool = True
    """Whether anybody may read its name: it is published, or a published study carries it."""

    def label(self, language: str) -> str:
        """Return the name in "es" or "en"."""
        return self.name_en if language == "en" else self.name_es


@dataclass(frozen=True, slots=True)
class ConceptView:
    """A concept of the thesaurus. `terms` are (vocabulary, code); `broader` is the slug of the wider one."""

    slug: str
    terms: tuple[tuple[str, str], ...]
    es: tuple[str, ...]
    en: tuple[str, ...]
    typed: tuple[str, ...]
    broader: str | None
    expand: str
    only_in_capitals: bool
    is_ambiguous: bool


class UnknownCode(LookupError):
    """No vocabulary holds this code."""

    def __init__(self, vocabulary: str, code: str) -> None:
        super().__init__(f"{vocabulary}: {code}")


class _TermsById(dict[int, TermView]):
    """Terms by id. A term that is missing was created after the snapshot, and is read when it is asked for."""

    def __missing__(self, term_id: int) -> TermView:
        return _make_term_view(Term.objects.select_related("parent", "merged_into").get(pk=term_id))


class _ProgrammesById(dict[int, ProgrammeView]):
    """Programmes by id. One that was created after the snapshot is read when it is asked for."""

    def __missing__(self, programme_id: int) -> ProgrammeView:
        return _make_programme_view(Programme.objects.with_is_named().get(pk=programme_id))


class Vocabularies:
    """All terms, programmes and concepts at one vocabulary number. Callers must not change it: it is shared."""

    def __init__(
        self,
        number: int,
        terms: list[TermView],
        programmes: list[ProgrammeView],
        concepts: Iterable[ConceptView] = (),
    ) -> None:
        self.number = number
        self.concepts: tuple[ConceptView, ...] = tuple(concepts)
        self.by_id = _TermsById((term.id, term) for term in terms)
        self.programmes: tuple[ProgrammeView, ...] = tuple(programmes)
        self.programme_by_slug = {programme.slug: programme for programme in programmes}
        self.programme_by_id = _ProgrammesById((programme.id, programme) for programme in programmes)
        self._terms: dict[str, list[TermView]] = defaultdict(list)
        self._every_term: dict[str, list[TermView]] = defaultdict(list)
        self._by_code = {(term.vocabulary, term.code): term for term in terms}
        self._order = {term.id: order for order, term in enumerate(terms)}
        for term in terms:
            self._every_term[term.vocabulary].append(term)
            if not term.is_retired:
                self._terms[term.vocabulary].append(term)

    def terms(self, vocabulary: str) -> tuple[TermView, ...]:
        """Return the terms of a vocabulary that are not retired, in its order."""
        return tuple(self._terms.get(vocabulary, ()))

    def every_term(self, vocabulary: str) -> tuple[TermView, ...]:
        """Return all terms of a vocabulary in its order, with the retired ones."""
        return tuple(self._every_term.get(vocabulary, ()))

    def find(self, vocabulary: str, code: str) -> TermView | None:
        """Return the term with this code, or the term that it was merged into, or None."""
        term = self._by_code.get((vocabulary, code))
        while term is not None and term.current != term.code:
            term = self._by_code.get((vocabulary, term.current))
        return term

    def term(self, vocabulary: str, code: str) -> TermView:
        """Return the term as `find` does, but raise UnknownCode if there is none."""
        term = self.find(vocabulary, code)
        if term is None:
            raise UnknownCode(vocabulary, code)
        return term

    def label(self, vocabulary: str, code: str, language: str) -> str:
        """Return the name of a code in "es" or "en". Raises UnknownCode."""
        return self.term(vocabulary, code).label(language)

    def order(self, term_id: int) -> int:
        """Return the place of a term in the order of the taxonomy."""
        return self._order.get(term_id, len(self._order))

    def children(self, vocabulary: str, parent: str) -> tuple[TermView, ...]:
        """Return the terms of `vocabulary` below the term `parent`, without the retired ones, in order."""
        return tuple(term for term in self.terms(vocabulary) if term.parent == parent)


_snapshot: tuple[tuple[str, int, datetime], Vocabularies] | None = None


def current() -> Vocabularies:
    """Return the present vocabularies: no query besides the counter's, or four more if they changed."""
    global _snapshot
    counter = bank_state.current()
    # After a rollback the same number is used again, at another time.
    key = (str(counter.bank_id), counter.vocabulary_no, counter.vocabulary_at)
    # No lock: threads that read at once store equal snapshots.
    held = _snapshot
    if held is None or held[0] != key:
        held = (key, _read_vocabularies(counter.vocabulary_no))
        _snapshot = held
    return held[1]


def _read_vocabularies(number: int) -> Vocabularies:
    rows = list(Term.objects.order_by("vocabulary", "position", "code"))
    by_id = {row.id: row for row in rows}
    for row in rows:
        # Joined here, not by the database: every parent is among the rows already.
        row.parent = by_id[row.parent_id] if row.parent_id else None
        row.merged_into = by_id[row.merged_into_id] if row.merged_into_id else None
    programmes = [_make_programme_view(row) for row in Programme.objects.with_is_named().order_by("name")]
    return Vocabularies(number, [_make_term_view(row) for row in rows], programmes, _read_concepts())


def _make_term_view(row: Term) -> TermView:
    return TermView(
        id=row.id,
        vocabulary=row.vocabulary,
        code=row.code,
        es=row.label_es,
        en=row.label_en,
        definition_es=row.definition_es,
        definition_en=row.definition_en,
        parent=row.parent.code if row.parent else None,
        current=row.merged_into.code if row.merged_into else row.code,
        is_retired=row.is_retired,
        attributes=row.attributes,
        coding_es=row.coding_es,
    )


def _make_programme_view(row: Any) -> ProgrammeView:
    return ProgrammeView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        name_es=row.name_es,
        name_en=row.name_en,
        aliases=tuple(row.aliases),
        stage=row.stage,
        is_published=row.is_published,
        is_named=row.is_named,
    )


def _read_concepts() -> list[ConceptView]:
    terms: dict[str, list[tuple[str, str]]] = defaultdict(list)
    links = Concept.terms.through.objects.order_by("term__vocabulary", "term__position", "term__code")
    for slug, vocabulary, code in links.values_list("concept__slug", "term__vocabulary", "term__code"):
        terms[slug].append((vocabulary, code))
    return [
        ConceptView(
            slug=row.slug,
            terms=tuple(terms[row.slug]),
            es=tuple(row.words_es),
            en=tuple(row.words_en),
            typed=tuple(row.words_typed),
            broader=row.broader.slug if row.broader else None,
            expand=row.expand,
            only_in_capitals=row.only_in_capitals,
            is_ambiguous=row.is_ambiguous,
        )
        for row in Concept.objects.select_related("broader").order_by("slug")
    ]
