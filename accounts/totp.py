"""Codes of an authenticator app (TOTP, RFC 6238): six digits, a new one every 30 seconds.

The key of an app is made from its seed and SECRET_KEY, and kept nowhere: a stolen database or backup makes no codes.
With another SECRET_KEY all apps have to be added anew; recovery codes and passkeys go on.
"""

from __future__ import annotations

import base64
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import segno
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.oath import TOTP

from accounts.models import AuthenticatorApp

if TYPE_CHECKING:
    from django.contrib.auth.models import User

STEP_S = 30
TOLERANCE = 1
"""So many steps a phone's clock may be before or behind."""


def new_seed() -> str:
    return secrets.token_hex(20)


def key_of(seed: str) -> bytes:
    """Return the secret that the app holds: 20 bytes, as RFC 4226 recommends."""
    return salted_hmac("accounts.totp", seed, algorithm="sha256").digest()[:20]


def key_text(seed: str) -> str:
    """Return the key as one types it into an app, in groups of four letters."""
    text = base64.b32encode(key_of(seed)).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def picture(seed: str, account: str, issuer: str) -> str:
    """Return the code picture (QR) that apps scan, as an SVG element without any style."""
    label = quote(f"{issuer}:{account}")
    parameters = urlencode({"secret": key_text(seed).replace(" ", ""), "issuer": issuer}, quote_via=quote)
    code = segno.make(f"otpauth://totp/{label}?{parameters}", error="m", micro=False)
    # Dark on white in any light: not every camera reads the reverse.
    return code.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True, svgclass="code-picture")


def add(user: User, seed: str, name: str, code: str) -> AuthenticatorApp | None:
    """Add an app to the account of `user` if `code` shows that it holds the key, else return None.

    A form that is sent twice adds one app: two rows with one key would take a code twice.
    """
    step = _step_of(seed, code)
    if step is None:
        return None
    values = {"name": name, "last_step": step, "last_used_at": timezone.now()}
    return AuthenticatorApp.objects.get_or_create(user=user, seed=seed, defaults=values)[0]


def use(user: User, code: str) -> bool:
    """Return True if one of the apps of `user` shows `code` now, and take it, so that it is good for nothing else."""
    for app in AuthenticatorApp.objects.filter(user=user):
        step = _step_of(app.seed, code)
        # One statement: of two that send the same code at once, one changes the row.
        newer = AuthenticatorApp.objects.filter(pk=app.pk, last_step__lt=step or 0)
        if step is not None and newer.update(last_step=step, last_used_at=timezone.now()):
            return True
    return False


def _step_of(seed: str, code: str) -> int | None:
    """Return the number of the half minute in which an app with this seed shows `code`, if that is about now."""
    # int() reads digits of all scripts, spaces and underscores.
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    calculator = TOTP(key_of(seed), STEP_S)
    calculator.time = time.time()
    return calculator.t() if calculator.verify(int(code), TOLERANCE) else None
