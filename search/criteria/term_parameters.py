"""Parameters whose codes are terms of a vocabulary, by how a study holds the terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from search.contract import NOT_STATED
from search.criteria.facet import CodedStudy, CodeParameter
from search.query.names import NamedCode
from studies.models import StudyTerm

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.store.vocabularies import Vocabularies


class TermParameter(CodeParameter):
    """A parameter whose codes are those of a vocabulary."""

    description = _("{label}: códigos de «{vocabulary}».")
    is_named = False
    """Whether the labels of the terms lead to them when a query is read."""

    def __init__(self, name: str, vocabulary: str) -> None:
        super().__init__(name)
        self.vocabulary = vocabulary

    def codes(self, vocabularies: Vocabularies) -> tuple[str, ...]:
        terms = tuple(term.code for term in vocabularies.terms(self.vocabulary))
        # Another code for it than "none" is a term itself.
        return (*terms, NOT_STATED) if self.not_stated == NOT_STATED else terms

    def current_code(self, code: str, vocabularies: Vocabularies) -> str | None:
        if code == NOT_STATED:
            return code if self.not_stated == NOT_STATED else None
        term = vocabularies.find(self.vocabulary, code)
        return term.code if term else None

    def label(self, code: str, vocabularies: Vocabularies, language: str) -> str:
        if code == NOT_STATED:
            return str(self.not_stated_label)
        term = vocabularies.find(self.vocabulary, code)
        return term.label(language) if term else code

    def names(self, vocabularies: Vocabularies) -> Iterator[NamedCode]:
        for term in vocabularies.terms(self.vocabulary) if self.is_named else ():
            yield NamedCode(self.name, term.code, (term.es, term.en))


class StudyTerms(TermParameter):
    """The terms that a study carries."""

    is_named = True

    def stated_codes(self, study: CodedStudy) -> Iterable[str]:
        # A record lists its terms under the name of their vocabulary.
        codes: tuple[str, ...] = getattr(study.record, self.vocabulary)
        return codes

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(Exists(_terms(self.vocabulary).filter(term__code__in=codes)))

    def missing_condition(self) -> Q:
        return ~Q(Exists(_terms(self.vocabulary)))


class ParentTerms(TermParameter):
    """The parents of the terms that a study carries of the vocabulary `children`."""

    is_named = True

    def __init__(self, name: str, vocabulary: str, children: str) -> None:
        super().__init__(name, vocabulary)
        self._children = children

    def stated_codes(self, study: CodedStudy) -> Iterable[str | None]:
        codes: tuple[str, ...] = getattr(study.record, self._children)
        return (study.vocabularies.term(self._children, code).parent for code in codes)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(Exists(_terms(self._children).filter(term__parent__code__in=codes)))

    def missing_condition(self) -> Q:
        return ~Q(Exists(_terms(self._children)))


class StudyField(TermParameter):
    """The one term that a field of the study holds; record and row call the field as the criteria do."""

    def stated_codes(self, study: CodedStudy) -> Iterable[str | None]:
        code: str | None = getattr(study.record, self.name)
        return (code,)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(**{f"{self.name}__code__in": codes})

    def missing_condition(self) -> Q:
        return Q(**{f"{self.name}__isnull": True})


def _terms(vocabulary: str) -> QuerySet[StudyTerm]:
    return StudyTerm.objects.filter(study=OuterRef("pk"), term__vocabulary=vocabulary)
