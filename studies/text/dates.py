"""Dates in words: with the month in full for readers, short for lists and notes of the workplace."""

from __future__ import annotations

import datetime

from django.utils import formats, timezone

from studies.text.language import page_language

_DAY_FORMATS = {"es": r"j \d\e F \d\e Y", "en": "j F Y"}
# Django's own have capitals and no full stop in Spanish ("26 Nov 2026"), or are mixed ("3 Ene. 2026", "3 marzo 2026").
_MONTHS = {
    "es": ("ene.", "feb.", "mar.", "abr.", "may.", "jun.", "jul.", "ago.", "sept.", "oct.", "nov.", "dic."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def format_day(day: datetime.date | None) -> str:
    """Format a date as "23 de noviembre de 2026" or "23 November 2026"; "" for None.

    A datetime is taken as it is: filters get it in the bank's time zone.
    """
    return "" if day is None else formats.date_format(day, _DAY_FORMATS[page_language()])


def format_short_date(day: datetime.date | None) -> str:
    """Format a date as "26 nov. 2026" or "26 Nov 2026"; "" for None. A datetime is taken in the bank's time zone."""
    if day is None:
        return ""
    local = timezone.localdate(day) if isinstance(day, datetime.datetime) else day
    months = _MONTHS[page_language()]
    return f"{local.day} {months[local.month - 1]} {local.year}"


def format_short_datetime(at: datetime.datetime | None) -> str:
    """Format a datetime in the bank's time zone as "26 nov. 2026, 10:15"; "" for None."""
    return "" if at is None else f"{format_short_date(at)}, {timezone.localtime(at):%H:%M}"
