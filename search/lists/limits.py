"""Rate limits for what costs the bank something, counted in the memory of each process and stored nowhere.

Two workers allow up to twice as much, and a restart begins from zero: the limits are meant against floods only.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.utils.crypto import salted_hmac


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `most` uses in `per_s` seconds by one person. `name` keeps the counts of two limits apart."""

    name: str
    most: int
    per_s: int

    def consume(self, who: str) -> bool:
        """Count one more use by `who`. Return True if it is within the limit."""
        # A keyed hash: the memory of the process holds no address of a person.
        key = f"limit:{self.name}:{salted_hmac('search.limits', who).hexdigest()}"
        if cache.add(key, 1, self.per_s):
            return True
        try:
            return cache.incr(key) <= self.most
        except ValueError:  # the key expired between the two calls
            return cache.add(key, 1, self.per_s)
