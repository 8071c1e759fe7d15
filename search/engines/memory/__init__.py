"""The engine that specifies search: sets and loops over documents, with nothing optimised but a cache of tokens.

Every other engine must return the same results, scores and order included. It serves tests, and banks of a few hundred
studies.

- A word matches a document when its Spanish token stands in any field under the Spanish rules, or its English token
  under the English rules, or the document carries one of its codes. An empty token stands nowhere.
- A phrase matches when its tokens stand side by side in one text of one field, or by one of its codes.
- A prefix matches by any token that begins with its letters or is its own token; under each rule set the shortest
  `MOST_PREFIX_TOKENS` of those that occur in the bank are searched.
- A leaf with a field matches there alone. Its codes, if it has any, match regardless of the field.
- Widened words match as the own words do, or by any leaf that was added, or any code that less than most carry.
- Codes and years match the documents that carry them. A DOI matches the document that has it.
- `AllOf` of nothing matches everything, `AnyOf` of nothing matches nothing.
- Options of one facet are joined by "or", facets by "and". With both facets of a pair chosen (`outcome` and `effect`,
  `intervention` and `role`), one of the document's `pairs` has a code of each; `codes` is not used for either then.
- The count of an option is the total that it would give as the only option of its facet, all else unchanged. The years
  are counted without the range of years.
- Order: each sort ends with the slug, so that it is deterministic. Without words all scores are 0, and relevance is the
  same as newest.

`matching`: which documents match a query, and with what score. `counting`: filters and facet counts. `engine`: stores
the documents and implements the protocol.
"""

from search.contract import EngineOptions
from search.engines.memory.engine import MemoryEngine

__all__ = ["MemoryEngine", "make_engine"]


def make_engine(options: EngineOptions) -> MemoryEngine:
    return MemoryEngine(options.facets)
