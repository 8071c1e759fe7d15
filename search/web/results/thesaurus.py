"""The view model of what the thesaurus did with a query: words added, concepts switched off, ambiguous words (S3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from search.web.shared.view_models import (
    AddedWordView,
    AmbiguousWordView,
    ConceptLine,
    SwitchedOffConcept,
    ThesaurusView,
)
from studies.text.bilingual import LocalizedText

if TYPE_CHECKING:
    from search.criteria.criteria import Criteria
    from search.query.parsed_query import ParsedQuery
    from search.query.thesaurus import Thesaurus, ThesaurusWord

SHOWN_WORDS = 3
"""Added words that are named before "y 14 más"."""


@dataclass(frozen=True, slots=True)
class ThesaurusViewBuilder:
    """Builds the view model of what the thesaurus did with `query`, the parsed words of `criteria`."""

    query: ParsedQuery
    criteria: Criteria
    thesaurus: Thesaurus
    language: str
    address: Callable[[Criteria], str]

    def view(self) -> ThesaurusView | None:
        """Return the view model; None if the thesaurus had nothing to do."""
        query, criteria = self.query, self.criteria
        shown = list(self._shown())
        switched_off = tuple(self._switched_off())
        can_restore = bool(switched_off or (criteria.exact and query.parts))
        if not (shown or query.added or can_restore or query.ambiguous_words):
            return None
        return ThesaurusView(
            shown=tuple(shown[:SHOWN_WORDS]),
            more=max(0, len(shown) - SHOWN_WORDS),
            concepts=tuple(self._concepts()),
            exact_url=self.address(criteria.exactly()) if query.added else "",
            switched_off=switched_off,
            restore_url=self.address(criteria.exactly(False)) if can_restore else "",
            choices=tuple(self._choices()),
        )

    def _shown(self) -> Iterator[AddedWordView]:
        """Yield the words added, in the order of concepts, alternating the page's language and the other."""
        for added in self.query.added:
            for word in _interleave_languages(added.words, self.language):
                yield AddedWordView(word.text, word.language, self._without(added.slug))

    def _concepts(self) -> Iterator[ConceptLine]:
        for added in self.query.added:
            if label := self.thesaurus.label(added.slug, self.language):
                yield ConceptLine(self._text(label), tuple(map(self._text, added.words)), self._without(added.slug))

    def _switched_off(self) -> Iterator[SwitchedOffConcept]:
        for slug in self.query.switched_off:
            if label := self.thesaurus.label(slug, self.language):
                yield SwitchedOffConcept(self._text(label), self.address(self.criteria.with_concept(slug)))

    def _choices(self) -> Iterator[AmbiguousWordView]:
        for choice in self.query.ambiguous_words:
            meanings = tuple(
                (self._text(meaning.word), self.address(self.criteria.with_words(query)))
                for meaning, query in choice.meanings
            )
            yield AmbiguousWordView(choice.text, meanings)

    def _text(self, word: ThesaurusWord) -> LocalizedText:
        return LocalizedText(word.text, word.language, is_fallback=word.language != self.language)

    def _without(self, slug: str) -> str:
        return self.address(self.criteria.without_concept(slug))


def _interleave_languages(words: tuple[ThesaurusWord, ...], language: str) -> Iterator[ThesaurusWord]:
    here = [word for word in words if word.language == language]
    elsewhere = [word for word in words if word.language != language]
    return (word for word in chain.from_iterable(zip_longest(here, elsewhere)) if word)
