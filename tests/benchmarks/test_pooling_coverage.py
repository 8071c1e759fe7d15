from benchmarks import pooling_coverage
from benchmarks.pooling_coverage import simulate, table


class TestTheSimulation:
    def test_gives_the_same_for_the_same_seed(self):
        assert simulate(3, 0.4, draws=50) == simulate(3, 0.4, draws=50)

    def test_finds_that_our_interval_holds_the_truth_more_often_than_the_one_it_widens(self):
        case = simulate(3, 0.15, draws=400)
        assert case["plain_pct"] < pooling_coverage.LEAST_PCT + 1 < case["modified_pct"]
        assert case["wider_pct"] > 20

    def test_predicts_only_from_five_on(self):
        cases = [simulate(3, 0.4, draws=20), simulate(5, 0.4, draws=20)]
        assert [case["predicted_pct"] is None for case in cases] == [True, False]
        assert "| 3 | 0.4 |" in table(cases)
