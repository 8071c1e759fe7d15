"""Numbers, percentages and ranges as pages print them. Pure: template tags and view models call it."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

THIN_SPACE = "\u202f"  # narrow and never broken: 1 234,5
MINUS = "\u2212"
EN_DASH = "\u2013"

Number = int | float

_GROUPS = {"es": THIN_SPACE, "en": ","}
_POINT = {"es": ",", "en": "."}


@lru_cache(maxsize=4_096, typed=True)
def format_number(value: Number, language: str, decimals: int | None = None) -> str:
    """Format a number as Peru's statistics office does (1 234,5), or in English (1,234.5).

    Without `decimals`, the number keeps its own, so that nothing looks more exact than its source. Zero has no sign.
    """
    # By way of repr(), which has the digits as they were entered: Decimal(0.1) has 55.
    number = Decimal(repr(value))
    written = f"{abs(number):,f}" if decimals is None else f"{abs(number):,.{decimals}f}"
    whole, _, fraction = written.partition(".")
    if decimals is None:
        fraction = fraction.rstrip("0")
    text = whole.replace(",", _GROUPS.get(language, ","))
    if fraction:
        text += _POINT.get(language, ".") + fraction
    # Rounding may leave only zeros, and "-0.0" would look like a decrease.
    is_zero = not any(digit in text for digit in "123456789")
    return text if number >= 0 or is_zero else MINUS + text


def count_decimals(value: Number) -> int:
    """Return the number of decimals: 0.48 has two, 9.0 none."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def format_percent(value: Number, language: str, decimals: int | None = None) -> str:
    """Format a percentage, in Spanish with a no-break space before the sign."""
    space = THIN_SPACE if language == "es" else ""
    return f"{format_number(value, language, decimals)}{space}%"


def format_range(text: str) -> str:
    """Replace the hyphen of a range by an en dash: 2011–2012, and 2019– for an open one."""
    return re.sub(r"(?<=\d)\s*-\s*(?=\d|$)", EN_DASH, text)
