"""Evaluates a query tree leaf by leaf and document by document: which match, and with what score."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from search.contract import FIELDS, Document, Filters
from search.engines import scoring
from search.engines.memory.counting import is_in_years
from search.query.tree import (
    MOST_PREFIX_TOKENS,
    AllOf,
    AnyOf,
    Code,
    CodeMatch,
    Doi,
    Everything,
    Expansion,
    MostOf,
    Node,
    Not,
    Phrase,
    Prefix,
    TextLeaf,
    WithExpansion,
    Word,
    YearRange,
    iterate_prefixes,
)
from search.text.analysis import BREAK, FieldTokens


@dataclass(frozen=True, slots=True)
class TokenCache:
    """A cache of the distinct tokens of documents, by field and rule set."""

    _held: dict[int, Mapping[tuple[str, str], frozenset[str]]] = field(default_factory=dict)

    def of(self, document: Document) -> Mapping[tuple[str, str], frozenset[str]]:
        """Return the distinct tokens of a document, by field and rule set."""
        if document.study_id not in self._held:
            self._held[document.study_id] = {
                (name, rule): frozenset(_tokens(document, name, rule)) for name in FIELDS for rule in scoring.RULES
            }
        return self._held[document.study_id]


@dataclass(slots=True)
class QueryScorer:
    """Evaluates queries over a list of documents."""

    documents: list[Document]
    tokens: TokenCache
    _averages: dict[tuple[str, str], float] = field(default_factory=dict)

    def scores(self, node: Node) -> dict[int, int]:
        """Return the score of every document that matches `node`, by study id."""
        match node:
            case Everything():
                return {document.study_id: 0 for document in self.documents}
            case Not(part):
                matching = self.scores(part)
                return {document.study_id: 0 for document in self.documents if document.study_id not in matching}
            case AllOf(parts):
                found = [self.scores(part) for part in parts]
                return {
                    document.study_id: sum(scores[document.study_id] for scores in found)
                    for document in self.documents
                    if all(document.study_id in scores for scores in found)
                }
            case AnyOf(parts):
                total: Counter[int] = Counter()
                for part in parts:
                    total.update(self.scores(part))
                return dict(total)
            case MostOf(parts, weights):
                return self._scores_of_most([self.scores(part) for part in parts], weights)
            case Doi(value):
                return {
                    document.study_id: scoring.DOI_SCORE
                    for document in self.documents
                    if value and document.doi == value
                }
            case CodeMatch(codes):
                return {document.study_id: 0 for document in self.documents if _carries_any(codes, document)}
            case YearRange(first, last):
                years = Filters(year_from=first, year_to=last)
                return {document.study_id: 0 for document in self.documents if is_in_years(document, years)}
            case WithExpansion(own, added):
                return self._widened_scores(self.scores(own), added)
            case Word() | Phrase() | Prefix():
                return self._leaf_scores(node)

    def truncated_prefixes(self, node: Node) -> tuple[str, ...]:
        """Return the letters of the prefixes with more tokens than are searched."""
        cut = {
            leaf.letters
            for leaf in iterate_prefixes(node)
            if any(len(self._tokens_beginning(leaf, rule)) > MOST_PREFIX_TOKENS for rule in scoring.RULES)
        }
        return tuple(sorted(cut))

    def _scores_of_most(self, found: list[dict[int, int]], weights: tuple[int, ...]) -> dict[int, int]:
        weighs = [
            scoring.part_weight(weight, len(self.documents), len(scores))
            for scores, weight in zip(found, weights, strict=True)
        ]
        total = sum(weighs)
        matching: dict[int, int] = {}
        for document in self.documents:
            held = [at for at, scores in enumerate(found) if document.study_id in scores]
            weigh = sum(weighs[at] for at in held)
            if held and scoring.is_most(weigh, total):
                score = sum(weights[at] * found[at][document.study_id] for at in held)
                matching[document.study_id] = scoring.covered_score(score, weigh, total)
        return matching

    def _leaf_scores(self, leaf: TextLeaf) -> dict[int, int]:
        wanted = self._wanted(leaf)
        weighted = {}
        for document in self.documents:
            weight = self._weighted_frequency(leaf, wanted, document) + _code_weight(leaf.codes, document)
            if weight > 0:
                weighted[document.study_id] = weight
        rarity = scoring.rarity(len(self.documents), len(weighted))
        return {study_id: scoring.contribution(weight, rarity) for study_id, weight in weighted.items()}

    def _widened_scores(self, own: dict[int, int], added: Expansion) -> dict[int, int]:
        wanted = [self._wanted(leaf) for leaf in added.leaves]
        codes = [code for code in added.codes if self._is_selective(code)]
        weighted = {}
        for document in self.documents:
            weight = 0.0
            for leaf, sought in zip(added.leaves, wanted, strict=True):
                weight += self._weighted_frequency(leaf, sought, document)
            weight += _code_weight(codes, document)
            if weight > 0:
                weighted[document.study_id] = weight
        rarity = scoring.rarity(len(self.documents), len(own.keys() | weighted.keys()))
        scores = {study_id: scoring.addition(weight, rarity) for study_id, weight in weighted.items()}
        for study_id, score in own.items():
            scores[study_id] = scores.get(study_id, 0) + score + scoring.own_words_bonus(rarity)
        return scores

    def _is_selective(self, code: Code) -> bool:
        carrying = sum(_carries_any([code], document) for document in self.documents)
        return scoring.is_selective(len(self.documents), carrying)

    def _wanted(self, leaf: TextLeaf) -> _Wanted:
        """Return for each rule set the sequences of tokens, any of which matches `leaf`."""
        if isinstance(leaf, Prefix):
            return tuple(
                tuple((token,) for token in self._tokens_beginning(leaf, rule)[:MOST_PREFIX_TOKENS])
                for rule in scoring.RULES
            )
        runs = ((leaf.es,), (leaf.en,)) if isinstance(leaf, Word) else (leaf.es, leaf.en)
        return tuple((run,) if run and BREAK not in run else () for run in runs)

    def _tokens_beginning(self, leaf: Prefix, rule: str) -> list[str]:
        own = leaf.es if rule == "es" else leaf.en
        beginning = {
            token
            for document in self.documents
            for name in _fields(leaf)
            for token in self.tokens.of(document)[name, rule]
            if token != BREAK and (token == own or (leaf.letters and token.startswith(leaf.letters)))
        }
        return sorted(beginning, key=lambda token: (len(token), token))

    def _weighted_frequency(self, leaf: TextLeaf, wanted: _Wanted, document: Document) -> float:
        """Return the weighted frequency of `leaf` in the texts of a document; 0.0 if it does not occur."""
        words = self.tokens.of(document)
        best = 0.0
        for rule, runs in zip(scoring.RULES, wanted, strict=True):
            total = 0.0
            for name in _fields(leaf):
                here = words[name, rule]
                sought = [run for run in runs if run[0] in here]
                if not sought:
                    continue
                tokens = _tokens(document, name, rule)
                occurrences = sum(_occurrences(run, tokens) for run in sought)
                if occurrences:
                    norm = scoring.length_norm(float(_length(tokens)), self._average_length(name, rule))
                    total += scoring.field_weight(name, float(occurrences), norm)
            best = max(best, total)
        return best

    def _average_length(self, name: str, rule: str) -> float:
        if (name, rule) not in self._averages:
            lengths = [_length(_tokens(document, name, rule)) for document in self.documents]
            self._averages[name, rule] = scoring.average_length(sum(lengths), sum(length > 0 for length in lengths))
        return self._averages[name, rule]


_Wanted = tuple[tuple[tuple[str, ...], ...], ...]
"""For each rule set the sequences of tokens, any of which matches."""


def _fields(leaf: TextLeaf) -> tuple[str, ...]:
    return (leaf.field,) if leaf.field else FIELDS


def _carries_any(codes: Iterable[Code], document: Document) -> bool:
    return any(label in document.codes.get(parameter, ()) for parameter, label in codes)


def _code_weight(codes: Iterable[Code], document: Document) -> float:
    weights = (
        scoring.shared_code_weight(parameter, math.sqrt(len(document.codes[parameter])))
        for parameter, label in codes
        if label in document.codes.get(parameter, ())
    )
    return max(weights, default=0.0)


def _tokens(document: Document, name: str, rule: str) -> tuple[str, ...]:
    tokens = document.texts.get(name, FieldTokens())
    return tokens.es if rule == "es" else tokens.en


def _length(tokens: tuple[str, ...]) -> int:
    return sum(token != BREAK for token in tokens)


def _occurrences(wanted: tuple[str, ...], tokens: tuple[str, ...]) -> int:
    """Count the places where `wanted` begins; occurrences may overlap."""
    return sum(tokens[start : start + len(wanted)] == wanted for start in range(len(tokens)))
