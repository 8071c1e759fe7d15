import contextlib
import dataclasses
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studies.records.finding import ArmRecord, FindingRecord
from studies.records.json_fields import RecordInvalid
from studies.records.json_record import fields_of
from studies.records.published_appraisal import PublishedAppraisalRecord
from studies.records.study import (
    STUDY_FIELDS,
    AuthorRecord,
    ConceptRecord,
    CostRecord,
    EvaluationRecord,
    InterventionRecord,
    ProgrammeRecord,
    SourceRecord,
    StudyRecord,
    TermRecord,
    fingerprint,
)
from tests.studies.any_record import any_changes
from tests.studies.records_factory import complete_record, finding, fixture_json, fixture_lines, institution
from tests.thorough import examples

KEYS = st.text() | st.sampled_from(STUDY_FIELDS)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)
SMALLEST = {"id": "quispe-2021", "title": "Un estudio"}


def refusal(value):
    with pytest.raises(RecordInvalid) as caught:
        StudyRecord.from_json(value)
    return caught.value.path


class TestR1ReadingAndWriting:
    def test_every_real_study_comes_back_equal_with_its_keys_in_order(self):
        for line in fixture_lines():
            written = StudyRecord.from_json(json.loads(line)).to_json()
            assert written == json.loads(line)
            assert list(written) == list(json.loads(line))

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("evaluations", EvaluationRecord), ("programmes", ProgrammeRecord), ("thesaurus", ConceptRecord)],
    )
    def test_every_other_fixture_comes_back_equal(self, name, kind):
        entries = fixture_json(name)
        assert [kind.from_json(entry).to_json() for entry in entries] == entries

    def test_every_term_comes_back_equal_with_a_null_that_is_a_value(self):
        for terms in fixture_json("taxonomy").values():
            assert [TermRecord.from_json(term).to_json() for term in terms] == terms
        prevalence = TermRecord.from_json({"code": "prevalence", "es": "prevalencia", "en": "prevalence", "null": None})
        assert prevalence.attributes == {"null": None}

    def test_a_draft_needs_only_an_id_and_a_title_and_its_lists_are_there(self):
        draft = StudyRecord.from_json(SMALLEST)
        assert draft.year is None
        assert draft.authors == ()
        assert draft.to_json()["findings"] == []

    def test_null_means_not_known_and_is_not_written(self):
        record = StudyRecord.from_json({**SMALLEST, "doi": None, "themes": None})
        assert record.doi is None
        assert "doi" not in record.to_json()

    def test_what_is_blank_in_a_form_is_not_written(self):
        assert "period" not in complete_record(period="").to_json()

    def test_particles_keep_the_names_that_csl_gives_them(self):
        author = {"family": "Ommeren", "given": "Mark", "non-dropping-particle": "van"}
        record = StudyRecord.from_json({**SMALLEST, "authors": [author]})
        assert record.authors == (AuthorRecord(family="Ommeren", given="Mark", non_dropping_particle="van"),)
        assert record.to_json()["authors"] == [author]

    @settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(any_changes)
    def test_any_record_comes_back_equal(self, changes):
        record = complete_record(**changes)
        assert StudyRecord.from_json(json.loads(json.dumps(record.to_json()))) == record

    def test_a_finding_of_all_that_the_study_evaluates_names_no_interventions(self):
        assert "about" not in finding().to_json()

    def test_a_finding_that_tests_none_says_so(self):
        assert finding(about=()).to_json()["about"] == []
        assert FindingRecord.from_json(finding(about=()).to_json()).about == ()

    @pytest.mark.parametrize(
        "kind",
        [
            *(AuthorRecord, InterventionRecord, CostRecord, FindingRecord, ArmRecord, PublishedAppraisalRecord),
            *(SourceRecord, StudyRecord, ProgrammeRecord),
        ],
    )
    def test_every_attribute_is_read_and_written(self, kind):
        assert {field.name for field in dataclasses.fields(kind)} == {
            read.attribute for read in fields_of(kind).values()
        }

    def test_the_order_of_keys_is_that_of_the_fields(self):
        assert tuple(field.name for field in dataclasses.fields(StudyRecord)) == STUDY_FIELDS


class TestRefusals:
    @pytest.mark.parametrize("value", [None, [], "text", 3])
    def test_what_is_no_object_is_no_record(self, value):
        assert refusal(value) == ""

    @pytest.mark.parametrize("key", ["id", "title"])
    def test_a_record_without_a_name_is_refused(self, key):
        assert refusal({**SMALLEST, key: None}) == key
        assert refusal({k: v for k, v in SMALLEST.items() if k != key}) == key

    def test_an_unknown_key_is_refused_at_its_place(self):
        assert refusal({**SMALLEST, "titel": "x"}) == "titel"
        assert refusal({**SMALLEST, "sources": [{"url": "https://x.pe", "page": "3"}]}) == "sources[0].page"

    @pytest.mark.parametrize(
        ("field", "value", "path"),
        [
            ("id", "Quispe 2021", "id"),
            ("title", "   ", "title"),
            ("title", 5, "title"),
            ("title", "a\x00b", "title"),
            ("title", "a\ud800b", "title"),
            ("year", True, "year"),
            ("year", "2021", "year"),
            ("year", 2021.5, "year"),
            ("open_access", 1, "open_access"),
            ("themes", "prevention", "themes"),
            ("themes", ["prevention", None], "themes[1]"),
            ("themes", ["prevention", "prevention"], "themes[1]"),
            ("authors", [{"given": "Ana"}], "authors[0]"),
            ("authors", [{"family": "Quispe", "literal": "Quispe SAC"}], "authors[0]"),
            ("authors", [{"literal": "INEI", "given": "Ana"}], "authors[0]"),
            ("sources", [{"supports": []}], "sources[0].url"),
            ("interventions", ["parenting"], "interventions[0]"),
            ("interventions", [{"code": "parenting"}, {"code": "parenting"}], "interventions[1].code"),
            ("costs", [{"amount": 3}], "costs[0].currency"),
            ("appraisals", [{"instrument": "RoB 1", "domains": {"a": 1}}], "appraisals[0].domains.a"),
        ],
    )
    def test_a_wrong_value_is_refused_with_the_path_of_its_field(self, field, value, path):
        assert refusal({**SMALLEST, field: value}) == path

    def test_a_number_that_a_database_writes_with_other_digits_comes_back_equal(self):
        """PostgreSQL writes the float 2.280322125073621e16 in its JSON as this whole number, which is not equal."""
        as_whole = {"arm": "intervention", "sd": 22803221250736210}
        assert ArmRecord.from_json(as_whole) == ArmRecord("intervention", sd=2.280322125073621e16)

    @pytest.mark.parametrize("number", [True, "0.5", float("nan"), float("inf"), -float("inf"), 10**400, [1]])
    def test_a_number_is_a_finite_number(self, number):
        one = {"outcome": "ipv-any", "effect": "mixed"}
        assert refusal({**SMALLEST, "findings": [one, one, {**one, "value": number}]}) == "findings[2].value"

    def test_the_message_names_the_field_and_the_reason(self):
        with pytest.raises(RecordInvalid, match=r"^year: is not a number$"):
            StudyRecord.from_json({**SMALLEST, "year": "2021"})

    @given(ANY_JSON)
    def test_any_json_is_read_or_refused(self, value):
        with contextlib.suppress(RecordInvalid):
            StudyRecord.from_json(value)


class TestFingerprint:
    def test_nine_and_nine_point_zero_are_one_value(self):
        whole, decimal = (complete_record(findings=(finding(value=number),)) for number in (9, 9.0))
        assert whole == decimal
        assert fingerprint(whole) == fingerprint(decimal)
        assert json.dumps(decimal.to_json()) == json.dumps(whole.to_json())

    def test_any_change_changes_it(self):
        record = complete_record()
        others = [complete_record(year=2020), complete_record(designs=()), complete_record(authors=(institution(),))]
        assert len({fingerprint(each) for each in [record, *others]}) == 4

    def test_the_order_of_authors_is_content(self):
        first, second = AuthorRecord(family="A"), AuthorRecord(family="B")
        assert fingerprint(complete_record(authors=(first, second))) != fingerprint(
            complete_record(authors=(second, first))
        )

    def test_it_never_changes_between_machines(self):
        assert fingerprint(StudyRecord.from_json(SMALLEST)) == "5a160a6459eb23194744a379a5942fed"
