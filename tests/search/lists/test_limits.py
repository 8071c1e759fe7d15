"""How often somebody may do what costs the bank something."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from search.lists.limits import Limit


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()
    yield
    cache.clear()


class TestLimit:
    def test_takes_so_many_and_no_more(self):
        limit = Limit("prueba", most=3, per_s=60)
        assert [limit.takes("10.0.0.1") for _ in range(5)] == [True, True, True, False, False]

    def test_counts_each_person_and_each_thing_apart(self):
        assert Limit("uno", most=1, per_s=60).takes("10.0.0.1")
        assert Limit("uno", most=1, per_s=60).takes("10.0.0.2")
        assert Limit("dos", most=1, per_s=60).takes("10.0.0.1")
        assert not Limit("uno", most=1, per_s=60).takes("10.0.0.1")

    def test_begins_anew_when_the_time_is_over(self, monkeypatch: pytest.MonkeyPatch):
        limit = Limit("prueba", most=1, per_s=60)
        assert limit.takes("10.0.0.1")
        assert not limit.takes("10.0.0.1")
        monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: 9e12)
        assert limit.takes("10.0.0.1")

    def test_keeps_no_address(self):
        Limit("prueba", most=1, per_s=60).takes("10.9.8.7")
        assert not [key for key in cache._cache if "10.9.8.7" in key]
