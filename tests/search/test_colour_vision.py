"""Effects are told apart by everybody: without red, green or blue cones, without colours, in light and in dark.

Each mark stands out from its ground (WCAG 2.2, 1.4.11), and no two effects differ by a colour alone that some reader
does not see. Signs, shapes and places are read from the pages, colours from the style sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from studies.models import Stage
from studies.synthesis.evidence import ESTIMATED, NOT_ESTIMATED
from tests.colour_vision import (
    SIGHTS,
    THEMES,
    Rgb,
    contrast,
    declared,
    declared_in,
    difference,
    linear,
    resolved,
    tokens,
)
from tests.factories import make_study
from tests.html_pages import page_of, parts, text_of
from tests.studies.records_factory import finding

EFFECTS = (*ESTIMATED, NOT_ESTIMATED)
GROUNDS = ("--paper", "--paper-tint", "--paper-deep")
"""What marks stand on: pages and tables, heads and boxes, a cell of the map under the pointer."""

LEAST_CONTRAST = 3.0
LEAST_DIFFERENCE = 20.0
"""Of two colours that alone tell effects apart: nearly nine times what is just noticeable on large fields (2.3 in
CIELAB, Mahy and others 1994), as marks are a few pixels wide, and small marks need several times that (Szafir 2018)."""


def ring_of(effect: str, place: str, theme: str) -> Mapping[str, str]:
    """Return the colours of a round sign on the map or of a chip: its border, what fills it, the sign itself."""
    base, own = {"map": (".map i", f".map .{effect}"), "chip": (".effect__sign", f".effect--{effect}")}[place]
    rules, properties = declared(base), {**tokens(theme), **declared(own)}
    return {
        "border": resolved(rules["border"], properties).split()[-1],
        "fill": resolved(rules["background"], properties),
        "sign": resolved(rules["color"], properties),
    }


def mark_of(effect: str) -> tuple[str, str]:
    """Return fill and line of the mark of an estimate on a plot."""
    rules = declared(f".plot .{effect}")
    return rules["fill"], rules["stroke"]


def drawn(theme: str) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each part of a mark, its colour and the colour that it stands on."""
    for effect in EFFECTS:
        for place in ("map", "chip"):
            ring = ring_of(effect, place, theme)
            for ground in GROUNDS:
                yield f"{place} {effect} on {ground}", ring["border"], f"var({ground})"
                within = f"var({ground})" if ring["fill"] == "transparent" else ring["fill"]
                yield f"sign of {place} {effect} on {ground}", ring["sign"], within
        yield f"mark and interval of {effect}", mark_of(effect)[1], "var(--paper)"
    for part in ("line", "box", "mean", "predicted"):
        yield f"{part} of a forest", declared(f".plot .plot__{part}")["stroke"], "var(--paper)"
    yield "bubble of the map", declared(".plot .plot__bubble")["fill"], "var(--paper)"
    yield "ring of the map", declared(".plot .plot__ring")["stroke"], "var(--paper)"
    yield "number in a bubble", declared(".plot .plot__count--in")["fill"], declared(".plot .plot__bubble")["fill"]


def seen(colour: str, theme: str, sight: str) -> Rgb:
    """Return a colour of the style sheets as somebody sees it; nothing within a line shows the page."""
    value = "var(--paper)" if colour == "none" else colour
    # A property may lead to another: var(--tone) is var(--favourable).
    return SIGHTS[sight](linear(resolved(value, tokens(theme))))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
class TestContrast:
    def test_of_every_mark_with_its_ground_is_enough(self, theme: str, sight: str):
        faint = {
            name: round(found, 2)
            for name, colour, ground in drawn(theme)
            if (found := contrast(seen(colour, theme, sight), seen(ground, theme, sight))) < LEAST_CONTRAST
        }
        assert faint == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("memory_engine")
class TestTwoEffects:
    def test_on_the_map_have_signs_that_differ(self, client: Client):
        signs: dict[str, set[str]] = {}
        for mark in page_of(client, "/mapa/").xpath(".//table//i"):
            signs.setdefault(mark.get("class"), set()).add(mark.text.strip())
        assert set(signs) == set(EFFECTS)
        assert all(len(own) == 1 for own in signs.values())
        assert len(set.union(*signs.values())) == len(EFFECTS)

    @pytest.mark.parametrize(
        "address",
        ["/mapa/", "/estudios/", "/comparar/?id=abramsky-2014-sasa&id=bhalotra-2025-brazil-job-loss"],
    )
    def test_of_chips_have_signs_that_differ_and_a_word_or_a_number(self, client: Client, address: str):
        signs: dict[str, str] = {}
        for chip in parts(page_of(client, address), "effect"):
            (code,) = re.findall(r"effect--([\w-]+)", chip.get("class"))
            sign, *words = chip
            assert signs.setdefault(code, sign.text.strip()) == sign.text.strip()
            shown = [text_of(word) for word in words if word.get("class") != "hidden"]
            assert "".join(shown) or (words[-1].tail or "").strip(), "neither word nor number"
        assert len(signs) > 1
        assert len(set(signs.values())) == len(signs)

    def test_on_the_plot_of_a_study_differ_by_shape_or_by_a_fill_that_all_see(self, client: Client):
        findings = tuple(finding(effect=effect, value=0.5 + 0.05 * at) for at, effect in enumerate(EFFECTS))
        study = make_study(stage=Stage.PUBLISHED, findings=findings)
        shapes = marks_of(page_of(client, f"/estudios/{study.slug}/"))
        assert set(shapes) == set(EFFECTS)
        assert_told_apart(shapes)

    def test_look_alike_on_a_forest_where_the_place_tells_the_direction(self, client: Client):
        for effect in ESTIMATED:
            make_study(stage=Stage.PUBLISHED, interventions=("workplace",), findings=(finding(effect=effect),))
        page = page_of(client, "/intervenciones/workplace/")
        assert len(page.xpath(".//svg[@role='img']//rect[@class='plot__box']")) == len(ESTIMATED)
        assert not marks_of(page)


def marks_of(page: Any) -> dict[str, str]:
    """Return the shape of each effect's mark on the plots of estimates of a page."""
    shapes: dict[str, set[str]] = {}
    for mark in page.xpath(".//svg[@role='img']/svg/*[not(self::rect)]"):
        effect, shape = mark.get("class"), f"{mark.tag} {mark.get('d') or mark.get('r')}"
        if effect in EFFECTS:
            shapes.setdefault(effect, set()).add(shape)
    assert all(len(own) == 1 for own in shapes.values())
    return {effect: own.pop() for effect, own in shapes.items()}


def assert_told_apart(shapes: Mapping[str, str]) -> None:
    for one, other in combinations(shapes, 2):
        if shapes[one] != shapes[other]:
            continue
        for theme in THEMES:
            for sight in SIGHTS:
                apart = difference(*(seen(mark_of(effect)[0], theme, sight) for effect in (one, other)))
                assert apart >= LEAST_DIFFERENCE, (one, other, theme, sight, round(apart, 1))


class TestFiles:
    def test_have_the_colours_of_the_light_page(self):
        css = (settings.BASE_DIR / "templates" / "evidence" / "picture_style.html").read_text(encoding="utf-8")
        for selector in (
            ".plot__bubble",
            ".plot__ring",
            ".plot__count--in",
            ".plot__mean",
            ".plot__line",
            ".plot__box",
        ):
            own, page = declared_in(css, selector), declared(f".plot {selector}")
            assert own, selector
            for name in ("fill", "stroke"):
                if name in own:
                    assert own[name] == resolved(page[name], tokens("light")), selector

    def test_paint_each_line_and_shape_that_the_page_paints(self):
        """A mark without its stroke is not seen in the file: the interval of a mean was lost so."""
        css = (settings.BASE_DIR / "templates" / "evidence" / "picture_style.html").read_text(encoding="utf-8")
        for part in ("mean", "predicted", "line", "box", "open", "grid", "null", "ring", "bubble", "ci", "end"):
            selector = f".plot__{part}"
            page = declared(selector) | declared(f".plot {selector}")
            assert page, selector
            missing = {name for name in page if name.startswith(("fill", "stroke"))} - declared_in(css, selector).keys()
            assert not missing, selector


class TestSimulation:
    @pytest.mark.parametrize("sight", SIGHTS)
    @pytest.mark.parametrize("grey", ["#000", "#777777", "#fff"])
    def test_leaves_greys_as_they_are(self, sight: str, grey: str):
        assert SIGHTS[sight](linear(grey)) == pytest.approx(linear(grey), abs=1e-4)

    def test_knows_what_is_confused(self):
        red, green, blue = linear("#b03000"), linear("#5a6000"), linear("#0000ff")
        for sight in ("protanopia", "deuteranopia"):
            assert difference(SIGHTS[sight](red), SIGHTS[sight](green)) < difference(red, green) / 2
            assert difference(SIGHTS[sight](red), SIGHTS[sight](blue)) > LEAST_DIFFERENCE

    def test_contrast_and_difference_are_those_of_the_standards(self):
        assert contrast(linear("#000"), linear("#fff")) == pytest.approx(21)
        assert contrast(linear("#767676"), linear("#fff")) == pytest.approx(4.54, abs=0.01)
        assert difference(linear("#000"), linear("#fff")) == pytest.approx(100, abs=0.1)
        assert difference(linear("#f00"), linear("#0f0")) == pytest.approx(170.6, abs=0.5)
