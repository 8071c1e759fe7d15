"""Absolute addresses of the bank, for what is read elsewhere than on its pages: files, feeds, metadata."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import override


def absolute_url(request: HttpRequest, path: str) -> str:
    """Return the absolute address of a path: on SITE_URL if it is set, else on the host of the request."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def in_each_language(name: str, *args: str) -> Mapping[str, str]:
    """Return the path of a page by code of language."""
    paths = {}
    for language, _ in settings.LANGUAGES:
        with override(language):
            paths[language] = reverse(name, args=args)
    return paths
