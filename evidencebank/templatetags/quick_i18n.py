"""Django's tags of translation, with the constant texts of `{% translate %}` looked up once for each language.

Stands in place of Django's library `i18n` (`settings.TEMPLATES`): a page of results has 250 such texts, and looking
them up, escaping them and undoubling their percent signs anew took a seventh of its time.
"""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class _TranslatedOnce(template.Node):
    """A text that depends on nothing but the language, and on whether it is escaped."""

    child_nodelists = ()

    def __init__(self, node: i18n.TranslateNode) -> None:
        self.node = node
        self._texts: dict[tuple[str | None, bool], str] = {}

    def render(self, context: Context) -> str:
        key = get_language(), context.autoescape
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self.node.render(context)
        return text


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> template.Node:
    """Parse the tag as Django does; what is a text without a variable, a filter or a name to keep it is kept."""
    node = i18n.do_translate(parser, token)
    expression = node.filter_expression
    is_constant = getattr(expression.var, "literal", None) is not None and not expression.filters
    if is_constant and not (node.noop or node.asvar or node.message_context):
        return _TranslatedOnce(node)
    return node
