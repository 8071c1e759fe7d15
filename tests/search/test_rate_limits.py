"""Rate limits of what costs the bank something, and who shares them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from search.models import RateCount
from search.rate_limits import RateLimit, mailbox_key

pytestmark = pytest.mark.django_db


class TestLimit:
    def test_takes_so_many_and_then_says_how_long_to_wait(self):
        limit = RateLimit("prueba", most=3, per_s=60)
        assert [limit.consume("10.0.0.1") for _ in range(5)] == [0, 0, 0, 60, 60]

    def test_counts_each_person_and_each_thing_apart(self):
        assert not RateLimit("uno", most=1, per_s=60).consume("10.0.0.1")
        assert not RateLimit("uno", most=1, per_s=60).consume("10.0.0.2")
        assert not RateLimit("dos", most=1, per_s=60).consume("10.0.0.1")
        assert RateLimit("uno", most=1, per_s=60).consume("10.0.0.1")

    def test_begins_anew_when_the_time_is_over(self):
        limit = RateLimit("prueba", most=1, per_s=60)
        limit.consume("10.0.0.1")
        assert limit.consume("10.0.0.1")
        RateCount.objects.update(ends_at=timezone.now())
        assert not limit.consume("10.0.0.1")

    def test_counts_where_all_workers_and_hosts_see_it(self):
        """A worker has its own memory: emptying it changes nothing."""
        limit = RateLimit("prueba", most=1, per_s=60)
        limit.consume("10.0.0.1")
        cache.clear()
        assert limit.consume("10.0.0.1")

    def test_counts_a_network_and_ten_times_as_much_for_the_house(self, settings):
        settings.HOUSE_NETWORKS = ["192.0.2.0/24"]
        limit = RateLimit("prueba", most=1, per_s=60)
        assert [limit.consume_from("198.51.100.7") for _ in range(2)] == [0, 60]
        assert [limit.consume_from("192.0.2.7") for _ in range(11)] == [0] * 10 + [60]

    def test_keeps_no_address_and_nothing_for_long(self):
        RateLimit("prueba", most=1, per_s=60).consume("10.9.8.7")
        assert "10.9.8.7" not in RateCount.objects.get().key
        RateCount.objects.update(ends_at=timezone.now() - timedelta(days=2))
        RateLimit("prueba", most=1, per_s=60).consume("10.0.0.1")
        assert RateCount.objects.count() == 1


@pytest.mark.parametrize(
    "same", ["Ana@Example.org", "ana+avisos@example.org", "ana+a+b@example.org", " ana@example.org"]
)
def test_one_mailbox_has_one_key(same: str):
    assert mailbox_key(same) == mailbox_key("ana@example.org")


def test_dots_count_except_at_gmail():
    assert mailbox_key("a.n.a@gmail.com") == mailbox_key("ana+x@googlemail.com")
    assert mailbox_key("a.na@example.org") != mailbox_key("ana@example.org")
    assert mailbox_key("+solo@example.org") != mailbox_key("+otra@example.org")
