"""The words of a Spanish dictionary, so that no correct word is taken for a mistyped one. `did_you_mean` asks it.

The list comes with pyspellchecker, of which nothing else is used: the same words in every installation.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from search.text.analysis import fold


def is_spanish_word(word: str) -> bool:
    """Return True if the dictionary has `word`, in either number and gender, with or without its accents."""
    return not _read_words().isdisjoint(_iterate_forms(fold(word)))


def _iterate_forms(word: str) -> Iterator[str]:
    """Yield a folded word, its singular, and the masculine of both; of a verb also the singular: pegan, pega."""
    yield word
    for ending in ("s", "es", "n"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            yield word[: -len(ending)]
    for ending in ("a", "as"):
        if word.endswith(ending):
            yield word[: -len(ending)] + "o"


@lru_cache(maxsize=1)
def _read_words() -> frozenset[str]:
    """Return all words, folded: a fifth of a second at the first mistyped word of a process, and some 8 MB."""
    packed = files("spellchecker").joinpath("resources", "es.json.gz").read_bytes()
    return frozenset(map(fold, json.loads(gzip.decompress(packed))))
