"""Which records may be of one publication, or of one work: candidates with a score and reasons in words. Pure.

`Matcher` finds them among many records at once; `compare` tells two. Whoever imports and the bank-wide page use both.
"""

from studies.matching.comparing import Kind, Likeness, compare
from studies.matching.matcher import Candidate, Known, Matcher, Pair, features_of, nearest, read_of
from studies.matching.portrait import Portrait
from studies.matching.titles import place_words

VERSION = 1
"""Raise it when two records may now be judged otherwise: what was found before is then sought again."""

__all__ = [
    "VERSION",
    "Candidate",
    "Kind",
    "Known",
    "Likeness",
    "Matcher",
    "Pair",
    "Portrait",
    "compare",
    "features_of",
    "nearest",
    "place_words",
    "read_of",
]
