"""Whole addresses of the bank, for whoever reads them elsewhere than in the page that printed them."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import override


def absolute_url(request: HttpRequest, path: str) -> str:
    """Return the whole address of a path: on the public site's own name, whatever name the request came by."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


def in_each_language(name: str, *args: str) -> Mapping[str, str]:
    """Return the path of a page by language."""
    paths = {}
    for language, _ in settings.LANGUAGES:
        with override(language):
            paths[language] = reverse(name, args=args)
    return paths
