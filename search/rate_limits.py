"""Rate limits for what is expensive or speaks in the bank's name, counted in the database by all workers and hosts.

Networks are those of `accounts.networks`. A wider IPv4 network would count strangers together, so daily limits of the
whole site stand behind those of networks. The API has a limit of its own (`search.api.throttling`), in files of a
host: it is asked too often to write to the database each time. A read-only host counts in the memory of each worker.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.networks import IPV6_PREFIX, is_of_house, network_of
from search.models import RateCount

DAY_S = 24 * 3600
HOUSE_FACTOR = 10
"""Behind an address of HOUSE_NETWORKS many people work."""
_ALIAS_MARK = "+"
_DOTS_DO_NOT_COUNT = frozenset({"gmail.com", "googlemail.com"})
"""Mail services that deliver `a.b` and `ab` to one mailbox. Elsewhere they may be two people."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `most` uses in `per_s` seconds by one sender. `name` keeps the counts of two limits apart."""

    name: str
    most: int
    per_s: int

    def consume(self, who: str = "") -> int:
        """Count one more use by `who`. Return 0 if it is within the limit, else the seconds until the next is allowed.

        Four queries, seven for the first use of a span. What is refused is not counted.
        """
        return self._consume(who, self.most)

    def consume_from(self, address: str, ipv6_prefix: int = IPV6_PREFIX) -> int:
        """Count one more use by the network of `address`. A network of the house has HOUSE_FACTOR times as many."""
        most = self.most * (HOUSE_FACTOR if is_of_house(address) else 1)
        return self._consume(network_of(address, ipv6_prefix), most)

    def _consume(self, who: str, most: int) -> int:
        now = timezone.now()
        key = salted_hmac("search.limits", f"{self.name}:{who}", algorithm="sha256").hexdigest()
        if settings.READ_ONLY:
            return self._consume_in_process(key, most, now)
        with transaction.atomic():
            count, is_new = RateCount.objects.get_or_create(key=key, defaults={"used": 0, "ends_at": self._end(now)})
            # The lock makes simultaneous requests of one sender wait for one another. An old row may be gone by now.
            locked = RateCount.objects.select_for_update().filter(pk=count.pk).first()
            count = locked or RateCount(key=key, used=0, ends_at=self._end(now))
            if count.ends_at <= now:
                count.used, count.ends_at = 0, self._end(now)
            if count.used >= most:
                return max(1, math.ceil((count.ends_at - now).total_seconds()))
            count.used += 1
            count.save()
        if is_new:
            forget_old_counts()
        return 0

    def _consume_in_process(self, key: str, most: int, now: datetime) -> int:
        """Count in the memory of this worker, where the database takes no counts."""
        ends_at = cache.get_or_set(f"{key}:ends", self._end(now), self.per_s) or now
        cache.add(key, 0, self.per_s)
        if int(cache.get(key, 0)) >= most:
            return max(1, math.ceil((cast(datetime, ends_at) - now).total_seconds()))
        with suppress(ValueError):  # the span has just ended
            cache.incr(key)
        return 0

    def _end(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.per_s)


def forget_old_counts() -> int:
    """Delete the counts whose span ended more than a day ago. Return how many."""
    return RateCount.objects.filter(ends_at__lt=timezone.now() - timedelta(seconds=DAY_S)).delete()[0]


def mailbox_key(email: str) -> str:
    """Return the mailbox that an address is delivered to: lower case, without `+alias` and, at Gmail, without dots."""
    local, _at, domain = email.strip().lower().rpartition("@")
    local = local.partition(_ALIAS_MARK)[0] or local
    if domain in _DOTS_DO_NOT_COUNT:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"
