"""The registry of engines. Nothing outside an engine's package imports its library.

An engine is a package with a function `make_engine(options)`, and one line in `ENGINES`. No engine reaches Django. The
settings validate the name of theirs against `ENGINES`, so this module imports no engine before one is made.
"""

from __future__ import annotations

from importlib import import_module

from search.contract import Engine, EngineOptions

ENGINES = {
    "whoosh": "search.engines.whoosh",
    "memory": "search.engines.memory",
}
"""The package of each engine, by its name in the setting SEARCH_ENGINE."""


def make_engine(name: str, options: EngineOptions) -> Engine:
    """Return a new engine. Raises KeyError for a name that is not in ENGINES."""
    made: Engine = import_module(ENGINES[name]).make_engine(options)
    return made
