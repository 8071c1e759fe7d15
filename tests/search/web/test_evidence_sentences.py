"""Each rule of a sentence, in both languages: what it says, what its numbers lead to, and what no sentence says."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from search.criteria.evidence_address import TablePlace
from search.web.evidence.sentences import Sentence, StatementWriter, rule_examples
from studies.store import vocabularies
from studies.synthesis.statements import Statement, StatementKind

pytestmark = pytest.mark.django_db

VERDICTS = re.compile(r"funciona|\bworks\b|\bworked\b|effective|efectiv|eficaz|demuestra|proves", re.IGNORECASE)


def told(kind: StatementKind, by_effect: dict[str, int], language: str, **changes: str) -> Sentence:
    design, outcome = changes.get("design", "randomised"), changes.get("outcome", "ipv-physical")
    statement = Statement(kind, outcome, design, sum(by_effect.values()), by_effect)
    with override(language):
        teller = StatementWriter(vocabularies.current(), language, lambda place: f"/{place.shows}/{place.strength}/")
        return teller.sentence(statement)


class TestOneEvaluation:
    @pytest.mark.parametrize(
        ("effect", "spanish", "english"),
        [
            (
                "favourable",
                "La única evaluación aleatorizada encontró, según sus autores, menos violencia física de pareja.",
                "The only randomised evaluation found, according to its authors, less physical intimate "
                "partner violence.",
            ),
            (
                "no-effect",
                "La única evaluación aleatorizada no detectó, según sus autores, un efecto en violencia física de "
                "pareja.",
                "The only randomised evaluation found, according to its authors, no clear difference in physical "
                "intimate partner "
                "violence.",
            ),
            (
                "mixed",
                "La única evaluación aleatorizada halló, según sus autores, resultados mixtos en violencia física de "
                "pareja.",
                "The only randomised evaluation found, according to its authors, mixed results on physical "
                "intimate partner "
                "violence.",
            ),
            (
                "ambiguous",
                "La única evaluación aleatorizada halló, según sus autores, un cambio en violencia física de pareja "
                "que puede ser para bien o para mal.",
                "The only randomised evaluation found, according to its authors, a change in physical intimate "
                "partner violence that may be for better or worse.",
            ),
            (
                "unfavourable",
                "La única evaluación aleatorizada halló, según sus autores, un efecto desfavorable en violencia física "
                "de pareja.",
                "The only randomised evaluation found, according to its authors, an unfavourable effect on "
                "physical intimate "
                "partner violence.",
            ),
        ],
    )
    def test_tells_its_effect(self, effect: str, spanish: str, english: str):
        assert str(told(StatementKind.ONLY_ONE, {effect: 1}, "es")) == spanish
        assert str(told(StatementKind.ONLY_ONE, {effect: 1}, "en")) == english


class TestWhoTold:
    def test_is_named_where_men_alone_tell_of_their_violence(self):
        assert str(told(StatementKind.ONLY_ONE, {"favourable": 1}, "es", outcome="perpetration")) == (
            "La única evaluación aleatorizada encontró, según sus autores, menos violencia ejercida, según los propios "
            "hombres."
        )


class TestSeveralThatAgree:
    @pytest.mark.parametrize(
        ("effect", "spanish", "english"),
        [
            (
                "favourable",
                "Las 3 evaluaciones cuasiexperimentales encontraron, según sus autores, un cambio favorable en salud "
                "mental.",
                "All 3 quasi-experimental evaluations found, according to their authors, a favourable change in mental "
                "health.",
            ),
            (
                "no-effect",
                "Las 3 evaluaciones cuasiexperimentales no detectaron, según sus autores, un efecto en salud mental.",
                "All 3 quasi-experimental evaluations found, according to their authors, no clear difference in mental "
                "health.",
            ),
            (
                "mixed",
                "Las 3 evaluaciones cuasiexperimentales hallaron, según sus autores, resultados mixtos en salud "
                "mental.",
                "All 3 quasi-experimental evaluations found, according to their authors, mixed results on mental "
                "health.",
            ),
            (
                "unfavourable",
                "Las 3 evaluaciones cuasiexperimentales hallaron, según sus autores, un efecto desfavorable en salud "
                "mental.",
                "All 3 quasi-experimental evaluations found, according to their authors, an unfavourable effect on "
                "mental health.",
            ),
        ],
    )
    def test_tell_it_of_all(self, effect: str, spanish: str, english: str):
        asked = {"design": "quasi-experimental", "outcome": "mental-health"}
        assert str(told(StatementKind.ALL_ALIKE, {effect: 3}, "es", **asked)) == spanish
        assert str(told(StatementKind.ALL_ALIKE, {effect: 3}, "en", **asked)) == english


class TestSeveralThatDiffer:
    def test_tell_how_many_are_favourable_and_then_the_others(self):
        counts = {"favourable": 4, "no-effect": 2}
        assert str(told(StatementKind.SOME_FAVOURABLE, counts, "es")) == (
            "4 de 6 evaluaciones aleatorizadas encontraron, según sus autores, menos violencia física de pareja; "
            "2 no detectaron efecto."
        )
        assert str(told(StatementKind.SOME_FAVOURABLE, counts, "en")) == (
            "4 of 6 randomised evaluations found, according to their authors, less physical intimate partner violence; "
            "2 found no clear difference."
        )

    def test_tell_every_other_effect(self):
        counts = {"favourable": 1, "no-effect": 1, "mixed": 2, "unfavourable": 1}
        assert str(told(StatementKind.SOME_FAVOURABLE, counts, "es", design="other")) == (
            "1 de 5 evaluaciones de otro diseño encontró, según sus autores, menos violencia física de pareja; "
            "1 no detectó efecto, 2 hallaron resultados mixtos y 1 halló un efecto desfavorable."
        )
        assert str(told(StatementKind.SOME_FAVOURABLE, counts, "en", design="other")) == (
            "1 of 5 otherwise designed evaluations found, according to its authors, less physical "
            "intimate partner violence; "
            "1 found no clear difference, 2 found mixed results and 1 found an unfavourable effect."
        )

    def test_tell_that_none_is_favourable(self):
        counts = {"no-effect": 1, "mixed": 1}
        asked = {"design": "quasi-experimental", "outcome": "reporting"}
        assert str(told(StatementKind.NONE_FAVOURABLE, counts, "es", **asked)).startswith(
            "De 2 evaluaciones cuasiexperimentales, ninguna encontró, según sus autores, un cambio favorable en "
        )
        assert str(told(StatementKind.NONE_FAVOURABLE, counts, "en", **asked)).endswith(
            ": 1 found no clear difference and 1 found mixed results."
        )


class TestOutcomesWithoutAnEstimate:
    @pytest.mark.parametrize(
        ("number", "spanish", "english"),
        [
            (
                1,
                "1 evaluación midió violencia física de pareja; el registro no trae una estimación de su efecto.",
                "1 evaluation measured physical intimate partner violence; its record gives no estimate of the effect.",
            ),
            (
                3,
                "3 evaluaciones midieron violencia física de pareja; los registros no traen una estimación de su "
                "efecto.",
                "3 evaluations measured physical intimate partner violence; their records give no estimate "
                "of the effect.",
            ),
        ],
    )
    def test_say_so(self, number: int, spanish: str, english: str):
        counts = {"not-estimated": number}
        assert str(told(StatementKind.NOT_ESTIMATED, counts, "es", design="")) == spanish
        assert str(told(StatementKind.NOT_ESTIMATED, counts, "en", design="")) == english


class TestTheNumbers:
    def test_lead_to_the_evaluations_that_they_count(self):
        parts = told(StatementKind.SOME_FAVOURABLE, {"favourable": 4, "no-effect": 2}, "es").parts
        assert [(part.text, part.url) for part in parts if part.url] == [
            ("4", "/favourable/randomised/"),
            ("6", "/estimated/randomised/"),
            ("2", "/no-effect/randomised/"),
        ]

    def test_stand_in_a_place_of_the_outcome(self):
        statement = Statement(StatementKind.ONLY_ONE, "ipv-physical", "randomised", 1, {"mixed": 1})
        seen: list[TablePlace] = []
        StatementWriter(vocabularies.current(), "es", lambda place: seen.append(place) or "").sentence(statement)
        assert seen == [TablePlace(columns="outcome", column="ipv-physical", shows="estimated", strength="randomised")]


class TestTheRulesThatArePublished:
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_are_all_there_and_give_no_verdict(self, language: str):
        with override(language):
            shown = rule_examples()
        assert len(shown) == len(StatementKind)
        assert not [example for pair in shown for example in pair if VERDICTS.search(example)]

    @pytest.mark.parametrize(
        ("place", "kind", "counts", "asked"),
        [
            (0, StatementKind.ONLY_ONE, {"favourable": 1}, {}),
            (1, StatementKind.ALL_ALIKE, {"no-effect": 3}, {"outcome": "mental-health"}),
            (2, StatementKind.SOME_FAVOURABLE, {"favourable": 4, "no-effect": 2}, {}),
        ],
    )
    def test_have_the_sentences_that_the_rules_write(
        self, place: int, kind: StatementKind, counts: dict[str, int], asked: dict[str, str]
    ):
        for language in ("es", "en"):
            with override(language):
                example = rule_examples()[place][1]
            assert example == str(told(kind, counts, language, **asked))
