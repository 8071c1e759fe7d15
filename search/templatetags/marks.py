"""Highlighted texts, for the cards of a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from search.query.highlight import Fragment

register = template.Library()


@register.filter
def marked(fragments: Iterable[Fragment]) -> SafeString:
    """Render a text with its matches in <mark>. A page has forty: a template took a sixth of its rendering time."""
    texts = ((conditional_escape(fragment.text), fragment.marked) for fragment in fragments)
    marked_up = "".join(f"<mark>{text}</mark>" if is_marked else text for text, is_marked in texts)
    # Every text is escaped above.
    return SafeString(marked_up)  # nosec B703
