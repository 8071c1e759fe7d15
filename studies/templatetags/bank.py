"""Template tags and filters of the bank's pages: numbers, dates, effects, texts in another language.

Only templates use them. The formatting of numbers and dates itself is in `studies.text`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from studies.store import vocabularies
from studies.text import dates
from studies.text.bilingual import LocalizedText
from studies.text.identifiers import web_link
from studies.text.language import page_language
from studies.text.method_terms import METHOD_TERMS
from studies.text.numbers import Number, format_number, format_range

register = template.Library()


class _NamedAddress(Protocol):
    @property
    def url(self) -> str: ...
    @property
    def name(self) -> str: ...


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
    return dates.format_day(value)


register.filter(web_link)
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


@register.inclusion_tag("components/explained.html")
def explain(*codes: str, measure: str = "", measures: Iterable[str] = ()) -> dict[str, Any]:
    """Render the meanings of terms of method, and of measures by their codes, for the place where they first stand.

    Raises KeyError for a term that METHOD_TERMS does not have. A measure that no vocabulary has is left out.
    """
    words = [_Word(str(METHOD_TERMS[code].label), str(METHOD_TERMS[code].meaning)) for code in codes]
    vocabulary, language = vocabularies.current(), page_language()
    for code in dict.fromkeys([measure, *measures]):
        term = vocabulary.find("measures", code)
        if term is not None and term.definition(language):
            label = term.label(language)
            words.append(_Word(label[:1].upper() + label[1:], term.definition(language)))
    return {"words": words}


@dataclass(frozen=True, slots=True)
class _Word:
    label: str
    meaning: str


@register.simple_tag
def term(code: str, text: str = "") -> SafeString:
    """Render a term of method, or `text` that says it, as a link to its meaning. Raises KeyError like `explain`."""
    known = METHOD_TERMS[code]
    return format_html('<a class="term" href="{}#{}">{}</a>', reverse("glossary"), known.anchor, text or known.label)


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


@register.simple_tag
def external_link(url: str, text: str) -> SafeString | str:
    """Render a link to an address that a record holds; only its text if the address is none of the web."""
    return format_html('<a href="{}" rel="noreferrer">{}</a>', url, text or url) if web_link(url) else text or url


@register.simple_tag
def source_links(sources: Iterable[_NamedAddress]) -> SafeString:
    """Render sources in one line, each as `external_link` does, joined by commas."""
    return format_html_join(", ", "{}", ((external_link(source.url, source.name),) for source in sources))


@register.filter
def in_language(code: str) -> str:
    """Return the language of a text in words: "en inglés"."""
    names = {"es": gettext("en español"), "en": gettext("en inglés"), "pt": gettext("en portugués")}
    return names.get(code, gettext("en otro idioma"))


@register.simple_tag
def lang_attribute(code: str | None) -> SafeString | str:
    """Return ` lang="…"` if a text is not in the page's language, else ""."""
    return format_html(' lang="{}"', code) if code and code != page_language() else ""
