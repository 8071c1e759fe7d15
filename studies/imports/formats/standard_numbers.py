"""Standard numbers and dates of references, as files write them: several in one field, with words around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from studies.text.bibliographic_ids import normalize_isbn, normalize_issn

_YEAR_FIRST = re.compile(r"\s*\d{4}(?:([-/.])(\d{1,2})(?:\1(\d{1,2}))?|(\d{2})(\d{2}))(?!\d)")
_ISSN = re.compile(r"(?<![\d-])\d{4}[-‐‑–]?\d{3}[\dXx](?![\d-])")
_ISBN = re.compile(r"(?<![\d-])(?:97[89][\s‐‑–-]?)?(?:\d[\s‐‑–-]?){9}[\dXx](?![\d-])")
_MONTHS = ("jan ene", "feb", "mar", "apr abr", "may", "jun", "jul", "aug ago", "sep set", "oct", "nov", "dec dic")
"""How the months begin in English and Spanish, where these differ."""


def find_issns(texts: Iterable[str]) -> list[str]:
    """Return the ISSN in these texts, each once: "1044-1247 (Print)" has one. What fails its check digit is none."""
    return _find(_ISSN, normalize_issn, texts)


def find_isbns(texts: Iterable[str]) -> list[str]:
    """Return the ISBN in these texts as thirteen digits, each once. What fails its check digit is none."""
    return _find(_ISBN, normalize_isbn, texts)


def read_month(text: str) -> int | None:
    """Return the month of "3", "03", "March", "mar.", "marzo", or None: also for a season."""
    written = text.strip().lower()
    if re.fullmatch(r"\d{1,2}", written):
        return int(written) if 1 <= int(written) <= 12 else None
    for number, beginnings in enumerate(_MONTHS, start=1):
        if len(written) >= 3 and written[:3] in beginnings.split():
            return number
    return None


def read_day(text: str) -> int | None:
    """Return the day of a month; None for what is none, as a range."""
    written = text.strip()
    return int(written) if re.fullmatch(r"\d{1,2}", written) and 1 <= int(written) <= 31 else None


def read_month_and_day(text: str) -> tuple[int | None, int | None]:
    """Return month and day of a date: of "2019-03-08", "2019/03/08/", "20190308", "2019 Mar 8", "8 March 2019".

    (None, None) for a year alone, a season, several months or no date; the day is None where only the month is told.
    """
    if found := _YEAR_FIRST.match(text):
        month = read_month(found[2] or found[4])
        return month, read_day(found[3] or found[5] or "") if month else None
    words = re.findall(r"[^\W\d_]+|\d+", text)
    months = {number for word in words if word.isalpha() and (number := read_month(word))}
    days = [day for word in words if (day := read_day(word))]
    if len(months) != 1:
        return None, None
    return months.pop(), days[0] if len(days) == 1 else None


def _find(pattern: re.Pattern[str], normalize: Callable[[str], str | None], texts: Iterable[str]) -> list[str]:
    found = (normalize(match) for text in texts for match in pattern.findall(text))
    return list(dict.fromkeys(filter(None, found)))
