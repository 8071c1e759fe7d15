"""Colours as people see them: contrast and difference, and how they look without one kind of cone or without colour.

The style sheets are read as text: colours are those of tokens.css, in its light and its dark form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

_CSS = Path(__file__).resolve().parents[1] / "static" / "css"
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COMMA = re.compile(r",\s*(?![^(]*\))")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*((?:[^()]|\([^()]*\))*))?\)")

Rgb = tuple[float, float, float]
"""A colour in linear light, each part from 0 to 1."""
_Matrix = tuple[Rgb, Rgb, Rgb]

# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", IEEE
# Transactions on Visualization and Computer Graphics 15(6), 2009, severity 1.0. They apply to linear RGB.
_PROTANOPIA: _Matrix = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
_DEUTERANOPIA: _Matrix = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
_TRITANOPIA: _Matrix = (
    (1.255528, -0.076749, -0.178779),
    (-0.078411, 0.930809, 0.147602),
    (0.004733, 0.691367, 0.303900),
)
_LUMINANCE: Rgb = (0.2126, 0.7152, 0.0722)
# sRGB to CIE XYZ, white point D65 (IEC 61966-2-1).
_TO_XYZ: _Matrix = ((0.4124, 0.3576, 0.1805), _LUMINANCE, (0.0193, 0.1192, 0.9505))
_WHITE: Rgb = (0.9505, 1.0, 1.089)


def _by(matrix: _Matrix) -> Callable[[Rgb], Rgb]:
    def seen(colour: Rgb) -> Rgb:
        red, green, blue = (min(1.0, max(0.0, part)) for part in _product(matrix, colour))
        return red, green, blue

    return seen


SIGHTS: Mapping[str, Callable[[Rgb], Rgb]] = {
    "all colours": lambda colour: colour,
    "protanopia": _by(_PROTANOPIA),
    "deuteranopia": _by(_DEUTERANOPIA),
    "tritanopia": _by(_TRITANOPIA),
    "greyscale": _by((_LUMINANCE, _LUMINANCE, _LUMINANCE)),
}
"""Ways to see. Greyscale is also a printer without colours."""

THEMES = ("light", "dark")


def linear(colour: str) -> Rgb:
    """Read "#004a55" or "#fff"."""
    digits = colour.strip().removeprefix("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it, from 1 to 21."""
    darker, lighter = sorted(_dot(_LUMINANCE, colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def difference(one: Rgb, other: Rgb) -> float:
    """Return how far two colours lie apart in CIELAB (CIE 1976); 2.3 is just noticeable on large fields."""
    return sum((a - b) ** 2 for a, b in zip(_lab(one), _lab(other), strict=True)) ** 0.5


@cache
def tokens(theme: str) -> Mapping[str, str]:
    """Return the custom properties of tokens.css in one of THEMES."""
    text = _COMMENT.sub("", (_CSS / "tokens.css").read_text(encoding="utf-8"))
    light, _, dark = text.partition("@media screen and (prefers-color-scheme: dark)")
    assert dark
    return dict(re.findall(r"(--[\w-]+)\s*:\s*([^;]+);", light if theme == "light" else light + dark))


@cache
def declared(selector: str) -> Mapping[str, str]:
    """Return what the style sheets of components declare for exactly this selector, empty if they have nothing."""
    sheets = (_CSS / "components.css", _CSS / "evidence.css")
    return declared_in("\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets), selector)


def declared_in(css: str, selector: str) -> Mapping[str, str]:
    """Return what `css` declares for exactly this selector."""
    found: dict[str, str] = {}
    for selectors, body in _RULE.findall(_COMMENT.sub("", css)):
        if selector in map(str.strip, _COMMA.split(selectors)):
            found |= {
                name.strip(): value.strip() for name, _, value in (each.partition(":") for each in body.split(";"))
            }
    return {name: value for name, value in found.items() if name}


def resolved(value: str, properties: Mapping[str, str]) -> str:
    """Put the values of custom properties in the place of their names."""
    while match := _VARIABLE.search(value):
        value = value.replace(match[0], properties.get(match[1], match[2] or ""))
    return value


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _dot(row: Rgb, colour: Rgb) -> float:
    return sum(factor * part for factor, part in zip(row, colour, strict=True))


def _product(matrix: _Matrix, colour: Rgb) -> tuple[float, ...]:
    return tuple(_dot(row, colour) for row in matrix)


def _lab(colour: Rgb) -> tuple[float, float, float]:
    x, y, z = (_cube_root(part / white) for part, white in zip(_product(_TO_XYZ, colour), _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _cube_root(share: float) -> float:
    return share ** (1 / 3) if share > (6 / 29) ** 3 else share / (3 * (6 / 29) ** 2) + 4 / 29
