"""Rate limits of what costs the bank something."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from search.lists.limits import RateLimit


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()
    yield
    cache.clear()


class TestLimit:
    def test_takes_so_many_and_no_more(self):
        limit = RateLimit("prueba", most=3, per_s=60)
        assert [limit.consume("10.0.0.1") for _ in range(5)] == [True, True, True, False, False]

    def test_counts_each_person_and_each_thing_apart(self):
        assert RateLimit("uno", most=1, per_s=60).consume("10.0.0.1")
        assert RateLimit("uno", most=1, per_s=60).consume("10.0.0.2")
        assert RateLimit("dos", most=1, per_s=60).consume("10.0.0.1")
        assert not RateLimit("uno", most=1, per_s=60).consume("10.0.0.1")

    def test_begins_anew_when_the_time_is_over(self, monkeypatch: pytest.MonkeyPatch):
        limit = RateLimit("prueba", most=1, per_s=60)
        assert limit.consume("10.0.0.1")
        assert not limit.consume("10.0.0.1")
        monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: 9e12)
        assert limit.consume("10.0.0.1")

    def test_keeps_no_address(self):
        RateLimit("prueba", most=1, per_s=60).consume("10.9.8.7")
        assert not [key for key in cache._cache if "10.9.8.7" in key]
