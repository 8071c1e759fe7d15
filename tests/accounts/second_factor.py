"""People with a second factor, and the codes that their apps show. The codes are computed by django-otp."""

from __future__ import annotations

import re
import time
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.oath import hotp

from accounts import totp
from accounts.models import AuthenticatorApp
from tests.factories import user_with_role

PASSWORD = "tortuga lámpara viento queso"
STEP, ADD, OWN, CONFIRM, INDEX = (
    "/admin/segundo-paso/",
    "/admin/segundo-paso/agregar/",
    "/admin/segundo-paso/mios/",
    "/admin/segundo-paso/confirmar/",
    "/admin/",
)


def make_person(role: str | None = "Curaduría", **fields: Any) -> User:
    user = user_with_role(role, **{"username": "rosa", **fields})
    user.set_password(PASSWORD)
    user.save()
    return user


def give_app(user: User, **fields: Any) -> AuthenticatorApp:
    """Give `user` an app none of whose codes was used."""
    values = {"name": "Mi celular", "seed": totp.new_seed(), "last_step": 0, **fields}
    return AuthenticatorApp.objects.create(user=user, **values)


def code_of(app: AuthenticatorApp | str, drift: int = 0) -> str:
    """Return the code that the app, or the app with this seed, shows now, or `drift` half minutes later."""
    seed = app if isinstance(app, str) else app.seed
    return code_at(totp.key_of(seed), drift)


def code_at(key: bytes, drift: int = 0) -> str:
    return f"{hotp(key, int(time.time()) // totp.STEP_S + drift):06d}"


def give_password(name: str = "rosa", at: str = "192.0.2.1") -> Client:
    """Return a browser in which the password of `name` was right, and nothing more was asked yet."""
    client = Client(REMOTE_ADDR=at)
    answer = client.post(reverse("admin:login"), {"username": name, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def sign_in(app: AuthenticatorApp, name: str = "rosa") -> Client:
    client = give_password(name)
    assert client.post(STEP, {"code": code_of(app)}).status_code == 302
    return client


def confirm(client: Client) -> None:
    assert client.post(CONFIRM, {"password": PASSWORD}).status_code == 302


def sign_out(client: Client) -> None:
    client.post(reverse("admin:logout"))


def key_on(page: str) -> str:
    """Return the key that a page shows for an app, without its spaces."""
    found = re.search(r'class="code-key">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li><code>([^<]+)</code>", page)


def is_in(client: Client) -> bool:
    return client.get(INDEX).status_code == 200
