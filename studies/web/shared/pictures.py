"""Figures as SVG files: a drawing with its title, legend, source, date and licence, as no page stands around it.

Browsers make the PNG of such a file (static/js/figures.js): no library of the bank draws SVG.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from studies.text.characters import replace_non_xml
from studies.text.dates import format_day
from studies.text.language import page_language
from studies.text.numbers import format_number
from studies.web.shared.bank_counts import bank_version
from studies.web.shared.downloads import as_attachment

PLOT_WIDTH = 736
"""The width in pixels of a plot whose x is in per cent."""

_MARGIN, _GAP = 24, 20
_TITLE_SIZE, _TEXT_SIZE = 18, 13
# Em widths of letters differ by font; these leave room for a wide one.
_TITLE_LETTER, _TEXT_LETTER = 0.58 * _TITLE_SIZE, 0.53 * _TEXT_SIZE

_MARK = re.compile(r'<svg x="([\d.]+)%" y="([\d.]+)" overflow="visible">((?:(?!<svg).)*?)</svg>', re.DOTALL)
_SHARE = re.compile(r'\b(x|x1|x2|cx)="([\d.]+)%"')


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing and what is said of it. `template` draws `context` in `width` × `height` pixels.

    `subtitle` says of what studies it is, `legend` how to read it, sentence by sentence; `address` is the whole address
    of the page that shows it.
    """

    template: str
    context: dict[str, Any]
    width: int
    height: int
    title: str
    subtitle: str
    legend: tuple[str, ...]
    address: str


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A line of text of a picture, with the y of its foot."""

    y: int
    text: str
    css_class: str


def picture_response(picture: Picture, stem: str) -> HttpResponse:
    """Return a picture as an SVG file. `stem` is a fixed word, never one of a reader."""
    width = max(picture.width, PLOT_WIDTH)
    above = tuple(_place([(picture.title, "title"), (picture.subtitle, "soft")], _MARGIN, width))
    top = above[-1].y + _GAP
    told = [(" ".join(picture.legend), "soft"), (_source(picture.address), "soft")]
    below = tuple(_place(told, top + picture.height + _GAP, width))
    drawing = in_pixels(render_to_string(picture.template, {**picture.context, "is_file": False}), picture.width)
    svg = render_to_string(
        "evidence/picture.svg",
        {
            # Rendered by a template, which escaped it; `in_pixels` only turned its numbers.
            "drawing": SafeString(drawing),  # nosec B703
            "picture": picture,
            "lines": (*above, *below),
            "margin": _MARGIN,
            "top": top,
            "width": width + 2 * _MARGIN,
            "height": below[-1].y + _MARGIN,
        },
    )
    # A reader's words and a record's names stand in it: one sign that XML cannot hold, and nothing opens the file.
    file = HttpResponse(replace_non_xml(svg.strip()), content_type="image/svg+xml")
    return as_attachment(file, f"{stem}.svg")


def in_pixels(drawing: str, width: int) -> str:
    """Return a drawing of `width` pixels without shares of it: browsers read those, office programs do not.

    LibreOffice cuts what lies left of or above the corner of a drawing within a drawing, which marks stand around.
    """

    def pixels(share: str) -> str:
        return f"{float(share) * width / 100:.2f}"

    placed = _MARK.sub(lambda found: f'<g transform="translate({pixels(found[1])} {found[2]})">{found[3]}</g>', drawing)
    return _SHARE.sub(lambda found: f'{found[1]}="{pixels(found[2])}"', placed)


def _source(address: str) -> str:
    version = bank_version()
    return _(
        "Fuente: Banco de Evidencias, versión %(number)s del %(date)s; figura descargada el %(today)s. "
        "Licencia %(licence)s. %(url)s"
    ) % {
        "number": format_number(version.change_no, page_language()),
        "date": format_day(timezone.localdate(version.changed_at)),
        "today": format_day(timezone.localdate()),
        "licence": settings.DATA_LICENCE_NAME,
        "url": address,
    }


def _place(texts: Iterable[tuple[str, str]], top: int, width: int) -> Iterator[PictureLine]:
    """Yield the lines of texts below one another, each wrapped to the width."""
    y = top
    for text, css_class in texts:
        size, letter = (_TITLE_SIZE, _TITLE_LETTER) if css_class == "title" else (_TEXT_SIZE, _TEXT_LETTER)
        for line in textwrap.wrap(text, int(width / letter)):
            y += size
            yield PictureLine(y, line, css_class)
            y += size // 3
        y += size // 3
