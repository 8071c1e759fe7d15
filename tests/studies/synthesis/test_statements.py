import pytest

from studies.synthesis.statements import StatementKind, build_statements, rank_outcomes
from studies.synthesis.tables import tally_by_dimension, tally_claims
from tests.studies.evidence_factory import OUTCOMES, TAXONOMY, evidence_of, study
from tests.studies.records_factory import finding

QUASI = ("natural-experiment",)


def told(*effects, quasi=()):
    studies = [study(f"r{number}", findings=(finding(effect=effect),)) for number, effect in enumerate(effects)]
    studies += [
        study(f"q{number}", findings=(finding(effect=effect),), designs=QUASI) for number, effect in enumerate(quasi)
    ]
    evidence = evidence_of(studies)
    return build_statements("ipv-physical", tally_claims(studies, evidence), evidence)


class TestTheRule:
    @pytest.mark.parametrize(
        ("effects", "kind"),
        [
            (("favourable",), StatementKind.ONLY_ONE),
            (("no-effect",), StatementKind.ONLY_ONE),
            (("favourable", "favourable"), StatementKind.ALL_ALIKE),
            (("mixed", "mixed", "mixed"), StatementKind.ALL_ALIKE),
            (("favourable", "no-effect"), StatementKind.SOME_FAVOURABLE),
            (("favourable", "unfavourable", "mixed"), StatementKind.SOME_FAVOURABLE),
            (("no-effect", "mixed"), StatementKind.NONE_FAVOURABLE),
            (("unfavourable", "no-effect"), StatementKind.NONE_FAVOURABLE),
            (("not-estimated", "not-estimated"), StatementKind.NOT_ESTIMATED),
        ],
    )
    def test_follows_from_the_effects(self, effects, kind):
        (statement,) = told(*effects)
        assert statement.kind == kind
        assert statement.total == len(effects) == sum(statement.by_effect.values())

    def test_each_strength_of_design_has_its_own_sentence(self):
        first, second = told("favourable", "favourable", quasi=("no-effect",))
        assert [(each.design, each.kind, each.total) for each in (first, second)] == [
            ("randomised", StatementKind.ALL_ALIKE, 2),
            ("quasi-experimental", StatementKind.ONLY_ONE, 1),
        ]

    def test_what_was_not_estimated_is_not_among_those_that_estimated(self):
        (statement,) = told("favourable", "no-effect", "not-estimated")
        assert (statement.total, dict(statement.by_effect)) == (2, {"favourable": 1, "no-effect": 1})

    def test_there_is_none_without_evaluations(self):
        review = study("a", designs=("systematic-review",))
        evidence = evidence_of([review])
        assert build_statements("ipv-physical", tally_claims([review], evidence), evidence) == ()


class TestTheOrder:
    def test_the_outcome_with_most_estimates_comes_first(self):
        any_, physical = finding(outcome="ipv-any"), finding()
        studies = [
            study("a", findings=(physical,)),
            study("b", findings=(physical, any_)),
            study("c", findings=(any_, physical)),
            study("d", outcomes=("mental-health", "ipv-sexual"), findings=()),
        ]
        rows = tally_by_dimension("outcome", studies, evidence_of(studies))
        assert rank_outcomes(rows, OUTCOMES, TAXONOMY) == ("ipv-physical", "ipv-any", "ipv-sexual", "mental-health")

    def test_a_cost_and_a_prevalence_are_no_effects(self):
        costs = study("a", outcomes=("ipv-physical", "cost-effectiveness", "prevalence"))
        rows = tally_by_dimension("outcome", [costs], evidence_of([costs]))
        assert rank_outcomes(rows, OUTCOMES, TAXONOMY) == ("ipv-physical",)
