"""Passkeys: which answers of a browser add one, and which prove one."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from accounts import passkeys
from accounts.models import Passkey
from tests.accounts.passkey_device import PRESENT, Device, options_on
from tests.accounts.second_factor import ADD, PASSWORD, STEP, confirm, is_in, make_person, sign_out

pytestmark = pytest.mark.django_db


def browser(host: str = "localhost", name: str = "rosa") -> Client:
    """Return a browser in which the password of `name` was right."""
    client = Client(headers={"host": host})
    client.post(reverse("admin:login"), {"username": name, "password": PASSWORD})
    return client


def adds(client: Client, device: Device) -> bool:
    """Add the passkey of `device`, where the password was typed lately. Return True if it is there."""
    before = Passkey.objects.count()
    answer = device.create(options_on(client.get(ADD).content.decode()))
    page = client.post(ADD, {"what": "passkey", "key-name": "Llave", "key-passkey": answer})
    is_added = Passkey.objects.count() == before + 1
    assert is_added or "No se pudo agregar la llave de acceso" in page.content.decode()
    return is_added


def proves(client: Client, answer: str) -> bool:
    client.post(STEP, {"passkey": answer})
    return is_in(client)


def asked(client: Client) -> dict[str, Any]:
    return options_on(client.get(STEP).content.decode())


@pytest.fixture
def rosa() -> User:
    return make_person()


@pytest.fixture
def device(rosa: User) -> Device:
    """A device whose passkey rosa has added."""
    held, client = Device(), browser()
    confirm(client)
    assert adds(client, held)
    return held


class TestAdding:
    @pytest.fixture
    def client(self, rosa: User) -> Client:
        client = browser()
        confirm(client)
        return client

    def test_keeps_the_public_half(self, client: Client, rosa: User):
        assert adds(client, Device())
        assert Passkey.objects.get().user == rosa

    @pytest.mark.parametrize(
        "forged",
        [
            {"origin": "http://localhost.example.com"},
            {"origin": "http://localhost:81"},
            {"host": "example.com"},
            {"flags": PRESENT},
            {"credential": b"x" * 2_500},
        ],
    )
    def test_refuses_what_another_site_or_nobody_made(self, client: Client, forged: dict[str, Any]):
        assert not adds(client, Device(**forged))

    @pytest.mark.parametrize("key", [b"", b"\xff", b"\x04", cbor2.dumps({1: 9, 3: -7}), cbor2.dumps([])])
    def test_refuses_a_key_that_is_none_or_that_proves_nothing(self, client: Client, key: bytes):
        device = Device(public_key=key)
        if adds(client, device):
            sign_out(client)
            again = browser()
            assert not proves(again, device.get(asked(again)))

    def test_refuses_one_that_somebody_has_added(self, client: Client):
        device, other = Device(), browser(name=make_person(username="berta").username)
        confirm(other)
        assert adds(other, device)
        assert not adds(client, device)

    def test_asks_the_device_for_no_name_of_the_account_that_tells_who_it_is(self, client: Client, rosa: User):
        options = options_on(client.get(ADD).content.decode())
        assert options["rp"]["id"] == "localhost"
        assert len(options["user"]["id"]) == 43, "a keyed hash"
        assert options["authenticatorSelection"]["userVerification"] == "required"


class TestProving:
    def test_opens_the_workplace(self, device: Device):
        client = browser()
        assert not is_in(client)
        assert proves(client, device.get(asked(client)))

    def test_takes_an_answer_once(self, device: Device):
        client = browser()
        answer = device.get(asked(client))
        assert proves(client, answer)
        again = browser()
        asked(again)
        assert not proves(again, answer)

    def test_takes_a_challenge_once_also_after_a_wrong_answer(self, device: Device):
        client = browser()
        answer = device.get(asked(client))
        client.post(STEP, {"passkey": "{}"})
        assert not proves(client, answer)

    def test_takes_no_answer_that_nobody_asked_for(self, device: Device):
        other = browser()
        client = browser()
        assert not proves(client, device.get(asked(other)))

    def test_takes_no_answer_to_a_challenge_that_is_old(self, device: Device, monkeypatch: pytest.MonkeyPatch):
        client = browser()
        answer = device.get(asked(client))
        later = passkeys.time.time() + passkeys.CHALLENGE_S + 1
        monkeypatch.setattr("accounts.passkeys.time.time", lambda: later)
        assert not proves(client, answer)

    def test_goes_on_in_the_older_of_two_windows_after_one_refusal(self, device: Device):
        client = browser()
        older, _newer = asked(client), asked(client)
        page = client.post(STEP, {"passkey": device.get(older)}).content.decode()
        assert "Inténtelo otra vez" in page
        assert proves(client, device.get(options_on(page)))

    @pytest.mark.parametrize(
        "forged", [{"origin": "https://localhost"}, {"host": "example.com"}, {"flags": PRESENT}, {"count": -1}]
    )
    def test_takes_no_answer_of_another_site_without_the_owner_or_of_a_copy(
        self, device: Device, forged: dict[str, Any]
    ):
        Passkey.objects.update(sign_count=1)
        device.count = 1
        for name, value in forged.items():
            setattr(device, name, value)
        client = browser()
        assert not proves(client, device.get(asked(client)))

    def test_takes_no_passkey_of_another_person(self, device: Device):
        other = Device()
        make_person(username="berta")
        client = browser(name="berta")
        confirm(client)
        assert adds(client, other)
        half = browser()
        assert not proves(half, other.get(asked(half)))


class TestOnAPublicSite:
    @pytest.fixture(autouse=True)
    def public(self, settings: Any) -> None:
        settings.IS_PUBLIC, settings.SITE_URL = True, "https://banco.example.pe"
        settings.ALLOWED_HOSTS = ["banco.example.pe", "banco.interno"]

    @pytest.mark.parametrize("address", ["https://banco.example.pe", "https://banco.example.pe:443"])
    def test_passkeys_belong_to_its_address_whatever_the_host_header_says(
        self, rosa: User, settings: Any, address: str
    ):
        settings.SITE_URL = address
        client = browser("banco.interno")
        confirm(client)
        assert options_on(client.get(ADD).content.decode())["rp"]["id"] == "banco.example.pe"
        assert not adds(client, Device(origin="https://banco.interno", host="banco.interno"))
        assert not adds(client, Device(origin="https://banco.interno", host="banco.example.pe"))
        assert not adds(client, Device(origin="http://banco.example.pe", host="banco.example.pe"))
        assert adds(client, Device(origin="https://banco.example.pe", host="banco.example.pe"))

    def test_a_port_is_part_of_the_address(self, rosa: User, settings: Any):
        settings.SITE_URL = "https://banco.example.pe:8443"
        client = browser("banco.example.pe:8443")
        confirm(client)
        assert not adds(client, Device(origin="https://banco.example.pe", host="banco.example.pe"))
        assert adds(client, Device(origin="https://banco.example.pe:8443", host="banco.example.pe"))


class TestAtAnAddressOfDigits:
    def test_no_passkey_is_offered_added_or_proven(self, device: Device):
        client = browser("127.0.0.1")
        page = client.get(STEP).content.decode()
        assert "data-options" not in page
        assert "no en una de números" in page
        assert not proves(client, device.get({"challenge": "AA"}))
