"""The relevance score: BM25F in whole numbers (S4). Every engine computes scores with these functions.

A score is the sum of one contribution for each leaf of the query that the study matches. A contribution is cut to a
whole number, so that the sum does not depend on the order of addition, and two hosts return the same list. Functions
take one number or a numpy array: operations and their order are the same, and so are results to the last bit.

For a leaf in a study, under each rule set, the fields in the order of `contract.FIELDS`:

    weighted frequency = Σ over fields of  weight × occurrences / (1 - B + B × length / average length)

The rule set with the higher frequency counts; a code of the leaf that the study carries adds its weight, divided by the
root of the number of codes that the study carries of its parameter: of several codes the one that adds most. Then

    contribution = SCALE × rarity × weighted × (K1 + 1) / (K1 + weighted),  cut to a whole number, at least 1.

A leaf with a field counts in that field alone. The occurrences of a prefix are those of all its tokens.

Words that the thesaurus widens (`tree.WithExpansion`): the weighted frequencies of all that was added are summed in
their order, and the best code adds its weight as above, unless most studies carry it (`is_telling`). With the rarity
of what matches in either way,

    addition = SCALE × rarity × EXPANSION × weighted / (K1 + weighted),  cut to a whole number, at least 1.

A study that matches only by what was added scores the addition. One that matches the reader's own words scores these,
the addition if there is one, and `own_words_bonus`, which exceeds every addition: so it ranks first (S3).

Lengths do not count `BREAK`. Statistics are those of the studies in the index, without deleted ones; an average length
is taken over the studies that have the field.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Amount = TypeVar("Amount", float, NDArray[np.float64])
    Whole = TypeVar("Whole", int, NDArray[np.int64])

RULES = ("es", "en")
"""The rule sets of text analysis, named as the attributes of `Word`, `Phrase` and `FieldTokens`."""

WEIGHTS = {
    "title": 4.0,
    "programme": 4.0,
    "terms": 3.0,
    "authors": 2.0,
    "summary": 1.0,
    "findings": 1.0,
    "publication": 0.5,
}

K1 = 1.2
B = 0.75
SCALE = 1000.0

EXPANSION = 2.2
"""The limit of an addition, rarity aside. It is that of a contribution, K1 + 1."""

DOI_SCORE = 10_000_000
"""The score of an equal DOI: more than all words of the longest query can reach."""


def average_length(total: int, studies: int) -> float:
    """Return the mean of `total` tokens over the `studies` that have the field; 1.0 if none has."""
    return total / studies if studies else 1.0


def length_norm(length: Amount, average: float) -> Amount:
    """Return the divisor of the occurrences in a field of this length."""
    return 1.0 - B + B * length / average


def field_weight(field: str, occurrences: Amount, norm: Amount) -> Amount:
    """Return the weighted frequency in one field."""
    return WEIGHTS[field] * occurrences / norm


def code_weight(parameter: str) -> float:
    """Return what a code of this parameter adds to the weighted frequency in a study that carries no other of it."""
    return WEIGHTS["programme"] if parameter == "programme" else WEIGHTS["terms"]


def shared_code_weight(parameter: str, root: Amount) -> Amount:
    """Return what a code adds in a study; `root` is the square root of the number of codes of its parameter there.

    A study of one intervention is more about it than a review of ten.
    """
    return code_weight(parameter) / root


def rarity(studies: int, matching: int) -> float:
    """Return the inverse document frequency (idf) of a leaf that `matching` of all `studies` match."""
    return math.log(1 + (studies - matching + 0.5) / (matching + 0.5))


def uncut_contribution(weighted: Amount, rarity: float) -> Amount:
    """Return the contribution of a weighted frequency before it is cut to a whole number."""
    return SCALE * rarity * weighted * (K1 + 1.0) / (K1 + weighted)


def contribution(weighted: float, rarity: float) -> int:
    """Return the contribution of a weighted frequency.

    Code on arrays cuts the result of `uncut_contribution` and raises it to 1 in the same way.
    """
    return max(1, int(uncut_contribution(weighted, rarity)))


def is_selective(studies: int, carrying: int) -> bool:
    """Return True if the thesaurus may add a code: at most half of the studies carry it.

    A code that most studies carry would find almost the whole bank.
    """
    return 2 * carrying <= studies


def uncut_addition(weighted: Amount, rarity: float) -> Amount:
    """Return the addition for what the thesaurus added, before it is cut to a whole number."""
    return SCALE * rarity * EXPANSION * weighted / (K1 + weighted)


def addition(weighted: float, rarity: float) -> int:
    """Return the addition for what the thesaurus added.

    Code on arrays cuts the result of `uncut_addition` and raises it to 1 in the same way.
    """
    return max(1, int(uncut_addition(weighted, rarity)))


def own_words_bonus(rarity: float) -> int:
    """Return what ranks a study with the reader's own words above all studies that only the thesaurus finds."""
    return max(1, int(SCALE * rarity * EXPANSION))


def part_weight(weight: int, studies: int, matching: int) -> int:
    """Return what a part of a `tree.MostOf` weighs, that `matching` of all `studies` match."""
    return int(SCALE * weight * rarity(studies, matching))


def is_most(weighs: Whole, total: int) -> Any:
    """Return whether parts of this weight are enough of the `total`."""
    return ENOUGH[1] * weighs >= ENOUGH[0] * total


def covered_score(score: Whole, weighs: Whole, total: int) -> Whole:
    """Return the score of parts that weigh `weighs` of `total`: more of the words rank higher."""
    return score * weighs // max(total, 1)


ENOUGH = (1, 2)
"""The share of the weight of a `tree.MostOf` that a study must match."""
