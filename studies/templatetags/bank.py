"""Tags and filters of the bank's pages: numbers, dates, effects, texts in one language or the other.

Templates do nothing but call them; what they compute stands in `studies.text.numbers`.
"""

from __future__ import annotations

import datetime
from typing import Any

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from studies.text import dates
from studies.text.bilingual import Text
from studies.text.language import page_language
from studies.text.numbers import Number, format_number, format_range

register = template.Library()

_DAY_FORMATS = {"es": r"j \d\e F \d\e Y", "en": "j F Y"}

_SIGNS = {
    "favourable": "+",
    "no-effect": "\u00a0",
    "mixed": "±",
    "unfavourable": "\u2212",
    "not-estimated": "?",
}


@register.filter
def num(value: Number | None, decimals: int | None = None) -> str:
    """Write a number in the page's language; nothing for None."""
    return "" if value is None else format_number(value, page_language(), decimals)


@register.filter
def period(value: str) -> str:
    """Write a range of years with an en dash."""
    return format_range(value)


@register.filter(expects_localtime=True)
def day(value: datetime.date | None) -> str:
    """Write a date in words: 23 de noviembre de 2026, 23 November 2026."""
    return "" if value is None else formats.date_format(value, _DAY_FORMATS[page_language()])


register.filter("short_day", dates.short_day)
register.filter("short_moment", dates.short_moment)


@register.inclusion_tag("components/effect.html")
def effect(code: str, label: str) -> dict[str, Any]:
    """Show an effect as sign and word."""
    return {"code": code, "label": label, "sign": _SIGNS.get(code, "?")}


@register.inclusion_tag("components/effect.html")
def effect_count(code: str, label: str, count: int) -> dict[str, Any]:
    """Show how many have an effect: the sign and a number, the word for those who hear the page."""
    return {"code": code, "label": label, "sign": _SIGNS.get(code, "?"), "count": count}


@register.inclusion_tag("components/judged.html")
def judged(code: str, label: str) -> dict[str, Any]:
    """Show a judgement of an appraisal as shape and word. Without `code` it says nothing of bias: only the word."""
    return {"code": code, "label": label}


@register.filter
def sign(code: str) -> str:
    """Give the sign that stands for an effect."""
    return _SIGNS.get(code, "?")


@register.simple_tag
def bilingual(text: Text | None) -> SafeString | str:
    """Write a text; one in another language than the page's carries `lang` and a small label (R6)."""
    if text is None:
        return ""
    if not text.is_fallback:
        return text.text
    return format_html(
        '<span lang="{}">{}</span> <span class="tag">{}</span>', text.language, text.text, in_language(text.language)
    )


@register.filter
def in_language(code: str) -> str:
    """Say which language a text is in: "en inglés"."""
    names = {"es": gettext("en español"), "en": gettext("en inglés"), "pt": gettext("en portugués")}
    return names.get(code, gettext("en otro idioma"))


@register.simple_tag
def lang_attribute(code: str | None) -> SafeString | str:
    """Write ` lang="…"` where a text is not in the page's language, and nothing where it is."""
    return format_html(' lang="{}"', code) if code and code != page_language() else ""
