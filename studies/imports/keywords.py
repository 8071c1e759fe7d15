"""Finds the terms that keywords propose, by the names of terms and by the words of the thesaurus. None sets one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from studies.models import Vocabulary
from studies.store.exchange.study import LISTS
from studies.store.vocabularies import Vocabularies
from studies.text.normalize import fold_text

_FIELD_OF = {
    Vocabulary.INTERVENTIONS.value: "interventions",
    **{vocabulary.value: field for field, vocabulary in LISTS.items()},
}
_SIGNS = re.compile(r"[\s\-‐‑–—/_]+")
_ABOUT_VIOLENCE_OR_AUTONOMY = re.compile(
    r"violen|maltrat|mistreat|abus|agres|aggress|assault|batter|femi[ns]?i?cid|homicid|\brape|violacion|acos|harass|"
    r"\btrata\b|traffick|explotacion sexual|mutilac|mutilation|matrimonio infantil|child marriage|autonom|empower|"
    r"empoder|\bagency\b|derechos de las mujeres|women s rights|\bipv\b|\bgbv\b|\bvaw\b"
)
"""What the bank's themes are about: "prevention" alone is as often that of falls or of gambling."""


@dataclass(frozen=True, slots=True)
class ProposedTerms:
    """What the keywords of a reference propose: names of terms in Spanish, and the keywords that lead to none."""

    names: tuple[str, ...]
    other_words: tuple[str, ...]


def propose_terms(keywords: Iterable[str], title: str, vocabularies: Vocabularies) -> ProposedTerms:
    """Return the terms that keywords propose; themes only where title or keywords speak of violence or autonomy."""
    given = list(keywords)
    found, unknown = _index_of(vocabularies).map_keywords(given)
    if not _ABOUT_VIOLENCE_OR_AUTONOMY.search(_normalized(" ".join((title, *given)))):
        found.pop("themes", None)
    names = (
        vocabularies.label(LISTS.get(field, Vocabulary.INTERVENTIONS), code, "es")
        for field, codes in found.items()
        for code in codes
    )
    return ProposedTerms(tuple(dict.fromkeys(names)), tuple(unknown))


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


@lru_cache(maxsize=1)
def _index_of(vocabularies: Vocabularies) -> KeywordIndex:
    return KeywordIndex(vocabularies)


def _normalized(word: str) -> str:
    return _SIGNS.sub(" ", fold_text(word)).strip()
