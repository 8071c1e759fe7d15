"""Somebody who may write an address into a record tries to make the link checker reach the ministry's own network."""

from __future__ import annotations

import httpx
import pytest

from studies.health import link_checker
from studies.health.link_checker import LinkAnswer, LinkChecker, State
from studies.health.outside_transport import OutsideTransport, is_public

PUBLIC, OTHER = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
INSIDE = (
    *("127.0.0.1", "10.0.0.5", "172.16.3.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("::1", "fe80::1", "fd00:ec2::254", "::ffff:10.0.0.5", "64:ff9b::a00:5", "2002:a00:5::1", "224.0.0.1", "ff02::1"),
)


class Net:
    """Names with the addresses of each look-up in turn, and a web that answers at public ones."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.reached: list[tuple[str, str, str]] = []
        self.redirects: dict[str, str] = {}
        self.down: set[str] = set()

    def look_up(self, host: str) -> list[str]:
        answers = self.names.get(host)
        if answers is None:
            raise OSError(host)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def answer(self, request: httpx.Request) -> httpx.Response:
        name = request.headers["Host"]
        self.reached.append((request.url.host, name, request.extensions["sni_hostname"]))
        if request.url.host in self.down:
            raise httpx.ConnectError("down", request=request)
        location = self.redirects.get(name)
        return httpx.Response(302, headers={"Location": location}) if location else httpx.Response(200)

    def check(self, url: str) -> LinkAnswer:
        transport = OutsideTransport(httpx.MockTransport(self.answer), self.look_up)
        with httpx.Client(transport=transport, follow_redirects=True) as web:
            return LinkChecker(web, delay_s=0.0).check(url)


class TestConnecting:
    def test_goes_to_the_address_that_was_checked_under_the_name_of_the_host(self):
        net = Net(a_example=[[PUBLIC]])
        assert net.check("https://a.example/x").state == State.OK
        assert net.reached == [(PUBLIC, "a.example", "a.example")]

    def test_is_not_led_inside_by_a_name_that_changes_after_the_check(self):
        net = Net(a_example=[[PUBLIC], ["10.0.0.5"]])
        assert net.check("https://a.example/").state == State.OK
        assert [address for address, _name, _sni in net.reached] == [PUBLIC]
        assert net.check("https://a.example/").state == State.SKIPPED
        assert len(net.reached) == 1

    @pytest.mark.parametrize("address", INSIDE)
    def test_refuses_what_is_no_address_of_the_internet(self, address: str):
        net = Net(a_example=[[address]])
        assert net.check("http://a.example/").state == State.SKIPPED
        assert net.reached == []

    def test_refuses_a_name_of_which_one_address_is_inside(self):
        net = Net(a_example=[[PUBLIC, "10.0.0.5"]])
        assert net.check("http://a.example/").state == State.SKIPPED

    def test_looks_at_each_redirect_again(self):
        net = Net(a_example=[[PUBLIC]], b_example=[["169.254.169.254"]])
        net.redirects["a.example"] = "http://b.example/latest/meta-data/"
        assert net.check("https://a.example/").state == State.SKIPPED
        assert [name for _address, name, _sni in net.reached] == ["a.example"]

    def test_tries_the_next_address_where_one_is_not_reached(self):
        net = Net(a_example=[[OTHER, PUBLIC]])
        net.down.add(OTHER)
        assert net.check("https://a.example/").state == State.OK

    def test_tells_a_name_that_nobody_has(self):
        assert Net().check("https://nada.example/").state == State.FAILING


def test_the_command_uses_it_and_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    """A proxy would look names up again, and connect to what nobody checked."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr("studies.health.outside_transport.look_up", lambda _host: ["10.0.0.5"])
    with link_checker.make_client("errores@example.pe") as web:
        assert LinkChecker(web, delay_s=0.0).check("http://a.example/").state == State.SKIPPED


def test_addresses_of_the_internet_are_public():
    assert is_public(PUBLIC)
    assert is_public(OTHER)
