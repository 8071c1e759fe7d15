"""The words that styles put around the data, in Spanish and English. The data stays in its own language."""

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


def words(language: str) -> Mapping[str, str]:
    """Give the words of a language; Spanish for all but "en"."""
    return _EN if language == "en" else _ES


def long_date(day: datetime.date, language: str) -> str:
    """Write a day in full: "26 de noviembre de 2026", "26 November 2026"."""
    if language == "en":
        return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
    return f"{day.day} de {_MONTHS_ES[day.month - 1]} de {day.year}"


def american_date(day: datetime.date, language: str) -> str:
    """Write a day as Chicago does: "November 26, 2026"; in Spanish as ever."""
    if language == "en":
        return f"{_MONTHS_EN[day.month - 1]} {day.day}, {day.year}"
    return long_date(day, language)


def short_date(day: datetime.date, language: str) -> str:
    """Write a day as the NLM does: "2026 Nov 26"; in Spanish in full."""
    if language == "en":
        return f"{day.year} {_MONTHS_EN[day.month - 1][:3]} {day.day}"
    return long_date(day, language)


def language_name(code: str, language: str) -> str:
    """Name the language of a work; "" where readers of `language` would not be told: Spanish and English in Spanish."""
    return _LANGUAGES["en" if language == "en" else "es"].get(code, "")
