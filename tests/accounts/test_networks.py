"""Who shares a limit, and which networks are the house's."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.networks import IPV6_SITE_PREFIX, is_of_house, network_of


class TestNetwork:
    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("", ""),
        ],
    )
    def test_is_an_ipv4_address_or_the_64_of_an_ipv6_address(self, address: str, network: str):
        assert network_of(address) == network

    @pytest.mark.parametrize(
        ("one", "other"),
        [("200.48.1.7", "200.48.1.8"), ("2001:db8:1:2::1", "2001:db8:1:3::1"), ("::ffff:1.2.3.4", "::ffff:1.2.3.5")],
    )
    def test_of_two_subscribers_are_two(self, one: str, other: str):
        assert network_of(one) != network_of(other)

    def test_of_a_larger_customer_is_told_by_its_prefix(self):
        assert network_of("2001:db8:1:2::1", IPV6_SITE_PREFIX) == network_of("2001:db8:1:3::1", IPV6_SITE_PREFIX)
        assert network_of("192.0.2.7", IPV6_SITE_PREFIX) == "192.0.2.7"


class TestHouse:
    @pytest.mark.parametrize(
        ("address", "is_inside"),
        [
            ("192.0.2.7", True),
            ("::ffff:192.0.2.7", True),
            ("192.0.3.7", False),
            ("2001:db8::1", True),
            ("2001:db9::1", False),
            ("", False),
        ],
    )
    def test_is_what_the_setting_names(self, settings: Any, address: str, is_inside: bool):
        settings.HOUSE_NETWORKS = ["192.0.2.0/24", "2001:db8::/32"]
        assert is_of_house(address) is is_inside
