"""The table of findings: what each one tests, who is compared with whom, and the numbers of every group."""

from __future__ import annotations

import re

import pytest

from studies.records.finding import ArmRecord
from studies.records.study import InterventionRecord
from studies.store import vocabularies
from studies.web.shared.finding_notes import finding_notes
from studies.web.shared.findings import p_text
from tests.studies.records_factory import complete_record, finding
from tests.studies.web.test_study import shown, text

pytestmark = pytest.mark.django_db
ROLES = (
    InterventionRecord("helpline", "described"),
    InterventionRecord("engaging-men", "evaluated"),
    InterventionRecord("parenting", "component"),
)


class TestSubject:
    def test_is_named_where_a_finding_is_not_about_all_that_is_tested(self, client):
        words = text(shown(client, interventions=ROLES, findings=(finding(about=("engaging-men",)),)))
        assert "Pone a prueba: trabajo con hombres y masculinidades" in words

    def test_is_a_part_of_a_package_where_it_is_only_that(self, client):
        words = text(shown(client, interventions=ROLES, findings=(finding(about=("parenting",)),)))
        assert "Pone a prueba, como parte de un paquete: crianza y primera infancia" in words

    @pytest.mark.parametrize("about", [None, ("engaging-men", "parenting")])
    def test_is_not_repeated_where_it_is_all(self, client, about):
        assert "Pone a prueba" not in text(shown(client, interventions=ROLES, findings=(finding(about=about),)))

    def test_that_is_only_described_is_said_so(self, client):
        words = text(shown(client, interventions=ROLES, findings=(finding(about=("helpline",)),)))
        assert "Describe, sin poner a prueba: líneas de ayuda" in words
        assert "Pone a prueba:" not in words

    def test_without_a_role_is_undecided(self, client):
        both = (InterventionRecord("helpline"), InterventionRecord("engaging-men", "evaluated"))
        # Only a record of format 1 lacks a role, and it is not published: the rule for rows is asked by itself.
        record = complete_record(interventions=both, findings=(finding(about=("helpline",)),))
        notes = finding_notes(record.findings[0], record, vocabularies.current(), "es")
        assert [(note.label, note.text) for note in notes] == [("Papel sin decidir", "líneas de ayuda y emergencia")]

    def test_that_is_none_is_said_of_a_finding_or_once_of_all(self, client):
        none = finding(about=())
        words = text(shown(client, findings=(finding(), none)))
        assert words.count("No pone a prueba ninguna intervención.") == 1
        words = text(shown(client, findings=(none, none)))
        assert "No pone a prueba ninguna intervención." not in words
        assert words.count("Ningún hallazgo de este estudio pone a prueba una intervención.") == 1


class TestFacts:
    def test_name_arm_subgroup_comparator_and_who_said_it(self, client):
        one = finding(
            arm_es="solo talleres",
            arm_en="workshops only",
            subgroup_es="chicas",
            subgroup_en="girls",
            comparator="other-intervention",
            comparator_es="los mismos temas",
            comparator_en="the same topics",
            reporter="adolescents",
            primary=True,
            n=1722,
            adjusted=True,
            se=0.25,
            higher_is="worse",
        )
        words = text(shown(client, findings=(one,)))
        for said in (
            "Grupo: solo talleres",
            "Para: chicas",
            "El otro grupo: otra intervención (los mismos temas)",
            "Quién dio el dato: adolescentes",
            "Resultado principal, según los autores.",
            "Analizados: 1 722",
            "Estimación ajustada.",
            "Error estándar: 0,25",
            "Un valor más alto es peor.",
        ):
            assert said in words

    def test_that_the_record_does_not_know_are_not_made_up(self, client):
        words = text(shown(client))
        for label in ("El otro grupo", "Quién dio el dato", "resultado principal", "Analizados", "sin ajustar"):
            assert label not in words

    def test_a_study_that_cannot_tell_is_said_to_be_inconclusive(self, client):
        html = shown(client, findings=(finding(effect="no-effect", inconclusive=True),))
        assert '<span class="tag">no concluye</span>' in html
        assert "no concluye" not in shown(client)

    def test_a_survey_has_data_and_no_effect(self, client):
        words = text(shown(client, designs=("cross-sectional",), findings=(finding(effect="not-estimated"),)))
        assert "Dato descriptivo" in words

    def test_a_bound_stands_for_the_p_value(self):
        assert p_text(finding(p_below=0.001), "es") == "p < 0,001"
        assert p_text(finding(p=0.03), "en") == "p = 0.03"
        assert p_text(finding(), "es") == ""

    def test_a_p_value_stands_alone_where_the_source_gives_nothing_else(self, client):
        alone = finding(measure=None, value=None, ci_low=None, ci_high=None, ci_level=None, p_below=0.001)
        assert '<span class="num soft">p &lt; 0,001</span>' in shown(client, findings=(alone,))


class TestPlots:
    def test_tell_findings_on_one_outcome_apart_in_few_letters(self, client):
        girls = finding(subgroup_es="chicas", subgroup_en="girls")
        long = finding(subgroup_es="de " * 30 + "chicos", subgroup_en="boys")
        html = shown(client, findings=(girls, long))
        plot = html[html.index('<svg class="plot"') : html.index("</figure>")]
        assert ">chicas: Violencia física de pareja</text>" in plot
        labels = re.findall(r'<text x="0"[^>]*>([^<]*)</text>', plot)
        assert max(map(len, labels)) <= 46

    def test_name_a_single_finding_by_its_outcome(self, client):
        html = shown(client, findings=(finding(subgroup_es="chicas", subgroup_en="girls"),))
        assert ">Violencia física de pareja</text>" in html


class TestGroups:
    def test_have_a_table_with_only_the_columns_that_the_source_gives(self, client):
        arms = (ArmRecord("intervention", n=968, percent=7.4), ArmRecord("comparison", n=754), ArmRecord("solo lista"))
        html = shown(client, findings=(finding(arms=arms, subgroup_es="chicas", subgroup_en="girls"),))
        table = html[html.index("Datos por grupo") :].partition("</details>")[0]
        assert "Datos por grupo, como los da la fuente" in table
        assert '<th scope="row">Violencia física de pareja (chicas)</th>' in table
        assert "Con el programa" in table
        assert "solo lista" in table
        assert '<td class="num" data-label="Porcentaje">7,4\u202f%</td>' in table
        assert "Desviación estándar" not in table

    def test_without_data_have_none(self, client):
        assert "Datos por grupo" not in shown(client)
