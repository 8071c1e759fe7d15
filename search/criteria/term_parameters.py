"""Parameters whose codes are terms of a vocabulary: one class for each way in which a study refers to terms."""

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
    """A parameter whose codes are the terms of a vocabulary."""

    description = _("{label}: códigos de «{vocabulary}».")
    is_named = False
    """Whether words of a query lead to the terms by their labels."""

    def __init__(self, name: str, vocabulary: str) -> None:
        super().__init__(name)
        self.vocabulary = vocabulary

    def codes(self, vocabularies: Vocabularies) -> tuple[str, ...]:
        terms = tuple(term.code for term in vocabularies.terms(self.vocabulary))
        # If "not stated" has another code than "none", that code is a term of the vocabulary already.
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
    """The terms of a study."""

    is_named = True

    def stated_codes(self, study: CodedStudy) -> Iterable[str]:
        # A record has a field of terms for each vocabulary, named after it.
        codes: tuple[str, ...] = getattr(study.record, self.vocabulary)
        return codes

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(Exists(_terms(self.vocabulary).filter(term__code__in=codes)))

    def missing_condition(self) -> Q:
        return ~Q(Exists(_terms(self.vocabulary)))


class ParentTerms(TermParameter):
    """The parents of the terms of a study in the vocabulary `children`."""

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
    """The term in a field of the study, which has the name of the parameter in record and model."""

    def stated_codes(self, study: CodedStudy) -> Iterable[str | None]:
        code: str | None = getattr(study.record, self.name)
        return (code,)

    def stated_condition(self, codes: frozenset[str]) -> Q:
        return Q(**{f"{self.name}__code__in": codes})

    def missing_condition(self) -> Q:
        return Q(**{f"{self.name}__isnull": True})


def _terms(vocabulary: str) -> QuerySet[StudyTerm]:
    return StudyTerm.objects.filter(study=OuterRef("pk"), term__vocabulary=vocabulary)
