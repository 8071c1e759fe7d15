"""Django's messages ("it was saved"), in a cookie that is named as the others are (`settings.COOKIE_PREFIX`)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

COOKIE = f"{settings.COOKIE_PREFIX}messages"


class _MessageCookie(CookieStorage):
    cookie_name = COOKIE


class MessageStorage(FallbackStorage):
    """Messages that are too long for the cookie go into the session, as with Django's own class."""

    storage_classes = (_MessageCookie, SessionStorage)
