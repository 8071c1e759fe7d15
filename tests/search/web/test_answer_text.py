"""Each rule of an answer's sentences, in both languages, on made-up evaluations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from django.utils.translation import override

from search.web.evidence.answer_rules import list_choice_rules, list_sentence_rules
from search.web.evidence.answer_text import AnswerWriter
from search.web.evidence.passed_over_text import MOST_NAMED
from search.web.evidence.sentences import parse_sentence
from studies.records.finding import ArmRecord
from studies.records.study import InterventionRecord
from studies.synthesis.absolute_effect import LAST_12_MONTHS, Baseline
from studies.synthesis.forest import build_forests
from studies.synthesis.summary_of_findings import SummaryRow, build_summary
from tests.search.web.answer_cases import bare, given, only_row, record, told, words, writer
from tests.studies.evidence_factory import MEASURES, OUTCOMES, evidence_of, group

pytestmark = pytest.mark.django_db

Rule = Callable[[AnswerWriter], Callable[[SummaryRow], str | Iterable[str]]]


def said(row: SummaryRow, rule: Rule, language: str) -> str:
    """Return what a rule says of a row; several sentences are joined by a space."""
    with override(language):
        text = rule(writer(language))(row)
        return " ".join(str(parse_sentence(each)) for each in ([text] if isinstance(text, str) else list(text)))


def both(row: SummaryRow, rule: Rule) -> tuple[str, str]:
    return said(row, rule, "es"), said(row, rule, "en")


class TestWhoMeasured:
    def test_calls_one_evaluation_a_single_one(self):
        assert both(only_row(record("a")), lambda each: each.measured_by) == (
            "Lo mide una sola evaluación, aleatorizada, con 1 200 personas.".replace(" 200", "\u202f200"),
            "A single evaluation measures it, randomised, with 1,200 people.",
        )

    def test_says_in_how_many_the_people_are_known(self):
        row = only_row(record("a", told(n=300)), record("b", sample_unit="villages"), record("c", told(n=200)))
        assert both(row, lambda each: each.measured_by) == (
            "Lo miden 3 evaluaciones aleatorizadas, con 500 personas en las 2 que lo dicen.",
            "3 randomised evaluations measure it, with 500 people in the 2 that say.",
        )

    def test_tells_designs_apart(self):
        row = only_row(
            record("a", sample_unit="villages"), record("b", designs=("natural-experiment",), sample_unit="villages")
        )
        assert both(row, lambda each: each.measured_by) == (
            "Lo miden 2 evaluaciones (1 aleatorizada y 1 cuasiexperimental).",
            "2 evaluations measure it (1 randomised and 1 quasi-experimental).",
        )


class TestTheComparator:
    def test_is_told_in_the_words_of_the_record(self):
        row = only_row(record("a", told(comparator_es="aldeas en espera", comparator_en="villages that wait")))
        assert both(row, lambda each: each.compared_with) == (
            "Se compara con: aldeas en espera.",
            "Compared with: villages that wait.",
        )

    def test_is_else_told_by_its_code(self):
        assert both(only_row(record("a", told(comparator="not-exposed"))), lambda each: each.compared_with) == (
            "Se compara con: quienes no estuvieron expuestos.",
            "Compared with: those who were not exposed.",
        )

    def test_that_is_not_stated_is_left_to_the_group(self):
        (group,) = build_summary(given(record("a", told(comparator=None))))
        assert said(group.rows[0], lambda each: each.compared_with, "es") == ""
        for language, expected in (
            ("es", "Comparación sin clasificar o sin dato: 1 evaluación."),
            ("en", "Comparison not classified or not stated: 1 evaluation."),
        ):
            with override(language):
                assert str(writer(language).group(group)) == expected

    def test_of_a_group_is_named(self):
        (group,) = build_summary(given(record("a")))
        with override("es"):
            sentence = writer("es").group(group)
        assert str(sentence) == "Frente a nothing: 1 evaluación."
        assert [(part.text, part.url) for part in sentence.parts if part.url] == [("1", "a")]


class TestDirection:
    def test_of_one_evaluation_is_told_with_its_number(self):
        assert both(only_row(record("a")), lambda each: each.directions) == (
            "Apunta a menos violencia física de pareja: A (razón de riesgos 0,7 [0,5; 0,9]).",
            "It points to less physical intimate partner violence: A (risk ratio 0.7 [0.5; 0.9]).",
        )

    def test_that_all_share_is_told_of_all(self):
        assert both(only_row(record("a"), record("b", bare())), lambda each: each.directions) == (
            "Las 2 evaluaciones apuntan a menos violencia física de pareja: A (razón de riesgos 0,7 [0,5; 0,9]); "
            "B (sin cifra).",
            "The 2 evaluations point to less physical intimate partner violence: A (risk ratio 0.7 [0.5; 0.9]); "
            "B (no number given).",
        )

    def test_that_differs_is_told_each_way(self):
        row = only_row(record("a"), record("b", told(value=1.2, ci_low=0.8, ci_high=1.8, effect="no-effect")))
        assert both(row, lambda each: each.directions) == (
            "1 evaluación apunta a menos violencia física de pareja: A (razón de riesgos 0,7 [0,5; 0,9]). "
            "1 evaluación apunta a más violencia física de pareja: B (razón de riesgos 1,2 [0,8; 1,8]; "
            "no concluye: de 20\u202f% menos a 80\u202f% más).",
            "1 evaluation points to less physical intimate partner violence: A (risk ratio 0.7 [0.5; 0.9]). "
            "1 evaluation points to more physical intimate partner violence: B (risk ratio 1.2 [0.8; 1.8]; "
            "inconclusive: from 20% less to 80% more).",
        )

    def test_of_a_favourable_number_stands_beside_an_evaluation_without_a_number(self):
        row = only_row(record("a"), record("b", bare(effect="no-effect")))
        assert both(row, lambda each: each.directions) == (
            "1 evaluación apunta a menos violencia física de pareja: A (razón de riesgos 0,7 [0,5; 0,9]). En 1 "
            "evaluación sus autores no ven una diferencia clara; el registro no trae la cifra: B.",
            "1 evaluation points to less physical intimate partner violence: A (risk ratio 0.7 [0.5; 0.9]). In 1 "
            "evaluation the authors see no clear difference; the record does not give the number: B.",
        )

    def test_of_many_evaluations_leaves_the_single_numbers_out(self):
        row = only_row(*(record(f"s{number}") for number in range(MOST_NAMED + 1)))
        assert both(row, lambda each: each.directions) == (
            "Las 7 evaluaciones apuntan a menos violencia física de pareja.",
            "The 7 evaluations point to less physical intimate partner violence.",
        )

    def test_links_its_number_to_its_studies(self):
        row = only_row(record("a"), record("b"))
        with override("es"):
            (text,) = writer("es").directions(row)
        assert [(part.text, part.url) for part in parse_sentence(text).parts if part.url] == [("2", "a/b")]


class TestWhatTheIntervalIncludes:
    @pytest.mark.parametrize(
        ("changes", "spanish", "english"),
        [
            (
                {"measure": "odds ratio", "value": 0.48, "ci_low": 0.16, "ci_high": 1.39},
                "no concluye: de 84\u202f% menos a 39\u202f% más, en posibilidades",
                "inconclusive: from 84% less to 39% more, in odds",
            ),
            (
                {"value": 0.35, "ci_low": 0.12, "ci_high": 1},
                "el intervalo llega hasta «sin diferencia»",
                "the interval reaches “no difference”",
            ),
            (
                {"measure": "percentage points", "value": -4.2, "ci_low": -12, "ci_high": 3.6},
                "no concluye: el intervalo incluye menos y más",
                "inconclusive: the interval includes less and more",
            ),
            ({"ci_low": None, "ci_high": None}, "sin intervalo", "no interval"),
        ],
    )
    def test_is_told_as_such(self, changes, spanish, english):
        found = both(only_row(record("a", told(**changes))), lambda each: each.directions)
        assert found[0].endswith(f"; {spanish}).")
        assert found[1].endswith(f"; {english}).")

    def test_is_the_authors_word_where_there_is_no_interval(self):
        row = only_row(record("a", bare(effect="no-effect", inconclusive=True)))
        assert both(row, lambda each: each.directions) == (
            "Sus autores no ven una diferencia clara en violencia física de pareja; el registro no trae la cifra: "
            "A (sus autores dicen que el estudio no permite saberlo).",
            "Its authors see no clear difference in physical intimate partner violence; the record does not give the "
            "number: A (its authors say that the study cannot tell).",
        )


class TestWhatMovedWithoutDirection:
    def test_is_told_as_what_moved(self):
        row = only_row(record("a", bare(outcome="controlling-behaviour", effect="ambiguous")))
        assert both(row, lambda each: each.directions) == (
            "Muestra un cambio en control por la pareja, sin que esté claro si para bien o para mal: A (sin cifra).",
            "It shows a change in controlling behaviour, not clear whether for better or worse: A (no number given).",
        )

    def test_are_complaints_of_which_the_record_does_not_say_which_way(self):
        row = only_row(record("a", bare(outcome="reporting", higher_is=None)))
        assert both(row, lambda each: each.directions) == (
            "Muestra un cambio en denuncias, sin dato de en qué sentido: A (sin cifra).",
            "It shows a change in reporting to the authorities, in which direction is not stated: A (no number given).",
        )


class TestOtherOutcomes:
    @pytest.mark.parametrize(
        ("outcome", "higher_is", "spanish", "english"),
        [
            ("reporting", "better", "más denuncias", "more reporting to the authorities"),
            ("attitudes-norms", "better", "una mejora en actitudes", "an improvement in attitudes"),
            ("mental-health", "better", "una mejora en salud mental", "an improvement in mental health"),
            ("employment-income", "better", "más empleo", "more employment"),
        ],
    )
    def test_are_told_as_what_moved(self, outcome, higher_is, spanish, english):
        found = both(only_row(record("a", bare(outcome=outcome, higher_is=higher_is))), lambda each: each.directions)
        assert found[0].startswith(f"Apunta a {spanish}")
        assert found[1].startswith(f"It points to {english}")

    @pytest.mark.parametrize(
        ("reporter", "spanish", "english"),
        [
            ("men", "menos violencia ejercida, según los propios hombres", "less violence used, by men's own account"),
            (
                "adolescents",
                "menos violencia ejercida, según los propios adolescentes",
                "less violence used, according to adolescents themselves",
            ),
            ("women", "menos violencia ejercida por hombres", "less violence used by men"),
        ],
    )
    def test_violence_that_men_use_is_told_by_who_says_so(self, reporter, spanish, english):
        found = both(
            only_row(record("a", bare(outcome="perpetration", reporter=reporter))), lambda each: each.directions
        )
        assert found[0].startswith(f"Apunta a {spanish}")
        assert found[1].startswith(f"It points to {english}")

    def test_say_what_a_higher_number_means_where_it_surprises(self):
        row = only_row(
            record("a", told(outcome="attitudes-norms", measure="Cohen d", value=-0.3, ci_low=-0.5, ci_high=-0.1))
        )
        assert both(row, lambda each: each.directions) == (
            "Apunta a una mejora en actitudes y normas de género: A (d de Cohen −0,3 [−0,5; −0,1]; un número más alto "
            "es peor).",
            "It points to an improvement in attitudes and gender norms: A (Cohen d −0.3 [−0.5; −0.1]; a higher number "
            "is worse).",
        )


class TestMixed:
    def test_is_said_only_where_the_authors_say_so(self):
        assert both(only_row(record("a", bare(effect="mixed"))), lambda each: each.directions) == (
            "Muestra resultados mixtos en violencia física de pareja: A (sin cifra).",
            "It shows mixed results on physical intimate partner violence: A (no number given).",
        )

    def test_is_else_told_by_its_parts(self):
        arms = (
            told(arm_es="dinero", arm_en="cash"),
            bare(arm_es="alimentos", arm_en="food", effect="no-effect"),
        )
        assert both(only_row(record("a", *arms)), lambda each: each.directions) == (
            "Da resultados distintos en violencia física de pareja: A, dinero: menos (razón de riesgos 0,7 [0,5; 0,9]);"
            " A, alimentos: sin diferencia clara.",
            "It gives different results on physical intimate partner violence: A, cash: less (risk ratio 0.7 [0.5; "
            "0.9]); A, food: no clear difference.",
        )

    def test_by_time_is_told_by_time(self):
        early = bare(follow_up="12 months", follow_up_months=12)
        late = bare(effect="no-effect", follow_up="24 months", follow_up_months=24)
        assert both(only_row(record("a", early, late)), lambda each: each.other_times) == (
            "A, según el momento: tras 12 meses, menos; tras 24 meses, sin diferencia clara.",
            "A, by time: after 12 months, less; after 24 months, no clear difference.",
        )

    def test_of_a_subgroup_is_told_beside_the_whole(self):
        young = bare(subgroup_es="jóvenes", subgroup_en="young women")
        row = only_row(record("a", bare(effect="no-effect"), young))
        assert both(row, lambda each: each.asides) == (
            "A, además: jóvenes, menos.",
            "A, besides: young women, less.",
        )

    def test_of_another_paper_is_told_under_that_paper(self):
        later = bare(effect="unfavourable", reporter="men")
        records = (record("a", bare(reporter="women")), record("b", later))
        studies = given(*records).studies
        row = only_row(*records, studies=studies, evidence=evidence_of(studies, [group("a", "b")]))
        assert both(row, lambda each: each.asides) == (
            "B, además: según hombres, más.",
            "B, besides: according to men, more.",
        )

    def test_of_a_subgroup_that_shows_the_same_is_not_told(self):
        row = only_row(record("a", bare(), bare(subgroup_es="jóvenes")))
        assert said(row, lambda each: each.asides, "es") == ""

    def test_parts_that_nothing_tells_apart_are_told_by_the_record(self):
        two = (
            told(statement_es="Bajó la frecuencia.", statement_en="Frequency fell."),
            bare(effect="no-effect", statement_es="La proporción no cambió.", statement_en="The share stayed."),
        )
        found = both(only_row(record("a", *two)), lambda each: each.directions)
        assert "A, «Bajó la frecuencia»: menos" in found[0]
        assert "A, «The share stayed»: no clear difference" in found[1]


class TestSize:
    def test_is_told_as_a_range(self):
        row = only_row(record("a", told(value=0.6)), record("b", told(value=0.8)))
        assert both(row, lambda each: each.ranges) == (
            "Razón de riesgos: de 0,6 a 0,8 en 2 evaluaciones.",
            "Risk ratio: from 0.6 to 0.8 in 2 evaluations.",
        )

    def test_is_told_as_a_mean_where_one_is_allowed(self):
        records = [
            record(id, told(value=value, ci_low=value * 0.7, ci_high=value / 0.7))
            for id, value in (("a", 0.6), ("b", 0.7), ("c", 0.9))
        ]
        asked = given(*records)
        forests = build_forests(asked.studies, asked.evidence, MEASURES, OUTCOMES)
        (group,) = build_summary(replace(asked, forests=forests))
        found = both(group.rows[0], lambda each: each.pooled)
        assert found[0].startswith("Promedio de 3 evaluaciones: razón de riesgos 0,7")
        assert found[1].startswith("Mean of 3 evaluations: risk ratio 0.7")

    def test_of_a_change_has_its_sign(self):
        rise = told(measure="percent change", value=22, ci_low=None, ci_high=None, effect="unfavourable")
        assert "(+22\u202f%; sin intervalo)" in said(only_row(record("a", rise)), lambda each: each.directions, "es")

    def test_of_two_shares_is_told_without_a_measure(self):
        shares = (ArmRecord("intervention", percent=9.2), ArmRecord("comparison", percent=23.1))
        found = said(only_row(record("a", bare(arms=shares))), lambda each: each.directions, "es")
        assert found.endswith("A (9,2\u202f% frente a 23,1\u202f%).")


class TestOfEachThousand:
    def test_names_the_comparison_group_of_the_trial(self):
        row = only_row(record("a", told(arms=(ArmRecord("comparison", percent=20.0),))))
        assert both(row, lambda each: each.absolute) == (
            "A, de cada 1\u202f000 mujeres: de 200 a 140 (entre 100 y 180); base: el grupo de comparación del ensayo.",
            "A, of each 1,000 women: from 200 to 140 (between 100 and 180); base: the comparison group of the trial.",
        )

    def test_names_the_survey_and_that_it_was_read_in_the_press(self):
        base = Baseline("ipv-physical", LAST_12_MONTHS, 7.0, 2024, "Encuesta inventada", is_from_press=True)
        row = only_row(record("a", told(statement_en="Past-year violence fell.")), baselines=(base,))
        assert both(row, lambda each: each.absolute) == (
            "A, de cada 1\u202f000 mujeres: de 70 a 49 (entre 35 y 63); base: Encuesta inventada, 2024, 7\u202f%, "
            "cifra leída en la prensa.",
            "A, of each 1,000 women: from 70 to 49 (between 35 and 63); base: Encuesta inventada, 2024, 7%, figure "
            "read in the press.",
        )

    def test_names_the_year_of_the_survey_once(self):
        base = Baseline("ipv-physical", LAST_12_MONTHS, 7.0, 2024, "Encuesta 2024")
        row = only_row(record("a", told(statement_en="Past-year violence fell.")), baselines=(base,))
        spanish, _english = both(row, lambda each: each.absolute)
        assert "base: Encuesta 2024, 7\u202f%" in spanish


class TestWhoReported:
    @pytest.mark.parametrize(
        ("reporters", "spanish", "english"),
        [
            (["women"], "Lo informan las propias mujeres.", "Women report it themselves."),
            (
                ["records"],
                "Los datos vienen de registros, no de preguntas.",
                "The data come from records, not from questions.",
            ),
            (["women", "men"], "Quién informa: mujeres y hombres.", "Who reports: women and men."),
            (
                ["women", None],
                "Quién informa: mujeres; en lo demás, sin dato.",
                "Who reports: women; no data for the rest.",
            ),
            ([None], "", ""),
        ],
    )
    def test_is_named(self, reporters, spanish, english):
        records = [record(f"s{place}", told(reporter=reporter)) for place, reporter in enumerate(reporters)]
        assert both(only_row(*records), lambda each: each.reporters) == (spanish, english)


class TestPackages:
    PARTS = (InterventionRecord("engaging-men", "component"), InterventionRecord("school-based", "component"))

    def test_of_all_are_told_once(self):
        assert both(only_row(record("a", interventions=self.PARTS)), lambda each: each.packages) == (
            "Se probó junto con otras intervenciones, no por separado.",
            "It was tested together with other interventions, not by itself.",
        )

    def test_of_some_are_named(self):
        row = only_row(record("a", interventions=self.PARTS), record("b"))
        assert both(row, lambda each: each.packages) == (
            "Junto con otras intervenciones, no por separado: A.",
            "Together with other interventions, not by itself: A.",
        )

    def test_are_not_told_of_what_was_tested_alone(self):
        assert said(only_row(record("a")), lambda each: each.packages, "es") == ""


class TestAShortRow:
    def test_tells_what_moved_in_one_sentence(self):
        row = only_row(
            record("a", bare(outcome="attitudes-norms")),
            record("b", bare(outcome="attitudes-norms")),
            record("c", bare(outcome="attitudes-norms", effect="no-effect")),
        )
        for language, expected in (
            (
                "es",
                "Actitudes y normas de género: mejor en 2 evaluaciones; sin diferencia clara en 1 evaluación.",
            ),
            ("en", "Attitudes and gender norms: better in 2 evaluations; no clear difference in 1 evaluation."),
        ):
            with override(language):
                assert str(writer(language).short_row(row)) == expected

    def test_has_the_number_of_a_single_estimate(self):
        row = only_row(
            record("a", told(outcome="mental-health", value=1.02, ci_low=0.85, ci_high=1.23, effect="no-effect"))
        )
        with override("es"):
            assert str(writer("es").short_row(row)) == (
                "Salud mental: peor (razón de riesgos 1,02 [0,85; 1,23]; un número más alto es peor; no concluye: el "
                "intervalo incluye «sin diferencia») en 1 evaluación."
            )


class TestWhatAShortRowDoesNotHide:
    def test_is_what_other_findings_of_the_same_evaluation_show(self):
        whole, part = (
            bare(effect="no-effect"),
            bare(effect="favourable", subgroup_es="adolescentes", subgroup_en="girls"),
        )
        for language, expected in (
            ("es", "sin diferencia clara en 1 evaluación; otros hallazgos suyos, menos en 1 evaluación."),
            ("en", "no clear difference in 1 evaluation; other findings of theirs, less in 1 evaluation."),
        ):
            with override(language):
                assert str(writer(language).short_row(only_row(record("a", whole, part)))).endswith(expected)

    def test_is_not_told_where_an_evaluation_shows_it_anyway(self):
        part = bare(effect="favourable", subgroup_es="adolescentes")
        row = only_row(record("a", bare(effect="no-effect"), part), record("b", bare(effect="favourable")))
        with override("es"):
            assert "otros hallazgos" not in str(writer("es").short_row(row))


class TestTheHead:
    def test_does_not_say_that_nobody_tells_a_comparator_which_the_record_has_in_words(self):
        for told_words, expected in (
            ("comunidades vecinas", "Comparación sin clasificar"),
            (None, "Sin dato de con qué"),
        ):
            (group,) = build_summary(given(record("a", told(comparator=None, comparator_es=told_words))))
            with override("es"):
                assert str(writer("es").head(group, group.rows[0])).startswith(expected)

    def test_does_not_say_that_men_told_what_others_told(self):
        row = only_row(record("a", told(outcome="perpetration", reporter="adolescents")))
        with override("es"):
            assert str(writer("es").short_row(row)).startswith("Violencia ejercida por hombres: menos")


class TestWhatGoesTheOtherWayElsewhere:
    def test_is_told_behind_the_first_outcome(self):
        null, worse = bare(outcome="ipv-any", effect="no-effect"), bare(outcome="ipv-emotional", effect="unfavourable")
        (own,) = build_summary(given(record("a", null, worse)))
        heads = []
        for language in ("es", "en"):
            with override(language):
                heads.append(str(writer(language).head(own, own.lead[0])))
        assert heads[0].endswith("en 1 evaluación; en otros resultados de violencia, más en 1 evaluación.")
        assert heads[1].endswith("in 1 evaluation; on other outcomes of violence, more in 1 evaluation.")

    def test_is_not_told_where_all_point_one_way(self):
        (own,) = build_summary(given(record("a", bare(outcome="ipv-any"), bare(outcome="ipv-sexual"))))
        with override("es"):
            assert "otros resultados" not in str(writer("es").head(own, own.lead[0]))

    def test_is_not_told_of_another_evaluation(self):
        worse = bare(outcome="ipv-emotional", effect="unfavourable")
        (own,) = build_summary(given(record("a", bare(outcome="ipv-any")), record("b", worse)))
        assert own.lead[0].find_elsewhere(own.rows) == {}


class TestOneUnit:
    def test_is_told_in_the_singular(self):
        one = told(measure="percentage points", value=-1.0, ci_low=None, ci_high=None, ci_level=None)
        for language, text in (("es", "−1 punto porcentual"), ("en", "−1 percentage point")):
            with override(language):
                assert words(language).figure(one) == text


class TestWhatIsToldOfPeru:
    def test_names_what_each_row_is_compared_with_once(self):
        groups = build_summary(
            given(
                record("a", told(), told(outcome="ipv-sexual")),
                record("b", told(comparator="usual-services")),
            )
        )
        rows = [(group, row) for group in groups for row in group.rows]
        with override("es"):
            text = str(writer("es").of_peru(rows))
        assert text.startswith("En el Perú. Frente a nothing. Violencia física de pareja: ")
        assert text.count("Frente a nothing.") == text.count("Frente a usual.") == 1
        assert text.index("sexual") < text.index("Frente a usual.")


class TestTheSignOfANumber:
    def test_that_nobody_explains_is_not_read(self):
        turned = told(measure="Cohen d", value=0.78, ci_low=None, ci_high=None, higher_is=None)
        assert both(only_row(record("a", turned)), lambda each: each.directions) == (
            "Apunta a menos violencia física de pareja: A (d de Cohen +0,78; la dirección es la que dicen sus autores, "
            "no la del número).",
            "It points to less physical intimate partner violence: A (Cohen d +0.78; the direction is the one that its "
            "authors tell, not that of the number).",
        )


class TestTheRules:
    @pytest.mark.parametrize("language", ["es", "en"])
    def test_are_shown_with_an_example_each(self, language: str):
        with override(language):
            assert len(list_choice_rules()) == 6
            assert all(rule and example.endswith(".") for rule, example in list_sentence_rules())
