"""Criteria as a reader may combine them, drawn at random from what the bank knows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import urlencode

from search.criteria.facets import PARAMETERS
from studies.store import vocabularies
from tests.thorough import examples

_WORDS = ("violencia", "transferencias", "mujeres rurales", '"violencia de pareja"', "police O policía", "men -alcohol")


def random_criteria(seed: int, number: int) -> Iterator[str]:
    """Yield so many query strings, fewer unless the run is thorough: one to three parameters, some with words or years.

    A parameter's first codes come often, so that something is found.
    """
    chance, vocabulary = random.Random(seed), vocabularies.current()
    for _ in range(examples(number)):
        pairs: list[tuple[str, object]] = []
        for parameter in chance.sample(tuple(PARAMETERS), chance.randint(1, 3)):
            known = PARAMETERS[parameter].codes(vocabulary)
            pairs += [(parameter, code) for code in {chance.choice(known[:6]), chance.choice(known)}]
        if chance.random() < 0.3:
            pairs.append(("q", chance.choice(_WORDS)))
        if chance.random() < 0.2:
            pairs.append(("year_from", chance.randint(2000, 2024)))
        yield urlencode(pairs)
