"""How much of the long tests is run: all with THOROUGH=1, as CI does; else a part, so that `make test` is soon done."""

import os

THOROUGH = bool(os.environ.get("THOROUGH"))


def examples(number: int) -> int:
    """Return how many examples a property is tried with: `number` in a thorough run, else a quarter, at least five."""
    return number if THOROUGH else max(5, number // 4)
