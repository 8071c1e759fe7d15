"""Maps keywords to terms of the vocabularies, by the names of terms and by the words of the thesaurus."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from studies.models import Vocabulary
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies
from studies.text.normalize import fold_text

_FIELD_OF = {
    Vocabulary.INTERVENTIONS.value: "interventions",
    **{vocabulary.value: field for field, vocabulary in LISTS.items()},
}
_SIGNS = re.compile(r"[\s\-‐‑–—/_]+")


class KeywordIndex:
    """The terms that a keyword leads to, in one version of the vocabularies."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self._terms: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._in_capitals: dict[str, list[tuple[str, str]]] = {}
        for concept in vocabularies.concepts:
            terms = [(kind, code) for kind, code in concept.terms if kind in _FIELD_OF]
            if not terms or concept.is_ambiguous:
                continue
            for word in (*concept.es, *concept.en, *concept.typed):
                if concept.only_in_capitals and word.isupper():
                    self._in_capitals[word] = terms
                else:
                    self._terms[_normalized(word)] += terms
        # A term's own name comes last and wins over what the thesaurus says of the word.
        for kind in _FIELD_OF:
            for term in vocabularies.terms(kind):
                for name in {_normalized(term.es), _normalized(term.en)}:
                    self._terms[name] = [(kind, term.code)]

    def map_keywords(self, keywords: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
        """Return the codes by list of the record, and the keywords that lead nowhere, both in the order given."""
        found: dict[str, list[str]] = defaultdict(list)
        unknown = []
        for keyword in keywords:
            terms = self._in_capitals.get(keyword) or self._terms.get(_normalized(keyword))
            if not terms:
                unknown.append(keyword)
            for kind, code in terms or ():
                if code not in found[_FIELD_OF[kind]]:
                    found[_FIELD_OF[kind]].append(code)
        return dict(found), unknown

    def find_code(self, kind: str, word: str) -> str | None:
        """Return the code of a vocabulary that a word leads to; None where it leads to none or to several."""
        codes = {code for vocabulary, code in self._terms.get(_normalized(word), ()) if vocabulary == kind}
        return codes.pop() if len(codes) == 1 else None


def _normalized(word: str) -> str:
    return _SIGNS.sub(" ", fold_text(word)).strip()
