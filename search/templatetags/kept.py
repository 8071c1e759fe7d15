"""The tag `kept`: renders a part of a template once for each value that keeps it."""

from __future__ import annotations

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


class _Kept(template.Node):
    """Prints its content as the dictionary has it under a name; renders it, and puts it there, the first time."""

    def __init__(self, keeper: FilterExpression, name: str, nodelist: NodeList) -> None:
        self.keeper = keeper
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        held: dict[str, str] = self.keeper.resolve(context)
        text = held.get(self.name)
        if text is None:
            text = held[self.name] = self.nodelist.render(context)
        return mark_safe(text)  # nosec B308 B703  # rendered by a template, which escapes


@register.tag
def kept(parser: Parser, token: Token) -> template.Node:
    """Render the content once for each dictionary: {% kept card.kept facts %}…{% endkept %}.

    The content may depend on nothing but what the dictionary belongs to, and on the language, which must be the same
    for all who share the dictionary.
    """
    _tag, keeper, name = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return _Kept(parser.compile_filter(keeper), name, nodelist)
