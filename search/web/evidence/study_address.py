"""The address behind a number of an answer: the studies that it counts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from search.criteria.evidence_address import evidence_list_url


def studies_url(ids: tuple[str, ...]) -> str:
    """Return the address of these studies: the page of one, the list of several."""
    if len(ids) == 1:
        return reverse("study", args=[ids[0]])
    return evidence_list_url(urlencode([("id", id_) for id_ in ids]))
