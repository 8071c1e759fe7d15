"""The tag `keep`, for texts of the head that the card of a shared link repeats.

A template can have a block only once; what `keep` prints can be printed again.
"""

from __future__ import annotations

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class _Keep(template.Node):
    """Prints its content on one line, and stores it in the context under a name."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        # Already escaped for a page; a quotation mark of a translation would end an attribute.
        text = mark_safe(" ".join(self.nodelist.render(context).split()).replace('"', "&quot;"))  # nosec B308 B703
        context[self.name] = text
        return text


@register.tag
def keep(parser: Parser, token: Token) -> template.Node:
    """Print the content up to `endkeep`, and store it: {% keep title %}…{% endkeep %}, later {{ title }}."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return _Keep(name, nodelist)
