"""Comparing two records, and merging two changes of one."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studies.records.diff import (
    MOST_WORDS_COMPARED,
    ROW_FIELDS,
    FieldChange,
    apply_changes,
    compare_codes,
    compare_records,
    compare_rows,
    compare_texts,
    have_same_appraisals,
    list_changed_fields,
    merge_records,
)
from studies.records.study import STUDY_FIELDS, CostRecord, InterventionRecord, StudyRecord, fingerprint
from tests.studies.appraisals_factory import appraisal_record, casp_record, judged
from tests.studies.records_factory import (
    author,
    complete_record,
    finding,
    fixture_studies,
    institution,
    published_appraisal,
    source,
)

few = st.integers(0, 2)
names = st.sampled_from(["Quispe", "Mamani", "Condori"])
INTERVENTIONS = (
    InterventionRecord("a", "evaluated"),
    InterventionRecord("b", "component"),
    InterventionRecord("c"),
)
OUTCOMES = ("ipv-physical", "ipv-sexual", "income")
RECORDS = st.builds(
    complete_record,
    title_es=st.sampled_from(["Uno", "Dos", None]),
    year=st.sampled_from([2020, 2021, None]),
    open_access=st.sampled_from([True, False, None]),
    sample_size=st.sampled_from([0, 100, 200]),
    sample_unit=st.sampled_from(["women", "men", None]),
    themes=st.permutations(["prevention", "autonomy", "attention"]).map(lambda codes: tuple(codes[:2])),
    designs=st.permutations(["rct", "qualitative"]).map(tuple),
    authors=st.lists(st.builds(author, family=names, given=names), max_size=4).map(tuple),
    findings=st.lists(
        st.builds(
            finding,
            outcome=st.sampled_from(OUTCOMES),
            value=st.sampled_from([0, 0.6, 0.7, None]),
            about=st.sampled_from([None, (), ("a", "b"), ("b", "a")]),
        ),
        max_size=3,
    ).map(tuple),
    costs=st.lists(st.builds(CostRecord, amount=few, currency=st.sampled_from(["PEN", "USD"])), max_size=3).map(tuple),
    appraisals=st.lists(
        st.builds(published_appraisal, overall=st.sampled_from(["Low", "High"]), by=names), max_size=3
    ).map(tuple),
    interventions=st.permutations(INTERVENTIONS).map(lambda rows: tuple(rows[:2])),
    own_appraisals=st.lists(
        st.builds(
            appraisal_record, instrument=st.sampled_from(["rob-2", "amstar-2"]), note_es=names, judgements=st.just(())
        ),
        unique_by=lambda appraisal: appraisal.instrument,
        max_size=2,
    ).map(tuple),
    sources=st.lists(st.builds(source, url=names.map(lambda name: f"https://{name}.pe")), max_size=3).map(tuple),
)


class TestDifferences:
    @given(RECORDS, RECORDS)
    def test_there_is_none_exactly_where_the_records_are_equal(self, before: StudyRecord, after: StudyRecord):
        assert (compare_records(before, after) == ()) == (fingerprint(before) == fingerprint(after))

    @given(RECORDS, RECORDS)
    def test_applying_them_gives_the_new_record(self, before: StudyRecord, after: StudyRecord):
        assert fingerprint(apply_changes(before, compare_records(before, after))) == fingerprint(after)

    def test_holds_for_neighbours_among_the_real_studies(self):
        studies = fixture_studies()
        for before, after in itertools.pairwise(studies):
            assert fingerprint(apply_changes(before, compare_records(before, after))) == fingerprint(after)
            assert compare_records(before, before) == ()

    def test_a_field_that_was_not_known_has_no_value_before(self):
        assert compare_records(complete_record(volume=None), complete_record()) == (FieldChange("volume", None, "12"),)

    def test_zero_is_not_the_same_as_not_known(self):
        (found,) = compare_records(
            complete_record(findings=(finding(value=0),)), complete_record(findings=(finding(),))
        )
        assert found.field == "findings"
        (row,) = compare_rows(found.before, found.after)
        assert row.fields == (FieldChange("value", 0, 0.7),)
        (row,) = compare_rows([{"outcome": "a", "p": 0}], [{"outcome": "a"}])
        assert row.fields == (FieldChange("p", 0, None),)

    def test_the_order_of_a_set_is_no_difference_that_of_designs_and_authors_is(self):
        one = complete_record(
            populations=("women", "men"), designs=("rct", "qualitative"), authors=(author("A"), author("B"))
        )
        other = complete_record(
            populations=("men", "women"), designs=("qualitative", "rct"), authors=(author("B"), author("A"))
        )
        assert [found.field for found in compare_records(one, other)] == ["authors", "designs"]

    def test_they_come_in_the_order_of_the_record(self):
        found = list_changed_fields({}, complete_record().to_json())
        assert list(found) == [name for name in STUDY_FIELDS if name in found]


class TestRows:
    @given(RECORDS, RECORDS, st.sampled_from(ROW_FIELDS))
    def test_each_row_is_told_once_and_the_untold_ones_stand_as_they_stood(self, one, other, name):
        before, after = one.to_json().get(name, []), other.to_json().get(name, [])
        found = compare_rows(before, after)
        old = [change.before_index for change in found if change.before_index is not None]
        new = [change.after_index for change in found if change.after_index is not None]
        assert len(old) == len(set(old))
        assert len(new) == len(set(new))
        rest = [row for at, row in enumerate(before) if at not in old]
        kept = [row for at, row in enumerate(after) if at not in new]
        assert [_without_order(row) for row in rest] == [_without_order(row) for row in kept]

    @given(RECORDS, RECORDS, st.sampled_from(ROW_FIELDS))
    def test_the_fields_told_make_the_new_row_of_the_old_one(self, one, other, name):
        before, after = one.to_json().get(name, []), other.to_json().get(name, [])
        for change in compare_rows(before, after):
            if change.before_index is not None and change.after_index is not None:
                row = {**before[change.before_index], **{field.field: field.after for field in change.fields}}
                known = {key: value for key, value in row.items() if value is not None}
                assert _without_order(known) == _without_order(after[change.after_index])

    def test_a_row_whose_number_was_mended_is_the_same_row(self):
        before = [finding(outcome="ipv-physical").to_json(), finding(outcome="income", value=0.3).to_json()]
        after = [finding(outcome="income", value=0.4).to_json(), finding(outcome="ipv-physical").to_json()]
        mended, moved = sorted(compare_rows(before, after), key=lambda change: change.before_index != 1)
        assert (mended.before_index, mended.after_index, mended.fields) == (1, 0, (FieldChange("value", 0.3, 0.4),))
        assert not (moved.is_moved and mended.is_moved)

    def test_a_row_more_and_a_row_less_move_no_other(self):
        rows = [author(name).to_json() for name in ("A", "B", "C")]
        (gone,) = compare_rows(rows, rows[1:])
        assert (gone.before_index, gone.after_index) == (0, None)
        (new,) = compare_rows(rows[1:], rows)
        assert (new.before_index, new.after_index) == (None, 0)

    def test_one_who_was_last_and_is_first_is_the_one_that_moved(self):
        rows = [author(name).to_json() for name in ("A", "B", "C")]
        (moved,) = compare_rows(rows, [rows[2], rows[0], rows[1]])
        assert (moved.before_index, moved.after_index, moved.is_moved, moved.fields) == (2, 0, True, ())

    def test_rows_that_share_nothing_are_one_gone_and_one_new(self):
        found = compare_rows([institution().to_json()], [author().to_json()])
        assert [(change.before_index, change.after_index) for change in found] == [(0, None), (None, 0)]


class TestAppraisals:
    def test_one_more_is_a_difference_and_their_order_is_none(self):
        one, other = appraisal_record(), casp_record()
        (found,) = compare_records(complete_record(), complete_record(own_appraisals=(one,)))
        assert (found.field, found.before, found.after) == ("own_appraisals", None, [one.to_json()])
        assert not compare_records(
            complete_record(own_appraisals=(one, other)), complete_record(own_appraisals=(other, one))
        )

    def test_one_judgement_that_changed_is_a_difference(self):
        before = complete_record(own_appraisals=(appraisal_record(),))
        after = complete_record(own_appraisals=(appraisal_record(judgements=judged(missing_data="some-concerns")),))
        assert list_changed_fields(before.to_json(), after.to_json()) == ("own_appraisals",)
        assert not have_same_appraisals(before, after)

    def test_those_of_two_instruments_are_joined(self):
        base = complete_record(own_appraisals=(appraisal_record(),))
        mine = complete_record(own_appraisals=())
        theirs = complete_record(own_appraisals=(appraisal_record(), casp_record()))
        joined = merge_records(base, mine, theirs)
        assert joined.record.own_appraisals == (casp_record(),)
        assert not joined.conflicts

    def test_two_changes_of_one_collide(self):
        records = [complete_record(own_appraisals=(appraisal_record(note_es=note),)) for note in ("Una", "Dos", "Tres")]
        joined = merge_records(*records)
        assert [found.field for found in joined.conflicts] == ["own_appraisals"]
        assert joined.undecided == ("own_appraisals",)


class TestInterventions:
    def test_their_order_is_no_difference_and_a_role_is_one(self):
        one, other = (InterventionRecord(code, "evaluated") for code in ("parenting", "engaging-men"))
        record = complete_record(interventions=(one, other))
        assert not compare_records(record, complete_record(interventions=(other, one)))
        changed = complete_record(interventions=(one, replace(other, role="described")))
        assert [found.field for found in compare_records(record, changed)] == ["interventions"]

    def test_roles_that_each_chose_are_joined_and_two_roles_of_one_collide(self):
        without = tuple(InterventionRecord(code) for code in ("parenting", "engaging-men"))
        base = complete_record(interventions=without)
        mine = replace(base, interventions=(replace(without[0], role="evaluated"), without[1]))
        theirs = replace(base, interventions=(without[0], replace(without[1], role="described")))
        joined = merge_records(base, mine, theirs)
        assert {each.code: each.role for each in joined.record.interventions} == {
            "parenting": "evaluated",
            "engaging-men": "described",
        }
        other = replace(base, interventions=(replace(without[0], role="component"), without[1]))
        assert merge_records(base, mine, other).undecided == ("interventions",)

    def test_a_finding_that_tests_nothing_differs_from_one_that_tests_all(self):
        all_of_them, none = (complete_record(findings=(finding(about=about),)) for about in (None, ()))
        (found,) = compare_records(all_of_them, none)
        (row,) = compare_rows(found.before, found.after)
        assert row.fields == (FieldChange("about", None, []),)


class TestCodes:
    def test_new_and_gone_codes_are_told_in_order(self):
        assert compare_codes(["a", "b", "c"], ["d", "c", "e"]) == (("d", "e"), ("a", "b"))


class TestTexts:
    @given(st.text(" ab.\n", max_size=40), st.text(" ab.\n", max_size=40))
    def test_the_pieces_make_both_texts(self, before: str, after: str):
        pieces = compare_texts(before, after)
        assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
        assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after

    def test_only_the_word_that_changed_is_marked(self):
        pieces = compare_texts("La violencia física bajó.", "La violencia sexual bajó.")
        assert [(piece.kind, piece.text) for piece in pieces] == [
            ("same", "La violencia "),
            ("removed", "física"),
            ("added", "sexual"),
            ("same", " bajó."),
        ]

    def test_a_text_that_is_another_is_not_mixed_with_the_old_one(self):
        pieces = compare_texts("Impacto de los centros en el reporte", "Título que puso otra persona en 2020")
        assert [piece.kind for piece in pieces] == ["removed", "added"]

    def test_a_very_long_text_is_compared_by_sentences(self):
        long = " ".join(f"Oración {number}." for number in range(MOST_WORDS_COMPARED))
        pieces = compare_texts(long, long.replace("Oración 7.", "Frase 7."))
        assert [piece.text for piece in pieces if piece.kind == "added"] == ["Frase 7. "]


class TestMerge:
    @given(RECORDS, RECORDS)
    def test_what_only_one_changed_is_taken_from_that_one(self, base: StudyRecord, changed: StudyRecord):
        for one in (merge_records(base, changed, base), merge_records(base, base, changed)):
            assert fingerprint(one.record) == fingerprint(changed)
            assert one.conflicts == ()

    @given(RECORDS, RECORDS)
    def test_what_both_changed_alike_collides_nowhere(self, base: StudyRecord, changed: StudyRecord):
        joined = merge_records(base, changed, changed)
        assert fingerprint(joined.record) == fingerprint(changed)
        assert joined.conflicts == ()

    @given(RECORDS, RECORDS, RECORDS)
    def test_each_side_wins_whole_where_it_is_chosen_everywhere(self, base, mine, theirs):
        for side, record in (("mine", mine), ("theirs", theirs)):
            joined = merge_records(base, mine, theirs, dict.fromkeys(STUDY_FIELDS, side))
            assert fingerprint(joined.record) == fingerprint(record)
            assert joined.undecided == ()

    @given(RECORDS, RECORDS, RECORDS)
    def test_a_field_collides_whichever_side_asks(self, base, mine, theirs):
        one = {found.field for found in merge_records(base, mine, theirs).conflicts}
        assert one == {found.field for found in merge_records(base, theirs, mine).conflicts}

    @given(RECORDS, RECORDS, RECORDS)
    def test_nothing_that_nobody_wrote_gets_in(self, base, mine, theirs):
        joined = merge_records(base, mine, theirs).record.to_json()
        for name in ("title_es", "year", "open_access"):
            assert joined.get(name) in (mine.to_json().get(name), theirs.to_json().get(name))
        assert set(joined["themes"]) <= {*mine.themes, *theirs.themes}

    def test_changes_of_different_fields_are_joined(self):
        base = complete_record()
        joined = merge_records(base, replace(base, title_es="Mío"), replace(base, year=2022))
        assert (joined.record.title_es, joined.record.year, joined.undecided) == ("Mío", 2022, ())
        assert [found.field for found in joined.mine] == ["title_es"]
        assert [found.field for found in joined.theirs] == ["year"]

    def test_what_both_changed_is_undecided_until_somebody_chooses(self):
        base = complete_record()
        mine, theirs = replace(base, title_es="Mío"), replace(base, title_es="Suyo")
        joined = merge_records(base, mine, theirs)
        assert joined.undecided == ("title_es",)
        assert joined.record.title_es == "Mío"
        (collision,) = joined.conflicts
        assert (collision.base, collision.mine, collision.theirs) == (base.title_es, "Mío", "Suyo")
        chosen = merge_records(base, mine, theirs, {"title_es": "theirs"})
        assert (chosen.record.title_es, chosen.undecided) == ("Suyo", ())

    def test_terms_that_each_added_or_took_away_are_joined(self):
        base = complete_record(populations=("women", "men"))
        joined = merge_records(
            base, replace(base, populations=("women",)), replace(base, populations=("women", "men", "girls"))
        )
        assert set(joined.record.populations) == {"women", "girls"}
        assert joined.conflicts == ()

    def test_different_rows_that_each_mended_are_joined_and_the_same_row_collides(self):
        base = complete_record(findings=(finding(), finding(outcome="income")))
        first = replace(base, findings=(finding(p=0.01), base.findings[1]))
        second = replace(base, findings=(base.findings[0], finding(outcome="income", p=0.02)))
        assert [row.p for row in merge_records(base, first, second).record.findings] == [0.01, 0.02]
        assert merge_records(base, first, replace(base, findings=(finding(p=0.5), base.findings[1]))).undecided == (
            "findings",
        )

    def test_a_sample_and_its_unit_come_from_one_side(self):
        base = complete_record(sample_size=100, sample_unit="women")
        mine, theirs = replace(base, sample_size=None, sample_unit=None), replace(base, sample_unit="men")
        for side, wanted in (("mine", (None, None)), ("theirs", (100, "men"))):
            joined = merge_records(base, mine, theirs, {"sample_size": side})
            assert (joined.record.sample_size, joined.record.sample_unit, joined.undecided) == (*wanted, ())

    @pytest.mark.parametrize("side", ["mine", "theirs"])
    def test_without_a_base_all_that_differs_is_to_be_chosen(self, side):
        mine, theirs = complete_record(year=2020), complete_record(title_es="Otro")
        assert set(merge_records(None, mine, theirs).undecided) == {"year", "title_es"}
        assert merge_records(None, mine, theirs, {"year": side, "title_es": side}).undecided == ()


def _without_order(row):
    return {key: sorted(value) if key == "about" else value for key, value in row.items()}
