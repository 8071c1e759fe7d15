"""The facts beside an answer in both languages: how sure, harms, costs, reviews, what is not known."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from studies.records.study import CostRecord, InterventionRecord, StudyRecord
from studies.synthesis.answer_facts import (
    describe_all,
    find_not_known,
    list_costs,
    list_harms,
    list_harms_of_reviews,
    list_reviews,
)
from studies.synthesis.summary_of_findings import build_summary
from tests.search.web.answer_cases import bare, facts_writer, given, record, told
from tests.studies.records_factory import complete_record

pytestmark = pytest.mark.django_db

LANGUAGES = ("es", "en")


def review(**changes) -> StudyRecord:
    values = {
        "id": "r",
        "designs": ("systematic-review",),
        "interventions": (InterventionRecord("engaging-men", "reviewed"),),
        "findings": (told(reporter=None),),
    }
    return complete_record(**{**values, **changes})


def strip(language: str, *records: StudyRecord) -> dict[str, str]:
    asked = given(*records)
    with override(language):
        facts = facts_writer(language, *records).how_sure(describe_all(build_summary(asked), asked.details))
    return {each.label: each.text for each in facts}


class TestHowSure:
    def test_tells_the_same_facts_in_the_same_order(self):
        records = (
            record("a", told(n=300)),
            record("b", told(value=0.9, ci_high=1.3, effect="no-effect"), sample_unit="villages", countries=("KE",)),
        )
        assert strip("es", *records) == {
            "Diseño": "2 aleatorizadas",
            "Personas": "300 personas; 1 evaluación, sin dato",
            "Precisión": "2 de 2 con intervalo; el de 1 incluye «sin diferencia»",
            "Dirección": "hacia lo mejor para las mujeres: 2",
            "Cercanía al Perú": "Perú: 1; Otros países de ingresos bajos y medios: 1",
            "Por separado o en un paquete": "0 de 2 solo junto con otras intervenciones",
            "Equipos": "1 equipo",
            "Registro previo": "0 de 2 con número visto",
            "Riesgo de sesgo": "nadie lo ha revisado, aquí ni en lo publicado que el banco conoce",
        }
        assert list(strip("en", *records).values()) == [
            "2 randomised",
            "300 people; 1 evaluation, no data",
            "2 of 2 with an interval; that of 1 includes “no difference”",
            "towards what is better for women: 2",
            "Peru: 1; Other low- and middle-income countries: 1",
            "0 of 2 only together with other interventions",
            "1 team",
            "0 of 2 with a number that was seen",
            "nobody has appraised it, here or in print that the bank knows of",
        ]

    @pytest.mark.parametrize(
        ("language", "expected"),
        [
            ("es", "1 de 1 con intervalo; en 1, solo algún intervalo incluye «sin diferencia»"),
            ("en", "1 of 1 with an interval; in 1, only some interval includes “no difference”"),
        ],
    )
    def test_tells_apart_an_evaluation_of_which_one_interval_of_several_is_open(self, language, expected):
        own = record("a", told(), told(outcome="ipv-any", effect="no-effect", value=0.9, ci_high=1.3))
        assert expected in strip(language, own).values()

    def test_is_empty_without_an_evaluation(self):
        assert strip("es", record("a", designs=("qualitative",))) == {}


class TestHarms:
    @staticmethod
    def told_of(language: str, *records: StudyRecord) -> str:
        asked = given(*records)
        with override(language):
            harms = list_harms(build_summary(asked), asked.details, asked.scope)
            of_reviews = list_harms_of_reviews(list_reviews(asked), asked.details, asked.scope)
            return str(facts_writer(language, *records).harms(harms, of_reviews))

    def test_are_told_as_the_sources_do(self):
        records = [record(f"s{place}", harms=code) for place, code in enumerate(("found", "none-found", "not-stated"))]
        records.append(record("z"))
        assert self.told_of("es", *records) == (
            "1 evaluación informa de daños; 1 los buscó y no los vio; la fuente de 1 no los menciona; de 1 no hay "
            "dato. Que no se mencionen no quiere decir que no los haya."
        )
        assert self.told_of("en", *records) == (
            "1 evaluation reports harms; 1 looked for them and saw no sign; the source of 1 does not mention them; no "
            "data on 1. That they are not mentioned does not mean that there are none."
        )

    def test_are_not_denied_without_an_evaluation(self):
        assert self.told_of("es") == "Sin evaluaciones que puedan decirlo."

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ("found", {"es": "1 revisión informa de daños.", "en": "1 review reports harms."}),
            (
                "none-found",
                {"es": "1 revisión los buscó y no los vio.", "en": "1 review looked for them and saw no sign."},
            ),
        ],
    )
    def test_that_reviews_tell_of_are_told_apart(self, said, expected):
        records = (record("a", harms="none-found"), review(harms=said))
        assert self.told_of("es", *records) == f"1 los buscó y no los vio. {expected['es']}"
        assert self.told_of("en", *records).endswith(expected["en"])

    def test_of_a_review_that_mentions_none_are_not_told(self):
        assert "revisi" not in self.told_of("es", record("a", harms="none-found"), review(harms="not-stated"))

    def test_of_a_review_are_told_in_its_words(self):
        records = (record("a"), review(harms="none-found", harms_es="No se halló daño."))
        asked = given(*records)
        with override("es"):
            of_reviews = list_harms_of_reviews(list_reviews(asked), asked.details, asked.scope)
            told_harms = facts_writer("es", *records).harms_in_words((), of_reviews)
            assert [str(each) for each in told_harms] == ["R, revisión: No se halló daño."]

    @pytest.mark.parametrize(("about", "is_said"), [((), True), (("engaging-men",), False)])
    def test_of_a_review_of_several_interventions_say_so_unless_it_says_of_which(self, about, is_said):
        reviewed = tuple(InterventionRecord(code, "reviewed") for code in ("engaging-men", "school-based"))
        told_review = review(harms="found", harms_es="Más control.", harms_about=about, interventions=reviewed)
        records = (record("a"), told_review)
        asked = given(*records)
        with override("es"):
            of_reviews = list_harms_of_reviews(list_reviews(asked), asked.details, asked.scope)
            (only,) = facts_writer("es", *records).harms_in_words((), of_reviews)
        assert ("revisión de varias intervenciones" in str(only)) is is_said

    def test_that_were_found_are_named(self):
        own = record("a", harms="found", harms_es="Más amenazas", harms_en="More threats")
        asked = given(own)
        for language, expected in (("es", "A: Más amenazas."), ("en", "A: More threats.")):
            with override(language):
                harms = list_harms(build_summary(asked), asked.details, asked.scope)
                assert [str(each) for each in facts_writer(language, own).harms_in_words(harms, ())] == [expected]


class TestACost:
    @pytest.mark.parametrize(
        ("year", "language", "expected"),
        [
            (2015, "es", "A: 74 USD; precios de 2015. Costo por mujer."),
            (None, "es", "A: 74 USD; año de los precios: sin dato. Costo por mujer."),
            (2015, "en", "A: 74 USD; prices of 2015. Cost per woman."),
            (None, "en", "A: 74 USD; year of prices: no data. Cost per woman."),
        ],
    )
    def test_is_told_with_its_currency_and_year(self, year, language, expected):
        cost = CostRecord(
            amount=74, currency="USD", year=year, statement_es="Costo por mujer.", statement_en="Cost per woman."
        )
        own = record("a", costs=(cost,))
        asked = given(own)
        with override(language):
            (only,) = list_costs(asked.studies, asked.details, asked.scope)
            assert str(facts_writer(language, own).cost(only)) == expected

    def test_of_a_study_that_prices_several_interventions_says_so(self):
        cost = CostRecord(amount=4, currency="USD", year=2015, statement_es=None, statement_en=None)
        described = tuple(InterventionRecord(code, "described") for code in ("school-based", "couples-programme"))
        own = record("a", bare(effect="not-estimated"), costs=(cost,), interventions=described)
        asked = given(own)
        (only,) = list_costs(asked.studies, asked.details, asked.scope)
        with override("es"):
            told_cost = str(facts_writer("es", own).cost(only))
        assert told_cost == "A, que calcula el costo de varias intervenciones: 4 USD; precios de 2015."

    @pytest.mark.parametrize("written", ["US$ 7688", "7 688 dólares", "7\u202f688 dólares", "USD 7,688"])
    def test_that_its_sentence_names_is_not_told_twice(self, written: str):
        statement = f"Costó {written} por año ganado."
        cost = CostRecord(amount=7688, currency="USD", year=2004, statement_es=statement, statement_en=statement)
        own = record("a", costs=(cost,))
        asked = given(own)
        (only,) = list_costs(asked.studies, asked.details, asked.scope)
        with override("es"):
            told_once = str(facts_writer("es", own).cost(only))
        assert told_once == f"A: Costó {written} por año ganado (precios de 2004)."


class TestAReview:
    @staticmethod
    def told_of(language: str, **changes) -> str:
        records = (record("a"), review(**changes))
        with override(language):
            (only,) = list_reviews(given(*records))
            return str(facts_writer(language, *records).review(only))

    def test_tells_its_pooled_value_and_what_of_it_is_here(self):
        assert self.told_of("es", includes=("a", "b")) == (
            "R: menos violencia física de pareja (razón de riesgos 0,7 [0,5; 0,9]; comparado con: nada). De los "
            "estudios que incluye, 1 está aquí."
        )
        assert self.told_of("en", includes=("a", "b")) == (
            "R: less physical intimate partner violence (risk ratio 0.7 [0.5; 0.9]; compared with: nothing). Of the "
            "studies that it includes, 1 is here."
        )

    def test_says_that_nobody_knows_what_it_includes(self):
        assert self.told_of("es").endswith("Qué estudios incluye: sin dato.")
        assert self.told_of("en").endswith("Which studies it includes: no data.")

    def test_tells_apart_its_results_on_one_outcome(self):
        together, apart = told(statement_es="En conjunto."), bare(effect="no-effect", statement_es="Aparte.")
        said = self.told_of("es", findings=(together, apart))
        figure = "razón de riesgos 0,7 [0,5; 0,9]"
        assert f"menos violencia física de pareja ({figure}; comparado con: nada; «En conjunto»); " in said
        assert "ninguna diferencia clara en violencia física de pareja (comparado con: nada; «Aparte»)." in said

    def test_does_not_print_how_many_of_its_studies_agree(self):
        count = told(measure="count", value=16, ci_low=None, ci_high=None, unit=None)
        assert "16" not in self.told_of("es", findings=(count,))


class TestNotKnown:
    def test_names_what_no_evaluation_tells(self):
        own = record("a", bare(outcome="ipv-any"), countries=("KE",))
        asked = given(own, priority=("ipv-any", "ipv-physical"))
        missing = find_not_known(build_summary(asked), asked, ("disability",))
        said = {}
        for language in LANGUAGES:
            with override(language):
                said[language] = facts_writer(language, own).not_known(missing)
        assert said["es"] == (
            "Ninguna de estas evaluaciones midió: violencia física de pareja.",
            "Se midió, pero este banco no tiene la cifra: violencia de pareja, de cualquier tipo.",
            "Ninguna evaluación con un resultado que contar está codificada con: mujeres con discapacidad.",
            "Sin evaluaciones en el Perú.",
            "Para quiénes cambia más o menos: sin dato.",
            "Cuánto cuesta: sin dato.",
            "Si puede hacer daño: ninguna de estas evaluaciones dice que lo haya buscado.",
        )
        assert said["en"] == (
            "None of these evaluations measured: physical intimate partner violence.",
            "Measured, but this bank has no number: intimate partner violence, of any kind.",
            "No evaluation with a result to count is coded with: women with disabilities.",
            "No evaluations in Peru.",
            "For whom it changes more or less: no data.",
            "What it costs: no data.",
            "Whether it can do harm: none of these evaluations says that it looked for any.",
        )
