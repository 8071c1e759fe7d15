"""Numbers that are possible but unlikely: which are reported, and which are not."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.plausibility import DIFFERENCES, RATIOS, SUSPICION_CODES, find_suspicions
from studies.records.study import StudyRecord
from tests.studies.records_factory import FIXTURES, complete_record, finding


def codes(**changes: object) -> list[str]:
    return [one.code for one in find_suspicions(complete_record(findings=(finding(**changes),)))]


def bare(measure: str, value: float, **changes: object) -> list[str]:
    """Doubts on a number without an interval."""
    return codes(measure=measure, value=value, ci_low=None, ci_high=None, ci_level=None, **changes)


class TestSingleNumbers:
    @pytest.mark.parametrize(
        ("measure", "value", "code"),
        [
            ("risk ratio", 52, "ratio-far"),
            ("odds ratio", 0.04, "ratio-far"),
            ("risk ratio", 0, "ratio-not-positive"),
            ("hazard ratio", -0.7, "ratio-not-positive"),
            ("prevalence", 101, "percent-out-of-range"),
            ("share", -1, "percent-out-of-range"),
            ("percentage points", -120, "percent-out-of-range"),
            ("percent change", -101, "percent-out-of-range"),
            ("correlation", 1.2, "correlation-out-of-range"),
            ("area under the curve", 1.5, "area-out-of-range"),
            ("Cohen d", 4, "standardised-large"),
            ("count", -3, "negative"),
            ("amount", -1, "negative"),
        ],
    )
    def test_are_doubted(self, measure, value, code):
        assert bare(measure, value) == [code]

    @pytest.mark.parametrize(
        ("measure", "value"),
        [("risk ratio", 0.7), ("prevalence", 63.2), ("percent change", 278), ("mean difference", -100.3), ("count", 0)],
    )
    def test_are_not(self, measure, value):
        assert bare(measure, value) == []

    def test_a_p_of_nothing_is_doubted(self):
        assert bare("risk ratio", 0.7, p=0) == ["p-zero"]

    @pytest.mark.parametrize(("size", "wanted"), [(-5, ["sample-not-positive"]), (10**8, ["sample-huge"]), (1_200, [])])
    def test_samples(self, size, wanted):
        record = dataclasses.replace(complete_record(), sample_size=size)
        assert [one.code for one in find_suspicions(record)] == wanted


class TestIntervals:
    def test_one_that_does_not_hold_its_value_is_doubted(self):
        assert "interval-contradicts-value" in codes(value=0.95)

    def test_one_that_is_far_longer_on_one_side_is_doubted(self):
        assert codes(value=0.7, ci_low=0.6, ci_high=9.0, effect="mixed") == ["interval-lopsided"]
        assert codes(measure="percentage points", value=-4.0, ci_low=-5.0, ci_high=12.0, effect="mixed") == [
            "interval-lopsided"
        ]

    def test_what_rounding_explains_is_not(self):
        assert codes(value=0.3, ci_low=0.2, ci_high=0.3) == []

    @pytest.mark.parametrize(
        ("low", "high", "p", "effect", "wanted"),
        [
            (0.5, 0.9, 0.4, "favourable", ["p-against-interval"]),
            (0.5, 0.9, 0.01, "favourable", []),
            (0.5, 0.9, 0.06, "favourable", []),
            (0.5, 1.3, 0.001, "no-effect", ["p-against-interval"]),
            (0.5, 1.3, 0.2, "no-effect", []),
            (0.5, 1.3, None, "favourable", ["effect-against-interval"]),
            (0.5, 0.9, None, "no-effect", ["effect-against-interval"]),
            (0.5, 0.9, None, "mixed", []),
            (0.5, 1.0, 0.2, "favourable", []),
        ],
    )
    def test_against_p_and_effect(self, low, high, p, effect, wanted):
        assert codes(value=0.7, ci_low=low, ci_high=high, p=p, effect=effect) == wanted

    def test_at_another_level_are_not_set_against_p(self):
        assert codes(value=0.7, ci_low=0.5, ci_high=1.3, ci_level=90, p=0.001) == []

    def test_a_level_that_nobody_uses_is_doubted(self):
        assert codes(ci_level=9.5) == ["level-unusual"]


class TestFollowUp:
    def test_that_differs_from_its_months_is_doubted(self):
        assert codes(follow_up="24 months", follow_up_months=2.4) == ["follow-up-differs"]
        assert codes(follow_up="2 years", follow_up_months=24) == []
        assert codes(follow_up="5-9 months", follow_up_months=9) == []

    def test_of_a_lifetime_is_doubted(self):
        assert codes(follow_up="40 years", follow_up_months=480) == ["follow-up-long"]


NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False), st.integers(-(10**6), 10**6))


class TestAnyNumbers:
    @given(
        st.sampled_from([*RATIOS, *DIFFERENCES, "share", "count", None]), NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS
    )
    def test_get_an_answer(self, measure, value, low, high, level, p):
        found = codes(measure=measure, value=value, ci_low=low, ci_high=high, ci_level=level, p=p)
        assert set(found) <= set(SUSPICION_CODES)

    @given(st.floats(0.1, 5), st.floats(0.01, 1))
    def test_an_even_interval_is_not_lopsided(self, value, half):
        wide = {"measure": "risk ratio", "value": value, "ci_low": value / (1 + half), "ci_high": value * (1 + half)}
        assert "interval-lopsided" not in codes(**wide)


class TestTheBankItself:
    def test_has_only_doubts_that_somebody_has_looked_at(self):
        """The three were looked at and left, as their records themselves tell the reader what to make of them.

        A ratio of rates of referral, 30.24, beside 0.95 in the comparator borough; an odds ratio of two kinds of
        violence together, 20.2 (8.18 to 49.85), told as having a very wide interval; and a pooled difference in
        anxiety, -7.15, told as one to be taken with caution.
        """
        lines = (FIXTURES / "studies.jsonl").read_text(encoding="utf-8").split("\n")
        records = [StudyRecord.from_json(json.loads(line)) for line in lines if line.strip()]
        found = {
            record.id: [one.code for one in find_suspicions(record)] for record in records if find_suspicions(record)
        }
        assert found == {
            "sohal-2020-iris-implementation": ["ratio-far"],
            "sanchez-2017-childhood-ptsd": ["ratio-far"],
            "karakurt-2022-victims-meta": ["standardised-large"],
        }
