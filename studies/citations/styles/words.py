"""The words and dates that styles put around a reference, in Spanish and English."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import MappingProxyType

_ES: Mapping[str, str] = MappingProxyType(
    {
        "no-date": "s. f.",
        "no-date-long": "sin fecha",
        "date-unknown": "fecha desconocida",
        "in": "En",
        "page": "p.",
        "pages": "pp.",
        "volume": "Vol.",
        "number": "n.º",
        "Number": "N.º",
        "report": "Informe",
        "article": "Documento de trabajo",
        "article-number": "Artículo",
        "report-number": "Informe n.º:",
        "thesis": "Tesis",
        "thesis-small": "tesis",
        "thesis-online": "tesis en Internet",
        "internet": "Internet",
        "online": "en línea",
        "cited": "citado",
        "viewed": "consulta:",
        "accessed": "Acceso el",
        "from": "Disponible en:",
    }
)
_EN: Mapping[str, str] = MappingProxyType(
    {
        "no-date": "n.d.",
        "no-date-long": "no date",
        "date-unknown": "date unknown",
        "in": "In",
        "page": "p.",
        "pages": "pp.",
        "volume": "Vol.",
        "number": "no.",
        "Number": "No.",
        "report": "Report",
        "article": "Working paper",
        "article-number": "Article",
        "report-number": "Report No.:",
        "thesis": "Thesis",
        "thesis-small": "thesis",
        "thesis-online": "thesis on the Internet",
        "internet": "Internet",
        "online": "online",
        "cited": "cited",
        "viewed": "viewed",
        "accessed": "Accessed",
        "from": "Available from:",
    }
)
_MONTHS_ES = [
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
]
_MONTHS_EN = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_LANGUAGES = {
    "es": {"pt": "Portugués", "fr": "Francés", "de": "Alemán", "it": "Italiano", "qu": "Quechua", "ay": "Aimara"},
    "en": {
        "es": "Spanish",
        "pt": "Portuguese",
        "fr": "French",
        "de": "German",
        "it": "Italian",
        "qu": "Quechua",
        "ay": "Aymara",
    },
}


def get_words(language: str) -> Mapping[str, str]:
    """Return the words of a language: English for "en", Spanish for any other."""
    return _EN if language == "en" else _ES


def format_long_date(day: datetime.date, language: str) -> str:
    """Format a date in full: "26 de noviembre de 2026", "26 November 2026"."""
    if language == "en":
        return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
    return f"{day.day} de {_MONTHS_ES[day.month - 1]} de {day.year}"


def format_partial_date(year: int, month: int, day: int | None, language: str) -> str:
    """Format a date whose day may not be known: "8 de marzo de 2019", "marzo de 2019", "March 2019"."""
    own = f"{_MONTHS_EN[month - 1]} {year}" if language == "en" else f"{_MONTHS_ES[month - 1]} de {year}"
    if day is None:
        return own
    return f"{day} {own}" if language == "en" else f"{day} de {own}"


def format_american_date(day: datetime.date, language: str) -> str:
    """Format a date as Chicago does: "November 26, 2026"; in Spanish as `format_long_date`."""
    if language == "en":
        return f"{_MONTHS_EN[day.month - 1]} {day.day}, {day.year}"
    return format_long_date(day, language)


def format_nlm_date(day: datetime.date, language: str) -> str:
    """Format a date as the NLM does: "2026 Nov 26"; in Spanish as `format_long_date`."""
    if language == "en":
        return f"{day.year} {_MONTHS_EN[day.month - 1][:3]} {day.day}"
    return format_long_date(day, language)


def get_language_name(code: str, language: str) -> str:
    """Return the name of the language `code`; "" where a list in `language` leaves it out, or if it is unknown."""
    return _LANGUAGES["en" if language == "en" else "es"].get(code, "")
