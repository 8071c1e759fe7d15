"""How often somebody may do what costs the bank something: counted in the memory of each process, and nowhere kept.

A bank with two workers allows up to twice as much, and a restart begins anew: the bounds stand against floods.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.utils.crypto import salted_hmac


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in `per_s` seconds. `name` tells one thing that is limited from another."""

    name: str
    most: int
    per_s: int

    def takes(self, who: str) -> bool:
        """Count one more by `who` and say whether it is within the bound."""
        # A keyed hash: the memory of the process holds no address of a person.
        key = f"limit:{self.name}:{salted_hmac('search.limits', who).hexdigest()}"
        if cache.add(key, 1, self.per_s):
            return True
        try:
            return cache.incr(key) <= self.most
        except ValueError:  # it ran out between the two
            return cache.add(key, 1, self.per_s)
