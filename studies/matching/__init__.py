"""Which records may be of one publication, or of one work: candidates with a score and reasons in words. Pure.

`Matcher` finds them among many records at once; `compare` tells two. Whoever imports and the bank-wide page use both.
"""

from studies.matching.comparing import Kind, Likeness, compare
from studies.matching.matcher import Candidate, Known, Matcher, Pair
from studies.matching.portrait import Portrait
from studies.matching.titles import place_words

__all__ = ["Candidate", "Kind", "Known", "Likeness", "Matcher", "Pair", "Portrait", "compare", "place_words"]
