"""The engine on a Whoosh index: Whoosh stores and writes, `engines.arrays` searches.

Nothing outside imports Whoosh. Whoosh's own search is never called: its top N can be wrong (I6). From the disk up:

    postings → schema → segments → engine
    directory (generations, the pointer, the state file)   merging
"""

from search.contract import EngineOptions
from search.engines.whoosh.engine import WhooshEngine

__all__ = ["WhooshEngine", "make_engine"]


def make_engine(options: EngineOptions) -> WhooshEngine:
    return WhooshEngine(
        options.directory,
        options.facets,
        analysis_version=options.analysis_version,
        cache_bytes=options.cache_bytes,
    )
