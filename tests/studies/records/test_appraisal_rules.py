"""The rules of the instruments, on cases of their published guidance. No database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.appraisal import AppraisalRecord, InstrumentRecord, JudgementRecord
from studies.records.appraisal_rules import (
    GAP_CODES,
    RULES,
    AppraisalGap,
    find_gaps,
    find_rule_problem,
    judge_overall,
    list_overall_levels,
    propose_instruments,
    rank_fit,
    settle_overall,
    sort_appraisals,
)
from studies.records.json_fields import RecordInvalid
from tests.studies.appraisals_factory import appraisal_record, instrument_of, judged
from tests.studies.records_factory import fixture_json

ROB, AMSTAR, CASP = instrument_of("rob-2"), instrument_of("amstar-2"), instrument_of("casp-qualitative")
CRITICAL = (
    "protocol",
    "search",
    "excluded",
    "risk-of-bias",
    "meta-analysis",
    "bias-in-conclusions",
    "publication-bias",
)
"""Items 2, 4, 7, 9, 11, 13 and 15 of AMSTAR 2."""


def levels(instrument: InstrumentRecord, first: str, **changes: str) -> dict[str, str]:
    """Return the level `first` for every domain but those of `changes`, whose names have `_` for a hyphen."""
    named = {name.replace("_", "-"): level for name, level in changes.items()}
    return {domain.code: named.get(domain.code, first) for domain in instrument.domains}


def rob(first: str = "low", **changes: str) -> Any:
    return judge_overall(ROB, levels(ROB, first, **changes))


def amstar(*no: str, first: str = "yes") -> Any:
    return judge_overall(AMSTAR, {domain.code: "no" if domain.code in no else first for domain in AMSTAR.domains})


class TestRob2:
    def test_is_low_where_every_domain_is(self):
        assert rob().allowed == ("low",)

    def test_has_some_concerns_where_one_domain_has(self):
        assert rob(measurement="some-concerns").allowed == ("some-concerns",)

    def test_is_high_where_one_domain_is_whatever_the_others_are(self):
        assert rob(reporting="high").allowed == ("high",)
        assert rob("some-concerns", reporting="high").allowed == ("high",)

    def test_leaves_several_domains_with_some_concerns_to_the_assessors(self):
        found = rob(measurement="some-concerns", deviations="some-concerns")
        assert (found.level, found.allowed, found.is_open) == ("some-concerns", ("some-concerns", "high"), True)

    def test_does_not_count_a_domain_that_does_not_apply(self):
        assert rob(recruitment="not-applicable").allowed == ("low",)

    def test_says_nothing_before_every_domain_is_judged(self):
        assert judge_overall(ROB, {"randomisation": "high"}) is None

    @given(st.lists(st.sampled_from(["low", "some-concerns", "high"]), min_size=6, max_size=6))
    def test_is_never_better_than_its_worst_domain(self, judgements: list[str]):
        order = ["low", "some-concerns", "high"]
        found = judge_overall(ROB, dict(zip([domain.code for domain in ROB.domains], judgements, strict=True)))
        assert found is not None
        assert min(order.index(level) for level in found.allowed) == max(order.index(level) for level in judgements)


class TestAmstar2:
    def test_has_the_critical_domains_of_its_authors(self):
        assert tuple(domain.code for domain in AMSTAR.domains if domain.critical) == CRITICAL
        assert len(AMSTAR.domains) == 16

    @pytest.mark.parametrize(
        ("no", "allowed"),
        [
            ((), ("high",)),
            (("funding",), ("high",)),
            (("funding", "question"), ("moderate", "low")),
            (("protocol",), ("low",)),
            (("protocol", "funding", "question", "designs"), ("low",)),
            (("protocol", "search"), ("critically-low",)),
            ((*CRITICAL, "funding"), ("critically-low",)),
        ],
    )
    def test_counts_critical_and_other_weaknesses(self, no: tuple[str, ...], allowed: tuple[str, ...]):
        assert amstar(*no).allowed == allowed

    def test_takes_a_partial_yes_for_no_weakness(self):
        assert amstar(first="partial-yes").allowed == ("high",)

    def test_does_not_hold_a_missing_meta_analysis_against_a_review(self):
        without = dict.fromkeys(("meta-analysis", "bias-in-synthesis", "publication-bias"), "no-meta-analysis")
        found = judge_overall(AMSTAR, {**levels(AMSTAR, "yes"), **without})
        assert found is not None
        assert found.allowed == ("high",)

    @given(st.sets(st.sampled_from([domain.code for domain in AMSTAR.domains])), st.data())
    def test_never_gets_better_by_one_more_weakness(self, no: set[str], data: st.DataObject):
        order = ["high", "moderate", "low", "critically-low"]
        more = no | {data.draw(st.sampled_from([domain.code for domain in AMSTAR.domains]))}
        assert order.index(amstar(*more).level) >= order.index(amstar(*no).level)


class TestWithoutARule:
    def test_the_assessors_give_any_overall_judgement(self):
        assert judge_overall(CASP, levels(CASP, "yes")) is None
        assert list_overall_levels(CASP, levels(CASP, "no")) == ("all-or-nearly-all", "most", "few")

    def test_what_they_chose_is_kept(self):
        assert settle_overall(CASP, levels(CASP, "yes"), "few") == "few"


class TestSettling:
    def test_the_rule_overrides_what_was_chosen_where_it_leaves_no_choice(self):
        assert settle_overall(ROB, levels(ROB, "high"), "low") == "high"

    def test_a_choice_that_is_left_open_is_kept(self):
        assert settle_overall(ROB, levels(ROB, "some-concerns"), "high") == "high"
        assert settle_overall(ROB, levels(ROB, "some-concerns"), "") == ""


class TestWhatIsMissing:
    def test_nothing_of_a_whole_one(self):
        assert find_gaps(ROB, judged(), "low") == ()

    def test_every_gap_is_told_at_once(self):
        first, second, third, *others = judged()
        given = (replace(first, level=""), replace(second, quote=None, page=None), *others)
        assert find_gaps(ROB, given, "") == (
            AppraisalGap("randomisation", "no-level"),
            AppraisalGap("recruitment", "no-support"),
            AppraisalGap(third.domain, "no-level"),
        )

    def test_an_overall_judgement_is_asked_for_where_the_rule_does_not_give_it(self):
        assert find_gaps(CASP, judged("casp-qualitative"), "") == (AppraisalGap("overall", "no-overall"),)
        assert find_gaps(ROB, judged(level="some-concerns"), "") == (AppraisalGap("overall", "no-overall"),)

    @pytest.mark.parametrize("support", [{"quote": "texto"}, {"page": "p. 3"}, {"not_reported": True}])
    def test_a_quote_a_place_or_silence_of_the_study_supports_a_judgement(self, support: dict[str, Any]):
        given = (JudgementRecord("randomisation", "low", **support), *judged()[1:])
        assert find_gaps(ROB, given, "low") == ()

    def test_a_domain_that_does_not_apply_needs_no_support(self):
        given = tuple(
            JudgementRecord("recruitment", "not-applicable") if one.domain == "recruitment" else one for one in judged()
        )
        assert find_gaps(ROB, given, "low") == ()

    def test_a_level_that_a_domain_does_not_have_is_refused(self):
        given = (JudgementRecord("randomisation", "not-applicable", page="p. 1"), *judged()[1:])
        assert AppraisalGap("randomisation", "unknown-level") in find_gaps(ROB, given, "low")

    def test_the_rule_cannot_be_overruled(self):
        assert find_gaps(ROB, judged(level="high"), "low") == (AppraisalGap("overall", "overall-against-rule"),)

    def test_every_code_has_words(self):
        from studies.admin.appraisal.forms import LACKS as WORDS
        from studies.admin.appraisal.forms import RULES as RULES_IN_WORDS

        assert set(WORDS) == set(GAP_CODES)
        assert set(RULES_IN_WORDS) == set(RULES)


class TestWhichInstrumentFits:
    @pytest.mark.parametrize(
        ("designs", "codes"),
        [
            (("rct",), ["rob-2"]),
            (("cluster-rct", "mixed-methods"), ["rob-2"]),
            (("systematic-review", "meta-analysis"), ["amstar-2"]),
            (("qualitative", "process-evaluation"), ["casp-qualitative"]),
            (("rct", "qualitative"), ["rob-2", "casp-qualitative"]),
            (("qualitative", "rct"), ["casp-qualitative", "rob-2"]),
            (("cross-sectional",), []),
            ((), []),
        ],
    )
    def test_follows_from_the_designs_the_main_one_first(self, designs: tuple[str, ...], codes: list[str]):
        assert [instrument.id for instrument in propose_instruments((ROB, AMSTAR, CASP), designs)] == codes

    def test_is_the_first_design_that_it_is_meant_for(self):
        assert (rank_fit(ROB, ("qualitative", "rct")), rank_fit(ROB, ("rct",)), rank_fit(ROB, ("cohort",))) == (
            1,
            0,
            None,
        )


class TestWhichAppraisalCounts:
    def appraised(self, *codes: str) -> tuple[AppraisalRecord, ...]:
        return tuple(appraisal_record(instrument=code) for code in codes)

    @pytest.mark.parametrize(
        ("designs", "first"),
        [
            (("qualitative", "rct"), "casp-qualitative"),
            (("rct", "qualitative"), "rob-2"),
            (("cohort", "rct"), "rob-2"),
            (("cohort",), "rob-2"),
        ],
    )
    def test_is_that_of_the_main_design_then_of_the_next_then_of_the_first_instrument(
        self, designs: tuple[str, ...], first: str
    ):
        both = self.appraised("casp-qualitative", "rob-2")
        for appraisals in (both, both[::-1]):
            assert sort_appraisals(appraisals, (ROB, AMSTAR, CASP), designs)[0].instrument == first


NAMED_IN_THE_TAXONOMY = {
    "rob-2": "RoB 2",
    "robins-i": "ROBINS-I",
    "amstar-2": "AMSTAR 2",
    **dict.fromkeys(("casp-qualitative", "jbi-quasi-experimental", "jbi-prevalence"), "JBI, CASP, MMAT"),
}
"""What the taxonomy calls the instruments of whose levels it says what they mean."""


class TestInstrumentsOfTheFixtures:
    @pytest.mark.parametrize("json", fixture_json("instruments"), ids=lambda row: row["id"])
    def test_each_is_read_back_as_written_and_whole(self, json: Any):
        record = InstrumentRecord.from_json(json)
        assert record.to_json() == json
        assert find_rule_problem(record) is None

    @pytest.mark.parametrize(("id", "named"), NAMED_IN_THE_TAXONOMY.items())
    def test_levels_mean_what_the_taxonomy_says_of_them(self, id: str, named: str):
        (json,) = (row for row in fixture_json("instruments") if row["id"] == id)
        for term in fixture_json("taxonomy")["risk_of_bias"]:
            own = [line.partition(": ")[2] for line in term["from"] if line.startswith(named)]
            stated = " ".join(own).replace(",", "").replace(" criteria met", "")
            meant = [level["code"] for level in json["overall"] if level["risk_of_bias"] == term["code"]]
            assert {word.replace("-", " ") for word in meant} <= {*_phrases(stated)}, (stated, meant)


def _phrases(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}


class TestInstrumentRecords:
    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"domains": []}, "domains"),
            ({"overall": [{"code": "x", "es": "x", "en": "x"}]}, r"overall\[0\].risk_of_bias"),
            ({"levels": [{"code": "x", "es": "x", "en": "x"}] * 2}, "levels"),
            ({"domains": [{"code": "a", "es": "a", "en": "a", "levels": ["nunca"]}]}, r"domains\[0\].levels"),
        ],
    )
    def test_what_is_not_whole_is_refused(self, change: dict[str, Any], path: str):
        with pytest.raises(RecordInvalid, match=path):
            InstrumentRecord.from_json({**ROB.to_json(), **change})

    def test_a_rule_needs_the_levels_that_it_gives(self):
        assert find_rule_problem(replace(ROB, overall=ROB.overall[:2])) == "levels-missing"
        assert find_rule_problem(replace(AMSTAR, overall=ROB.overall)) == "levels-missing"
        assert find_rule_problem(replace(ROB, rule="sorteo")) == "unknown-rule"


class TestAppraisalRecords:
    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"appraised_on": "20-11-2026"}, "appraised_on"),
            ({"appraised_on": "2026-02-30"}, "appraised_on"),
            ({"appraisers": 0}, "appraisers"),
            ({"judgements": [{"domain": "a"}]}, r"judgements\[0\].level"),
            ({"judgements": [{"domain": "a", "level": "low"}] * 2}, "judgements"),
            ({"judgements": [{"domain": "a", "level": "low", "quote": "x" * 601}]}, r"judgements\[0\].quote"),
        ],
    )
    def test_what_is_not_whole_is_refused(self, change: dict[str, Any], path: str):
        with pytest.raises(RecordInvalid, match=path):
            AppraisalRecord.from_json({**appraisal_record().to_json(), **change})
