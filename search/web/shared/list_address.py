"""The address of a list of studies that a few plain criteria define."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse


def list_address(**criteria: str) -> str:
    """Return the address of the studies that `criteria` find, given as parameters with one value each."""
    return f"{reverse('search')}?{urlencode(criteria)}"
