"""The cookie of a browser in which somebody has signed in, so that failures of strangers do not bar that browser.

As OWASP describes it ("Slow Down Online Guessing Attacks with Device Cookies"). It opens nothing by itself: whoever
steals it may guess as often as its owner may.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

# Not __Host-, which holds for all paths: public pages need not learn that a browser is one of the staff.
COOKIE = "__Secure-bank_device" if settings.SESSION_COOKIE_SECURE else "bank_device"
KEPT_FOR = timedelta(days=180)
_SALT = "accounts.devices"


def device_of(request: HttpRequest, account: str) -> str:
    """Return the code of the browser if it has signed in to `account` (a key of `accounts.limits`), else ""."""
    try:
        kept_account, code = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KEPT_FOR)
    except (signing.BadSignature, TypeError, ValueError):
        return ""
    return str(code) if kept_account == account else ""


def remember(response: HttpResponseBase, account: str) -> None:
    """Let the browser that gets `response` know that it has signed in to `account`."""
    response.set_cookie(
        COOKIE,
        signing.dumps([account, secrets.token_hex(16)], salt=_SALT),
        max_age=KEPT_FOR,
        path=reverse("admin:index"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
