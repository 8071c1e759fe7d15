"""Lists of studies that have some of the words of a query: what the criterion `match` means (S4).

`match=2` asks for at least two of the parts that the query was read as. A part of several words is there if they stand
together or apart; a query that is one such part has its words for parts. Exclusions, years, and countries and
programmes that were named in their fields, hold in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.query.tree import AllOf, Everything, Not, combine_all, combine_any
from search.text.analysis import fold, iterate_words
from search.text.lexicon import UNTELLING_WORDS

if TYPE_CHECKING:
    from search.query.parsed_query import ParsedQuery
    from search.query.tree import Node, Word

MOST_PARTS = 8
"""Parts that are counted; those behind them only add to the order."""
_MOST_WORDS = 8
_OF_WORDS = ("word", "name", "phrase")
_WITHOUT_SCORE = ("country", "programme", "years")

Parse = Callable[[str], "Node"]


@dataclass(frozen=True, slots=True)
class SplitQuery:
    """The parts of a query of which some are to match, each as typed with its node, and what holds in any case.

    `scored` has all nodes that add to the order: the parts, and single words of those with several.
    """

    parts: tuple[tuple[str, Node], ...]
    scored: tuple[Node, ...]
    always: tuple[Node, ...]

    def at_least(self, number: int, alike: Sequence[Word] = ()) -> Node:
        """Return the query for studies with at least `number` parts; codes of `alike` change only the order."""
        some = combine_any((*self.scored, *alike))
        parts = _at_least([node for _text, node in self.parts], number)
        # A double negation matches without adding to the score.
        return combine_all((some, Not(AllOf((Everything(), Not(parts)))), *self.always))


def split_query(query: ParsedQuery, parse: Parse) -> SplitQuery | None:
    """Return the parts of a query, None if there are not two. `parse` reads words as the query itself was read."""
    always: list[Node] = []
    found: list[tuple[str, Node, list[tuple[str, Node]]]] = []
    if isinstance(query.node, AllOf):
        always += [part for part in query.node.parts if isinstance(part, Not)]
    says_more = any(part.kind in _OF_WORDS and not part.is_subject for part in query.parts)
    for part in query.parts:
        if part.kind == "excluded" or (says_more and part.is_subject):
            continue
        # Words of a concept may stand apart: then another part is between them in the source.
        is_apart = any(part.start < other.start < part.end for other in query.parts)
        text = part.text if is_apart else query.source[part.start : part.end]
        node = parse(text)
        if part.kind in _WITHOUT_SCORE:
            always.append(node)
        else:
            words = [(word, parse(word)) for word in _iterate_telling(text)] if part.kind in _OF_WORDS else []
            found.append((part.text, node, words))
    if len(found) == 1:
        ((_text, node, words),) = found
        parts = words
        scored = [node, *(each for _word, each in words)]
    else:
        parts = [(text, combine_any([node, combine_all(each for _word, each in words)]) if words else node)
                 for text, node, words in found]  # fmt: skip
        scored = [node for _text, node, _words in found]
        scored += [each for _text, _node, words in found for _word, each in words]
    if len(parts) < 2:
        return None
    return SplitQuery(tuple(parts[:MOST_PARTS]), tuple(dict.fromkeys(scored)), tuple(always))


def _iterate_telling(text: str) -> Iterator[str]:
    """Yield the words of a part that say something by themselves: no stop words, nothing of one or two letters."""
    words = [text[start:end] for start, end, _ in iterate_words(text)]
    telling = [word for word in words if len(word) > 2 and fold(word) not in UNTELLING_WORDS]
    yield from telling[:_MOST_WORDS] if len(words) > 1 else ()


def _at_least(nodes: list[Node], number: int) -> Node:
    if number <= 1:
        return combine_any(nodes)
    if number >= len(nodes):
        return combine_all(nodes)
    first, *rest = nodes
    return combine_any([combine_all([first, _at_least(rest, number - 1)]), _at_least(rest, number)])
