"""Template tags and filters of the bank's pages: numbers, dates, effects, texts in another language.

Only templates use them. The formatting of numbers and dates itself is in `studies.text`.
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
from studies.text.bilingual import LocalizedText
from studies.text.language import page_language
from studies.text.numbers import Number, format_number, format_range

register = template.Library()

_DAY_FORMATS = {"es": r"j \d\e F \d\e Y", "en": "j F Y"}

_SIGNS = {
    "favourable": "+",
    "no-effect": "\u00a0",
    "mixed": "±",
    "ambiguous": "~",
    "unfavourable": "\u2212",
    "not-estimated": "?",
}


@register.filter
def num(value: Number | None, decimals: int | None = None) -> str:
    """Format a number in the page's language; "" for None."""
    return "" if value is None else format_number(value, page_language(), decimals)


@register.filter
def period(value: str) -> str:
    """Format a range of years with an en dash."""
    return format_range(value)


@register.filter(expects_localtime=True)
def day(value: datetime.date | None) -> str:
    """Format a date in words: 23 de noviembre de 2026, 23 November 2026; "" for None."""
    return "" if value is None else formats.date_format(value, _DAY_FORMATS[page_language()])


register.filter("short_day", dates.format_short_date)
register.filter("short_moment", dates.format_short_datetime)


@register.inclusion_tag("components/effect.html")
def effect(code: str, label: str) -> dict[str, Any]:
    """Render an effect as sign and word."""
    return {"code": code, "label": label, "sign": _SIGNS.get(code, "?")}


@register.inclusion_tag("components/effect.html")
def effect_count(code: str, label: str, count: int) -> dict[str, Any]:
    """Render how many have an effect: the sign and a number, with the word for screen readers."""
    return {"code": code, "label": label, "sign": _SIGNS.get(code, "?"), "count": count}


@register.inclusion_tag("components/judged.html")
def judged(code: str, label: str) -> dict[str, Any]:
    """Render a judgement of an appraisal as shape and word, or only the word if it has no `code` of certainty."""
    return {"code": code, "label": label}


@register.filter
def sign(code: str) -> str:
    """Return the sign of an effect, "?" for an unknown code."""
    return _SIGNS.get(code, "?")


@register.simple_tag
def bilingual(text: LocalizedText | None) -> SafeString | str:
    """Render a text. One in another language than the page's gets `lang` and a small label (R6)."""
    if text is None:
        return ""
    if not text.is_fallback:
        return text.text
    return format_html(
        '<span lang="{}">{}</span> <span class="tag">{}</span>', text.language, text.text, in_language(text.language)
    )


@register.filter
def in_language(code: str) -> str:
    """Return the language of a text in words: "en inglés"."""
    names = {"es": gettext("en español"), "en": gettext("en inglés"), "pt": gettext("en portugués")}
    return names.get(code, gettext("en otro idioma"))


@register.simple_tag
def lang_attribute(code: str | None) -> SafeString | str:
    """Return ` lang="…"` if a text is not in the page's language, else ""."""
    return format_html(' lang="{}"', code) if code and code != page_language() else ""
