from studies.records.study import InterventionRecord
from studies.synthesis.uses import KEEPS_SERVICE_RECORDS, RECORDS_OF, SERVICE_RECORDS, Use, group_by_use
from tests.studies.evidence_factory import TAXONOMY, study
from tests.studies.records_factory import fixture_json

HELPLINE = "helpline"


def uses(*studies):
    found = group_by_use(HELPLINE, studies, TAXONOMY.family_of_design)
    return {use: [each.id for each in own] for use, own in found.items()}


def with_role(role, **changes):
    return study(interventions=(InterventionRecord(HELPLINE, role),), **changes)


class TestStudiesAroundAnIntervention:
    def test_an_evaluation_of_it_is_none_of_them(self):
        assert uses(with_role("evaluated"), with_role("component", id="b")) == {}

    def test_one_without_a_result_is_ongoing(self):
        assert uses(with_role("evaluated", status="ongoing", designs=("protocol",))) == {Use.ONGOING: ["a"]}

    def test_one_whose_design_does_not_count_is_told_apart(self):
        assert uses(with_role("evaluated", designs=("cross-sectional",))) == {Use.UNCOUNTED: ["a"]}

    def test_a_description_a_review_and_a_use_of_its_records_are_told_apart(self):
        found = uses(
            with_role("described", id="a"),
            with_role("reviewed", id="b", designs=("systematic-review",)),
            study("c", data_sources=("helpline-calls",)),
            study("d", data_sources=("police-records",)),
        )
        assert found == {Use.DESCRIBED: ["a"], Use.REVIEWED: ["b"], Use.RECORDS: ["c"]}

    def test_a_study_of_the_service_is_not_among_those_that_only_use_its_records(self):
        assert uses(with_role("described", data_sources=("helpline-calls",))) == {Use.DESCRIBED: ["a"]}

    def test_records_of_some_service_are_those_of_none_in_particular(self):
        grouped = [
            group_by_use(service, [study(data_sources=(SERVICE_RECORDS,))], TAXONOMY.family_of_design)
            for service in sorted(KEEPS_SERVICE_RECORDS)
        ]
        assert grouped == [{}, {}]

    def test_a_role_that_nobody_knows_is_no_use(self):
        assert uses(with_role(None)) == {}


def test_the_services_and_the_sources_of_data_are_in_the_vocabularies():
    terms = fixture_json("taxonomy")
    terms_of_services = {*RECORDS_OF, *KEEPS_SERVICE_RECORDS}
    assert terms_of_services <= {term["code"] for term in terms["interventions"]}
    sources = {SERVICE_RECORDS, *(source for own in RECORDS_OF.values() for source in own)}
    assert sources <= {term["code"] for term in terms["data_sources"]}
