from collections import Counter

import pytest

from studies.synthesis.comparators import COMPARATOR_KINDS, kind_of
from studies.synthesis.evidence import NOT_STATED
from tests.studies.records_factory import fixture_json


class TestKindsOfComparators:
    def test_each_code_of_the_vocabulary_has_exactly_one_kind(self):
        counts = Counter(code for kind in COMPARATOR_KINDS for code in kind.comparators)
        assert counts == dict.fromkeys((term["code"] for term in fixture_json("taxonomy")["comparators"]), 1)

    @pytest.mark.parametrize(
        ("comparator", "kind"),
        [
            ("nothing", "nothing"),
            ("wait-list", "nothing"),
            ("usual-sanction", "usual"),
            ("attention", "little"),
            ("other-arms", "other"),
            ("before", "before"),
        ],
    )
    def test_of_a_code_is_that_of_the_table(self, comparator, kind):
        assert kind_of(comparator) == kind

    @pytest.mark.parametrize("comparator", [None, "", "of-a-curator"])
    def test_of_what_is_not_in_the_table_is_not_stated(self, comparator):
        assert kind_of(comparator) == NOT_STATED
