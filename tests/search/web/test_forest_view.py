"""What a forest says in words, on made-up evaluations."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from search.web.evidence.forest_view import ForestSetView, ForestView, forest_view
from studies.records.finding import ArmRecord, FindingRecord
from studies.store import vocabularies
from studies.synthesis.forest import Forest, NoMeanReason, build_forests
from tests.studies.evidence_factory import MEASURES, OUTCOMES, evidence_of, study
from tests.studies.records_factory import finding

pytestmark = pytest.mark.django_db

RATIOS = ((0.6, 0.42, 0.86), (0.7, 0.5, 0.98), (0.9, 0.7, 1.16), (0.5, 0.4, 0.62), (0.95, 0.8, 1.13))


def number(value: float, low: float | None, high: float | None, **changes: Any) -> FindingRecord:
    return finding(**{"comparator": "nothing", **changes, "value": value, "ci_low": low, "ci_high": high})


def forest_of(*findings: FindingRecord) -> Forest:
    studies = [study(f"estudio-{place}", findings=(each,)) for place, each in enumerate(findings)]
    (forest,) = build_forests(studies, evidence_of(studies), MEASURES, OUTCOMES)
    return forest


def view_of(forest: Forest, language: str = "es") -> ForestView:
    with override(language):
        return forest_view(1, forest, vocabularies.current(), language, lambda row: (row.study.id, ""))


def first_set(*findings: FindingRecord, language: str = "es") -> ForestSetView:
    return view_of(forest_of(*findings), language).sets[0]


def scale(value: float, higher_is: str | None) -> FindingRecord:
    low, high = round(value - 0.2, 1), round(value + 0.2, 1)
    return number(value, low, high, measure="Cohen d", outcome="mental-health", higher_is=higher_is)


class TestAMean:
    def test_says_against_what_and_how_much_its_evaluations_differ(self):
        found = first_set(*(number(*each) for each in RATIOS))
        assert found.detail == "Frente a nada, o lo mismo más tarde; menos es mejor"
        assert found.mean is not None
        assert re.search(
            r"frente a nada, o lo mismo más tarde, 5 evaluaciones .*promedio 0,\d\d \[.*\], intervalo de 95 %\. "
            r"Heterogeneidad: I² = \d+.% \[\d+.%; \d+.%\], τ² = 0,\d+ \[.*\]\. "
            r"Intervalo de predicción para otra evaluación: \[.*\]\.$",
            found.mean.sentence,
        )

    def test_of_fewer_than_five_says_why_nothing_is_predicted(self):
        found = first_set(*(number(*each) for each in RATIOS[:4]))
        assert found.mean is not None
        assert found.mean.predicted is None
        assert "Con menos de 5 evaluaciones no se calcula un intervalo de predicción." in found.mean.sentence

    def test_of_estimates_that_are_too_much_alike_says_so(self):
        found = first_set(*(number(each, each / 2, each * 2) for each in (0.7, 0.71, 0.72)))
        assert found.mean is not None
        assert "sin intervalo: las estimaciones se parecen más de lo que el azar haría esperar" in found.mean.sentence

    def test_says_how_many_are_left_out_because_nobody_recorded_the_comparator(self):
        others = (number(*each, comparator=None) for each in RATIOS[3:])
        found = first_set(*(number(*each) for each in RATIOS[:3]), *others)
        assert found.mean is not None
        assert found.mean.sentence.endswith("No entran 2 evaluaciones de las que no consta qué recibió el otro grupo.")


class TestTheFigure:
    @pytest.mark.parametrize("is_file", [True, False])
    def test_names_the_unit_on_its_axis_and_the_comparator_of_each_set(self, is_file: bool):
        points = {"measure": "mean difference", "unit": "calls per day", "higher_is": "worse"}
        view = view_of(forest_of(*(number(x, x - 1, x + 1, **points) for x in (-2, -3, -4))))
        svg = render_to_string("evidence/forest_plot.html", {"forest": view, "is_file": is_file})
        assert re.search(r">Diferencia de medias, llamadas por día</text>", svg)
        assert ">Frente a nada, o lo mismo más tarde; menos es mejor</text>" in svg

    def test_draws_no_prediction_where_there_is_none(self):
        for count, has_prediction in ((4, False), (5, True)):
            view = view_of(forest_of(*(number(*each) for each in RATIOS[:count])))
            svg = render_to_string("evidence/forest_plot.html", {"forest": view})
            assert ("plot__predicted" in svg) == has_prediction


class TestARow:
    def test_says_that_the_bank_computed_its_ratio(self):
        arms = (ArmRecord("intervention", n=300, events=60), ArmRecord("comparison", n=310, events=90))
        (row,) = first_set(finding(measure=None, value=None, ci_low=None, ci_high=None, arms=arms)).rows
        assert "razón de riesgos calculada por el banco con las cifras de cada grupo" in row.notes
        assert (row.figure, row.interval) == ("0,69", "[0,52; 0,92]")

    def test_says_that_the_bank_turned_its_scale(self):
        rows = first_set(scale(-0.3, "worse"), scale(0.1, "better"), scale(0.2, "better")).rows
        assert "invertida por el banco: en su fuente, un valor más alto es peor" in rows[0].notes
        assert (rows[0].figure, rows[0].interval) == ("0,3", "[0,1; 0,5]")

    def test_names_its_measure_beside_another_of_the_same_axis(self):
        view = view_of(forest_of(number(*RATIOS[0]), number(*RATIOS[1], measure="prevalence ratio")))
        assert view.measure == "Razón de riesgos y razón de prevalencias"
        assert [row.notes[0] for row in view.sets[0].rows] == ["razón de riesgos", "razón de prevalencias"]

    def test_says_where_its_standard_error_is_from(self):
        stated, derived = first_set(number(0.7, None, None, se=0.2), number(0.52, None, None, p=0.051)).rows
        assert "con el error estándar que da la fuente" in stated.notes
        assert "error estándar deducido del valor p" in derived.notes


class TestNoMean:
    @pytest.mark.parametrize("reason", NoMeanReason)
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_has_words_for_every_reason(self, reason: NoMeanReason, language: str):
        forest = forest_of(*(number(*each) for each in RATIOS))
        (some,) = forest.sets
        sharing = (tuple(row.work_id for row in some.rows),)
        refused = replace(some, pooled=None, no_mean=reason, sharing=sharing)
        (view,) = view_of(replace(forest, sets=(refused,)), language).sets
        assert view.mean is None
        assert len(view.no_mean) > 20
        assert view.no_mean.endswith(".")
