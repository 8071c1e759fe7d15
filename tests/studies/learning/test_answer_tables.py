"""The order of outcomes and the baselines: what a bank begins with, and what curators make of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.utils import IntegrityError

from studies.curation import terms
from studies.learning import answer_tables
from studies.models import Baseline, PriorityOutcome, Term
from studies.store import vocabularies
from tests.studies.learning.texts_factory import term

pytestmark = pytest.mark.django_db


def group_of(outcome: str) -> str | None:
    return vocabularies.current().term("outcomes", outcome).parent


def add_priority(outcome: str, position: int, theme: str | None = None) -> PriorityOutcome:
    return PriorityOutcome.objects.create(
        outcome=term(outcome, "outcomes"), position=position, theme=term(theme, "themes") if theme else None
    )


def make_baseline(**changes: Any) -> Baseline:
    values = {
        "slug": "encuesta-de-prueba",
        "outcome": term("harassment", "outcomes"),
        "window": "ever",
        "percent": 12.5,
        "year": 2020,
        "asked_es": "mujeres de prueba",
        "asked_en": "made-up women",
        "source_name": "Encuesta de prueba",
        "url": "https://example.org/encuesta",
    }
    return Baseline.objects.create(**{**values, **changes})


class TestPriorities:
    def test_violence_by_a_partner_comes_first_then_other_violence_then_the_aims_of_the_theme(self):
        for theme in vocabularies.current().terms("themes"):
            groups = [group_of(code) for code in answer_tables.list_priority_outcomes(theme.code)]
            runs = [group for place, group in enumerate(groups) if place == 0 or groups[place - 1] != group]
            assert runs[:2] == ["partner-violence", "other-violence"]
            assert not {"partner-violence", "other-violence"} & set(runs[2:])
            assert runs[2:]

    def test_without_a_theme_only_what_is_common_to_all(self):
        codes = answer_tables.list_priority_outcomes()
        assert {group_of(code) for code in codes} == {"partner-violence", "other-violence"}

    def test_a_cost_is_never_among_them(self):
        codes = {row.outcome.code for row in PriorityOutcome.objects.select_related("outcome")}
        assert all(group_of(code) != "methods-cost" for code in codes)

    def test_a_curators_order_holds(self):
        PriorityOutcome.objects.all().delete()
        add_priority("safety", 1, "attention")
        add_priority("femicide", 2)
        add_priority("ipv-any", 1)
        assert answer_tables.list_priority_outcomes("attention") == ("ipv-any", "femicide", "safety")
        assert answer_tables.list_priority_outcomes("autonomy") == ("ipv-any", "femicide")

    def test_a_retired_one_is_left_out(self):
        PriorityOutcome.objects.filter(outcome__code="femicide").update(is_retired=True)
        assert "femicide" not in answer_tables.list_priority_outcomes()

    @pytest.mark.parametrize("theme", [None, "attention"])
    def test_none_stands_twice(self, theme: str | None):
        add_priority("prevalence", 1, theme)
        with pytest.raises(IntegrityError):
            add_priority("prevalence", 2, theme)

    def test_costs_one_query(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            answer_tables.list_priority_outcomes("prevention")


class TestBaselines:
    def test_each_says_whom_who_measured_and_where_it_was_read(self):
        found = answer_tables.read_baselines()
        assert found
        for each in found.values():
            assert each.asked("es")
            assert each.asked("en")
            assert each.source_name
            assert each.url.startswith("https://")

    def test_an_outcome_that_joins_forms_is_found_by_its_forms_alone(self):
        found = answer_tables.read_baselines()
        assert ("ipv-any", "last-12-months", "") not in found
        assert ("ipv-any", "last-12-months", "physical-or-sexual") in found
        assert ("ipv-physical", "last-12-months", "") in found

    def test_the_latest_year_counts(self):
        make_baseline(year=2020, percent=12.5)
        make_baseline(slug="otra", year=2023, percent=10)
        make_baseline(slug="antigua", year=2010, percent=20)
        found = answer_tables.read_baselines()[("harassment", "ever", "")]
        assert (found.year, found.percent) == (2023, 10)

    def test_a_retired_one_is_left_out(self):
        make_baseline(is_retired=True)
        assert ("harassment", "ever", "") not in answer_tables.read_baselines()

    @pytest.mark.parametrize("percent", [0, 100, -1])
    def test_each_is_a_share(self, percent: float):
        with pytest.raises(IntegrityError, match="baseline_is_a_share"):
            make_baseline(percent=percent)

    def test_costs_one_query(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            answer_tables.read_baselines()


class TestTerms:
    def test_a_term_that_a_table_names_is_in_use(self):
        outcome = Term.objects.create(
            vocabulary="outcomes",
            code="xylophones",
            label_es="Xilófonos",
            label_en="Xylophones",
            parent=term("well-being", "outcome_groups"),
        )
        add_priority("xylophones", 900)
        assert terms.is_used(outcome)
