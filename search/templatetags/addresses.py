"""Addresses of lists and of pages of terms, for templates of `studies`, which know only their criteria."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.urls import reverse

from search.web.shared.list_address import list_address

if TYPE_CHECKING:
    from studies.web.programmes.page import CycleStep
    from studies.web.shared.links import Link

register = template.Library()


@register.filter
def list_url(link: Link) -> str:
    """Return the address of the list of the link's criterion, else the link's own, which may be empty."""
    if link.criterion is None:
        return link.url
    parameter, code = link.criterion
    return list_address(**{parameter: code})


@register.filter
def page_url(link: Link | CycleStep) -> str:
    """Return the address of the page of the link's criterion, a theme or an intervention, else the link's own."""
    if link.criterion is None:
        return link.url
    page, code = link.criterion
    return reverse(page, args=[code])


@register.filter
def of_forest(address: str, number: int) -> str:
    """Return the address of a plot of estimates, from that of the figure of its synthesis."""
    return f"{address}{'&' if '?' in address else '?'}forest={number}"
