import pytest

from studies.synthesis.statements import Kind, most_evaluated, statements
from studies.synthesis.tables import by, tally
from tests.studies.evidence_factory import OUTCOMES, evidence_of, study
from tests.studies.records_factory import finding

QUASI = ("natural-experiment",)


def told(*effects, quasi=()):
    studies = [study(f"r{number}", findings=(finding(effect=effect),)) for number, effect in enumerate(effects)]
    studies += [
        study(f"q{number}", findings=(finding(effect=effect),), designs=QUASI) for number, effect in enumerate(quasi)
    ]
    evidence = evidence_of(studies)
    return statements("ipv-physical", tally(studies, evidence), evidence)


class TestTheRule:
    @pytest.mark.parametrize(
        ("effects", "kind"),
        [
            (("favourable",), Kind.ONLY_ONE),
            (("no-effect",), Kind.ONLY_ONE),
            (("favourable", "favourable"), Kind.ALL_ALIKE),
            (("mixed", "mixed", "mixed"), Kind.ALL_ALIKE),
            (("favourable", "no-effect"), Kind.SOME_FAVOURABLE),
            (("favourable", "unfavourable", "mixed"), Kind.SOME_FAVOURABLE),
            (("no-effect", "mixed"), Kind.NONE_FAVOURABLE),
            (("unfavourable", "no-effect"), Kind.NONE_FAVOURABLE),
            (("not-estimated", "not-estimated"), Kind.NOT_ESTIMATED),
        ],
    )
    def test_follows_from_the_effects(self, effects, kind):
        (statement,) = told(*effects)
        assert statement.kind == kind
        assert statement.total == len(effects) == sum(statement.by_effect.values())

    def test_each_strength_of_design_has_its_own_sentence(self):
        first, second = told("favourable", "favourable", quasi=("no-effect",))
        assert [(each.design, each.kind, each.total) for each in (first, second)] == [
            ("randomised", Kind.ALL_ALIKE, 2),
            ("quasi-experimental", Kind.ONLY_ONE, 1),
        ]

    def test_what_was_not_estimated_is_not_among_those_that_estimated(self):
        (statement,) = told("favourable", "no-effect", "not-estimated")
        assert (statement.total, dict(statement.by_effect)) == (2, {"favourable": 1, "no-effect": 1})

    def test_there_is_none_without_evaluations(self):
        review = study("a", designs=("systematic-review",))
        evidence = evidence_of([review])
        assert statements("ipv-physical", tally([review], evidence), evidence) == ()


class TestTheOrder:
    def test_the_outcome_with_most_estimates_comes_first(self):
        any_, physical = finding(outcome="ipv-any"), finding()
        studies = [
            study("a", findings=(physical,)),
            study("b", findings=(physical, any_)),
            study("c", findings=(any_, physical)),
            study("d", outcomes=("mental-health", "ipv-sexual"), findings=()),
        ]
        rows = by("outcome", studies, evidence_of(studies))
        assert most_evaluated(rows, OUTCOMES) == ("ipv-physical", "ipv-any", "ipv-sexual", "mental-health")
