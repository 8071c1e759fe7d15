"""Adding, removing and replacing terms of a record."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studies.records.study import STUDY_LISTS, InterventionRecord
from studies.records.term_edits import TermEdit, apply_term_edit
from tests.studies.records_factory import complete_record, finding

CODES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5).map(tuple)
TAGGINGS = st.builds(
    TermEdit,
    st.sampled_from(["add", "remove", "replace"]),
    st.sampled_from(STUDY_LISTS),
    CODES,
    st.sampled_from("abcdef"),
)


class TestAdding:
    def test_comes_last_and_once(self):
        record = complete_record(settings=("rural",))
        wanted = apply_term_edit(record, TermEdit("add", "settings", ("urban", "rural")))
        assert wanted.settings == ("rural", "urban")

    def test_of_what_is_there_is_nothing(self):
        record = complete_record(settings=("rural",))
        assert apply_term_edit(record, TermEdit("add", "settings", ("rural",))) is record


class TestRemoving:
    def test_leaves_the_others(self):
        record = complete_record(populations=("women", "men", "couples"))
        assert apply_term_edit(record, TermEdit("remove", "populations", ("men",))).populations == ("women", "couples")

    def test_leaves_a_finding_its_outcome(self):
        record = apply_term_edit(complete_record(), TermEdit("remove", "outcomes", ("ipv-physical",)))
        assert record.outcomes == ()
        assert record.findings[0].outcome == "ipv-physical"


class TestReplacing:
    def test_keeps_the_place(self):
        record = complete_record(designs=("rct", "qualitative"))
        assert apply_term_edit(record, TermEdit("replace", "designs", ("rct",), "cluster-rct")).designs == (
            "cluster-rct",
            "qualitative",
        )

    def test_several_become_one(self):
        record = complete_record(settings=("rural", "urban"))
        assert apply_term_edit(record, TermEdit("replace", "settings", ("urban", "rural"), "national")).settings == (
            "national",
        )

    def test_reaches_the_findings(self):
        record = complete_record(
            interventions=("engaging-men", InterventionRecord("helpline", "described")),
            findings=(finding(about=("helpline",)),),
            harms_about=("helpline",),
        )
        outcome = apply_term_edit(record, TermEdit("replace", "outcomes", ("ipv-physical",), "ipv-any"))
        assert outcome.findings[0].outcome == "ipv-any"
        arm = apply_term_edit(record, TermEdit("replace", "interventions", ("helpline",), "shelter"))
        assert (arm.intervention_codes, arm.findings[0].about) == (("engaging-men", "shelter"), ("shelter",))
        assert (arm.interventions[1].role, arm.harms_about) == ("described", ("shelter",))

    def test_of_what_is_not_there_is_nothing(self):
        record = complete_record(settings=("rural",))
        assert apply_term_edit(record, TermEdit("replace", "settings", ("urban",), "national")) is record


class TestRoles:
    def test_an_intervention_is_added_with_the_role_that_was_chosen(self):
        record = complete_record(interventions=("engaging-men",))
        once = apply_term_edit(record, TermEdit("add", "interventions", ("helpline",), role="described"))
        assert once.interventions == (
            InterventionRecord("engaging-men", "evaluated"),
            InterventionRecord("helpline", "described"),
        )

    def test_one_that_has_a_role_keeps_it_and_one_without_gets_the_chosen_one(self):
        record = complete_record(interventions=("engaging-men", InterventionRecord("helpline", None)))
        codes = ("engaging-men", "helpline")
        once = apply_term_edit(record, TermEdit("add", "interventions", codes, role="described"))
        assert [each.role for each in once.interventions] == ["evaluated", "described"]

    def test_what_takes_the_place_of_several_has_a_role_only_where_they_agree(self):
        """Which of two roles is that of both together nobody has said."""
        edit = TermEdit("replace", "interventions", ("engaging-men", "helpline"), "shelter")
        for role, kept in (("evaluated", "evaluated"), ("described", None), (None, None)):
            record = complete_record(interventions=("engaging-men", InterventionRecord("helpline", role)))
            assert apply_term_edit(record, edit).interventions == (InterventionRecord("shelter", kept),)


class TestAnyTagging:
    @given(CODES, TAGGINGS)
    def test_twice_is_once_and_no_code_stands_twice(self, held, tagging):
        record = complete_record(**{tagging.field: held})
        once = apply_term_edit(record, tagging)
        codes = getattr(once, tagging.field)
        assert len(set(codes)) == len(codes)
        if tagging.kind != "replace" or tagging.into not in tagging.codes:
            assert apply_term_edit(once, tagging) == once

    @given(CODES, TAGGINGS)
    def test_other_lists_stay(self, held, tagging):
        record = complete_record(**{tagging.field: held})
        once = apply_term_edit(record, tagging)
        assert all(getattr(once, name) == getattr(record, name) for name in STUDY_LISTS if name != tagging.field)
