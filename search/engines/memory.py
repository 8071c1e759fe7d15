"""The engine that is the specification: sets and loops over documents; only their words are kept between searches.

What another engine answers must equal what this one does, scores and order included. It serves tests, and banks of a
few hundred studies.

- A word matches a document when its Spanish token stands in any field under the Spanish rules, or its English token
  under the English rules, or the document carries one of its codes. An empty token stands nowhere.
- A phrase matches when its tokens stand side by side in one text of one field, or by one of its codes.
- A prefix matches by any token that begins with its letters or is its own token; under each rule set the shortest
  `MOST_PREFIX_TOKENS` of those that stand in the bank are sought.
- A leaf with a field matches there alone. Its codes, if it has any, match as ever.
- Widened words match as the own words do, or by any leaf that was added, or any code that less than most carry.
- Codes and years match the documents that carry them. A DOI matches the document that has it.
- `All` of nothing matches everything, `Any` of nothing matches nothing.
- Choices of one facet widen, facets narrow. With `outcome` and `effect` both chosen, one pair of `findings` has one of
  the outcomes and one of the effects; `codes` is not asked for either of them then.
- An option's number is the total that it would give as the only choice in its facet, all else unchanged. The years are
  counted without the range of years.
- Order: each sort ends with the slug, so it leaves nothing to chance. Without words all scores are 0, and relevance is
  the same as newest.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from search import scoring
from search.documents import BREAK, FIELDS, Document, FieldTokens
from search.engines import Changes, EngineStatus, IndexMissing, follows, has_already
from search.facets import FACETS, PARAMETERS, Facet
from search.querytree import (
    MOST_PREFIX_TOKENS,
    All,
    Any,
    Code,
    Coded,
    Doi,
    Everything,
    Expansion,
    Node,
    Not,
    Phrase,
    Prefix,
    Widened,
    Word,
    Worded,
    Years,
    prefixes,
)
from search.results import Filters, Hit, Position, SearchRequest, SearchResult

SORT_KEYS: Mapping[str, Callable[[Document, int], tuple[object, ...]]] = {
    "relevance": lambda document, score: (-score, -document.year, document.slug),
    "newest": lambda document, score: (-document.year, document.slug),
    "oldest": lambda document, score: (document.year, document.slug),
    "title": lambda document, score: (document.title_key, document.slug),
    "added": lambda document, score: (-document.added, document.slug),
    "nearness": lambda document, score: (document.nearness, -document.year, document.slug),
}

FINDING_FACETS = frozenset({"outcome", "effect"})
"""The two facets that speak of one finding when both are chosen."""


@dataclass(frozen=True, slots=True)
class _Index:
    """`words` holds, for those documents that were looked at, which tokens stand in each field."""

    documents: Mapping[int, Document]
    position: Position
    words: dict[int, Mapping[tuple[str, str], frozenset[str]]] = field(default_factory=dict)
    answered: dict[Node, tuple[Mapping[int, int], tuple[str, ...]]] = field(default_factory=dict)

    def tokens_of(self, document: Document) -> Mapping[tuple[str, str], frozenset[str]]:
        """Return the different tokens of a document, by field and rule set."""
        if document.study_id not in self.words:
            self.words[document.study_id] = {
                (name, rule): frozenset(_tokens(document, name, rule)) for name in FIELDS for rule in scoring.RULES
            }
        return self.words[document.study_id]

    def answer(self, query: Node) -> tuple[Mapping[int, int], tuple[str, ...]]:
        """Return the scores of a query and its cut prefixes; kept for the next page or filter of the same list."""
        held = self.answered.get(query)
        if held is None:
            matching = _Matching(list(self.documents.values()), self)
            held = (matching.scores(query), matching.cut(query))
            self.answered.clear()
            self.answered[query] = held
        return held


class MemoryEngine:
    """Holds the documents in one dict, replaced whole by every change; a search keeps the one that it began with."""

    is_shared = False

    def __init__(self) -> None:
        self._index: _Index | None = None
        self._writing = threading.Lock()

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer one request. Time grows with documents × leaves. Raises IndexMissing."""
        index = self._current()
        documents = list(index.documents.values())
        scores, cut = index.answer(request.query)
        sought = [document for document in documents if document.study_id in scores]
        matching = [document for document in sought if _passes(document, request.filters)]
        sort_key = SORT_KEYS[request.sort]
        matching.sort(key=lambda document: sort_key(document, scores[document.study_id]))
        end = None if request.limit is None else request.offset + request.limit
        page = matching[request.offset : end]
        return SearchResult(
            total=len(matching),
            hits=tuple(Hit(document.study_id, scores[document.study_id]) for document in page),
            facets=_facet_counts(sought, request.filters) if request.count else {},
            years=_year_counts(sought, request.filters) if request.count else {},
            cut=cut,
        )

    def apply(
        self, upserts: Iterable[Document], removals: Iterable[int], position: Position, *, since: Position | None = None
    ) -> bool:
        """Replace and remove studies. Of one given twice, the first counts."""
        with self._writing:
            index = self._current()
            if since is not None and not follows(index.position, since):
                return False
            if since is None or not has_already(index.position, since, position):
                self._index = _Index(_changed(index.documents, upserts, removals), position)
        return True

    def rebuild(self, documents: Iterable[Document], position: Position, later: Iterable[Changes] = ()) -> bool:
        """Replace all documents. Of a study given twice, the first counts."""
        built = _by_id(documents)
        for changes in later:
            built, position = _changed(built, changes.upserts, changes.removals), changes.position
        with self._writing:
            self._index = _Index(built, position)
        return True

    def tidy(self) -> None:
        """Do nothing: one dict is never scattered."""

    def status(self) -> EngineStatus:
        """Say what state the index is in. Never raises."""
        index = self._index
        if index is None:
            return EngineStatus("missing", None, 0)
        return EngineStatus("ready", index.position, len(index.documents))

    def fingerprints(self) -> Mapping[int, str]:
        """Return the record hash of every study in the index, by study id. Raises IndexMissing."""
        return {study_id: document.fingerprint for study_id, document in self._current().documents.items()}

    def _current(self) -> _Index:
        if self._index is None:
            raise IndexMissing("Nothing has been built in this process.")
        return self._index


def _by_id(documents: Iterable[Document]) -> dict[int, Document]:
    found: dict[int, Document] = {}
    for document in documents:
        found.setdefault(document.study_id, document)
    return found


def _changed(held: Mapping[int, Document], upserts: Iterable[Document], removals: Iterable[int]) -> dict[int, Document]:
    """Return `held` with studies replaced and removed. One in both is removed: rather missing than wrongly shown."""
    documents = {**held, **_by_id(upserts)}
    for study_id in removals:
        documents.pop(study_id, None)
    return documents


# Words


@dataclass(slots=True)
class _Matching:
    """Evaluates a query over documents: which match, and with what score."""

    documents: list[Document]
    index: _Index
    _averages: dict[tuple[str, str], float] = field(default_factory=dict)

    def scores(self, node: Node) -> dict[int, int]:
        """Return the score of every document that matches `node`, by study id."""
        match node:
            case Everything():
                return {document.study_id: 0 for document in self.documents}
            case Not(part):
                matching = self.scores(part)
                return {document.study_id: 0 for document in self.documents if document.study_id not in matching}
            case All(parts):
                found = [self.scores(part) for part in parts]
                return {
                    document.study_id: sum(scores[document.study_id] for scores in found)
                    for document in self.documents
                    if all(document.study_id in scores for scores in found)
                }
            case Any(parts):
                total: Counter[int] = Counter()
                for part in parts:
                    total.update(self.scores(part))
                return dict(total)
            case Doi(value):
                return {
                    document.study_id: scoring.DOI_SCORE
                    for document in self.documents
                    if value and document.doi == value
                }
            case Coded(codes):
                return {document.study_id: 0 for document in self.documents if _best_code(codes, document)}
            case Years(first, last):
                years = Filters(year_from=first, year_to=last)
                return {document.study_id: 0 for document in self.documents if _in_years(document, years)}
            case Widened(own, added):
                return self._widened_scores(self.scores(own), added)
            case Word() | Phrase() | Prefix():
                return self._leaf_scores(node)

    def cut(self, node: Node) -> tuple[str, ...]:
        """Return the letters of the prefixes that begin more tokens than are sought."""
        cut = {
            leaf.letters
            for leaf in prefixes(node)
            if any(len(self._tokens_beginning(leaf, rule)) > MOST_PREFIX_TOKENS for rule in scoring.RULES)
        }
        return tuple(sorted(cut))

    def _leaf_scores(self, leaf: Worded) -> dict[int, int]:
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
        codes = [code for code in added.codes if self._is_telling(code)]
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
            scores[study_id] = scores.get(study_id, 0) + score + scoring.own_bonus(rarity)
        return scores

    def _is_telling(self, code: Code) -> bool:
        carrying = sum(_best_code([code], document) is not None for document in self.documents)
        return scoring.is_telling(len(self.documents), carrying)

    def _wanted(self, leaf: Worded) -> _Wanted:
        """Return, for each rule set, the runs of tokens any of which `leaf` seeks."""
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
            for token in self.index.tokens_of(document)[name, rule]
            if token != BREAK and (token == own or (leaf.letters and token.startswith(leaf.letters)))
        }
        return sorted(beginning, key=lambda token: (len(token), token))

    def _weighted_frequency(self, leaf: Worded, wanted: _Wanted, document: Document) -> float:
        """Weigh the occurrences of `leaf` in the texts; 0.0 says that there is none."""
        words = self.index.tokens_of(document)
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
"""For each rule set the runs of tokens, any of which is sought."""


def _fields(leaf: Worded) -> tuple[str, ...]:
    return (leaf.field,) if leaf.field else FIELDS


def _best_code(codes: Iterable[Code], document: Document) -> Code | None:
    """Return the weightiest of `codes` that the document carries."""
    carried = (code for code in scoring.by_weight(codes) if code[1] in document.codes.get(code[0], ()))
    return next(carried, None)


def _code_weight(codes: Iterable[Code], document: Document) -> float:
    code = _best_code(codes, document)
    return scoring.code_weight(code) if code else 0.0


def _tokens(document: Document, name: str, rule: str) -> tuple[str, ...]:
    tokens = document.texts.get(name, FieldTokens())
    return tokens.es if rule == "es" else tokens.en


def _length(tokens: tuple[str, ...]) -> int:
    return sum(token != BREAK for token in tokens)


def _occurrences(wanted: tuple[str, ...], tokens: tuple[str, ...]) -> int:
    """Count the places where `wanted` begins; occurrences may overlap."""
    return sum(tokens[start : start + len(wanted)] == wanted for start in range(len(tokens)))


# Filters and counts


def _passes(document: Document, filters: Filters) -> bool:
    return _in_years(document, filters) and not _refusing(document, filters)


def _in_years(document: Document, filters: Filters) -> bool:
    return (filters.year_from is None or filters.year_from <= document.year) and (
        filters.year_to is None or document.year <= filters.year_to
    )


def _chosen(filters: Filters, parameter: str) -> frozenset[str]:
    return filters.chosen.get(parameter, frozenset())


def _refusing(document: Document, filters: Filters) -> set[str]:
    """Return the names of the facets with choices of which `document` has none."""
    refusing: set[str] = set()
    outcomes, effects = _chosen(filters, "outcome"), _chosen(filters, "effect")
    one_finding = bool(outcomes and effects)
    if one_finding and not any(outcome in outcomes and effect in effects for outcome, effect in document.findings):
        refusing.update(FINDING_FACETS)
    for facet in FACETS:
        if one_finding and facet.name in FINDING_FACETS:
            continue
        chosen = [(parameter, _chosen(filters, parameter)) for parameter in facet.parameters]
        if any(codes for _, codes in chosen) and not any(
            codes & document.codes.get(parameter, frozenset()) for parameter, codes in chosen
        ):
            refusing.add(facet.name)
    return refusing


def _facet_counts(sought: list[Document], filters: Filters) -> dict[str, dict[str, int]]:
    """Count for every option the documents that it would find as the only choice in its facet."""
    counts: dict[str, Counter[str]] = {parameter: Counter() for parameter in PARAMETERS}
    for document in sought:
        if not _in_years(document, filters):
            continue
        refusing = _refusing(document, filters)
        for facet in FACETS:
            if refusing <= _cleared_with(facet, filters):
                for parameter, codes in _options(document, facet, filters):
                    counts[parameter].update(codes)
    return {parameter: dict(counter) for parameter, counter in counts.items()}


def _other_of_pair(facet: Facet, filters: Filters) -> frozenset[str]:
    """Return the effects chosen, for the facet of outcomes, and the outcomes for that of effects; else nothing."""
    if facet.name not in FINDING_FACETS:
        return frozenset()
    return _chosen(filters, "effect" if facet.name == "outcome" else "outcome")


def _cleared_with(facet: Facet, filters: Filters) -> frozenset[str]:
    """Return the facets whose refusal does not keep a document from being counted in `facet`.

    Where the other half of a finding is chosen, the pairs that are counted already hold it.
    """
    return FINDING_FACETS if _other_of_pair(facet, filters) else frozenset({facet.name})


def _options(document: Document, facet: Facet, filters: Filters) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the codes, by parameter, by which a choice in `facet` would find `document`."""
    if other := _other_of_pair(facet, filters):
        pairs = document.findings
        if facet.name == "outcome":
            yield "outcome", frozenset(outcome for outcome, effect in pairs if effect in other)
        else:
            yield "effect", frozenset(effect for outcome, effect in pairs if outcome in other)
        return
    for parameter in facet.parameters:
        yield parameter, document.codes.get(parameter, frozenset())


def _year_counts(sought: list[Document], filters: Filters) -> dict[int, int]:
    return dict(Counter(document.year for document in sought if not _refusing(document, filters)))
