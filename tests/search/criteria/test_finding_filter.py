import pytest

from search.contract import Filters
from search.criteria.finding_filter import finding_filter
from studies.records.study import InterventionRecord
from tests.studies.records_factory import complete_record, finding

OF_TRANSFERS = finding(outcome="ipv-physical", effect="favourable", about=("cash-transfer",), reporter="women")
OF_ALL = finding(outcome="ipv-sexual", effect="no-effect", about=None, reporter="men")
OF_A_FACTOR = finding(outcome="ipv-physical", effect="unfavourable", about=(), reporter=None)
STUDY = complete_record(
    interventions=(InterventionRecord("cash-transfer", "evaluated"), InterventionRecord("couples", "evaluated")),
    findings=(OF_TRANSFERS, OF_ALL, OF_A_FACTOR),
)


def kept(**chosen):
    keep = finding_filter(Filters({name: frozenset(codes) for name, codes in chosen.items()}))
    return [finding for finding in STUDY.findings if keep(STUDY, finding)]


class TestFindingFilter:
    def test_criteria_that_say_nothing_of_findings_keep_them_all(self):
        assert kept(country={"PE"}) == list(STUDY.findings)

    @pytest.mark.parametrize(
        ("chosen", "wanted"),
        [
            ({"outcome": {"ipv-physical"}}, [OF_TRANSFERS, OF_A_FACTOR]),
            ({"outcome": {"ipv-physical", "ipv-sexual"}, "reporter": {"men"}}, [OF_ALL]),
            ({"effect": {"favourable", "no-effect"}}, [OF_TRANSFERS, OF_ALL]),
            ({"reporter": {"none"}}, [OF_A_FACTOR]),
            ({"intervention": {"couples"}}, [OF_ALL]),
            ({"intervention": {"cash-transfer"}}, [OF_TRANSFERS, OF_ALL]),
            ({"outcome": {"attitudes"}}, []),
        ],
    )
    def test_others_keep_those_that_they_name(self, chosen, wanted):
        assert kept(**chosen) == wanted

    def test_the_effect_of_a_factor_is_none_of_the_programme_as_in_the_list(self):
        assert kept(effect={"unfavourable"}) == []

    def test_what_a_study_only_describes_has_no_findings(self):
        described = complete_record(interventions=(InterventionRecord("couples", "described"),), findings=(OF_ALL,))
        keep = finding_filter(Filters({"intervention": frozenset({"couples"})}))
        assert not keep(described, OF_ALL)
